"""Masks come back as they were; bits that do not fit are refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inference.mask_bits import mask_of, pack_mask, unpack_box, unpack_mask
from inference.records import Annotation, MaskBits
from inference.wire import pack, unpack

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 40))


@given(SHAPES.flatmap(lambda shape: arrays(bool, shape)))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_mask_comes_back_as_it_was(mask: np.ndarray) -> None:
    packed = pack_mask(mask)
    if packed is None:
        assert not mask.any()
        return
    assert packed.count == mask.sum()
    np.testing.assert_array_equal(unpack_mask(packed, mask.shape), mask)
    box = mask[packed.top :, packed.left :][: packed.rows, : packed.columns]
    np.testing.assert_array_equal(unpack_box(packed), box)
    assert box[0].any()
    assert box[-1].any()
    assert box[:, 0].any()
    assert box[:, -1].any()


def test_an_empty_mask_is_none() -> None:
    assert pack_mask(np.zeros((3, 4), bool)) is None


def test_what_lies_beyond_a_frame_is_cut_off() -> None:
    packed = pack_mask(np.ones((4, 4), bool))
    assert packed is not None
    moved = replace(packed, top=-2, left=3)
    expected = np.zeros((5, 5), bool)
    expected[0:2, 3:5] = True
    np.testing.assert_array_equal(unpack_mask(moved, (5, 5)), expected)
    assert not unpack_mask(replace(packed, top=9, left=9), (5, 5)).any()


@pytest.mark.parametrize(
    "bits",
    [np.zeros(0, np.uint8), np.arange(9, dtype=np.uint8), b"\x00" * 3, b"\x00" * (1 << 20)],
    ids=["nothing", "no stream", "too few", "too many"],
)
def test_bits_that_do_not_fit_are_refused(bits: np.ndarray | bytes) -> None:
    import zlib

    if isinstance(bits, bytes):
        bits = np.frombuffer(zlib.compress(bits), np.uint8)
    with pytest.raises(ValueError, match="the bits of a mask"):
        unpack_box(MaskBits(0, 0, 8, 8, 1, bits))


def test_an_annotation_crosses_the_wire() -> None:
    mask = np.zeros((6, 7), bool)
    mask[2:4, 3] = True
    made = Annotation("a1", "0123456789ab", 2, "mask", "lesion/tumour", mask=pack_mask(mask))
    found = unpack(pack(made))
    assert isinstance(found, Annotation)
    assert (found.annotation_id, found.key, found.label) == ("a1", ("0123456789ab", 2), made.label)
    np.testing.assert_array_equal(mask_of(found, mask.shape), mask)
