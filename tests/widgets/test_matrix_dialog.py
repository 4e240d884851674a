"""Tables of pairs: what they say, what is copied, and which pair is gone on from."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from widgets.matrix_dialog import NAME_PX, Cell, Compared, MatrixDialog, Table, tsv_of

SAME = Cell("100 %", "good")
FAR, NEAR = Cell("7 %", "bad"), Cell("55 %", "good")
LONG = "A model with a very long name · Layer Integrated Gradients · nodule · features.28"
COMPARED = Compared(
    ("Saliency", "Occlusion", LONG),
    ("Sample · Saliency", "Sample · Occlusion", f"Sample · {LONG}"),
    "doubtful",
    "Not enough agreement.",
    (
        Table("Overlap", "Of tops.", ((SAME, FAR, NEAR), (FAR, SAME, FAR), (NEAR, FAR, SAME))),
        Table("Ranks", "Spearman's ρ.", ((Cell("1.00"), Cell("−0.20"), Cell("0.41")),) * 3),
    ),
)

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def dialog(qtbot: QtBot) -> MatrixDialog:
    found = MatrixDialog(COMPARED)
    qtbot.addWidget(found)
    found.show()
    return found


def test_cells_say_figure_and_verdict_and_long_names_are_cut(dialog: MatrixDialog) -> None:
    model = dialog.views[0].model()
    far, itself = model.index(0, 1), model.index(1, 1)
    assert model.data(far) == "7 %"
    assert model.data(itself) == "–"
    said = model.data(far, Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Sample · Saliency and Sample · Occlusion: 7 %, do not rely on it"
    assert model.data(far, Qt.ItemDataRole.DecorationRole) is not None
    assert model.data(itself, Qt.ItemDataRole.DecorationRole) is None
    ranks = dialog.views[1].model()
    assert ranks.data(ranks.index(0, 1), Qt.ItemDataRole.DecorationRole) is None
    down = Qt.Orientation.Vertical
    assert model.headerData(2, down, Qt.ItemDataRole.ToolTipRole) == f"Sample · {LONG}"
    assert dialog.views[0].verticalHeader().width() == NAME_PX


def test_what_is_copied_are_the_tables_in_full(dialog: MatrixDialog) -> None:
    QTest.keySequence(dialog.views[0], "Ctrl+C")
    copied = QGuiApplication.clipboard().text()
    assert copied == tsv_of(COMPARED)
    lines = copied.split("\n")
    assert lines[0] == f"Overlap\tSample · Saliency\tSample · Occlusion\tSample · {LONG}"
    assert lines[1] == "Sample · Saliency\t100 %\t7 %\t55 %"
    assert lines[4] == ""
    assert lines[5].startswith("Ranks\t")


def test_a_pair_is_gone_on_from_by_key_or_button(dialog: MatrixDialog, qtbot: QtBot) -> None:
    button = next(one for one in dialog.findChildren(QPushButton) if "difference" in one.text())
    view = dialog.views[1]
    view.setFocus()
    view.setCurrentIndex(view.model().index(2, 2))
    assert not button.isEnabled(), "a map and itself are no pair"
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert button.isEnabled()
    with qtbot.waitSignal(dialog.difference_requested) as heard:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert heard.args == [1, 2]
    assert not dialog.isVisible()
