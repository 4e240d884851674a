"""The first picture comes before the headers are read, and is one of the first series."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import FrameRef, Opened, Preview
from inference.requests import OpenRequest
from inference.sources.dicom_frame import read_frame
from inference.sources.registry import open_sources
from inference.task import Cancelled, Task
from tests.inference.sources.dicom_writer import write_slice


def _series(folder: Path, names: list[str], series: str) -> None:
    for place, name in enumerate(names):
        write_slice(
            folder / name,
            np.full((3, 4), place, np.int16),
            SeriesInstanceUID=series,
            SOPInstanceUID=f"{series}.{place + 1}",
            ImagePositionPatient=[0, 0, place],
        )


def _told(path: Path, *, preview: bool = True) -> list[Any]:
    told: list[Any] = []
    task = Task(lambda kind, value: told.append(value) if kind == "partial" else None)
    open_sources(OpenRequest((str(path),), piecewise=preview), task)
    return told


def test_it_is_the_middle_slice_and_comes_first(tmp_path: Path) -> None:
    _series(tmp_path, [f"I{number}" for number in range(1, 12)], "1.2.3")
    first, *rest = _told(tmp_path)
    assert isinstance(first, Preview)
    assert Path(first.ref.path).name == "I6"
    assert first.frame.key == ("", 0)
    assert np.all(first.frame.stored == 5)
    assert [type(value) for value in rest] == [Opened]
    assert first.ref in rest[0].sources[0].refs


def test_it_is_of_the_first_series_where_several_lie_in_a_folder(tmp_path: Path) -> None:
    _series(tmp_path, [f"a{number}" for number in range(5)], "1.2.3")
    _series(tmp_path, [f"b{number:02d}" for number in range(40)], "1.2.4")
    assert Path(_told(tmp_path)[0].ref.path).name == "a2"


def test_masks_that_belong_over_a_scan_are_no_first_picture(tmp_path: Path) -> None:
    masks = "1.2.840.10008.5.1.4.1.1.66.4"
    for name in ("a", "b"):
        write_slice(tmp_path / name, SOPClassUID=masks, Modality="SEG", SeriesInstanceUID="1.2.9")
    assert not any(isinstance(value, Preview) for value in _told(tmp_path))


def test_it_is_of_the_first_folder_with_scans(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("nothing here")
    _series(tmp_path / "b", ["1", "2", "3"], "1.2.3")
    _series(tmp_path / "c", ["1", "2", "3"], "1.2.4")
    ref = _told(tmp_path)[0].ref
    assert Path(ref.path) == tmp_path / "b" / "2"


@pytest.mark.parametrize("count", [0, 1])
def test_one_file_is_opened_at_once_without_it(tmp_path: Path, count: int) -> None:
    _series(tmp_path, ["a"] * count, "1.2.3")
    assert not any(isinstance(value, Preview) for value in _told(tmp_path))


def test_a_damaged_middle_slice_leaves_it_to_another(tmp_path: Path) -> None:
    _series(tmp_path, ["1", "2", "3"], "1.2.3")
    path = tmp_path / "2"
    path.write_bytes(path.read_bytes()[:-10])
    first, opened = _told(tmp_path)
    assert isinstance(first, Preview)
    assert first.ref.path != str(path)
    assert opened.sources[0].frames == 2


def test_it_comes_only_where_it_is_asked_for(tmp_path: Path) -> None:
    _series(tmp_path, ["1", "2", "3"], "1.2.3")
    assert not any(isinstance(value, Preview) for value in _told(tmp_path, preview=False))


def test_opening_can_be_cancelled_between_files(tmp_path: Path) -> None:
    _series(tmp_path, [f"{number}" for number in range(20)], "1.2.3")
    told: list[Any] = []

    def hear(kind: str, value: object) -> None:
        told.append(value)
        task.cancel()

    task = Task(hear)
    with pytest.raises(Cancelled):
        open_sources(OpenRequest((str(tmp_path),), piecewise=True), task)
    assert len(told) == 1


def test_a_header_that_makes_no_sense_costs_its_slice_alone(tmp_path: Path) -> None:
    """Also where it is the first that is decoded."""
    table = Dataset()
    table.add_new(0x00283002, "US", [4, 0, 8])
    table.add_new(0x00283006, "SH", "no numbers")
    _series(tmp_path, ["a", "b", "c"], "1.2.3")
    changes = {"SeriesInstanceUID": "1.2.3", "VOILUTSequence": [table]}
    path = write_slice(tmp_path / "b", np.full((3, 4), 1, np.int16), **changes)
    (opened,) = _told(tmp_path)
    assert opened.sources[0].frames == 2
    with pytest.raises(UserError, match="b is damaged: its DICOM header cannot be read"):
        read_frame(("", 0), FrameRef(str(path)), None)
