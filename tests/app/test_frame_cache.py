"""Frames stay within the budget, the latest used ones longest; whole series stand in one array."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.frame_cache import FrameCache
from app.native_pixels import native_request, read_native
from inference.records import Frame, Source
from inference.task import Task
from tests.app.test_native_pixels import series

INT16 = np.dtype(np.int16)


def frame(index: int, source_id: str = "s") -> Frame:
    return Frame((source_id, index), np.zeros((10, 10), np.uint8))


def test_the_budget_holds_and_the_longest_unused_goes() -> None:
    cache = FrameCache(budget_bytes=300)
    for index in range(3):
        cache.add(frame(index))
    assert cache.get(("s", 0)) is not None
    cache.add(frame(3))
    assert cache.get(("s", 1)) is None
    assert [cache.get(("s", index)) is not None for index in (0, 2, 3)] == [True] * 3


def test_a_smaller_budget_counts_at_once_and_a_larger_one_from_then_on() -> None:
    cache = FrameCache(budget_bytes=300)
    for index in range(3):
        cache.add(frame(index))
    cache.set_budget(100)
    assert [cache.get(("s", index)) is not None for index in range(3)] == [False, False, True]
    cache.set_budget(200)
    cache.add(frame(0))
    assert [cache.get(("s", index)) is not None for index in range(3)] == [True, False, True]


def test_a_frame_read_again_counts_once() -> None:
    cache = FrameCache(budget_bytes=200)
    for _ in range(5):
        cache.add(frame(0))
    cache.add(frame(1))
    assert cache.get(("s", 0)) is not None


def test_one_frame_larger_than_the_budget_is_kept() -> None:
    cache = FrameCache(budget_bytes=10)
    cache.add(frame(0))
    assert cache.get(("s", 0)) is not None


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return series(tmp_path)


def _fill(cache: FrameCache, source: Source, *indices: int) -> bool:
    volume = cache.open_volume(source, INT16)
    assert volume is not None
    found = read_native(native_request(source, indices, volume.stored), Task())
    return cache.mark(source, found.indices, found.arrays)


def test_a_series_is_one_array_and_its_frames_are_views(source: Source) -> None:
    cache = FrameCache()
    assert _fill(cache, source, 0, 1, 3)
    assert cache.share(source) == 0.75
    assert cache.volume(source) is None
    assert cache.get(source.key(2)) is None
    assert cache.lacking(source, range(0)).tolist() == [2]
    assert _fill(cache, source, 2)
    volume = cache.volume(source)
    whole = cache.whole(source)
    assert volume is not None
    assert whole is not None
    assert volume[:, 0, 0].tolist() == [-1, 0, 1, 2]
    assert all(np.shares_memory(one.stored, volume[index]) for index, one in enumerate(whole))
    assert [one.key for one in whole] == [source.key(index) for index in range(4)]


def test_decoded_frames_are_copied_in_with_what_is_known_of_them(source: Source) -> None:
    cache = FrameCache()
    decoded = replace(source, native=(), heads=())
    kept = Frame(decoded.key(1), np.full((3, 4), 9, np.int16), slope=2.0)
    cache.add(kept)  # comes before its volume
    assert cache.open_volume(decoded, INT16) is not None
    cache.add(Frame(decoded.key(0), np.full((3, 4), 8, np.int16), slope=3.0))
    found = [cache.get(decoded.key(index)) for index in (0, 1)]
    assert [one.slope for one in found if one] == [3.0, 2.0]
    assert [int(one.stored[0, 0]) for one in found if one] == [8, 9]
    assert cache.share(decoded) == 0.5


def test_a_frame_of_another_type_is_kept_beside_the_volume(source: Source) -> None:
    cache = FrameCache()
    cache.open_volume(source, INT16)
    cache.add(Frame(source.key(0), np.zeros((3, 4), np.float32)))
    found = cache.get(source.key(0))
    assert found is not None
    assert found.stored.dtype == np.float32
    # It is not read again and again for a place in the array that it never gets.
    assert cache.lacking(source, range(0)).tolist() == [1, 2, 3]
    assert cache.share(source) == 0.25
    assert cache.ranges(source) == ((0, 1),)


def test_the_type_of_pixels_is_the_widest_that_came(source: Source) -> None:
    cache = FrameCache(budget_bytes=4 * 24)
    decoded = replace(source, native=(), heads=())
    assert cache.dtype_of(source) == cache.dtype_of(decoded) == INT16
    assert cache.fits(decoded, cache.dtype_of(decoded))
    for dtype in (np.float32, np.uint8):
        cache.add(Frame(decoded.key(0), np.zeros((3, 4), dtype)))
    assert cache.dtype_of(decoded) == np.float32
    assert not cache.fits(decoded, cache.dtype_of(decoded))


def test_a_volume_over_the_budget_is_none(source: Source) -> None:
    cache = FrameCache(budget_bytes=4 * 24 - 1)
    assert not cache.fits(source, INT16)
    assert cache.open_volume(source, INT16) is None
    assert cache.lacking(source, range(1, 3)).tolist() == [1, 2]


def test_volumes_make_room_for_each_other(source: Source) -> None:
    cache = FrameCache(budget_bytes=2 * 96)
    sources = [replace(source, source_id=name) for name in "abc"]
    for one in sources:
        assert _fill(cache, one, 0, 1, 2, 3)
    assert [cache.volume(one) is not None for one in sources] == [False, True, True]


def test_what_was_read_for_a_volume_that_went_is_not_taken_for_the_next(source: Source) -> None:
    cache = FrameCache(budget_bytes=96)
    first = cache.open_volume(source, INT16)
    assert first is not None
    other = replace(source, source_id="other")
    cache.open_volume(other, INT16)
    cache.open_volume(source, INT16)
    assert not cache.mark(source, (0,), (first.stored[0],))
    assert cache.share(source) == 0


def test_holes_and_what_is_asked_for_are_left_out(source: Source) -> None:
    cache = FrameCache()
    cache.open_volume(source, INT16)
    cache.set_hole(source.key(1), "It is damaged.")
    cache.ask(source, (2,), asked=True)
    assert cache.lacking(source, range(0)).tolist() == [0, 3]
    assert cache.holes(source) == {1: "It is damaged."}
    assert cache.share(source) == 0.25
    cache.ask(source, (2,), asked=False)
    assert cache.lacking(source, range(0)).tolist() == [0, 2, 3]


def test_frames_that_can_be_read_are_all_there_is(source: Source) -> None:
    cache = FrameCache()
    assert _fill(cache, source, 0, 1)
    cache.set_hole(source.key(2), "It is damaged.")
    assert cache.readable(source) is None
    assert cache.volume(source) is None
    assert _fill(cache, source, 3)
    found = cache.readable(source)
    assert found is not None
    assert [index for index, frame in enumerate(found) if frame is None] == [2]
    volume = cache.volume(source)
    assert volume is not None
    assert volume[:, 0, 0].tolist() == [-1, 0, 0, 2]  # nothing that memory held before
    assert cache.whole(source) is None
    assert cache.share(source) == 1.0
    assert cache.ranges(source) == ((0, 2), (3, 4))


def test_a_slice_that_can_be_read_after_all_is_no_hole(source: Source) -> None:
    cache = FrameCache()
    cache.open_volume(source, INT16)
    cache.set_hole(source.key(1), "It is damaged.")
    assert _fill(cache, source, 1)
    assert cache.holes(source) == {}
    cache.set_hole(source.key(0), "It is damaged.")
    cache.add(Frame(source.key(0), np.zeros((3, 4), np.int16)))
    assert cache.holes(source) == {}


def test_more_is_news_ten_times_a_second_and_at_the_end(source: Source) -> None:
    cache = FrameCache()
    cache.open_volume(source, INT16)
    assert cache.is_news(source)
    assert not cache.is_news(source)
    _fill(cache, source, 0, 1, 2, 3)
    assert cache.is_news(source)
