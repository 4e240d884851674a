"""Ticking what is compared: what can be ticked, what is said of it, and names in little room."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from widgets import theme
from widgets.check_list import CheckList, CheckRow
from widgets.compare_buttons import CompareButtons
from widgets.compare_dialog import CompareDialog
from widgets.drawing_controls import DrawingControls
from widgets.labels import ShortLabel, fair_parts

ROWS = (
    CheckRow("a", "Saliency", "good"),
    CheckRow("b", "Lime", "bad", "It says nothing true of this model.", enabled=False),
    CheckRow("c", "RISE", "doubtful", "It takes long."),
)


@pytest.fixture
def tree(qtbot: QtBot) -> CheckList:
    made = CheckList("Methods")
    qtbot.addWidget(made)
    made.set_rows(ROWS, frozenset({"a", "b"}))
    return made


def test_what_cannot_be_used_cannot_be_ticked_and_says_why(tree: CheckList) -> None:
    assert tree.ticked_keys() == ("a",)
    shut = tree.topLevelItem(1)
    assert shut is not None
    assert not shut.flags() & Qt.ItemFlag.ItemIsEnabled
    assert shut.toolTip(0) == "Lime. It says nothing true of this model."
    spoken = shut.data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Lime, do not rely on it. It says nothing true of this model."


def test_keys_tick_and_setters_send_nothing(tree: CheckList, qtbot: QtBot) -> None:
    last = tree.topLevelItem(2)
    assert last is not None
    tree.setCurrentItem(last)
    with qtbot.waitSignal(tree.ticked):
        QTest.keyClick(tree, Qt.Key.Key_Space)
    assert tree.ticked_keys() == ("a", "c")
    with qtbot.assertNotEmitted(tree.ticked):
        tree.set_rows(ROWS, frozenset({"c"}))
    assert tree.ticked_keys() == ("c",)
    assert tree.currentItem() is last, "the same rows keep their place"


def test_the_dialog_takes_only_what_can_be_compared(qtbot: QtBot) -> None:
    dialog = CompareDialog()
    qtbot.addWidget(dialog)
    take = next(one for one in dialog.findChildren(QPushButton) if one.text() == "Compare")
    dialog.set_count("This makes 1 map.", possible=False)
    assert not take.isEnabled()
    assert take.toolTip() == dialog.count_words() == "This makes 1 map."
    dialog.set_count("This makes 2 maps.", possible=True, hint="Lime is left out.")
    assert take.isEnabled()
    dialog.methods.set_rows(ROWS, frozenset())
    with qtbot.waitSignal(dialog.changed):
        QTest.keyClick(dialog.methods, Qt.Key.Key_Space)
    dialog.set_layers(ROWS[:1], frozenset({"a"}))
    assert not dialog.layers.isHidden()
    dialog.set_layers((), frozenset())
    assert dialog.layers.isHidden()


def test_the_way_out_is_there_during_a_comparison_alone(qtbot: QtBot) -> None:
    buttons = CompareButtons()
    qtbot.addWidget(buttons)
    begin, end = buttons.findChildren(QPushButton)
    assert not begin.isEnabled()
    assert end.isHidden()
    buttons.set_keys({"compare": "Ctrl+Shift+D", "end_comparison": "Shift+Esc"})
    buttons.set_state(ready=True, on=True)
    assert begin.toolTip().endswith("(Ctrl+Shift+D)")
    with qtbot.waitSignal(buttons.begun):
        begin.click()
    with qtbot.waitSignal(buttons.ended):
        end.click()


def test_one_scale_is_offered_where_something_is_compared(qtbot: QtBot) -> None:
    controls = DrawingControls()
    qtbot.addWidget(controls)
    assert controls._shared.isHidden()
    with qtbot.assertNotEmitted(controls.shared_toggled):
        controls.set_shared(True)
    assert not controls._shared.isHidden()
    with qtbot.waitSignal(controls.shared_toggled, check_params_cb=lambda on: not on):
        controls._shared.click()


@given(
    parts=st.lists(st.text("mil W", min_size=1, max_size=30), min_size=1, max_size=4),
    width=st.integers(0, 600),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_part_of_a_name_is_lost_before_it_must(parts: list[str], width: int) -> None:
    metrics = QFontMetrics(theme.text_font(12))
    whole = " · ".join(parts)
    shown = fair_parts(whole, metrics, width)
    if metrics.horizontalAdvance(whole) <= width:
        assert shown == whole
    least = (len(parts) - 1) * metrics.horizontalAdvance(" · ") + len(
        parts
    ) * metrics.horizontalAdvance("W…")
    if width >= least:
        assert metrics.horizontalAdvance(shown) <= width
        assert shown.count(" · ") == whole.count(" · ")
        assert all(shown.split(" · ")), "each part is still seen"


def test_the_full_name_is_the_tooltip_also_of_a_name_that_fits(qtbot: QtBot) -> None:
    label = ShortLabel("Saliency")
    qtbot.addWidget(label)
    label.resize(300, 20)
    label.grab()
    assert label.toolTip() == ""
    label.set_full("Nodule in a CT · Saliency · nodule")
    label.grab()
    assert label.toolTip() == "Nodule in a CT · Saliency · nodule"
