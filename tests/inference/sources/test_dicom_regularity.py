"""What is said about gaps, repeats, changes of distance and tilt: places counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.sources.dicom_regularity import is_even, sentences_of, usual_step

_UP = np.array([0.0, 0.0, 1.0])


def _column(heights: list[float]) -> np.ndarray:
    return np.array([[-10.0, -20.0, height] for height in heights])


def _said(heights: list[float]) -> tuple[str, ...]:
    return sentences_of(_column(heights), _UP, gantry_degrees=None, modality="CT")


def _without(count: int, step: float, missing: set[int]) -> list[float]:
    """Heights of slices 1 … count with some of them taken away."""
    return [step * number for number in range(1, count + 1) if number not in missing]


@pytest.mark.parametrize(
    ("heights", "said"),
    [
        ([0.0], ()),
        ([0.0, 5.0], ()),
        ([0.0, 5.0, 10.0, 15.0], ()),
        ([4.0, 4.0, 4.0], ()),  # a film of one slice
        ([0.0, 1.0, 2.0, 7.0], ("1 gap: after slice 3 (4 slices are missing).",)),
        ([0.0, 2.0, 3.0, 4.0], ("1 gap: after slice 1 (1 slice is missing).",)),
        # Slices 42 and 79 of 100 are gone: what was slice 78 is then the 77th.
        (_without(100, 0.7, {42, 79}), ("2 gaps: after slices 41 and 77 (2 slices are missing).",)),
        (
            _without(30, 2.5, {10, 11, 20}),
            ("2 gaps: after slices 9 and 17 (3 slices are missing).",),
        ),
        ([0.0, 3.0, 3.0, 6.0], ("1 slice appears twice (slices 2 and 3).",)),
        (
            [0.0, 0.0, 3.0, 6.0, 6.0, 9.0, 9.0],
            ("3 slices appear twice (slices 1 and 2, 4 and 5, 6 and 7).",),
        ),
        (
            [0.0, 3.0, 3.0, 3.0, 6.0, 6.0],
            (
                "1 slice appears twice (slices 5 and 6).",
                "1 slice appears 3 times (slices 2 to 4).",
            ),
        ),
        (
            [0.0, 3.0, 3.0, 6.0, 12.0, 15.0],
            (
                "1 slice appears twice (slices 2 and 3).",
                "1 gap: after slice 4 (1 slice is missing).",
            ),
        ),
        (
            # 5 mm through the base of the skull, then 10 mm: another distance and no gaps.
            [0.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 50.0, 60.0],
            (
                "The slices are not evenly spaced: 5.00–10.00 mm apart, usually 5.00 mm; the "
                "distance changes after slice 5.",
            ),
        ),
        (
            [0.0, 5.0, 10.2, 15.2],
            (
                "The slices are not evenly spaced: 5.00–5.20 mm apart, usually 5.00 mm; the "
                "distance changes after slices 2 and 3.",
            ),
        ),
        (
            [0.0, 1.0, 2.0, 3.3, 4.3, 5.3, 7.3, 8.3],
            (
                "1 gap: after slice 6 (1 slice is missing).",
                "The slices are not evenly spaced: 1.00–2.00 mm apart, usually 1.00 mm; the "
                "distance changes after slices 3 and 4.",
            ),
        ),
    ],
)
def test_what_is_uneven_is_said_with_its_place(heights: list[float], said: tuple[str, ...]) -> None:
    assert _said(heights) == said


def test_a_long_list_of_places_ends_in_how_many_more() -> None:
    (sentence,) = _said(_without(60, 1.0, set(range(4, 60, 5))))
    assert sentence == (
        "12 gaps: after slices 3, 7, 11, 15, 19, 23, 27, 31 and 4 more (12 slices are missing)."
    )


def _leaning(degrees: float, count: int = 12) -> np.ndarray:
    """Slices 4 mm apart along z that slide along y as under a tilted gantry."""
    slide = math.tan(math.radians(degrees))
    return np.array([[0.0, 4.0 * n * slide, 4.0 * n] for n in range(count)])


@pytest.mark.parametrize(
    ("degrees", "gantry", "modality", "said"),
    [
        (15.0, 15.0, "CT", ("by 15.0°: slices are sheared",)),
        (15.0, -15.0, "CT", ("by 15.0°: slices are sheared",)),
        (15.0, None, "CT", ("by 15.0°: slices are sheared",)),
        (15.0, 20.0, "CT", ("by 15.0°", "names a gantry tilt of 20.0° instead")),
        (0.0, 15.0, "CT", ("names a gantry tilt of 15.0°, but the positions show none",)),
        (0.0, 0.0, "CT", ()),
        (0.3, 0.0, "CT", ()),
        (15.0, None, "MR", ("The slices are sheared against each other by 15.0°.",)),
    ],
)
def test_tilt_comes_from_positions_and_is_compared_with_the_header(
    degrees: float, gantry: float | None, modality: str, said: tuple[str, ...]
) -> None:
    found = sentences_of(_leaning(degrees), _UP, gantry_degrees=gantry, modality=modality)
    assert len(found) == len(said)
    assert all(part in sentence for part, sentence in zip(said, found, strict=True))


def test_a_sideways_shift_and_a_drift_are_no_even_row() -> None:
    shifted = _column([5.0 * n for n in range(8)])
    shifted[4:, 0] += 3.0
    (said, _tilt) = sentences_of(shifted, _UP, gantry_degrees=None, modality="CT")
    assert said.startswith("The slices are not evenly spaced: 5.00 mm apart and up to ")
    # Each step is within 1 % of the first, and yet the middle lies 1 mm off the straight line.
    drifting = _column([*np.cumsum([0.0] + [1.0] * 250 + [1.008] * 250)])
    assert not is_even(drifting)
    (said,) = sentences_of(drifting, _UP, gantry_degrees=None, modality="CT")
    assert said == (
        "The slices are not evenly spaced: 1.00–1.01 mm apart and up to 1.00 mm off a straight row."
    )


def test_the_usual_step_is_the_median_of_those_that_move() -> None:
    assert usual_step(_column([0.0, 9.0, 10.0, 10.0, 11.0, 12.0]), _UP) == pytest.approx(1.0)
    assert usual_step(_column([4.0, 4.0]), _UP) is None


_STEPS = st.lists(st.sampled_from([0.0, 0.3, 1.0, 1.005, 1.2, 2.0, 3.0]), min_size=1, max_size=12)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(steps=_STEPS)
def test_whatever_is_uneven_is_said_and_whatever_is_even_is_not(steps: list[float]) -> None:
    places = _column([0.0, *np.cumsum(steps)])
    still = max(steps) == 0.0
    if still:
        assert _said([place[2] for place in places]) == ()
    elif len(steps) == 1:
        assert is_even(places)
    else:
        assert (_said([place[2] for place in places]) == ()) == is_even(places)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    missing=st.sets(st.integers(2, 39), min_size=1, max_size=3),
    step=st.floats(0.4, 8.0),
    jitter=st.integers(0, 2**32 - 1),
)
def test_missing_slices_are_counted_whatever_the_step_and_the_rounding(
    missing: set[int], step: float, jitter: int
) -> None:
    noise = np.random.default_rng(jitter).uniform(-0.0004, 0.0004, 40 - len(missing))
    heights = [*(np.array(_without(40, step, missing)) + noise)]
    (sentence,) = _said(heights)
    count = len(missing)
    lack = "1 slice is missing" if count == 1 else f"{count} slices are missing"
    assert sentence.endswith(f"({lack}).")
