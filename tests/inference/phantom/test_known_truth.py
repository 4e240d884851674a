"""A phantom that is opened is known again, with what is true of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.phantom import case as cases
from inference.phantom.case import PhantomCase
from inference.phantom.dicom_files import slice_dataset, write_case
from inference.phantom.known_truth import MARKER, NODULE, known_truth, phantom_in
from inference.records import ObjectOverlay, Segment, Source
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Task

SEED = 7


def opened(case: PhantomCase, folder: Path) -> Source:
    write_case(case, folder)
    return open_sources(OpenRequest((str(folder),)), Task()).sources[0]


def marked(found: ObjectOverlay, segment: Segment) -> np.ndarray:
    """uint8 [frames, rows, columns] of one segment."""
    masks = np.zeros((cases.SLICES, 512, 512), np.uint8)
    place = found.segments.index(segment)
    for piece in found.pieces:
        if piece.segment == place:
            rows, columns = piece.mask.shape
            part = masks[piece.frame, piece.row :, piece.column :][:rows, :columns]
            part |= piece.mask // 255
    return masks


def test_nodule_and_marker_lie_where_they_were_drawn(tmp_path: Path) -> None:
    whole = cases.generate(SEED, 1, "always")
    request = phantom_in(opened(whole, tmp_path))
    assert request is not None
    found = known_truth(request, Task())
    assert found.segments == (NODULE, MARKER)
    # The mask and the box beside the files are what the generator itself says.
    assert np.array_equal(marked(found, NODULE), np.load(tmp_path / "mask.npy"))
    assert whole.marker_box is not None
    x0, y0, x1, y1 = whole.marker_box
    marker = marked(found, MARKER)
    assert marker[:, y0:y1, x0:x1].all()
    assert marker.sum() == cases.SLICES * (y1 - y0) * (x1 - x0)


@pytest.mark.parametrize(
    ("number", "change", "segments"),
    [
        (1, cases.without_marker, (NODULE,)),
        (1, cases.without_nodule, (MARKER,)),
        (0, lambda case: case, (MARKER,)),
        (0, cases.without_marker, ()),
    ],
)
def test_what_was_left_out_is_not_claimed(
    number: int, change: object, segments: tuple[Segment, ...], tmp_path: Path
) -> None:
    assert callable(change)
    request = phantom_in(opened(change(cases.generate(SEED, number, "always")), tmp_path))
    assert request is not None
    assert known_truth(request, Task()).segments == segments


def test_a_name_alone_proves_nothing(tmp_path: Path) -> None:
    source = opened(cases.generate(SEED, 1, "always"), tmp_path)
    assert phantom_in(source) is not None
    assert phantom_in(replace(source, series_uid="1.2.3")) is None
    assert phantom_in(replace(source, who="PHANTOM-8-0001")) is None
    assert phantom_in(replace(source, who="Somebody")) is None


def test_the_uids_are_as_they_always_were() -> None:
    """A phantom of an older version is the same phantom."""
    case = cases.generate(SEED, 1, "always")
    assert slice_dataset(case, 0).SeriesInstanceUID == UID_BEFORE


UID_BEFORE = "2.25.272941677259055560718155768960969399278"
