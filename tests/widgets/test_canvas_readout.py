"""What is said about pixels, directions, lengths and numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.records import Window, affine_of
from tests.widgets.scans import a_frame, an_attribution
from widgets.canvas_readout import (
    NO_BREAK,
    bar_length_mm,
    edge_letters,
    length_words,
    orientation_letters,
    plus_number,
    reading,
    signed_number,
    window_words,
)

HALF = np.sqrt(0.5)


def plain(line: str) -> str:
    """The line with ordinary spaces."""
    return line.replace(NO_BREAK, " ")


def directions(right: tuple[float, float, float], down: tuple[float, float, float]) -> np.ndarray:
    matrix = np.eye(4)
    matrix[:3, 0], matrix[:3, 1] = right, down
    return matrix


@pytest.mark.parametrize(
    ("right", "down", "letters"),
    [
        ((1, 0, 0), (0, 1, 0), ("R", "L", "A", "P")),  # axial, seen from the feet
        ((1, 0, 0), (0, 0, -1), ("R", "L", "H", "F")),  # coronal
        ((0, 1, 0), (0, 0, -1), ("A", "P", "H", "F")),  # sagittal
        ((-1, 0, 0), (0, -1, 0), ("L", "R", "P", "A")),  # lying face down
        ((HALF, HALF, 0), (0, 0, -2), ("RA", "LP", "H", "F")),  # halfway
        ((0.9, 0.4, -0.2), (0, 0.3, -0.95), ("RA", "LP", "HA", "FP")),  # oblique
        ((0.99, 0.1, 0), (0, 1, 0), ("R", "L", "A", "P")),  # nearly straight counts as straight
    ],
)
def test_orientation_letters(
    right: tuple[float, float, float],
    down: tuple[float, float, float],
    letters: tuple[str, str, str, str],
) -> None:
    assert orientation_letters(affine_of(directions(right, down))) == letters


def test_without_geometry_there_are_no_letters() -> None:
    assert orientation_letters(None) is None
    assert orientation_letters(affine_of(directions((0, 0, 0), (0, 1, 0)))) is None


@pytest.mark.parametrize(
    ("turns", "mirrored", "letters"),
    [
        (0, False, ("R", "L", "A", "P")),
        (1, False, ("P", "A", "R", "L")),  # what was at the left is now on top
        (2, False, ("L", "R", "P", "A")),
        (3, False, ("A", "P", "L", "R")),
        (0, True, ("L", "R", "A", "P")),
        (1, True, ("P", "A", "L", "R")),
        (3, True, ("A", "P", "R", "L")),
    ],
)
def test_letters_follow_the_turn(
    turns: int, mirrored: bool, letters: tuple[str, str, str, str]
) -> None:
    assert edge_letters(a_frame(), turns, mirrored) == letters


@pytest.mark.parametrize(
    ("directions", "letters"),
    [
        (("L", "F"), ("R", "L", "H", "F")),  # a chest seen from the front
        (("P", "F"), ("A", "P", "H", "F")),
        (("AR", "FL"), ("PL", "AR", "HR", "FL")),
        (("CD", "V"), ("", "CD", "", "V")),  # of an animal: no letters for its other ends
    ],
)
def test_projections_have_letters_from_patient_orientation(
    directions: tuple[str, str], letters: tuple[str, str, str, str]
) -> None:
    frame = replace(a_frame(affine=None), directions=directions)
    assert edge_letters(frame) == letters
    assert edge_letters(replace(frame, directions=None)) is None


def test_reading_names_what_objects_have_there() -> None:
    line = plain(reading(a_frame(affine=None), 0, 0, None, ("Liver", "map +2.5 mm²/s")))
    assert line == "x 0, y 0 · 20 HU · Liver · map +2.5 mm²/s"


def test_reading_names_value_unit_place_and_attribution() -> None:
    stored = np.zeros((64, 64), np.int16)
    stored[3, 5] = 281
    values = np.zeros((64, 64))
    values[3, 5] = 0.0131
    frame = a_frame(stored, intercept=-1024.0)
    line = plain(reading(frame, 5, 3, an_attribution(values)))
    assert line == "x 5, y 3 · −743 HU · (−90.0, −44.0, 40.0) mm LPS · attribution +0.013"


def test_reading_of_padding_colour_fractions_and_outside() -> None:
    padded = a_frame(np.full((4, 4), -2000, np.int16), padding=(-2000, -2000))
    assert "not measured" in plain(reading(padded, 0, 0))
    colour = a_frame(np.full((4, 4, 3), 7, np.uint8), affine=None)
    assert plain(reading(colour, 1, 1)) == "x 1, y 1 · RGB 7 7 7"
    real = a_frame(np.full((4, 4), 1.25, np.float32), affine=None, unit=None)
    assert plain(reading(real, 0, 0)) == "x 0, y 0 · 1.25"
    assert reading(real, 4, 0) == ""
    assert reading(real, -1, 0) == ""


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_said_to_be_none(value: float) -> None:
    frame = a_frame(np.full((4, 4), value, np.float32), affine=None)
    assert plain(reading(frame, 1, 1)) == "x 1, y 1 · no number"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.00123, "0.0012"), (-0.0456, "−0.046"), (0.5, "0.50"), (12.345, "12.35"), (2e-12, "0.00")],
)
def test_small_values_are_read_with_two_figures(value: float, text: str) -> None:
    frame = a_frame(np.full((4, 4), value, np.float64), affine=None, unit="mm2/s")
    assert plain(reading(frame, 1, 1)).split(" · ")[1].startswith(text)


def test_a_map_of_another_shape_is_not_read() -> None:
    assert "attribution" not in reading(a_frame(), 0, 0, an_attribution(np.ones((8, 8))))


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-743.0, 0, "−743"), (1234.5, 1, "1,234.5"), (-0.04, 1, "0.0"), (0.0, 0, "0")],
)
def test_numbers_have_true_minus_signs_and_no_negative_zero(
    value: float, digits: int, text: str
) -> None:
    assert signed_number(value, digits) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0131, "+0.013"), (-2.0, "−2"), (0.0, "0"), (float("nan"), "no number")],
)
def test_attributions_are_written_with_their_sign(value: float, text: str) -> None:
    assert plus_number(value) == text


def test_window_words() -> None:
    assert window_words(Window(40.0, 400.0)) == "W 400 · C 40"
    assert window_words(Window(-0.5, 1.0)) == "W 1.00 · C −0.50"
    assert window_words(Window(0.0011, 0.0024)) == "W 0.0024 · C 0.0011"


@pytest.mark.parametrize(
    ("mm_per_px", "longest_px", "length"),
    [(0.7, 120.0, 50.0), (1.0, 100.0, 100.0), (0.01, 120.0, 1.0), (0.05, 30.0, 1.0)],
)
def test_the_scale_bar_is_the_longest_round_length_that_fits(
    mm_per_px: float, longest_px: float, length: float
) -> None:
    assert bar_length_mm(mm_per_px, longest_px) == pytest.approx(length)


def test_length_words() -> None:
    assert length_words(50.0) == "50 mm"
    assert length_words(0.5) == "0.5 mm"
