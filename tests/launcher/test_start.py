"""The words of a call: what is the launcher's own, what the program gets, and where it runs."""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from launcher import start
from tests.launcher.conftest import Checkout

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], (True, [], "")),
        (["demo"], (True, ["demo"], "demo")),
        (["--no-system", "demo", "--out", "x"], (False, ["demo", "--out", "x"], "demo")),
        (["--in-process", "--no-system"], (False, ["--in-process"], "--in-process")),
        (["--no-system"], (False, [], "")),
        (["info", "--no-system"], (True, ["info", "--no-system"], "info")),
    ],
)
def test_split(words: list[str], expected: tuple[bool, list[str], str]) -> None:
    assert start.split(words) == expected


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the libraries are of Linux")
@pytest.mark.parametrize(
    ("command", "variables", "expected"),
    [
        ("info", {"DISPLAY": ":0"}, set()),
        ("demo", {}, {"offscreen"}),
        ("", {"DISPLAY": ":0"}, {"offscreen", "x11"}),
        ("scan.dcm", {"WAYLAND_DISPLAY": "w"}, {"offscreen", "wayland"}),
    ],
)
def test_system_groups(
    monkeypatch: pytest.MonkeyPatch, command: str, variables: dict[str, str], expected: set[str]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert start.wanted_system(command) == expected


def test_program_gets_its_words_as_they_are(checkout: Checkout) -> None:
    words = ["info", "a b", "--json", "ä", "--no-system", ""]
    ended = checkout.start("--no-system", *words)
    found = json.loads(ended.stdout)
    assert (ended.returncode, found["module"]) == (0, "app")
    assert found["words"] == words
    assert Path(found["folder"]) == checkout.root.parent


def test_exit_code_is_the_programs(checkout: Checkout) -> None:
    assert checkout.start("info", "seven").returncode == 7


def test_tests_have_their_own_module(checkout: Checkout) -> None:
    found = json.loads(checkout.start("--no-system", "test", "-k", "x").stdout)
    assert (found["module"], found["words"]) == ("checks", ["-k", "x"])


def test_surroundings_of_the_program(checkout: Checkout) -> None:
    """Bytecode is written; no foreign Python path, and not the folder one stands in."""
    (checkout.root.parent / "json.py").write_text("raise SystemExit(9)", encoding="utf-8")
    ended = checkout.start(
        "info", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH="/elsewhere", PYTHONPYCACHEPREFIX="/tmp/x"
    )
    found = json.loads(ended.stdout)
    assert found["bytecode"] is True
    assert found["path"][0] == str(checkout.root)
    assert "/elsewhere" not in found["path"]
    assert str(checkout.root.parent) not in found["path"]
    assert not {"PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"} & set(found["variables"])


def test_started_through_a_link(checkout: Checkout) -> None:
    link = checkout.root.parent / "lepton-link"
    link.symlink_to(checkout.root / "lepton")
    os.chmod(link, 0o755)
    linked = Checkout(link.parent, checkout.log_file, checkout.variables)
    link.rename(link.parent / "lepton")
    assert linked.start("info").returncode == 0
    assert checkout.stamp.exists()


def test_old_pythons_can_read_the_root_file() -> None:
    ast.parse((ROOT / "lepton").read_text(encoding="utf-8"), feature_version=(3, 6))


def test_wrong_python_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loader = importlib.machinery.SourceFileLoader("lepton_file", str(ROOT / "lepton"))
    specification = importlib.util.spec_from_loader("lepton_file", loader)
    assert specification is not None
    module = importlib.util.module_from_spec(specification)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader.exec_module(module)
    monkeypatch.setattr(module, "OLDEST", (3, 98))
    monkeypatch.setattr(module, "NEWEST", (3, 99))
    assert module.main() == 4
    said = capsys.readouterr().err
    assert "needs Python 3.98 to 3.99" in said
    assert f"{sys.version_info[0]}.{sys.version_info[1]}" in said
