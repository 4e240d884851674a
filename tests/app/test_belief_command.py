"""`lepton belief set`, `pin` and `check` as docs/cli.md promises them."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import main

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., tuple[int, Any]]


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two cases, the second with a nodule; both with the marker."""
    folder = tmp_path_factory.mktemp("phantoms")
    assert main(["phantom", "--out", str(folder), "--count", "2", "--marker", "always"]) == 0
    return folder


@pytest.fixture
def belief(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `lepton belief … --json`: its exit code and its document."""

    def run(*words: str | Path) -> tuple[int, Any]:
        code = main(["belief", *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def _pin(belief: Run, phantoms: Path, *more: str | Path) -> tuple[int, Any]:
    case = phantoms / "case-0001"
    return belief("pin", "phantom-nodule", case, "--method", "grad_cam", *more)


def test_a_set_tells_the_honest_model_from_the_other(
    belief: Run, phantoms: Path, tmp_path: Path
) -> None:
    words = ("--methods", "grad_cam", "--out", tmp_path)
    code, honest = belief("set", "phantom-nodule", phantoms, *words)
    assert code == 0
    assert list(honest) == [
        "schema", "model", "methods", "complete", "summary", "wrong_reasons", "cases", "refused",
    ]  # fmt: skip
    assert (honest["schema"], honest["complete"]) == ("lepton.belief/1", True)
    assert (honest["wrong_reasons"], honest["refused"]) == ([], [])
    assert [(one["label"], one["right"]) for one in honest["cases"]] == [
        ("normal", True), ("nodule", True),
    ]  # fmt: skip
    without, with_nodule = (one["methods"]["grad_cam"] for one in honest["cases"])
    assert without["inside_ratio"] is None
    assert with_nodule["inside_ratio"] > 5 > with_nodule["decoy_ratio"]
    assert (with_nodule["verdict"], with_nodule["wrong_reason"]) == ("green", False)
    assert json.loads((tmp_path / "result.json").read_text("utf-8")) == honest

    code, other = belief("set", "phantom-shortcut", phantoms, *words)
    assert code == 0
    assert other["wrong_reasons"] == [{"case": "case-0001", "methods": ["grad_cam"]}]
    known = other["summary"]["methods"]["grad_cam"]
    assert known["decoy_ratio"]["value"] > 5
    assert (known["wrong_reason"]["value"], known["wrong_reason"]["n"]) == (1.0, 1)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "Right for a wrong reason: 1" in page
    assert page.count("data:image/png;base64,") == 2
    assert not re.search(r"<script|https?:", page)
    assert str(phantoms) not in page


def test_a_case_that_is_damaged_is_listed_and_the_rest_goes_on(
    belief: Run, phantoms: Path, tmp_path: Path
) -> None:
    shutil.copytree(phantoms, tmp_path / "set")
    shutil.rmtree(tmp_path / "set" / "case-0000")
    code, found = belief("set", "phantom-nodule", tmp_path / "set", "--methods", "saliency")
    assert code == 0
    assert [one["case"] for one in found["refused"]] == ["case-0000"]
    assert [one["case"] for one in found["cases"]] == ["case-0001"]
    assert found["complete"]
    code, first = belief("set", "phantom-nodule", tmp_path / "set", "--most", "1")
    assert (code, first["error"]["code"]) == (3, 3)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("set", "phantom-nodule"), 2),
        (("set", "phantom-nodule", "{set}", "--methods", "no_such"), 2),
        (("set", "phantom-nodule", "{set}", "--most", "0"), 2),
        (("set", "no-such", "{set}"), 2),
        (("set", "phantom-nodule", "{set}/case-0001"), 3),
        (("pin", "phantom-nodule", "{set}/case-0001", "--lowest-ratio", "2"), 2),
        (("pin", "phantom-nodule", "{set}/case-0001", "--lowest-rank", "2"), 2),
        (("pin", "phantom-nodule", "{set}/case-0001", "--frame", "9"), 2),
        (("pin", "phantom-nodule", "{set}/nothing"), 3),
        (("check", "phantom-nodule"), 3),
        (("check", "no-such"), 2),
    ],
)
def test_wrong_calls(belief: Run, phantoms: Path, words: tuple[str, ...], code: int) -> None:
    found = belief(*(word.format(set=phantoms) for word in words))
    assert (found[0], found[1]["error"]["code"]) == (code, code)
    assert found[1]["schema"] == "lepton.belief/1"


def test_what_is_pinned_holds_and_another_model_moves_it(belief: Run, phantoms: Path) -> None:
    mask = phantoms / "case-0001" / "mask.npy"
    code, pinned = _pin(belief, phantoms, "--region", mask, "--name", "first")
    assert code == 0
    assert list(pinned) == ["schema", "model", "pin", "pins"]
    assert pinned["pin"]["target"] == "nodule"
    assert pinned["pin"]["lowest_ratio"] == pytest.approx(pinned["pin"]["inside_ratio"] / 2)
    assert str(phantoms) not in json.dumps(pinned)

    code, held = belief("check", "phantom-nodule")
    assert (code, held["passed"], held["held"], held["pinned_to"]) == (0, True, 1, "phantom-nodule")
    (one,) = held["pins"]
    assert one["rank"]["now"] == pytest.approx(1.0, abs=1e-4)
    assert one["inside_ratio"]["now"] == pytest.approx(one["inside_ratio"]["pinned"], rel=1e-4)

    code, moved = belief("check", "phantom-shortcut", "--against", "phantom-nodule")
    assert (code, moved["passed"], moved["held"]) == (5, False, 0)
    (one,) = moved["pins"]
    assert len(one["reasons"]) == 2
    assert one["inside_ratio"]["now"] < one["inside_ratio"]["lowest"]
    assert str(phantoms) not in json.dumps(moved)


def test_a_pin_whose_scan_is_gone_does_not_hold(
    belief: Run, phantoms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case, pins = tmp_path / "case", tmp_path / "pins.yaml"
    shutil.copytree(phantoms / "case-0001", case)
    words = ("pin", "phantom-nodule", case, "--method", "saliency", "--pins", pins, "--frame", "1")
    assert belief(*words)[0] == 0
    shutil.rmtree(case)
    code, found = belief("check", "phantom-nodule", "--pins", pins)
    assert (code, found["passed"]) == (5, False)
    assert found["pins"][0]["rank"]["now"] is None
    assert main(["belief", "check", "phantom-nodule", "--pins", str(pins)]) == 5
    assert "0 of 1 hold." in capsys.readouterr().out


def test_a_pin_file_holds_nothing_of_the_header(
    belief: Run, phantoms: Path, tmp_path: Path
) -> None:
    pins = tmp_path / "pins.yaml"
    assert _pin(belief, phantoms, "--pins", pins)[0] == 0
    text = pins.read_text("utf-8")
    assert not [word for word in ("Phantom^", "PHANTOM-", "20000101") if word in text]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
def test_a_path_that_is_no_text_cannot_be_pinned(
    belief: Run, phantoms: Path, tmp_path: Path
) -> None:
    case = tmp_path / os.fsdecode(b"odd\xff.dcm")
    shutil.copy(phantoms / "case-0001" / "0002.dcm", case)
    pins = tmp_path / "pins.yaml"
    code, found = belief("pin", "phantom-nodule", case, "--method", "saliency", "--pins", pins)
    assert (code, found["error"]["code"]) == (3, 3)
    assert not pins.exists()


@pytest.mark.parametrize("more", [("--methods", "token_occlusion"), ("--seed", "-1")])
def test_a_set_is_not_begun_with_what_no_case_could_answer(
    belief: Run, phantoms: Path, more: tuple[str, str]
) -> None:
    assert belief("set", "phantom-nodule", phantoms, *more)[0] == 2


def test_a_set_of_which_no_map_could_be_made_is_refused(belief: Run, phantoms: Path) -> None:
    code, found = belief("set", "phantom-nodule", phantoms, "--methods", "attention_rollout")
    assert code == 3
    assert "attention" in found["error"]["message"]


def test_a_method_that_gave_no_map_says_why(
    phantoms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["set", "phantom-nodule", str(phantoms), "--methods", "attention_rollout,saliency"]
    assert main(["belief", *words]) == 0
    said = capsys.readouterr().out.splitlines()
    assert any(line.startswith("attention_rollout: no map; ") for line in said)
    assert any(line.startswith("saliency: for a wrong reason") for line in said)


def test_a_file_of_another_models_pins_is_refused(
    belief: Run, phantoms: Path, tmp_path: Path
) -> None:
    pins = tmp_path / "pins.yaml"
    assert _pin(belief, phantoms, "--pins", pins)[0] == 0
    code, found = belief("check", "phantom-shortcut", "--pins", pins)
    assert (code, found["error"]["code"]) == (3, 3)
    assert "pinned to phantom-nodule" in found["error"]["message"]


OPTIONS = {
    "integrated_gradients": ("--option", "n_steps=8", "--option", "max_steps=8"),
    "occlusion": ("--option", "window=128", "--option", "stride=64"),
}


@pytest.mark.parametrize("method", OPTIONS)
def test_all_options_come_back(belief: Run, phantoms: Path, tmp_path: Path, method: str) -> None:
    """A question with options of every type is put again as it was."""
    pins, scan = tmp_path / "pins.yaml", phantoms / "case-0001" / "0002.dcm"
    words = ("--method", method, *OPTIONS[method], "--pins", pins)
    assert belief("pin", "phantom-nodule", scan, *words)[0] == 0
    code, found = belief("check", "phantom-nodule", "--pins", pins)
    assert (code, found["pins"][0]["reasons"]) == (0, [])


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for another process")
def test_an_interrupted_set_is_130_and_keeps_what_is_done(phantoms: Path, tmp_path: Path) -> None:
    """The signal comes while a second case is opened, which does not end by itself."""
    code = (
        "import sys, time, app.commands.belief_set as b\n"
        "from app.cli import main\n"
        "real, opened = b.open_one, []\n"
        "def slow(*words):\n"
        "    if opened:\n"
        "        open(sys.argv[1], 'w').close()\n"
        "        time.sleep(60)\n"
        "    opened.append(words)\n"
        "    return real(*words)\n"
        "b.open_one = slow\n"
        "sys.exit(main(sys.argv[2:]))\n"
    )
    began, out = tmp_path / "began", tmp_path / "out"
    words = ["belief", "set", "phantom-nodule", str(phantoms), "--methods", "saliency"]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(began), *words, "--out", str(out), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        until = time.monotonic() + 60
        while not began.exists():
            assert running.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        printed, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert json.loads(printed)["error"]["message"] == "Interrupted."
    assert b"Traceback" not in err
    kept = json.loads((out / "result.json").read_text("utf-8"))
    assert (kept["complete"], [one["case"] for one in kept["cases"]]) == (False, ["case-0000"])
    assert "not gone through to its end" in (out / "report.html").read_text("utf-8")
