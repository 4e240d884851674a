"""What lies over a plane that is cut: masks, maps, segments, contours, by arrays made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app import object_cuts
from app.cutting import CutRequest, Cutter
from app.object_cuts import ObjectCuts
from inference.mpr import Slab, planes, slices
from inference.mpr.volume import Volume
from inference.records import (
    ContourPiece,
    ObjectOverlay,
    Prediction,
    Provenance,
    Segment,
    SegmentPiece,
    ValuePiece,
)
from inference.task import Task
from tests.inference.mpr.scan_volumes import scan

SLICES, ROWS, COLUMNS = 6, 8, 10
PROVENANCE = Provenance("m", "", "", "cpu", 0.0, "2026-01-01T00:00:00+00:00", ())


@pytest.fixture
def volume() -> Volume:
    """Voxels of 1 mm along the patient's axes; each holds its own number."""
    stored = np.arange(SLICES * ROWS * COLUMNS, dtype=np.int16).reshape(SLICES, ROWS, COLUMNS)
    return scan(stored, np.eye(4))


def overlay(**parts: Any) -> ObjectOverlay:
    segments = tuple(Segment(number + 1, f"S{number}", (255, 0, 0)) for number in range(400))
    made = ObjectOverlay("o", "s", segments)
    return replace(made, **parts)


def piece(frame: int, segment: int, row: int, column: int, size: tuple[int, int]) -> SegmentPiece:
    return SegmentPiece(frame, segment, row, column, np.full(size, 255, np.uint8))


def drawn(found: ObjectOverlay, shape: tuple[int, int]) -> dict[int, np.ndarray]:
    """The pixels of each segment on a plane."""
    masks: dict[int, np.ndarray] = {}
    for one in found.pieces:
        rows, columns = one.mask.shape
        mask = masks.setdefault(one.segment, np.zeros(shape, bool))
        mask[one.row : one.row + rows, one.column : one.column + columns] |= one.mask > 0
    return masks


def test_overlapping_segments_are_cut_each_for_itself(volume: Volume) -> None:
    """Segment 0 in slices 1–3, rows 2–4, columns 3–6; segment 1 over half of it in slice 2."""
    pieces = [piece(frame, 0, 2, 3, (3, 4)) for frame in (1, 2, 3)]
    pieces.append(piece(2, 1, 3, 5, (4, 4)))
    stack = planes(volume, "coronal")
    assert stack.shape == (SLICES, COLUMNS)
    for y in range(ROWS):
        found = drawn(
            ObjectCuts().cut(overlay(pieces=tuple(pieces)), volume, stack, y), stack.shape
        )
        first, second = np.zeros(stack.shape, bool), np.zeros(stack.shape, bool)
        if 2 <= y < 5:
            first[SLICES - 4 : SLICES - 1, 3:7] = True  # the head is at the top
        if 3 <= y < 7:
            second[SLICES - 3, 5:9] = True
        for segment, wanted in ((0, first), (1, second)):
            assert np.array_equal(found.get(segment, np.zeros(stack.shape, bool)), wanted)


def test_a_slab_draws_what_any_of_its_planes_has(volume: Volume) -> None:
    found = ObjectCuts().cut(
        overlay(pieces=(piece(1, 0, 2, 3, (2, 2)),)), volume, slices(volume), 3, Slab("mean", 4.0)
    )
    assert np.count_nonzero(drawn(found, (ROWS, COLUMNS))[0]) == 4
    none = ObjectCuts().cut(
        overlay(pieces=(piece(1, 0, 2, 3, (2, 2)),)), volume, slices(volume), 3, Slab("mean", 2.0)
    )
    assert none.pieces == ()


def test_more_segments_than_a_label_can_name(volume: Volume) -> None:
    pieces = tuple(
        piece(2, number, number % ROWS, number % COLUMNS, (1, 1)) for number in range(400)
    )
    found = ObjectCuts().cut(overlay(pieces=pieces), volume, slices(volume), 2)
    assert {one.segment for one in found.pieces} == set(range(400))
    assert all(one.mask.shape == (1, 1) for one in found.pieces)


def test_objects_too_large_for_memory_stay_on_slices(
    volume: Volume, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_cuts, "MOST_BYTES", 2 * ROWS * COLUMNS)
    few, many = (
        overlay(pieces=tuple(piece(frame, 0, 1, 1, (2, 2)) for frame in range(count)))
        for count in (2, 3)
    )
    cuts = ObjectCuts()
    assert cuts.cut(few, volume, slices(volume), 1).warnings == ()
    refused = cuts.cut(many, volume, slices(volume), 1)
    assert (refused.pieces, refused.warnings) == ((), (object_cuts.ON_SLICES_ALONE,))


def test_pieces_beyond_the_frame_and_half_ones(volume: Volume) -> None:
    half = SegmentPiece(2, 1, 0, 0, np.array([[127, 128]], np.uint8))
    found = ObjectCuts().cut(overlay(pieces=(half,)), volume, slices(volume), 2)
    assert np.argwhere(drawn(found, (ROWS, COLUMNS))[1]).tolist() == [[0, 1]]


def test_contours_are_filled_with_their_holes(volume: Volume) -> None:
    """A square from (1, 1) to (7, 7) in pixel edges with a hole from (3, 3) to (5, 5)."""
    outer = np.array([(1, 1), (7, 1), (7, 7), (1, 7)], np.float32)
    inner = np.array([(3, 3), (5, 3), (5, 5), (3, 5)], np.float32)
    contours = tuple(ContourPiece(2, 0, points) for points in (outer, inner))
    found = ObjectCuts().cut(overlay(contours=contours), volume, slices(volume), 2)
    mask = drawn(found, (ROWS, COLUMNS))[0]
    wanted = np.zeros((ROWS, COLUMNS), bool)
    wanted[1:7, 1:7] = True
    wanted[3:5, 3:5] = False
    assert np.array_equal(mask, wanted)
    assert found.contours == ()


def test_contours_are_filled_as_far_as_the_frame_goes(volume: Volume) -> None:
    """Beyond the right and lower edge, and so far that its own box would fill the memory."""
    reaching = np.array([(6, 5), (1e7, 5), (1e7, 1e7), (6, 1e7)], np.float32)
    beside = np.array([(-9, -9), (-2, -9), (-2, -2), (-9, -2)], np.float32)
    contours = (ContourPiece(2, 0, reaching), ContourPiece(2, 1, beside))
    found = ObjectCuts().cut(overlay(contours=contours), volume, slices(volume), 2)
    wanted = np.zeros((ROWS, COLUMNS), bool)
    wanted[5:, 6:] = True
    masks = drawn(found, (ROWS, COLUMNS))
    assert list(masks) == [0]
    assert np.array_equal(masks[0], wanted)


def test_maps_of_values_are_cut(volume: Volume) -> None:
    values = tuple(
        ValuePiece(number, np.full((ROWS, COLUMNS), float(number), np.float32))
        for number in range(SLICES)
    )
    stack = planes(volume, "sagittal")
    (found,) = ObjectCuts().cut(overlay(values=values), volume, stack, 4).values
    assert found.frame == 4
    heights = np.arange(SLICES, dtype=np.float32)[::-1]
    assert np.allclose(found.values, heights[:, None] * np.ones(ROWS))


def test_a_mask_and_its_shares_follow(volume: Volume) -> None:
    mask = np.zeros((ROWS, COLUMNS), np.uint8)
    mask[:, :5] = 1
    said = Prediction(
        ("s", 0), ("none", "half"), np.zeros(2, np.float32), np.zeros(2), "softmax", mask, (),
        PROVENANCE,
    )  # fmt: skip
    masks = dict.fromkeys(range(SLICES), mask)
    request = CutRequest(volume, planes(volume, "coronal"), 3, masks=masks, prediction=said)
    found = Cutter().cut_plane(request, Task()).prediction
    assert found is not None
    assert found.mask is not None
    assert found.mask.shape == (SLICES, COLUMNS)
    assert np.array_equal(found.mask[:, :5], np.ones((SLICES, 5)))
    assert found.scores.tolist() == [0.5, 0.5]
    assert found.key == ("s/coronal", 3)
