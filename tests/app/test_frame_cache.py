"""Frames stay within the budget, the latest used ones longest."""

from __future__ import annotations

import numpy as np

from app.frame_cache import FrameCache
from inference.records import Frame


def frame(index: int) -> Frame:
    return Frame(("s", index), np.zeros((10, 10), np.uint8))


def test_the_budget_holds_and_the_longest_unused_goes() -> None:
    cache = FrameCache(budget_bytes=300)
    for index in range(3):
        cache.add(frame(index))
    assert cache.get(("s", 0)) is not None
    cache.add(frame(3))
    assert cache.get(("s", 1)) is None
    assert [cache.get(("s", index)) is not None for index in (0, 2, 3)] == [True] * 3


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
