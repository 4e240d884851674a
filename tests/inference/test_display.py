"""Grey levels: values computed by hand from PS3.3 C.11.2, and the table against the plain way."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.display import (
    default_window,
    grey,
    grey_table,
    looked_up,
    stored_bits,
    table_view,
    windowed,
)
from inference.records import Frame, GreyTable, VoiFunction, Window

KEY = ("0" * 12, 0)


def _shares(values: list[float], window: Window) -> list[float]:
    found: list[float] = windowed(np.array(values), window).tolist()
    return found


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        # PS3.3 C.11.2.1.2.1, its own examples: c = 2048, w = 4096; c = 2048, w = 1; c = 0, w = 100.
        (Window(2048, 4096), {0: 0.0, 4095: 1.0, 2047.5: 0.5}),
        (Window(2048, 1), {2047: 0.0, 2048: 1.0}),
        (Window(0, 100), {-50: 0.0, 49: 1.0, -0.5: 0.5}),
        (Window(0, 1), {-1: 0.0, 0: 1.0}),
        # PS3.3 C.11.2.1.3.2
        (Window(2048, 4096, "LINEAR_EXACT"), {0: 0.0, 4096: 1.0, 2048: 0.5, 1024: 0.25}),
        (Window(0, 100, "LINEAR_EXACT"), {-50: 0.0, 50: 1.0, 25: 0.75}),
        # PS3.3 C.11.2.1.3.1: 1 / (1 + exp(-4 (x - c) / w))
        (Window(0, 4, "SIGMOID"), {0: 0.5, np.log(3): 0.75, -np.log(3): 0.25, 1e6: 1.0, -1e6: 0.0}),
        # Widths below 1 have no LINEAR; LINEAR_EXACT stands in.
        (Window(0.5, 0.5), {0.25: 0.0, 0.5: 0.5, 0.75: 1.0, 0.375: 0.25}),
    ],
    ids=str,
)
def test_window_functions_by_hand(window: Window, expected: dict[float, float]) -> None:
    assert _shares(list(expected), window) == pytest.approx(list(expected.values()))


def test_levels_are_rounded_and_inverted_after_the_window() -> None:
    stored = np.array([[0, 1, 2, 3, 4]], dtype=np.uint8)
    window = Window(2, 4, "LINEAR_EXACT")
    plain = Frame(KEY, stored)
    np.testing.assert_array_equal(grey(plain, window), [[0, 64, 128, 191, 255]])
    turned = Frame(KEY, stored, inverted=True)
    np.testing.assert_array_equal(grey(turned, window), [[255, 191, 128, 64, 0]])


def test_the_window_counts_in_rescaled_values() -> None:
    frame = Frame(KEY, np.array([[0, 10]], np.int16), slope=2.0, intercept=-20.0)
    np.testing.assert_array_equal(grey(frame, Window(-10, 20, "LINEAR_EXACT")), [[0, 255]])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16])
@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@settings(max_examples=8, deadline=None, derandomize=True)
@given(
    center=st.floats(-500, 500),
    width=st.floats(0.01, 3000),
    slope=st.floats(-4, 4),
    intercept=st.floats(-2000, 2000),
    inverted=st.booleans(),
)
def test_the_table_gives_what_the_plain_way_gives(
    *,
    dtype: type[np.number],
    function: VoiFunction,
    center: float,
    width: float,
    slope: float,
    intercept: float,
    inverted: bool,
) -> None:
    info = np.iinfo(dtype)  # type: ignore[type-var] # all four are integers
    stored = np.linspace(info.min, info.max, 600).astype(dtype).reshape(20, 30)
    window = Window(center, width, function)
    frame = Frame(KEY, stored, slope=slope, intercept=intercept, inverted=inverted)
    plain = Frame(KEY, stored.astype(np.int32), slope=slope, intercept=intercept, inverted=inverted)
    view = table_view(frame)
    assert view is not None
    table = grey_table(frame, window)
    assert table.shape == (256**stored.dtype.itemsize,)
    np.testing.assert_array_equal(cv2.LUT(view, table), grey(plain, window))
    np.testing.assert_array_equal(grey(frame, window), grey(plain, window))


@pytest.mark.parametrize(
    "stored",
    [np.zeros((2, 2), np.int32), np.zeros((2, 2), np.float32), np.zeros((2, 2, 3), np.uint8)],
)
def test_there_is_no_table_for_other_frames(stored: np.ndarray) -> None:
    frame = Frame(KEY, stored)
    assert table_view(frame) is None
    with pytest.raises(ValueError, match="no grey table"):
        grey_table(frame)


def test_colour_is_shown_as_it_is() -> None:
    stored = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    np.testing.assert_array_equal(grey(Frame(KEY, stored), Window(1, 2)), stored)


def test_the_files_first_window_is_the_default() -> None:
    windows = (Window(1, 2), Window(3, 4))
    frame = Frame(KEY, np.zeros((2, 2), np.int16), windows=windows)
    assert default_window(frame) == windows[0]


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.float32])
def test_without_a_window_from_minimum_to_maximum_without_padding(dtype: type) -> None:
    stored: np.ndarray = np.array([[-2000, 10, 20, 30]], dtype=dtype)
    frame = Frame(KEY, stored, slope=2.0, intercept=1.0, padding=(-2000, -2000))
    found = default_window(frame)
    assert (found.center, found.width) == (41.0, 40.0)
    np.testing.assert_array_equal(grey(frame), [[0, 0, 128, 255]])


def test_a_frame_of_padding_alone_or_of_one_value_has_a_window_too() -> None:
    for padding in (None, (7.0, 7.0)):
        frame = Frame(KEY, np.full((2, 2), 7, np.int16), padding=padding)
        assert default_window(frame).width > 0
        np.testing.assert_array_equal(grey(frame), np.zeros((2, 2)))


def test_what_is_no_number_is_black_and_out_of_the_range() -> None:
    frame = Frame(KEY, np.array([[np.nan, 0, 1, np.inf]], np.float32))
    np.testing.assert_array_equal(grey(frame), [[0, 0, 255, 255]])
    empty = Frame(KEY, np.full((1, 2), np.nan, np.float32))
    np.testing.assert_array_equal(grey(empty), [[0, 0]])


def test_a_signalling_nan_is_black_without_a_word() -> None:
    stored = np.array([[0x7FA00000, 0x3F800000, 0]], np.uint32).view(np.float32)
    np.testing.assert_array_equal(grey(Frame(KEY, stored)), [[0, 255, 0]])


def test_a_voi_table_clamps_at_both_ends() -> None:
    table = GreyTable(10.0, np.array([0, 257 * 100, 257 * 200], np.uint16))
    frame = Frame(KEY, np.array([[0, 10, 11, 12, 99]], np.int16), table=table)
    np.testing.assert_array_equal(grey(frame), [[0, 0, 100, 200, 200]])
    # A person's own window stands instead of the table.
    np.testing.assert_array_equal(
        grey(frame, Window(11, 2, "LINEAR_EXACT")), [[0, 0, 128, 255, 255]]
    )
    assert default_window(frame) == Window(11.5, 3)


@pytest.mark.parametrize(
    ("word", "dtype", "bits", "high", "value"),
    [
        (0xFABC, np.uint16, 12, 11, 0xABC),  # four bits above that do not count
        (0xFABC, np.uint16, 16, 15, 0xFABC),
        (0xABC5, np.uint16, 12, 15, 0xABC),  # four bits below that do not count
        (0x0800, np.int16, 12, 11, -2048),  # bit 11 is the sign
        (0xF7FF, np.int16, 12, 11, 2047),
        (0x1FF8, np.int16, 10, 12, -1),  # bits 3 to 12, all of them set
        (0xFF, np.uint8, 3, 4, 7),
    ],
)
def test_stored_bits_by_hand(
    word: int, dtype: type[np.integer], bits: int, high: int, value: int
) -> None:
    words = np.array([word], f"u{np.dtype(dtype).itemsize}").view(dtype)
    found = stored_bits(words, bits, high)
    assert (found.dtype, found.tolist()) == (np.dtype(dtype), [value])


@pytest.mark.parametrize(("bits", "high"), [(12, 16), (12, 10), (0, 5)])
def test_bits_that_the_words_do_not_have(bits: int, high: int) -> None:
    with pytest.raises(ValueError, match="in words of 16"):
        stored_bits(np.zeros(3, np.uint16), bits, high)


def test_a_modality_table_clamps_at_both_ends() -> None:
    # PS3.3 C.11.1.1.1: below the first value mapped its entry, above the last the last one.
    entries = np.array([7, 9, 20], np.uint16)
    found = looked_up(np.array([[-9, -1, 0, 1, 99]], np.int16), -1, entries)
    np.testing.assert_array_equal(found, [[7, 7, 9, 20, 20]])


def test_the_steps_of_a_voi_table_may_be_other_than_one() -> None:
    # Entries for 1.0, 1.5 and 2.0; values between two go to the nearest.
    table = GreyTable(1.0, np.array([0, 257 * 100, 257 * 200], np.uint16), step=0.5)
    frame = Frame(KEY, np.array([[0.9, 1.2, 1.3, 1.8, 9.0]], np.float32), table=table)
    np.testing.assert_array_equal(grey(frame), [[0, 0, 100, 200, 200]])
    assert default_window(frame) == Window(1.5, 1.0, "LINEAR_EXACT")


def test_a_chosen_table_goes_before_the_files_own() -> None:
    own, chosen = (GreyTable(0.0, np.array(pair, np.uint16)) for pair in ((0, 65535), (65535, 0)))
    frame = Frame(KEY, np.array([[0, 1]], np.int16), table=own)
    np.testing.assert_array_equal(grey(frame), [[0, 255]])
    np.testing.assert_array_equal(grey(frame, chosen), [[255, 0]])


@pytest.mark.parametrize("inverted", [False, True])
def test_what_is_no_number_is_black_under_a_table_too(inverted: bool) -> None:
    falling = GreyTable(0.0, np.array([65535, 0], np.uint16))
    stored = np.array([[np.nan, 0, 1]], np.float32)
    frame = Frame(KEY, stored, table=falling, inverted=inverted)
    np.testing.assert_array_equal(grey(frame), [[0, 0, 255]] if inverted else [[0, 255, 0]])
