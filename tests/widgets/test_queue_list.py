"""The queue as a list, and the controls of what models propose."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QPushButton, QSlider
from pytestqt.qtbot import QtBot

from inference.records import FrameKey
from widgets.buttons import IconButton
from widgets.prelabel_controls import PrelabelControls, ProposalRow
from widgets.queue_list import QueueList
from widgets.queue_rows import QueueItem

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # said offscreen of what is shown


def shown(qtbot: QtBot, count: int) -> tuple[QueueList, list[int]]:
    """A list of so many rows, and the places that were asked for."""
    listing, asked = QueueList(), list[int]()
    qtbot.addWidget(listing)
    listing.resize(232, 600)
    listing.show()
    listing.set_count(1, count)
    fill(listing, count, asked, 0)
    return listing, asked


def fill(listing: QueueList, count: int, asked: list[int], current: int, first: int = 0) -> None:
    def item(place: int) -> QueueItem:
        asked.append(place)
        return QueueItem(f"scan {place}", "nodule 0.93", "", "0.93, sure", differs=place % 2 == 0)

    listing.set_rows(keys(count, first), item, current)


def keys(count: int, first: int = 0) -> tuple[FrameKey, ...]:
    return tuple((f"{number:012d}", -1) for number in range(first, first + count))


def view_of(listing: QueueList) -> QListView:
    found = listing.findChild(QListView)
    assert isinstance(found, QListView)
    return found


def test_only_rows_in_sight_are_made(qtbot: QtBot) -> None:
    listing, asked = shown(qtbot, 10_000)
    listing.grab()
    assert listing.rows.rowCount() == 10_000
    assert 0 < len(set(asked)) < 40


def test_rows_that_are_read_again_leave_the_list_where_it_stands(qtbot: QtBot) -> None:
    listing, asked = shown(qtbot, 500)
    view = view_of(listing)
    view.verticalScrollBar().setValue(5_000)
    fill(listing, 400, asked, 0, first=100)
    assert view.verticalScrollBar().value() == 5_000
    assert view.currentIndex().row() == 0
    fill(listing, 400, asked, 300, first=100)
    assert view.visualRect(view.currentIndex()).intersects(view.viewport().rect())


def test_a_click_and_keys_choose(qtbot: QtBot) -> None:
    listing, _ = shown(qtbot, 5)
    view, chosen = view_of(listing), list[FrameKey]()
    listing.chosen.connect(chosen.append)
    place = view.visualRect(view.model().index(2, 0)).center()
    QTest.mouseClick(
        view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place
    )
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert [key[0][-1] for key in chosen] == ["2", "3", "3"]


def test_setting_rows_and_wishes_chooses_nothing(qtbot: QtBot) -> None:
    listing, asked = shown(qtbot, 5)
    heard = list[object]()
    for signal in (listing.chosen, listing.text_changed, listing.slices_toggled):
        signal.connect(heard.append)
    listing.set_wish("chest", "name", "show:all", slices=True)
    fill(listing, 3, asked, 2)
    assert heard == []


def test_what_it_says_without_rows(qtbot: QtBot) -> None:
    listing, asked = shown(qtbot, 3)
    assert view_of(listing).isVisible()
    fill(listing, 0, asked, 0)
    assert not view_of(listing).isVisible()


def controls(qtbot: QtBot) -> PrelabelControls:
    made = PrelabelControls()
    qtbot.addWidget(made)
    made.resize(320, 400)
    made.show()
    rows = (
        ProposalRow("nodule", 0.93, (255, 0, 0), region=False, new=False),
        ProposalRow("organ", 0.7, (0, 255, 0), region=True, new=True),
    )
    made.set_proposals(rows, "")
    return made


def test_each_proposal_can_be_taken_or_refused(qtbot: QtBot) -> None:
    made, heard = controls(qtbot), list[tuple[str, int]]()
    made.accepted.connect(lambda place: heard.append(("accept", place)))
    made.refused.connect(lambda place: heard.append(("refuse", place)))
    made.edited.connect(lambda place: heard.append(("edit", place)))
    named = {button.accessibleName(): button for button in made.findChildren(IconButton)}
    assert "Accept and go on with the brush: nodule" not in named
    for name in ("Accept: nodule", "Refuse: organ", "Accept and go on with the brush: organ"):
        named[name].click()
    assert heard == [("accept", 0), ("refuse", 1), ("edit", 1)]


def test_the_threshold_is_sent_by_the_hand_alone(qtbot: QtBot) -> None:
    made, heard = controls(qtbot), list[float]()
    made.threshold_changed.connect(heard.append)
    made.set_threshold(0.25)
    assert heard == []
    slider = made.findChild(QSlider)
    assert isinstance(slider, QSlider)
    assert slider.value() == 25
    slider.setValue(60)
    assert heard == [0.6]


def test_all_at_once(qtbot: QtBot) -> None:
    made, heard = controls(qtbot), list[str]()
    made.all_accepted.connect(heard.append)
    made.set_counts(2, scan=True, queue=1234, regions=False)
    words = [button.text() for button in made.findChildren(QPushButton)]
    assert words == ["Slice · 2", "Scan", "List · 1,234"]
    for button in made.findChildren(QPushButton):
        button.click()
    assert heard == ["frame", "scan", "queue"]
    made.set_counts(0, scan=False, queue=0, regions=True)
    assert [button.isVisible() for button in made.findChildren(QPushButton)] == [True, False, False]
