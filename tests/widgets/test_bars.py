"""The bars of the window: jobs at its foot, messages, the top."""

from __future__ import annotations

from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from widgets.job_list import JobList, JobPopup, JobRow
from widgets.message_bar import Message, MessageBar, MessageHistory
from widgets.top_bar import DeviceRow, TopBar

OPENING = JobRow("1", "Open 400 files")
OCCLUSION = JobRow("2", "Occlusion", 0.43, "12 s left")
STOPS = Message(1, "bad", "scan7.dcm stops in the middle.", "The rest is open.")
SAVED = Message(2, "good", "The report is saved.")


def button(parent: QWidget, name: str) -> QPushButton | QToolButton:
    buttons: list[QPushButton | QToolButton] = [
        *parent.findChildren(QPushButton),
        *parent.findChildren(QToolButton),
    ]
    return next(one for one in buttons if one.accessibleName() == name)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    made.resize(1000, 400)
    return made


@pytest.fixture
def jobs(window: QWidget) -> JobList:
    made = JobList()
    column = window.layout()
    assert column is not None
    column.addWidget(made)
    made.resize(1000, 28)
    return made


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (OCCLUSION, "Occlusion 43 % · 12 s left"),
        (OPENING, "Open 400 files"),
        (JobRow("3", "Predict", 1.0), "Predict 100 %"),
    ],
)
def test_a_job_in_words(row: JobRow, words: str) -> None:
    assert row.words == words


def test_the_line_names_the_newest_job_and_cancels_it(jobs: JobList, qtbot: QtBot) -> None:
    jobs.set_jobs((OPENING, OCCLUSION))
    fold = jobs.findChildren(QPushButton)[0]
    assert fold.text() == " Occlusion 43 % · 12 s left · and 1 more"
    with qtbot.waitSignal(jobs.cancel_requested, timeout=500) as sent:
        button(jobs, "Cancel this job").click()
    assert sent.args == ["2"]


def test_the_list_opens_keeps_its_rows_and_goes_with_the_last_job(
    jobs: JobList, window: QWidget, qtbot: QtBot
) -> None:
    jobs.set_jobs((OPENING, OCCLUSION))
    jobs.findChildren(QPushButton)[0].click()
    popup = window.findChildren(JobPopup)[0]
    cancels = list(popup.findChildren(QToolButton))
    jobs.set_jobs((OPENING, JobRow("2", "Occlusion", 0.5)))
    assert list(popup.findChildren(QToolButton)) == cancels
    with qtbot.waitSignal(jobs.cancel_requested, timeout=500) as sent:
        cancels[0].click()
    assert sent.args == ["1"]
    jobs.set_jobs(())
    assert popup.isHidden()


def test_without_jobs_the_line_is_quiet(jobs: JobList) -> None:
    jobs.saved.set_saved("saved 14:02")
    shown = [b for b in jobs.findChildren(QPushButton) if b.isVisibleTo(jobs)]
    assert shown == []
    jobs.set_message_count(1)
    assert button(jobs, "1 message").isVisibleTo(jobs)


def test_the_bar_shows_the_newest_message_that_was_not_dismissed(
    window: QWidget, qtbot: QtBot
) -> None:
    bar = MessageBar(window)
    assert bar.isHidden()
    bar.set_messages((SAVED, STOPS))
    assert bar.shown() == STOPS
    with qtbot.waitSignal(bar.dismissed, timeout=500) as sent:
        button(bar, "Dismiss").click()
    assert sent.args == [1]
    bar.set_messages((SAVED, replace(STOPS, dismissed=True)))
    assert bar.shown() == SAVED
    bar.set_messages((replace(SAVED, dismissed=True), replace(STOPS, dismissed=True)))
    assert bar.isHidden()


def test_the_history_has_all_messages_newest_first(qtbot: QtBot) -> None:
    history = MessageHistory((SAVED, replace(STOPS, dismissed=True)))
    qtbot.addWidget(history)
    said = [label.text() for label in history.findChildren(QLabel) if len(label.text()) > 12]
    assert said == [
        "scan7.dcm stops in the middle. The rest is open.",
        "The report is saved.",
    ]


def test_the_top_sends_wishes(qtbot: QtBot) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    for name, signal in (
        ("Lepton", bar.home_requested),
        ("Open files", bar.open_requested),
        ("Search", bar.palette_requested),
        ("Wear the light theme", bar.theme_toggled),
    ):
        with qtbot.waitSignal(signal, timeout=500):
            button(bar, name).click()
    bar.set_layout_enabled(False)
    assert not bar.layouts.isEnabled()


def test_tooltips_name_the_keys_that_hold_now(qtbot: QtBot) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.set_keys({"open_files": "F3", "theme": "F4"})
    assert "F3" in button(bar, "Open files").toolTip()
    bar.set_theme_name("light")
    assert "F4" in button(bar, "Wear the dark theme").toolTip()


def test_another_menu_leaves_none_behind(qtbot: QtBot) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    first, second = QMenu(bar), QMenu(bar)
    bar.set_menu(first)
    bar.set_menu(second)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(first)
    assert button(bar, "Settings and help").menu() is second


def test_devices_are_chosen_from_a_menu(qtbot: QtBot) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.set_devices((DeviceRow("auto", "Automatic"), DeviceRow("cpu", "CPU")), "auto")
    actions = [a for a in bar.findChildren(QAction) if a.data() in {"auto", "cpu"}]
    assert [action.isChecked() for action in actions] == [True, False]
    with qtbot.waitSignal(bar.device_chosen, timeout=500) as sent:
        actions[1].trigger()
    assert sent.args == ["cpu"]


def test_the_engine_is_named_and_the_menu_taken(qtbot: QtBot) -> None:
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.set_engine("Starting", "doubtful")
    assert button(bar, "Engine: Starting").text() == " Starting"
    menu = QMenu(bar)
    bar.set_menu(menu)
    assert button(bar, "Settings and help").menu() is menu
    bar.set_theme_name("light")
    assert button(bar, "Wear the dark theme") is not None
