"""What a person left on scans, in memory: put, moved, taken back, and brought in from before."""

from __future__ import annotations

from dataclasses import replace

from app.marks import CALIBRATION, MarkBook, key_image_mark, measure_mark, source_of
from app.store import Mark
from inference.records import Calibration, Measure

KEY, PLANE = ("0123456789ab", 4), ("0123456789ab/own_axial", 2)
LENGTH = Measure("one", KEY, "length", ((0.0, 0.0), (3.0, 4.0)))


def test_measures_of_a_frame_stand_in_the_order_they_were_made() -> None:
    book = MarkBook()
    second = replace(LENGTH, measure_id="two")
    elsewhere = replace(LENGTH, measure_id="three", key=PLANE)
    for measure in (LENGTH, second, elsewhere):
        book.put(measure)
    moved = replace(LENGTH, points=((1.0, 1.0), (2.0, 2.0)))
    book.put(moved)
    assert book.on(KEY) == (moved, second)
    assert book.on(PLANE) == (elsewhere,)
    assert book.remove("one") == moved
    assert book.remove("one") is None
    assert book.on(KEY) == (second,)
    assert book.find("one") is None


def test_what_was_made_in_the_meantime_stays() -> None:
    """The store answers late: the person has moved the measure and calibrated anew."""
    book = MarkBook()
    moved = replace(LENGTH, points=((1.0, 1.0), (2.0, 2.0)))
    now, before = Calibration((1.0, 1.0), "set by hand"), Calibration((2.0, 2.0), "set by hand")
    book.put(moved)
    book.set_calibration(KEY[0], now)
    book.add((measure_mark(LENGTH), Mark(KEY[0], CALIBRATION, before)))
    assert book.on(KEY) == (moved,)
    assert book.calibrations == {KEY[0]: now}


def test_what_was_kept_comes_in_and_what_is_unknown_does_not() -> None:
    book = MarkBook()
    book.add((measure_mark(LENGTH), key_image_mark(PLANE, on=True), Mark(KEY[0], "odd", "word")))
    assert book.on(KEY) == (LENGTH,)
    assert book.key_images == {PLANE}
    assert not book.calibrations


def test_a_calibration_is_taken_back() -> None:
    book = MarkBook()
    book.set_calibration("a", Calibration((1.0, 1.0), "set by hand"))
    book.set_calibration("a", None)
    book.set_calibration("b", None)
    assert not book.calibrations


def test_a_calibration_holds_on_slices_and_their_slabs_and_on_no_plane_through_them() -> None:
    book = MarkBook()
    own = Calibration((1.0, 1.0), "set by hand")
    book.set_calibration(KEY[0], own)
    assert book.calibration_on(KEY) is own
    assert book.calibration_on((f"{KEY[0]}/slices", 2)) is own
    assert book.calibration_on(PLANE) is None
    assert book.calibration_on(("another", 0)) is None


def test_marks_on_a_plane_belong_to_the_scan_that_was_cut() -> None:
    assert source_of(PLANE) == source_of(KEY) == KEY[0]
    kept, gone = key_image_mark(PLANE, on=True), key_image_mark(PLANE, on=False)
    assert (kept.source_id, kept.record) == (KEY[0], PLANE)
    assert (gone.name, gone.record) == (kept.name, None)
    assert key_image_mark(KEY, on=True).name != kept.name
    assert measure_mark(LENGTH, kept=False).record is None
