"""The other orders of a source: what they are, and that every frame stays where it is in space."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.records import FrameRef, NativePixels, Order, OrderRule, Source, affine_of
from inference.requests import OpenRequest
from inference.sources.orders import reordered
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write_slice
from tests.plain_source import plain_source


def _source(tmp_path: Path, slices: Sequence[tuple[str, float, int | None]], **more: Any) -> Source:
    """Slices given as name, height and instance number."""
    for value, (name, height, number) in enumerate(slices):
        write_slice(
            tmp_path / name,
            np.full((3, 4), value, np.int16),
            ImagePositionPatient=[-10.0, -20.0, height],
            InstanceNumber=number,
            **more,
        )
    (source,) = open_sources(OpenRequest((str(tmp_path),)), Task()).sources
    return source


def _names(source: Source) -> list[str]:
    return [Path(ref.path).name for ref in source.refs]


def _places(source: Source) -> list[float]:
    return [float(np.array(source.frame_affine(index))[2, 3]) for index in range(source.frames)]


SHUFFLED = [("a", 20.0, 2), ("b", 0.0, 3), ("c", 30.0, 4), ("d", 10.0, 1)]


def test_the_orders_that_make_sense_are_offered(tmp_path: Path) -> None:
    source = _source(tmp_path, SHUFFLED)
    assert (source.order_rule, _names(source)) == ("position", ["b", "d", "a", "c"])
    assert {order.rule: order.indices for order in source.orders} == {
        "instance_number": (1, 2, 0, 3),
        "file_name": (2, 0, 3, 1),
    }


@pytest.mark.parametrize(
    ("slices", "offered"),
    [
        ([("a", 0.0, 1), ("b", 5.0, 2)], []),  # the same order by every rule
        ([("a", 0.0, 2), ("b", 5.0, 1)], ["instance_number"]),
        ([("b", 0.0, 1), ("a", 5.0, 2)], ["file_name"]),
        ([("b", 0.0, 2), ("a", 5.0, 1)], ["instance_number"]),  # one order, named once
        ([("b", 0.0, None), ("a", 5.0, 1)], ["file_name"]),
        ([("a", 0.0, 1), ("c", 5.0, 1), ("b", 9.0, 2)], ["file_name"]),
    ],
)
def test_orders_that_say_nothing_new_are_not_offered(
    tmp_path: Path, slices: list[tuple[str, float, int | None]], offered: list[str]
) -> None:
    assert [order.rule for order in _source(tmp_path, slices).orders] == offered


def test_times_are_an_order_of_slices(tmp_path: Path) -> None:
    for name, height, time in (("a", 0.0, 30.0), ("b", 5.0, 10.0), ("c", 10.0, 20.0)):
        position = [0.0, 0.0, height]
        write_slice(tmp_path / name, ImagePositionPatient=position, TriggerTime=time)
    (source,) = open_sources(OpenRequest((str(tmp_path),)), Task()).sources
    assert source.orders == (Order("temporal", (1, 2, 0)),)
    assert _names(reordered(source, "temporal")) == ["b", "c", "a"]


def test_another_order_keeps_each_frame_in_its_place_and_has_an_id_of_its_own(
    tmp_path: Path,
) -> None:
    source = _source(tmp_path, SHUFFLED)
    other = reordered(source, "instance_number")
    assert (other.order_rule, _names(other)) == ("instance_number", ["d", "a", "b", "c"])
    assert _places(other) == [10.0, 20.0, 0.0, 30.0]
    assert other.positions_mm is not None
    assert len(other.source_id) == 12
    assert other.source_id != source.source_id
    assert other.warnings[0] == (
        "The slices stand here by instance number, not by position in the patient, by which other "
        "sentences count them."
    )
    assert reordered(other, "instance_number") is other


def test_an_order_turned_round_is_an_even_stack_again(tmp_path: Path) -> None:
    source = _source(tmp_path, [("a", 0.0, 3), ("b", 5.0, 2), ("c", 10.0, 1)])
    other = reordered(source, "instance_number")
    assert other.positions_mm is None
    np.testing.assert_allclose(np.array(other.affine)[:3, 2], [0.0, 0.0, -5.0])
    assert _places(other) == [10.0, 5.0, 0.0]


@pytest.mark.parametrize(("one", "two"), [("instance_number", "file_name")])
def test_the_way_back_gives_the_first_source(
    tmp_path: Path, one: OrderRule, two: OrderRule
) -> None:
    source = _source(tmp_path, [*SHUFFLED, ("e", 30.0, 5)])
    assert source.warnings == ("1 slice appears twice (slices 4 and 5).",)
    direct, through = reordered(source, two), reordered(reordered(source, one), two)
    assert (direct.refs, direct.source_id) == (through.refs, through.source_id)
    assert direct.warnings == through.warnings
    back = reordered(through, "position")
    assert (back.refs, back.source_id) == (source.refs, source.source_id)
    assert (back.warnings, back.order_rule) == (source.warnings, "position")
    assert set(back.orders) == set(source.orders)
    np.testing.assert_allclose(np.array(back.affine), np.array(source.affine), atol=1e-9)
    assert back.positions_mm == source.positions_mm


def test_an_order_that_is_not_offered_is_no_order(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        reordered(_source(tmp_path, SHUFFLED), "temporal")


def test_frames_without_geometry_keep_none(tmp_path: Path) -> None:
    source = _source(tmp_path, SHUFFLED, ImageOrientationPatient=None)
    assert (source.order_rule, source.affine) == ("instance_number", None)
    other = reordered(source, "file_name")
    assert (_names(other), other.affine, other.positions_mm) == (["a", "b", "c", "d"], None, None)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(order=st.permutations(range(6)), uneven=st.booleans())
def test_pixels_and_places_go_with_their_frames(order: list[int], uneven: bool) -> None:
    heights = [0.0, 2.0, 4.0, 6.0, 8.0, 11.0 if uneven else 10.0]
    matrix = np.diag([0.5, 2.0, 2.0, 1.0])
    source = replace(
        _PLAIN,
        affine=affine_of(matrix),
        positions_mm=tuple((0.0, 0.0, height) for height in heights) if uneven else None,
        orders=(Order("file_name", tuple(order)),),
    )
    other = reordered(source, "file_name")
    np.testing.assert_allclose(_places(other), [heights[index] for index in order], atol=1e-9)
    assert [native.offset for native in other.native] == [100 * index for index in order]
    assert [ref.number for ref in other.refs] == list(order)
    back = reordered(other, "position")
    assert (back.refs, back.native, back.orders) == (source.refs, source.native, source.orders)
    np.testing.assert_allclose(_places(back), heights, atol=1e-9)
    np.testing.assert_allclose(np.array(back.affine), matrix, atol=1e-9)


_PLAIN = plain_source(
    source_id="0123456789ab",
    shape=(3, 4),
    spacing_mm=(2.0, 0.5, 2.0),
    spacing_source="PixelSpacing",
    refs=tuple(FrameRef("f", number) for number in range(6)),
    native=tuple(NativePixels(100 * number, "<i2") for number in range(6)),
)
