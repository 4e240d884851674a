"""Pixels that annotations cover, worked out by hand: shapes, masks, overlaps, other frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.label_regions import covered_by, label_region, label_volume
from inference.mask_bits import pack_mask
from inference.records import (
    WHOLE,
    Annotation,
    AnnotationKind,
    Label,
    LabelSet,
)

SHAPE = (6, 8)
GREY = (9, 9, 9)


def shape(
    kind: AnnotationKind, *points: tuple[float, float], label: str = "a", frame: int = 0
) -> Annotation:
    return Annotation(f"{kind}{points}", "s", frame, kind, label, points)


def painted(mask: np.ndarray, label: str = "a", frame: int = 0) -> Annotation:
    return Annotation(f"m{label}{frame}", "s", frame, "mask", label, mask=pack_mask(mask))


def full(one: Annotation) -> np.ndarray:
    return np.asarray(label_region([one], (one.frame,), SHAPE)[0])


def block(top: int, left: int, bottom: int, right: int) -> np.ndarray:
    found = np.zeros(SHAPE, dtype=bool)
    found[top:bottom, left:right] = True
    return found


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        (shape("box", (1.0, 2.0), (4.0, 5.0)), block(2, 1, 5, 4)),
        (shape("box", (1.6, 2.4), (4.4, 5.6)), block(2, 2, 6, 4)),
        (shape("box", (-3.0, -3.0), (2.0, 1.0)), block(0, 0, 1, 2)),
        (shape("rotated_box", (2.0, 1.0), (6.0, 1.0), (6.0, 3.0), (2.0, 3.0)), block(1, 2, 3, 6)),
        (shape("polygon", (0.0, 0.0), (8.0, 0.0), (8.0, 6.0), (0.0, 6.0)), block(0, 0, 6, 8)),
        (shape("point", (1.0, 1.0)), block(0, 0, 0, 0)),
        (shape("line", (0.0, 0.0), (5.0, 5.0)), block(0, 0, 0, 0)),
        (shape("class"), block(0, 0, 0, 0)),
    ],
)
def test_shapes_cover_the_pixels_whose_centres_they_hold(
    one: Annotation, wanted: np.ndarray
) -> None:
    assert np.array_equal(full(one), wanted)


def test_a_slanted_outline_by_centres() -> None:
    """The triangle (0, 0), (6, 0), (0, 6) holds the centres with column + row + 1 < 6."""
    rows, columns = np.indices(SHAPE)
    found = full(shape("polygon", (0.0, 0.0), (6.0, 0.0), (0.0, 6.0)))
    assert np.array_equal(found, columns + rows + 1 < 6)


@given(
    st.integers(-4, 7),
    st.integers(-4, 9),
    st.lists(st.lists(st.booleans(), min_size=3, max_size=3)),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_masks_are_cut_at_the_frame(top: int, left: int, rows: list[list[bool]]) -> None:
    wide = np.zeros((20, 24), dtype=bool)
    block = np.array(rows[:6], dtype=bool).reshape(-1, 3)
    wide[top + 6 : top + 6 + len(block), left + 6 : left + 9] = block
    bits = pack_mask(wide)
    if bits is None:
        return
    moved = type(bits)(bits.top - 6, bits.left - 6, bits.rows, bits.columns, bits.count, bits.bits)
    found = full(Annotation("m", "s", 0, "mask", "a", mask=moved))
    assert np.array_equal(found, wide[6 : 6 + SHAPE[0], 6 : 6 + SHAPE[1]])


def test_a_region_is_of_the_frames_asked_for_in_their_order() -> None:
    drawn = [painted(block(0, 0, 2, 2), frame=4), painted(block(1, 1, 3, 3), frame=4)]
    drawn += [painted(block(5, 5, 6, 6), frame=2), painted(block(0, 0, 6, 8), frame=7)]
    found = label_region(drawn, (4, 3, 2), SHAPE)
    assert np.array_equal(found[0], block(0, 0, 2, 2) | block(1, 1, 3, 3))
    assert not found[1].any()
    assert np.array_equal(found[2], block(5, 5, 6, 6))


LESIONS = LabelSet(
    labels=(Label("organ/lesion", GREY), Label("organ", GREY), Label("b", GREY), Label("c", GREY))
)


def test_what_lies_within_another_label_is_not_covered_by_it() -> None:
    drawn = [
        painted(block(1, 1, 3, 3), "organ/lesion"),
        painted(block(0, 0, 4, 4), "organ"),
        shape("box", (3.0, 3.0), (6.0, 6.0), label="c"),
        shape("box", (5.0, 5.0), (8.0, 6.0), label="b"),
        painted(block(0, 0, 6, 8), "b", frame=1),
        Annotation("w", "s", WHOLE, "class", "nobody's"),
    ]
    wanted = np.zeros((2, *SHAPE), dtype=np.uint8)
    wanted[0, 0:4, 0:4] = 2
    wanted[0, 1:3, 1:3] = 1
    wanted[0, 5:6, 5:8] = 3
    wanted[0, 3:6, 3:6] = 4
    wanted[1] = 3
    for order in (drawn, drawn[::-1]):
        found = label_volume(order, LESIONS, 2, SHAPE)
        assert found.dtype == np.uint8
        assert np.array_equal(found, wanted)


def test_many_labels_take_sixteen_bits() -> None:
    many = LabelSet(labels=tuple(Label(f"l{number}", GREY) for number in range(300)))
    found = label_volume([painted(block(0, 0, 1, 1), "l299")], many, 1, SHAPE)
    assert found.dtype == np.uint16
    assert np.argwhere(found == 300).tolist() == [[0, 0, 0]]


def test_a_label_that_the_set_lacks_is_named() -> None:
    with pytest.raises(UserError, match="“spleen”"):
        label_volume([painted(block(0, 0, 1, 1), "spleen")], LESIONS, 1, SHAPE)


def test_nothing_is_covered_far_outside() -> None:
    covered = covered_by(shape("box", (20.0, 20.0), (30.0, 30.0)), SHAPE)
    assert covered.of(np.zeros(SHAPE)).shape == covered.mask.shape
    assert not covered.mask.any()
