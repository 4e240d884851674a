"""Viewports that move together, by geometry written down by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.linking import (
    anchors_of,
    carried_cursor,
    cursor_seen,
    followers,
    frame_at,
    frame_in_sight,
    middle_of,
    space_of,
)
from app.panes import Pane
from app.session import Session
from inference.mpr.stack import PlaneStack
from inference.records import Affine, FrameRef, Opened, Source, affine_of
from tests.plain_source import plain_source

SHAPE = (11, 21)


def affine(step: float, z: float = 0.0, tilt_degrees: float = 0.0) -> Affine:
    """Axial slices `step` mm apart from z on, pixels of 1 mm, tilted about the left-right axis."""
    turn = np.radians(tilt_degrees)
    matrix = np.eye(4)
    matrix[:3, 1] = (0.0, np.cos(turn), np.sin(turn))
    matrix[:3, 2] = (0.0, 0.0, step)
    matrix[2, 3] = z
    return affine_of(matrix)


def source(name: str, where: Affine | None, **changes: Any) -> Source:
    """A series of 20 slices of one patient, in one space."""
    made = plain_source(
        source_id=name,
        title=name,
        who="Ada",
        shape=SHAPE,
        affine=where,
        refs=tuple(FrameRef(f"{number}.dcm") for number in range(20)),
        frame_of_reference="1.2.3",
        unit=None,
    )
    return replace(made, **changes)


def side_by_side(*sources: Source) -> Session:
    session = Session()
    session.add_opened(Opened(sources, ()))
    session.set_layout("2x2", 0)
    for number, one in enumerate(sources):
        session.show_source(number, one.source_id, 0)
    return session


def test_the_same_series_goes_to_the_same_slice() -> None:
    one = source("a", affine(2.0))
    session = side_by_side(one, one)
    assert followers(session, 0, 7) == {1: 7}
    session.set_link("scroll", on=False)
    assert followers(session, 0, 7) == {}


@pytest.mark.parametrize(("index", "wanted"), [(3, 1), (10, 4), (19, 8), (0, None)])
def test_one_space_goes_by_millimetres(index: int, wanted: int | None) -> None:
    """Slices at 2 i mm beside slices at 5 k − 1 mm, of which the first is in sight."""
    session = side_by_side(source("a", affine(2.0)), source("b", affine(5.0, -1.0)))
    session.choose_index(0, 1)
    assert followers(session, 0, index) == ({} if wanted is None else {1: wanted})


@pytest.mark.parametrize(("tilt_degrees", "together"), [(10.0, True), (20.0, False)])
def test_planes_that_lean_against_each_other_stay_apart(
    tilt_degrees: float, together: bool
) -> None:
    tilted = source("b", affine(2.0, 0.0, tilt_degrees))
    session = side_by_side(source("a", affine(2.0)), tilted)
    assert bool(followers(session, 0, 12)) is together


@pytest.mark.parametrize(
    "other",
    [
        source("b", affine(2.0), who="Bob"),
        source("b", affine(2.0), frame_of_reference="9.9"),
        source("b", affine(2.0), frame_of_reference=""),
    ],
)
def test_other_spaces_go_together_only_from_where_they_were_linked(other: Source) -> None:
    session = side_by_side(source("a", affine(2.0)), other)
    session.choose_index(1, 3)
    assert space_of(session.sources["a"]) != space_of(other)
    assert followers(session, 0, 6) == {}
    session.set_anchors(anchors_of(session))
    assert followers(session, 0, 6) == {1: 9}
    assert followers(session, 1, 0) == {}  # 3 slices down from the first there are none
    session.show_source(1, "b", 3)
    assert followers(session, 0, 6) == {}


def test_series_that_run_against_each_other() -> None:
    """Rows the other way round: slices ascend to the feet, and going up goes up in both."""
    down = np.eye(4)
    down[:3, 1], down[:3, 2], down[2, 3] = (0.0, -1.0, 0.0), (0.0, 0.0, -2.0), 100.0
    other = source("b", affine_of(down), frame_of_reference="9.9")
    session = side_by_side(source("a", affine(2.0)), other)
    session.choose_index(0, 5)
    session.choose_index(1, 10)
    session.set_anchors(anchors_of(session))
    assert followers(session, 0, 8) == {1: 7}


def test_without_geometry_frames_are_counted() -> None:
    session = side_by_side(source("a", None), source("b", None, frame_of_reference="9.9"))
    session.choose_index(1, 4)
    session.set_anchors(anchors_of(session))
    assert followers(session, 0, 5) == {1: 9}
    assert middle_of(session.panes[0], session.sources["a"]) is None
    assert frame_at(session.sources["a"], (0.0, 0.0, 1.0)) is None


def test_uneven_slices_are_found_by_their_own_places() -> None:
    heights = (0.0, 1.0, 3.0, 10.0, *(20.0 + number for number in range(16)))
    uneven = source("a", affine(1.0), positions_mm=tuple((0.0, 0.0, z) for z in heights))
    for z, wanted in ((0.4, 0), (2.1, 2), (7.0, 3), (14.0, 3), (16.0, 4), (99.0, 19)):
        assert frame_at(uneven, (5.0, 5.0, z)) == wanted


def coronal() -> PlaneStack:
    """Coronal planes 1 mm apart through the slices, of 21 × 39 pixels of 1 mm."""
    origins = np.array([(0.0, float(y), 38.0) for y in range(11)])
    steps = (np.array((1.0, 0.0, 0.0)), np.array((0.0, 0.0, -1.0)), np.array((0.0, 1.0, 0.0)))
    return PlaneStack("coronal", (39, 21), *steps, origins)


def test_the_crosshair_is_seen_on_its_planes_and_goes_with_them() -> None:
    one = source("a", affine(2.0))
    session = side_by_side(one, one)
    session.put_pane(1, Pane("a", 4, "coronal", stack=coronal()))
    session.set_cursor((space_of(one), (7.0, 4.2, 12.4)))
    session.choose_index(0, 6)
    assert cursor_seen(session, 0) == cursor_seen(session, 1) == (7.0, 4.2, 12.4)
    assert cursor_seen(session, 2) is None
    assert carried_cursor(session, 0, 8) == pytest.approx((7.0, 4.2, 16.0))
    assert carried_cursor(session, 1, 9) == pytest.approx((7.0, 9.0, 12.4))
    session.choose_index(0, 7)
    assert cursor_seen(session, 0) is None
    assert carried_cursor(session, 0, 8) is None
    session.set_link("crosshair", on=False)
    assert carried_cursor(session, 1, 9) is None


def test_the_slice_nearest_to_a_plane() -> None:
    one = source("a", affine(2.0))
    session = side_by_side(one)
    session.put_pane(0, Pane("a", 4, "coronal", stack=coronal()))
    assert frame_in_sight(session, 0) in (9, 10)  # the middle of 0 … 38 mm
    session.set_cursor((space_of(one), (7.0, 4.0, 12.4)))
    assert frame_in_sight(session, 0) == 6
    session.set_cursor(("another space", (7.0, 4.0, 30.0)))
    assert frame_in_sight(session, 0) in (9, 10)
