"""Regions found by seeds, through slices, and between them: on pictures worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.actions.instances import positions_mm
from app.sketches import (
    DivideRequest,
    SketchRequest,
    Wish,
    find_division,
    find_region,
    grey_values,
    value_in,
)
from app.slice_masks import BetweenRequest, GrowthRequest, find_between, grow_through
from inference.mask_bits import pack_mask, unpack_mask
from inference.mpr.grid import grid_of
from inference.mpr.volume import Volume
from inference.records import Frame, FrameRef, Source
from inference.task import Task

KEY = ("scan", 0)
STAIRS = np.array([[0, 0, 9, 1], [0, 5, 9, 1], [0, 5, 9, 1]], np.int16)
ONES = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 0.0), (0.0, 0.0, 0.0, 1.0))


def region(wish: Wish, frame: Frame) -> list[list[int]] | None:
    found = find_region(SketchRequest(wish, frame), Task())
    return None if found is None else found.astype(int).tolist()


def test_values_near_that_of_the_seed_belong_to_it() -> None:
    frame = Frame(KEY, STAIRS, slope=2.0, intercept=-1.0)
    at_corner = Wish(KEY, inside=((0.5, 0.5),), tolerance=2.0)
    assert region(at_corner, frame) == [[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    wider = replace(at_corner, tolerance=10.0)
    assert region(wider, frame) == [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 0, 0]]


def test_a_range_goes_before_the_tolerance_and_padding_is_left_out() -> None:
    frame = Frame(KEY, STAIRS, padding=(5.0, 5.0))
    wish = Wish(KEY, inside=((0.5, 2.5),), low=0.0, high=6.0, tolerance=100.0)
    assert region(wish, frame) == [[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    assert region(replace(wish, inside=((2.5, 0.5),)), frame) is None


def test_places_outside_take_their_part_away() -> None:
    wish = Wish(KEY, inside=((0.5, 0.5), (3.5, 0.5)), outside=((3.5, 2.5),), tolerance=0.5)
    assert region(wish, Frame(KEY, STAIRS)) == [[1, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0]]


def test_colours_grow_by_their_mean() -> None:
    colours = np.zeros((2, 2, 3), np.uint8)
    colours[0, 0] = (30, 60, 90)
    frame = Frame(KEY, colours)
    assert grey_values(frame)[0, 0] == pytest.approx(60.0)
    assert value_in(frame, (0.9, 0.9)) == pytest.approx(60.0)
    assert value_in(frame, (-3.0, 7.0)) == pytest.approx(0.0)


def test_two_kinds_of_value_are_divided_under_the_brush_or_everywhere() -> None:
    frame = Frame(KEY, STAIRS)
    assert find_division(DivideRequest(frame, None, 1.0), Task()) == pytest.approx(3.0)
    under = DivideRequest(frame, (2.0, 1.5), 1.0)
    assert find_division(under, Task()) == pytest.approx(7.0)
    assert find_division(DivideRequest(frame, (0.5, 0.5), 0.4), Task()) is None


@pytest.mark.parametrize("slopes", [(1.0, 1.0, 1.0), (-2.0, -2.0, -2.0), (1.0, 1.0, 2.0)])
def test_a_region_grows_through_slices_by_rescaled_values(slopes: tuple[float, ...]) -> None:
    wanted = np.zeros((3, 4, 5), bool)
    wanted[0:3, 1:3, 1:4] = True
    wanted[1] = False
    wanted[1, 2, 2] = True
    rescaled = np.where(wanted, 40.0, -20.0)
    stored = (rescaled / np.array(slopes)[:, None, None]).astype(np.int16)
    grid = grid_of(ONES, (3, 4, 5))
    volume = Volume("scan", stored, grid, np.array(slopes), np.zeros(3), Frame(KEY, stored[0]))
    seeds = (((2, 2, 1), 30.0, 50.0),)
    found = grow_through(GrowthRequest(volume, seeds), Task())
    for index in range(3):
        assert np.array_equal(unpack_mask(found[index], (4, 5)), wanted[index])
    missing = replace(volume, missing=(1,))
    assert grow_through(GrowthRequest(missing, seeds), Task()) == {}


def test_slices_between_are_found_by_where_they_lie() -> None:
    rows, columns = np.indices((40, 40)) + 0.5
    away = np.hypot(rows - 20, columns - 20)
    masks = {0: pack_mask(away <= 4), 3: pack_mask(away <= 16)}
    drawn = {index: one for index, one in masks.items() if one is not None}
    request = BetweenRequest(drawn, (40, 40), (0.0, 1.0, 2.0, 4.0), (1.0, 1.0))
    found = find_between(request, Task())
    assert sorted(found) == [1, 2]
    areas = [found[1].count, found[2].count]
    assert areas == pytest.approx([np.pi * 7**2, np.pi * 10**2], rel=0.1)


def test_places_of_slices_are_along_their_normal() -> None:
    tilted = ((1.0, 0.0, 0.0, 0.0), (0.0, 0.8, -0.6, 0.0), (0.0, 0.6, 0.8, 0.0), ONES[3])
    refs = (FrameRef("a"), FrameRef("b"), FrameRef("c"))
    source = Source(
        "scan",
        "series",
        "T",
        "S",
        "S",
        "",
        "CT",
        None,
        "MONOCHROME2",
        1,
        (4, 4),
        (1.0, 1.0, 2.0),
        "PixelSpacing",
        tilted,
        ((0.0, 0.0, 0.0), (0.0, -0.6, 0.8), (5.0, -3.0, 4.0)),
        "position",
        None,
        None,
        refs,
    )
    assert positions_mm(source) == pytest.approx((0.0, 1.0, 5.0))
    assert positions_mm(replace(source, positions_mm=None)) == (0.0, 2.0, 4.0)
    assert positions_mm(replace(source, positions_mm=None, spacing_mm=None)) == (0.0, 1.0, 2.0)
