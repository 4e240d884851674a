"""Start page, command palette, keys, about."""

from __future__ import annotations

import pytest
import shiboken6
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QListWidget, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from inference.sources.registry import OPENABLE
from widgets.about import AboutDialog
from widgets.command_palette import CommandPalette, CommandRow
from widgets.entry_card import EntryCard, EntryRow
from widgets.fuzzy import fit
from widgets.key_row import ShortcutRow
from widgets.shortcuts_page import ShortcutsPage
from widgets.start_page import CAUTION, RecentRow, StartPage

PAIR = EntryRow("phantom-pair", "Two models, one of them wrong", "Why.", "good", "works")
COMMANDS = (
    CommandRow("open", "Open files", "Ctrl+O"),
    CommandRow("folder", "Open a folder"),
    CommandRow("explain", "Explain", "E", enabled=False),
    CommandRow("overlay", "Show or hide the overlay", "O"),
)


def button(parent: QWidget, name: str) -> QPushButton:
    return next(b for b in parent.findChildren(QPushButton) if b.accessibleName() == name)


@pytest.fixture
def page(qtbot: QtBot) -> StartPage:
    made = StartPage()
    qtbot.addWidget(made)
    made.resize(900, 700)
    made.set_entries((PAIR,))
    made.set_recent((RecentRow("/data/a.dcm", "CT chest", "/data"),))
    return made


def test_the_ways_in(page: StartPage, qtbot: QtBot) -> None:
    for name, signal in (
        ("Open files", page.open_files_requested),
        ("Open a folder", page.open_folder_requested),
        ("Show the demo", page.demo_requested),
    ):
        with qtbot.waitSignal(signal, timeout=500):
            button(page, name).click()
    with qtbot.waitSignal(page.recent_chosen, timeout=500) as sent:
        button(page, "CT chest").click()
    assert sent.args == ["/data/a.dcm"]


def test_an_entry_is_chosen_by_mouse_and_by_key(page: StartPage, qtbot: QtBot) -> None:
    card = page.findChildren(EntryCard)[0]
    with qtbot.waitSignal(page.entry_chosen, timeout=500) as sent:
        QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert sent.args == ["phantom-pair"]
    with qtbot.waitSignal(page.entry_chosen, timeout=500):
        QTest.keyClick(card, Qt.Key.Key_Return)
    assert card.accessibleName() == "Two models, one of them wrong, works"


def test_the_caution_stands_on_the_page_and_in_about(page: StartPage, qtbot: QtBot) -> None:
    assert any(label.text() == CAUTION for label in page.findChildren(QLabel))
    about = AboutDialog("0.1.0", ("PySide6 6.11.3",))
    qtbot.addWidget(about)
    said = " ".join(label.text() for label in about.findChildren(QLabel))
    assert CAUTION in said
    assert "Version 0.1.0" in said


def test_the_page_names_every_format_that_opens(page: StartPage) -> None:
    formats = OPENABLE.removesuffix(".").replace(" files open", "")
    assert any(label.text() == formats for label in page.findChildren(QLabel))


def test_its_keys_are_those_that_hold_now(page: StartPage) -> None:
    page.set_keys({"open_files": "F3"})
    assert button(page, "Open files").toolTip() == "Open files  (F3)"
    assert button(page, "Open a folder").toolTip() == "Open a folder and all within"


def test_a_name_with_an_ampersand_is_shown_and_is_no_key(page: StartPage) -> None:
    page.set_recent((RecentRow("/data/R&D", "R&D", "/data"),))
    drawn = button(page, "R&D")
    assert drawn.text() == " R&&D"
    assert drawn.shortcut().isEmpty()


def test_files_held_over_the_page_are_invited(page: StartPage) -> None:
    page.set_drop_active(True)
    assert any(label.text() == "Let go to open." for label in page.findChildren(QLabel))
    page.set_drop_active(False)
    assert not any(label.text() == "Let go to open." for label in page.findChildren(QLabel))


@pytest.fixture
def palette(qtbot: QtBot) -> CommandPalette:
    window = QWidget()
    window.resize(900, 600)
    qtbot.addWidget(window)
    QLineEdit(window)  # where Qt itself would send the focus
    field = QLineEdit(window)
    field.setObjectName("before")
    made = CommandPalette(window)
    window.show()
    qtbot.waitExposed(window)
    field.setFocus()
    made.open_with(COMMANDS)
    return made


def listed(palette: CommandPalette) -> list[str]:
    rows = palette.findChildren(QListWidget)[0]
    return [rows.item(number).text() for number in range(rows.count())]


def field_of(palette: CommandPalette) -> QLineEdit:
    return palette.findChildren(QLineEdit)[0]


def test_the_palette_lists_what_can_be_done_now(palette: CommandPalette) -> None:
    assert listed(palette) == ["Open files", "Open a folder", "Show or hide the overlay"]


def test_letters_narrow_and_enter_takes(palette: CommandPalette, qtbot: QtBot) -> None:
    field = field_of(palette)
    QTest.keyClicks(field, "ove")
    assert listed(palette)[0] == "Show or hide the overlay"
    field.clear()
    QTest.keyClick(field, Qt.Key.Key_Down)
    with qtbot.waitSignal(palette.chosen, timeout=500) as sent:
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert sent.args == ["folder"]
    assert palette.isHidden()


def test_escape_gives_the_focus_back(palette: CommandPalette, qtbot: QtBot) -> None:
    before = palette.window().findChildren(QLineEdit, "before")[0]
    with qtbot.assertNotEmitted(palette.chosen):
        QTest.keyClick(field_of(palette), Qt.Key.Key_Escape)
    assert palette.isHidden()
    assert palette.window().focusWidget() is before


def test_asked_for_twice_it_still_gives_the_focus_back(palette: CommandPalette) -> None:
    palette.open_with(COMMANDS)
    QTest.keyClick(field_of(palette), Qt.Key.Key_Escape)
    assert palette.window().focusWidget().objectName() == "before"


def test_what_had_the_focus_may_be_gone(palette: CommandPalette, qtbot: QtBot) -> None:
    shiboken6.delete(palette.window().findChildren(QLineEdit, "before")[0])
    with qtbot.waitSignal(palette.chosen, timeout=500):
        QTest.keyClick(field_of(palette), Qt.Key.Key_Return)
    assert palette.isHidden()


def test_nothing_fits_and_nothing_is_taken(palette: CommandPalette, qtbot: QtBot) -> None:
    QTest.keyClicks(field_of(palette), "zzzz")
    with qtbot.assertNotEmitted(palette.chosen):
        QTest.keyClick(field_of(palette), Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("typed", "better", "worse"),
    [
        ("of", "Open files", "Show the overflow"),
        ("over", "Show the overlay", "Move the door"),
        ("fold", "Open a folder", "Find old"),
        ("ex", "Explain", "Reload the index"),
        ("op", "Open files", "Stop"),
    ],
)
def test_beginnings_and_runs_count_more(typed: str, better: str, worse: str) -> None:
    good, bad = fit(typed, better), fit(typed, worse)
    assert good is not None
    assert bad is None or good > bad


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text("abc d", max_size=12), st.sets(st.integers(0, 11)))
def test_letters_in_order_always_fit_and_others_never(text: str, places: set[int]) -> None:
    typed = "".join(text[place] for place in sorted(places) if place < len(text)).split()
    for word in typed:
        assert fit(word, text) is not None
    assert fit(text + "z", text) is None


def test_keys_are_found_by_typing(qtbot: QtBot) -> None:
    rows = (ShortcutRow("View", "O", "Overlay"), ShortcutRow("View", "Ctrl+K", "Find"))
    page = ShortcutsPage(rows)
    qtbot.addWidget(page)
    assert page.shown() == rows
    page.findChildren(QLineEdit)[0].setText("overl")
    assert page.shown() == rows[:1]
