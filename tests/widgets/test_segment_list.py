"""The list of segments: ticks, names, what is asked for, and what is said of a scan beside it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem
from pytestqt.qtbot import QtBot

from inference.records import Segment
from widgets.labels import Notice
from widgets.scan_notes import ScanNotes
from widgets.segment_list import MOST_ROWS, SegmentGroup, SegmentList

# The offscreen platform says this of every window with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

SEGMENTS = (Segment(1, "Liver", (255, 0, 0)), Segment(7, "", (0, 255, 0), "manual"))
NONE: frozenset[int] = frozenset()


def a_group(hidden: frozenset[int] = NONE, *notes: str) -> SegmentGroup:
    return SegmentGroup("abc", "Organs", SEGMENTS, hidden, notes)


@pytest.fixture
def listed(qtbot: QtBot) -> SegmentList:
    made = SegmentList()
    qtbot.addWidget(made)
    made.show()
    made.set_groups((a_group(),))
    return made


def tree_of(listed: SegmentList) -> QTreeWidget:
    tree = listed.findChild(QTreeWidget)
    assert tree is not None
    return tree


def head_of(listed: SegmentList) -> QTreeWidgetItem:
    head = tree_of(listed).topLevelItem(0)
    assert head is not None
    return head


def child_of(listed: SegmentList, place: int) -> QTreeWidgetItem:
    child = head_of(listed).child(place)
    assert child is not None
    return child


def ticks(listed: SegmentList) -> list[int]:
    items = (head_of(listed), child_of(listed, 0), child_of(listed, 1))
    return [item.checkState(0).value for item in items]


def test_a_segment_without_a_name_goes_by_its_number(listed: SegmentList) -> None:
    assert [child_of(listed, place).text(0) for place in (0, 1)] == ["Liver", "Segment 7"]
    assert "manual" in child_of(listed, 1).toolTip(0)


@pytest.mark.parametrize(
    ("hidden", "states"), [({0}, [1, 0, 2]), ({0, 1}, [0, 0, 0]), (set(), [2, 2, 2])]
)
def test_ticks_say_what_is_drawn(listed: SegmentList, hidden: set[int], states: list[int]) -> None:
    said: list[object] = []
    listed.hidden_changed.connect(lambda *wish: said.append(wish))
    listed.set_groups((a_group(frozenset(hidden)),))
    assert ticks(listed) == states
    assert not said, "setters send nothing"


def test_a_tick_asks_and_the_session_answers(listed: SegmentList) -> None:
    said: list[tuple[str, frozenset[int]]] = []

    def answer(object_id: str, hidden: frozenset[int]) -> None:
        said.append((object_id, hidden))
        listed.set_groups((a_group(hidden),))

    listed.hidden_changed.connect(answer)
    child_of(listed, 1).setCheckState(0, Qt.CheckState.Unchecked)
    head_of(listed).setCheckState(0, Qt.CheckState.Checked)
    head_of(listed).setCheckState(0, Qt.CheckState.Unchecked)
    child_of(listed, 0).setCheckState(0, Qt.CheckState.Checked)
    assert said == [("abc", frozenset(found)) for found in ({1}, set(), {0, 1}, {1})]


def test_space_ticks_and_enter_goes_there(listed: SegmentList, qtbot: QtBot) -> None:
    tree = tree_of(listed)
    tree.setCurrentItem(child_of(listed, 1))
    with qtbot.waitSignal(listed.hidden_changed) as hidden:
        QTest.keyClick(tree, Qt.Key.Key_Space)
    assert hidden.args == ["abc", frozenset({1})]
    with qtbot.waitSignal(listed.segment_chosen) as chosen:
        tree.itemActivated.emit(child_of(listed, 1), 0)
    assert chosen.args == ["abc", 1]
    with qtbot.assertNotEmitted(listed.segment_chosen):
        tree.itemActivated.emit(head_of(listed), 0)


def test_a_hundred_segments_take_no_more_room_than_nine(listed: SegmentList) -> None:
    many = tuple(Segment(number, f"Structure {number}", (9, 9, 9)) for number in range(104))
    listed.set_groups((SegmentGroup("abc", "All", many, NONE),))
    assert head_of(listed).childCount() == 104
    assert tree_of(listed).height() < (MOST_ROWS + 1) * 28


def test_what_could_not_be_drawn_is_said_once(listed: SegmentList) -> None:
    note = "Without contours: Lung."
    listed.set_groups((a_group(NONE, note), a_group(NONE, note)))
    assert len(listed.findChildren(Notice)) == 1
    listed.set_groups(())
    assert listed.isHidden()


def test_notes_of_a_scan(qtbot: QtBot) -> None:
    notes = ScanNotes()
    qtbot.addWidget(notes)
    assert notes.isHidden()
    notes.set_notes(("The 3 slices are ordered by position.",), ("1 gap: after slice 2.",))
    assert notes.text().splitlines() == [
        "The 3 slices are ordered by position.",
        "1 gap: after slice 2.",
    ]
    assert len(notes.findChildren(Notice)) == 1
    notes.set_notes((), ())
    assert notes.isHidden()
