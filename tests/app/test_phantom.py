"""`lepton phantom` as docs/cli.md promises it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app import cli
from inference.phantom.case import generate
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

KEYS = {"case", "label", "nodules", "marker"}
NODULE_KEYS = {"centre_mm", "radius_mm", "box", "frames"}


def test_the_folder_holds_what_the_contract_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert cli.main(["phantom", "--out", str(out), "--seed", "4", "--count", "2", "--json"]) == 0
    truth = json.loads((out / "truth.json").read_text())
    assert json.loads(capsys.readouterr().out) == truth
    assert [set(entry) for entry in truth] == [KEYS, KEYS]
    assert [(entry["case"], entry["label"]) for entry in truth] == [(0, 0), (1, 1)]
    assert truth[0]["nodules"] == []
    assert {frozenset(nodule) for nodule in truth[1]["nodules"]} == {frozenset(NODULE_KEYS)}
    for entry in truth:
        folder = out / f"case-{entry['case']:04d}"
        assert len(list(folder.glob("*.dcm"))) == 3
        mask = np.load(folder / "mask.npy")
        assert (mask.shape, mask.dtype, bool(mask.any())) == (
            (3, 512, 512),
            np.uint8,
            bool(entry["label"]),
        )


def test_our_own_reader_agrees_with_the_truth(tmp_path: Path) -> None:
    """Order, values and millimetres, through the loader that the window uses."""
    arguments = ["phantom", "--out", str(tmp_path), "--seed", "4", "--count", "2"]
    assert cli.main([*arguments, "--marker", "always"]) == 0
    (tmp_path / "case-0001" / "mask.npy").unlink()
    opened = open_sources(OpenRequest((str(tmp_path / "case-0001"),)), Task())
    (source,) = opened.sources
    assert not opened.refused
    assert (source.modality, source.body_part, source.unit) == ("CT", "CHEST", "HU")
    assert source.warnings == ()
    frames = read_frames(read_request(source, (0, 1, 2)), Task())
    expected = generate(4, 1, "always")
    assert np.array_equal(np.stack([frame.values() for frame in frames]), expected.volume)
    assert source.affine is not None
    truth = json.loads((tmp_path / "truth.json").read_text())[1]
    assert truth["marker"]["box"] == list(expected.marker_box or ())
    for nodule in truth["nodules"]:
        column, row, height, _ = np.linalg.solve(
            np.array(source.affine), [*nodule["centre_mm"], 1.0]
        )
        x0, y0, x1, y1 = nodule["box"]
        assert x0 < column + 0.5 < x1
        assert y0 < row + 0.5 < y1
        assert 0 <= height <= 2


def test_equal_seeds_leave_equal_bytes_and_the_count_changes_no_case(tmp_path: Path) -> None:
    for name, count in (("one", "1"), ("two", "2")):
        assert cli.main(["phantom", "--out", str(tmp_path / name), "--count", count]) == 0
    for path in (tmp_path / "one" / "case-0000").iterdir():
        assert (tmp_path / "two" / "case-0000" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--seed", "-1"], 2),
        (["--count", "0"], 2),
        (["--count", "100000"], 2),
        (["--marker", "sometimes"], 2),
    ],
)
def test_wrong_use_is_said(
    words: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["phantom", "--out", str(tmp_path / "out"), *words, "--json"]) == code
    said = capsys.readouterr()
    assert json.loads(said.out)["error"]["code"] == code
    assert "Traceback" not in said.err
    assert not (tmp_path / "out").exists()


def test_a_place_that_may_not_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.write_text("in the way")
    assert cli.main(["phantom", "--out", str(file)]) == 4
    assert "was not written" in capsys.readouterr().err


def test_without_out_it_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["phantom"]) == 2
    assert "--out" in capsys.readouterr().err
