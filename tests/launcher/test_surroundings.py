"""Libraries of the system, apt-get and the disk: said before anything is touched."""

from __future__ import annotations

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from launcher import disk, packages, system
from launcher.environment import Environment
from launcher.preparation import Preparation
from launcher.words import SetUpError
from tests.launcher.conftest import ROOT, Checkout

Usage = namedtuple("Usage", "total used free")


@pytest.fixture
def debian(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """The checkout, seen from within, on a Debian where one library is not there."""
    for name, value in checkout.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(system, "has_apt", lambda: True)
    monkeypatch.setattr(
        system, "LIBRARIES", {"offscreen": {"liblepton-none7": "liblepton-none.so.7"}}
    )
    return checkout


def prepare(checkout: Checkout, *, may_call_system: bool = True) -> None:
    Preparation(
        Environment(str(checkout.root)),
        developer=False,
        system_groups=frozenset({"offscreen"}),
        may_call_system=may_call_system,
    ).run()


def set_root(monkeypatch: pytest.MonkeyPatch, *, root: bool) -> None:
    monkeypatch.setattr(system, "is_root", lambda: root)


LINE = (
    "sudo apt-get update && "
    "sudo apt-get install --yes --no-install-recommends liblepton-none7"
)  # fmt: skip


def test_not_root_gets_the_one_line(debian: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=False)
    with pytest.raises(SetUpError) as caught:
        prepare(debian)
    assert str(caught.value).splitlines()[-1] == LINE
    assert "liblepton-none.so.7" in str(caught.value)
    assert debian.calls() == []


def test_no_system_never_calls_apt(debian: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=True)
    with pytest.raises(SetUpError) as caught:
        prepare(debian, may_call_system=False)
    assert str(caught.value).splitlines()[-1] == LINE.replace("sudo ", "")
    assert debian.calls() == []


def test_elsewhere_the_files_are_named(debian: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "has_apt", lambda: False)
    with pytest.raises(SetUpError, match=r"brings liblepton-none\.so\.7 with your system's"):
        prepare(debian)
    assert debian.calls() == []


def test_root_has_it_installed(
    debian: Checkout, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    set_root(monkeypatch, root=True)
    there = iter([False, True])
    monkeypatch.setattr(system, "loads", lambda library: next(there))
    prepare(debian)
    assert debian.calls()[:2] == [
        "apt-get update -qq",
        "apt-get install -qq --yes --no-install-recommends -o Dpkg::Use-Pty=0 liblepton-none7",
    ]
    assert Environment(str(debian.root)).has_system(frozenset({"offscreen"}))
    said = capfd.readouterr().err
    assert "liblepton-none7" in said
    assert "MB to download" in said


def test_apt_that_fails(debian: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=True)
    monkeypatch.setenv("FAKE_APT_CODE", "100")
    with pytest.raises(SetUpError, match="`apt-get update -qq` failed"):
        prepare(debian)
    assert debian.calls() == ["apt-get update -qq"]


def test_apt_that_does_not_help(debian: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=True)
    with pytest.raises(SetUpError, match=r"and yet liblepton-none\.so\.7 does not load"):
        prepare(debian)


def test_bare_python_without_uv_needs_venv(
    debian: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_root(monkeypatch, root=False)
    monkeypatch.setattr(system, "LIBRARIES", {"offscreen": {}})
    monkeypatch.setattr(packages.Packages, "find", lambda self: None)
    monkeypatch.setattr(packages.Packages, "can_bring", lambda self: False)
    with pytest.raises(SetUpError, match=r"install .* python3\.\d+-venv$"):
        prepare(debian)
    assert debian.calls() == []


def test_system_is_looked_at_again_for_a_window(
    debian: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set up by a command without a window, asked for a window later: only the system is added."""
    debian.start("info")
    calls = debian.calls()
    environment = Environment(str(debian.root))
    assert not environment.has_system(frozenset({"offscreen"}))
    monkeypatch.setattr(system, "loads", lambda library: True)
    prepare(debian)
    assert environment.has_system(frozenset({"offscreen"}))
    assert environment.is_current(developer=False)
    assert debian.calls() == calls


def test_too_little_disk_is_said_before(debian: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    set_root(monkeypatch, root=True)
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**10, 0, 10**9))
    with pytest.raises(SetUpError, match=r"GB are needed, 1\.0 GB are free\. Nothing was"):
        prepare(debian)
    assert debian.calls() == []


def test_disk_of_the_cache_counts_as_well(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(disk, "_device", len)
    monkeypatch.setattr(
        shutil, "disk_usage", lambda place: Usage(0, 0, 0 if place == str(tmp_path) else 10**12)
    )
    monkeypatch.setattr(disk, "_existing", lambda place: str(Path(place).parent))
    with pytest.raises(SetUpError, match=f"disk of {tmp_path}/cache"):
        disk.check_room("/elsewhere/x", disk.Need(1.0, 1.0), 0)


def test_interrupted_set_up_need_not_fit_twice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(0, 0, 2 * 10**9))
    need = disk.Need(3.0, 6.6)
    with pytest.raises(SetUpError):
        disk.check_room(str(tmp_path), need, 0)
    disk.check_room(str(tmp_path), need, 6 * 10**9)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "alpha==1.0 \\\n    --hash=sha256:00\n", "whole"),
        ("alpha==1.0\n", "alpha==2.0 ; python_version < '3.12' \\\n", "light"),
        ("alpha==1.0\n", "alpha==1.0\ntorch==2.0 \\\n", "whole"),
        ("alpha==1.0\n", "alpha==1.0\nnvidia-cudnn-cu13==9.0\n", "whole"),
    ],
)
def test_need(tmp_path: Path, old: str, new: str, expected: str) -> None:
    paths = [tmp_path / "old", tmp_path / "new"]
    for path, text in zip(paths, (old, new), strict=True):
        path.write_text(text, encoding="utf-8")
    need = disk.need_of(str(paths[0]), str(paths[1]))
    assert (need == disk.WITHOUT_TORCH) is (expected == "light")


def test_pins_of_the_real_lock() -> None:
    found = disk.pins(str(ROOT / "requirements.lock"))
    assert "pyside6-essentials==6.11.3" in found
    assert len(found) > 50


def test_folder_bytes(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_bytes(bytes(1000))
    (tmp_path / "y").write_bytes(bytes(24))
    assert disk.folder_bytes(str(tmp_path)) == 1024
    assert disk.folder_bytes(str(tmp_path / "none")) == 0
