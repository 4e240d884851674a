"""The streams and exit codes that docs/cli.md promises of every command, seen from outside."""

from __future__ import annotations

import json
import math
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from app.cli import COMMANDS, NOT_HERE, main
from app.output import encode
from app.window_cli import USAGE
from launcher import start
from tests.inference.sources.dicom_writer import write_slice

ROOT = Path(__file__).resolve().parents[2]
CALL = [sys.executable, "-m", "app"]
WITHOUT_ARGUMENTS = ("entries", "methods", "models")


def _lepton(
    *words: str | Path, stdout: int = subprocess.PIPE, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*CALL, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_an_unknown_option_is_2_with_one_document(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--no-such-option", "--json"]) == 2
    streams = capsys.readouterr()
    assert streams.out.count("\n") == 1
    document = json.loads(streams.out)
    assert list(document) == ["schema", "error"]
    assert document["schema"] == f"lepton.{name}/1"
    assert list(document["error"]) == ["code", "message", "hint", "path"]
    assert document["error"]["message"] in streams.err


@pytest.mark.parametrize("name", WITHOUT_ARGUMENTS)
def test_half_an_option_is_none(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`--js` would be taken for --json, and yet the answer would be words."""
    assert main([name, "--js"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_help_is_0(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert f"usage: lepton {name}" in capsys.readouterr().out


@pytest.mark.parametrize("name", NOT_HERE)
def test_commands_that_are_not_here_open_no_window(name: str, tmp_path: Path) -> None:
    """Not even where a file has their name."""
    (tmp_path / name).write_bytes(b"")
    ended = subprocess.run(
        [*CALL, name, "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 2
    message = f"This version has no command {name}."
    assert json.loads(ended.stdout)["error"]["message"] == message
    assert ended.stderr.decode().startswith(message)


def test_a_fault_of_the_program_is_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("app.commands.models._list", break_down)
    assert main(["models", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == 1


def test_too_little_memory_is_4(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def swell(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("app.commands.models._list", swell)
    assert main(["models", "--json"]) == 4
    assert "not enough memory" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_numbers_that_are_not_finite_are_null() -> None:
    text = encode("x", {"a": [math.nan, (math.inf, 1.5)], "b": {"c": -math.inf}})
    assert text == '{"schema": "lepton.x/1", "a": [null, [null, 1.5]], "b": {"c": null}}'


def test_a_name_that_is_no_utf_8_still_makes_a_document() -> None:
    text = encode("x", {"path": "a\udcff"})
    assert json.loads(text.encode("utf-8"))["path"] == "a\udcff"


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux alone")
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "ascii"])
def test_the_document_is_utf_8_in_every_locale(tmp_path: Path, encoding: str) -> None:
    write_slice(tmp_path / "scan.dcm")
    odd = os.fsdecode("größe→".encode() + b"\xff.txt")
    (tmp_path / odd).write_text("no scan")
    ended = _lepton("info", tmp_path, "--json", PYTHONIOENCODING=encoding)
    assert ended.returncode == 0
    (refused,) = json.loads(ended.stdout.decode("utf-8"))["refused"]
    assert refused["path"] == str(tmp_path / odd).replace("\udcff", "\ufffd")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("words", [["models", "--json"], ["models"]])
def test_a_full_standard_output_is_4(words: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = _lepton(*words, stdout=full.fileno())
    assert ended.returncode == 4
    said = ended.stderr.decode()
    assert said.startswith("The answer could not be written to standard output: No space left")
    assert said.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="a pipe breaks otherwise on Windows")
def test_a_reader_that_went_away_is_4_without_a_word() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = _lepton("models", stdout=writing)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (4, b"")


@pytest.mark.skipif(os.name != "posix", reason="streams are closed by the shell")
def test_a_closed_standard_output_is_no_traceback() -> None:
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" >&-', "sh", *CALL, "models", "--json"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for another process")
def test_an_interrupted_phantom_is_130_and_leaves_whole_files(tmp_path: Path) -> None:
    words = ["phantom", "--out", str(tmp_path), "--count", "10000", "--json"]
    with subprocess.Popen(
        [*CALL, *words], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        _wait_for(tmp_path / "case-0001", running)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert json.loads(out)["error"]["code"] == 130
    assert err == b"Interrupted.\n"
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left <= {"0001.dcm", "0002.dcm", "0003.dcm", "mask.npy"}


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGINT for another process")
def test_an_interrupted_predict_is_130_and_leaves_nothing(tmp_path: Path) -> None:
    """The signal comes in the middle of a prediction that does not end by itself."""
    code = (
        "import sys, inference.predict as p\n"
        "from app.cli import main\n"
        "real = p.predict\n"
        "def slow(request, task):\n"
        "    open(sys.argv[1], 'w').close()\n"
        "    while True: real(request, task)\n"
        "p.predict = slow\n"
        "sys.exit(main(sys.argv[2:]))\n"
    )
    scan, began, out = write_slice(tmp_path / "x.dcm"), tmp_path / "began", tmp_path / "out"
    words = ["predict", str(scan), "--model", "phantom-nodule", "--out", str(out), "--json"]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(began), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        _wait_for(began, running)
        time.sleep(0.1)
        running.send_signal(signal.SIGINT)
        printed, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert json.loads(printed)["error"]["message"] == "Interrupted."
    assert b"Traceback" not in err
    assert not out.exists()


def _wait_for(place: Path, running: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while not place.exists():
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)


def test_no_command_imports_qt(tmp_path: Path) -> None:
    """Everything that can be called without a window, in one process."""
    code = (
        "import json, sys\n"
        "from app.__main__ import main\n"
        "codes = [main(words) for words in json.loads(sys.argv[1])]\n"
        "found = [n for n in sys.modules if n.split('.')[0] in ('PySide6', 'shiboken6',"
        " 'pyqtgraph', 'widgets')]\n"
        "sys.stderr.write(json.dumps([codes, found]))\n"
    )
    phantom = str(tmp_path / "phantom")
    scan, model = f"{phantom}/case-0000/0001.dcm", "phantom-nodule"
    compared = str(tmp_path / "compared")
    calls = [
        ["phantom", "--out", phantom],
        ["info", scan, "--values"],
        ["render", scan, "--out", str(tmp_path / "x.png")],
        ["predict", scan, "--model", model],
        ["explain", scan, "--model", model, "--method", "saliency", "--out", str(tmp_path / "e")],
        ["compare", scan, "--model", model, "--methods", "saliency,grad_cam", "--out", compared],
        ["belief", "set", model, phantom, "--methods", "saliency"],
        ["belief", "pin", model, scan, "--method", "saliency"],
        ["belief", "check", model],
        ["models"],
        ["models", "show", model],
        ["methods"],
        ["entries"],
        ["entry", "phantom-pair", "--out", str(tmp_path / "entry")],
        ["train", "soup"],
        ["runs"],
    ]
    ended = subprocess.run(
        [sys.executable, "-c", code, json.dumps(calls)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=120,
    )
    codes, found = json.loads(ended.stderr.decode().splitlines()[-1])
    assert codes == [0] * 14 + [2, 2]
    assert found == []


def test_the_launcher_and_the_words_for_help_know_every_command() -> None:
    """Otherwise a command would wait for the system libraries of a window that it does not open."""
    assert set(COMMANDS) | set(NOT_HERE) == start.WITHOUT_WINDOW
    named = set(re.findall(r"\w+", USAGE))
    assert set(COMMANDS) <= named


@pytest.mark.skipif(os.name != "posix", reason="Windows ends a process without asking it")
def test_a_command_that_is_asked_to_end_leaves_nothing_unpacked(tmp_path: Path) -> None:
    packed, place = tmp_path / "x.zip", tmp_path / "temporary"
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(4000):
            archive.writestr(f"{number}", f"no scan {number}")
    place.mkdir()
    with subprocess.Popen(
        [*CALL, "info", str(packed), "--json"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(place)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        deadline = time.monotonic() + 60
        while not list(place.glob("lepton-*/*")) and time.monotonic() < deadline:
            time.sleep(0.002)
        running.send_signal(signal.SIGTERM)
        out, _ = running.communicate(timeout=60)
    assert running.returncode == 130
    assert json.loads(out)["error"]["code"] == 130
    assert list(place.iterdir()) == []
