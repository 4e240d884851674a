"""The table of cases: sorting, filters, rows that come meanwhile, ten thousand of them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from inference.records import Verdict
from widgets.batch_dialog import BatchDialog, JudgeDialog
from widgets.batch_table import CaseTable
from widgets.case_row import CaseRow
from widgets.case_rows import COLUMNS, CaseRows

# The offscreen platform says so of each dialog that has a least size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

PLACES = {column.title: place for place, column in enumerate(COLUMNS)}
DOWN = Qt.SortOrder.DescendingOrder
UP = Qt.SortOrder.AscendingOrder


def case(number: int, ratio: float | None = None, reason: Verdict | None = None) -> CaseRow:
    return CaseRow(
        f"case {number}",
        f"{number:012x}",
        number,
        answer="nodule",
        target="nodule",
        label="nodule",
        ratio=ratio,
        reason=reason,
    )


ratios = st.lists(st.none() | st.floats(0, 9), max_size=12)


@given(ratios, ratios, st.sampled_from([UP, DOWN]))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_rows_that_come_meanwhile_stand_where_sorting_would_put_them(
    before: list[float | None], after: list[float | None], order: Qt.SortOrder
) -> None:
    rows = CaseRows()
    rows.set_rows([case(number, ratio) for number, ratio in enumerate(before)])
    rows.sort(PLACES["Inside"], order)
    rows.add_rows([case(number, ratio) for number, ratio in enumerate(after, len(before))])
    known = [row.ratio for row in rows.shown if row.ratio is not None]
    assert known == sorted(known, reverse=order == DOWN)
    unknown = [row.ratio is None for row in rows.shown]
    assert unknown == sorted(unknown), "what is not known stands last either way"
    assert len(rows.shown) == len(before) + len(after)


def test_a_selected_row_stays_selected() -> None:
    rows = CaseRows()
    rows.set_rows([case(0, 1.0), case(1, 3.0), case(2, 2.0)])
    kept = QPersistentModelIndex(rows.index(1, 0))
    rows.sort(PLACES["Inside"], DOWN)
    assert kept.row() == 0
    rows.add_rows([case(3, 9.0)])
    assert kept.row() == 1
    assert rows.row(kept).title == "case 1"


def test_filters() -> None:
    rows = CaseRows()
    rows.set_rows([case(0, 0.1, "red"), case(1, 5.0, "green"), case(2)])
    rows.set_filter("", wrong_only=True)
    assert [row.title for row in rows.shown] == ["case 0"]
    rows.add_rows([case(3, 0.2, "red"), case(4)])
    assert [row.title for row in rows.shown] == ["case 0", "case 3"]
    rows.set_filter("NODULE 4", wrong_only=False)
    assert [row.title for row in rows.shown] == ["case 4"]
    rows.set_filter("", wrong_only=False)
    assert len(rows.everything) == rows.rowCount() == 5


def test_ten_thousand_rows_are_fluid(qtbot: QtBot) -> None:
    """No act takes longer than a person sees as a pause, on a machine that does other things."""
    table = CaseTable()
    qtbot.addWidget(table)
    table.show()
    many = [case(number, (number * 7919) % 1000 / 100, "red") for number in range(10_000)]
    began = time.process_time()
    table.set_rows("Many", many)
    model = table._list.model()
    assert isinstance(model, CaseRows)
    for column in range(len(COLUMNS)):
        model.sort(column, DOWN)
    model.set_filter("case 99", wrong_only=True)
    table.grab()
    assert time.process_time() - began < 3.0
    model.set_filter("", wrong_only=False)
    began = time.process_time()
    table.add_rows([replace(many[0], title="one more")])
    assert time.process_time() - began < 0.1


def test_a_click_opens_and_the_empty_table_offers_to_begin(qtbot: QtBot) -> None:
    table = CaseTable()
    qtbot.addWidget(table)
    table.show()
    with qtbot.waitSignal(table.explain_requested):
        table._begin.click()
    table.set_work((0, 3))
    assert not table._begin.isVisible()
    table.set_rows("A model", [case(0), case(1)])
    with qtbot.waitSignal(table.row_opened) as opened:
        place = table._list.visualRect(table._list.model().index(1, 0)).center()
        QTest.mouseClick(table._list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(place))
    assert opened.args == [case(1)]
    with qtbot.waitSignal(table.row_opened) as opened:
        QTest.keyClick(table._list, Qt.Key.Key_Return)
    assert opened.args == [case(1)]
    with qtbot.waitSignal(table.cancel_requested):
        table._cancel.click()


def test_the_question_asks_for_its_cost(qtbot: QtBot) -> None:
    dialog = BatchDialog("A model")
    qtbot.addWidget(dialog)
    with qtbot.waitSignal(dialog.changed) as asked:
        dialog.set_choices(
            [("selected", "Selected (0)", False), ("series", "This series (3)", True)],
            [("asked", "As chosen", ""), ("quick", "Quick look", "")],
            ["normal", "nodule"],
        )
    assert asked.args[0].which == "series", "what has no case is not chosen"
    dialog.set_cost("Nothing to do.", ready=False)
    assert not dialog._start.isEnabled()
    dialog.set_cost("3 maps", ready=True)
    with qtbot.waitSignal(dialog.started) as started:
        dialog._start.click()
    assert started.args == [dialog.choice()]


def test_a_set_needs_a_method(qtbot: QtBot) -> None:
    dialog = JudgeDialog("a set", "A model")
    qtbot.addWidget(dialog)
    dialog.set_methods([("saliency", "Saliency"), ("grad_cam", "Grad-CAM")], "grad_cam")
    assert dialog.ticked() == ("grad_cam",)
    ticked = dialog._methods.topLevelItem(1)
    assert ticked is not None
    ticked.setCheckState(0, Qt.CheckState.Unchecked)
    assert not dialog._start.isEnabled()
