"""A full disk or a folder that may not be written: one sentence, exit code 4, nothing half-made."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.cli import main
from inference.errors import UserError
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.whole_file import write_bytes, writing
from tests.sample_models import CARD, install

Run = Callable[..., tuple[int, dict[str, object]]]


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB, with half of them taken."""
    place = tmp_path / "small disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk needs root on Linux")
    (place / "taken").write_bytes(bytes(32 << 10))
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    write_case(generate(7, 1, "none"), tmp_path / "case")
    return tmp_path / "case"


@pytest.fixture
def model(own_data_folder: Path) -> str:
    import torch

    from inference.architectures import table

    torch.manual_seed(0)
    module = table.build(CARD.architecture, CARD.arguments, len(CARD.labels), CARD.channels)
    install(CARD, module.state_dict(), own_data_folder / "models" / CARD.model_id)
    return CARD.model_id


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, dict[str, object]]:
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return code, json.loads(captured.out) if captured.out else {}

    return call


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.rglob("*") if path.is_file()}


def test_render_on_a_full_disk(run: Run, full_disk: Path, case: Path) -> None:
    code, _ = run("render", case, "--out", full_disk / "x.png")
    assert code == 4
    assert left_in(full_disk) == {"taken"}


def test_explain_on_a_full_disk(run: Run, full_disk: Path, case: Path, model: str) -> None:
    code, document = run(
        "explain", case, "--model", model, "--method", "saliency", "--out", full_disk / "out",
        "--json",
    )  # fmt: skip
    assert code == 4
    error = document["error"]
    assert isinstance(error, dict)
    assert "the disk is full" in error["message"]
    assert not any(name.startswith((".", "result")) for name in left_in(full_disk))


def test_phantom_on_a_full_disk(run: Run, full_disk: Path) -> None:
    code, _ = run("phantom", "--out", full_disk / "phantoms")
    assert code == 4
    assert not any(name.endswith((".json", ".dcm")) for name in left_in(full_disk))


def test_a_place_that_is_a_file(run: Run, tmp_path: Path, case: Path, model: str) -> None:
    (tmp_path / "file").write_text("mine")
    for words in (
        ("render", case, "--out", tmp_path / "file" / "x.png"),
        ("predict", case, "--model", model, "--out", tmp_path / "file"),
        ("explain", case, "--model", model, "--method", "saliency", "--out", tmp_path / "file"),
        ("phantom", "--out", tmp_path / "file"),
    ):
        code, _ = run(*words)
        assert code == 4, words
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_no_permission(run: Run, tmp_path: Path, case: Path) -> None:
    tmp_path.chmod(0o500)
    code, _ = run("render", case, "--out", tmp_path / "x.png")
    tmp_path.chmod(0o700)
    assert code == 4


def test_a_file_is_whole_or_as_it_was(tmp_path: Path) -> None:
    place = tmp_path / "a.txt"
    write_bytes(place, b"old")

    def break_off() -> None:
        with writing(place) as temporary:
            temporary.write_bytes(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    assert place.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize(
    ("number", "words"), [(28, "the disk is full"), (13, "no permission"), (5, "Input/output")]
)
def test_each_refusal_has_its_sentence(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught, writing(tmp_path / "a.txt"):
        raise OSError(number, os.strerror(number))
    assert caught.value.fault == "surroundings"
    assert os.listdir(tmp_path) == []
