"""Everything can be reached by the keyboard and has a name; nothing steals the focus."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QSlider,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.widgets.scans import a_frame, a_source, an_attribution
from widgets.belief_list import FigureRow, OpenCheck
from widgets.entry_card import EntryRow
from widgets.explain_panel import Belief, ExplainPanel, MethodRow
from widgets.findings import Answer, Findings, ModelRow
from widgets.job_list import JobList, JobRow
from widgets.key_row import ShortcutRow
from widgets.layout_chooser import LayoutChooser
from widgets.memory_dialog import MemoryDialog
from widgets.message_bar import Message, MessageBar
from widgets.option_form import OptionRow
from widgets.preset_buttons import PresetRow
from widgets.preset_editor import PresetEditor
from widgets.score_bars import ScoreRow
from widgets.scroll_column import ScrollColumn
from widgets.shortcuts_page import ShortcutsPage
from widgets.start_page import RecentRow, StartPage
from widgets.study_list import StudyList
from widgets.tag_browser import TagBrowser
from widgets.text_page import TextPage
from widgets.tool_bar import ToolBar
from widgets.top_bar import DeviceRow, TopBar
from widgets.viewport import Viewport

CONTROLS = (QAbstractButton, QComboBox, QSlider, QAbstractSpinBox, QLineEdit)


def fill_studies(widget: StudyList) -> None:
    widget.set_sources((a_source("1"), a_source("2")))
    widget.set_selected("2")
    widget.set_loading("Reading headers")


def fill_findings(widget: Findings) -> None:
    widget.set_models((ModelRow("a", "A", ("It differs.",)),), "a")
    widget.set_ready(True)
    widget.set_answer(Answer((ScoreRow("nodule", 0.9),), 0, "CPU"))
    widget.set_working("At work", 0.5)
    widget.set_failure("It failed.", "Try again.")


def fill_explain(widget: ExplainPanel) -> None:
    options = (OptionRow("steps", "int", 5, 1, 9), OptionRow("share", "float", 0.5, 0, 1))
    widget.set_methods((MethodRow("a", "A", "doubtful", "Slow.", "", True, options),), "a")
    widget.set_targets(("nodule",), 0)
    widget.set_layers(("layer",), "layer")
    widget.set_ready(True)
    widget.set_map_title("A map")
    widget.set_beliefs((Belief("good", "Complete"),))
    widget.set_presets((PresetRow("quick", "Quick look", "Coarse.", "1 pass"),))
    checks = (OpenCheck("road", "ROAD", "Fills in.", "About 52 passes."),)
    widget.beliefs.set_figures((FigureRow("a", "bad", "A", "It fails.", True),), checks)
    widget.unfold(True)
    widget.set_working("At work", 0.5)


def fill_jobs(widget: JobList) -> None:
    widget.set_jobs((JobRow("1", "Open", 0.2),))
    widget.saved.set_saved("saved 14:02")
    widget.set_message_count(2)


def fill_messages(widget: MessageBar) -> None:
    widget.set_messages((Message(1, "bad", "It stops.", "Go on."),))


def fill_start(widget: StartPage) -> None:
    widget.set_entries((EntryRow("a", "A", "Why.", "good", "works"),))
    widget.set_recent((RecentRow("/a", "A"),))


def fill_top(widget: TopBar) -> None:
    widget.set_devices((DeviceRow("cpu", "CPU"),), "cpu")
    widget.set_engine("CPU", "good")


def fill_tools(widget: ToolBar) -> None:
    widget.set_keys({"invert": "I"})
    widget.set_tool("length")
    widget.set_slab("mean", 12.0)


def fill_viewport(widget: Viewport) -> None:
    frame = a_frame()
    widget.canvas.set_frame(frame)
    widget.canvas.set_attribution(an_attribution(frame.values()))
    widget.set_frames(9, 3)
    widget.set_title("A model", "good", "Input fits")
    widget.set_caption("A sentence.")


PAIRS: tuple[tuple[type[QWidget], Callable[..., None]], ...] = (
    (StudyList, fill_studies),
    (Findings, fill_findings),
    (ExplainPanel, fill_explain),
    (JobList, fill_jobs),
    (MessageBar, fill_messages),
    (StartPage, fill_start),
    (TopBar, fill_top),
    (ToolBar, fill_tools),
    (Viewport, fill_viewport),
)


@pytest.fixture(params=PAIRS, ids=lambda pair: pair[0].__name__)
def pair(request: pytest.FixtureRequest) -> tuple[type[QWidget], Callable[..., None]]:
    found: tuple[type[QWidget], Callable[..., None]] = request.param
    return found


def test_every_control_has_a_name_and_a_tab_stop(
    qtbot: QtBot, pair: tuple[type[QWidget], Callable[..., None]]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    widget = pair[0](window)
    pair[1](widget)
    check_controls(widget)


def test_so_has_every_control_of_a_dialog(qtbot: QtBot) -> None:
    browser, editor = TagBrowser(), PresetEditor((), (), {})
    browser.set_files(("a", "b"))
    keys = ShortcutsPage((ShortcutRow("View", "O", "Overlay", "overlay", changed=True),))
    keys.ask("Swap?")
    layouts = LayoutChooser()
    layouts.set_saved(("Mine",))
    memory = MemoryDialog(0, 2_000, 6_000)
    dialogs: tuple[QWidget, ...] = (browser, editor, keys, TextPage(), layouts, memory)
    for dialog in dialogs:
        qtbot.addWidget(dialog)
    for dialog in (*dialogs, layouts.panel):
        check_controls(dialog)


def check_controls(widget: QWidget) -> None:
    """Each control that can be seen has a name and can be reached by the Tab key."""
    for control in widget.findChildren(QWidget):
        if not isinstance(control, CONTROLS) or not control.isVisibleTo(widget):
            continue
        if isinstance(control.parent(), QAbstractSpinBox | QComboBox):
            continue  # the field within a control speaks through it
        if control.objectName() == "qt_tableview_cornerbutton":
            continue  # where two headings of a table would meet; ours has one
        named = control.accessibleName() or getattr(control, "text", str)()
        assert named, control
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, named


# The offscreen platform says so of every shown window that has a smallest size.
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_filling_a_widget_takes_the_focus_from_nobody(
    qtbot: QtBot, pair: tuple[type[QWidget], Callable[..., None]]
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    field = QLineEdit()
    widget = pair[0](window)
    column.addWidget(field)
    column.addWidget(widget)
    window.show()
    qtbot.waitExposed(window)
    field.setFocus()
    pair[1](widget)
    qtbot.wait(1)
    assert window.focusWidget() is field


def test_a_column_scrolls_only_when_its_panels_do_not_fit(qtbot: QtBot) -> None:
    column = ScrollColumn()
    qtbot.addWidget(column)
    findings = Findings()
    fill_findings(findings)
    column.add(findings)
    column.resize(320, 600)
    column.grab()
    assert column.verticalScrollBar().maximum() == 0
    column.resize(320, 100)
    column.grab()
    assert column.verticalScrollBar().maximum() > 0
