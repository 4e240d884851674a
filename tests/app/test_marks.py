"""What a person left on scans, in memory: put, moved, taken back, and brought in from before."""

from __future__ import annotations

from dataclasses import replace

from app.acts import Mark
from app.marks import CALIBRATION, MarkBook, key_image_mark, measure_mark, source_of
from inference.records import Calibration, Measure

KEY, PLANE = ("0123456789ab", 4), ("0123456789ab/own_axial", 2)
LENGTH = Measure("one", KEY, "length", ((0.0, 0.0), (3.0, 4.0)))


def test_measures_of_a_frame_stand_in_the_order_they_were_made() -> None:
    book = MarkBook()
    second = replace(LENGTH, measure_id="two")
    elsewhere = replace(LENGTH, measure_id="three", key=PLANE)
    for measure in (LENGTH, second, elsewhere):
        book.apply(measure_mark(measure))
    moved = replace(LENGTH, points=((1.0, 1.0), (2.0, 2.0)))
    book.apply(measure_mark(moved))
    assert book.on(KEY) == (moved, second)
    assert book.on(PLANE) == (elsewhere,)
    book.apply(replace(measure_mark(moved), record=None))
    assert book.on(KEY) == (second,)
    assert book.find("one") is None


def test_what_was_made_in_the_meantime_stays() -> None:
    """The store answers late: the person has moved the measure and calibrated anew."""
    book = MarkBook()
    moved = replace(LENGTH, points=((1.0, 1.0), (2.0, 2.0)))
    now, before = Calibration((1.0, 1.0), "set by hand"), Calibration((2.0, 2.0), "set by hand")
    book.apply(measure_mark(moved))
    book.apply(Mark(KEY[0], CALIBRATION, now))
    book.add((measure_mark(LENGTH), Mark(KEY[0], CALIBRATION, before)))
    assert book.on(KEY) == (moved,)
    assert book.calibrations == {KEY[0]: now}


def test_what_was_kept_comes_in_and_what_is_unknown_does_not() -> None:
    book = MarkBook()
    book.add((measure_mark(LENGTH), key_image_mark(PLANE), Mark(KEY[0], "odd", "word")))
    assert book.on(KEY) == (LENGTH,)
    assert book.key_images == {PLANE}
    assert not book.calibrations


def test_a_calibration_is_taken_back() -> None:
    book = MarkBook()
    book.apply(Mark("a", CALIBRATION, Calibration((1.0, 1.0), "set by hand")))
    book.apply(Mark("a", CALIBRATION, None))
    book.apply(Mark("b", CALIBRATION, None))
    assert not book.calibrations


def test_a_calibration_holds_on_slices_and_their_slabs_and_on_no_plane_through_them() -> None:
    book = MarkBook()
    own = Calibration((1.0, 1.0), "set by hand")
    book.apply(Mark(KEY[0], CALIBRATION, own))
    assert book.calibration_on(KEY) is own
    assert book.calibration_on((f"{KEY[0]}/slices", 2)) is own
    assert book.calibration_on(PLANE) is None
    assert book.calibration_on(("another", 0)) is None


def test_marks_on_a_plane_belong_to_the_scan_that_was_cut() -> None:
    assert source_of(PLANE) == source_of(KEY) == KEY[0]
    kept = key_image_mark(PLANE)
    assert (kept.source_id, kept.record) == (KEY[0], PLANE)
    assert key_image_mark(KEY).name != kept.name


def test_a_measure_under_the_hand_counts_as_it_was_until_it_is_let_go() -> None:
    book = MarkBook()
    book.apply(measure_mark(LENGTH))
    for column in (5.0, 9.0):
        book.move(replace(LENGTH, points=((column, 1.0), (2.0, 2.0))))
    assert book.on(KEY)[0].points[0] == (9.0, 1.0)
    assert book.as_kept(LENGTH.measure_id) == LENGTH
