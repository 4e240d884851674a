"""What the network saw, through the window: the chain, another frame, a layer of the tree."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QListWidget, QPushButton, QTreeView

from app.actions import models
from app.panes import Asked
from inference.records import Frame
from tests.flows.conftest import Flow
from widgets.network_dialog import NetworkDialog
from widgets.stage_picture import StagePicture

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", r"raise\(\)")  # said offscreen

CHAIN = ["source", "values", "input", "layer", "output", "map", "tree"]


def dialog_of(flow: Flow) -> NetworkDialog:
    found = flow.window.findChild(NetworkDialog)
    assert found is not None
    return found


def names(dialog: NetworkDialog) -> list[str]:
    entries = dialog.findChild(QListWidget)
    assert entries is not None
    rows = range(entries.count())
    return [str(entries.item(row).data(Qt.ItemDataRole.UserRole)) for row in rows]


def open_network(flow: Flow, key: str = "Shift+N") -> NetworkDialog:
    flow.press(key)
    dialog = dialog_of(flow)
    flow.wait(lambda: names(dialog) == CHAIN)
    return dialog


def picture(dialog: NetworkDialog) -> np.ndarray:
    shown = [one for one in dialog.page.findChildren(StagePicture) if one.isVisible()]
    plane = shown[0].plane
    assert plane is not None
    return plane.values


def words(dialog: NetworkDialog) -> str:
    return "\n".join(one.text() for one in dialog.findChildren(QLabel) if one.isVisible())


def point_at(dialog: NetworkDialog, row: int, column: int) -> None:
    """Move the mouse over a value of the picture in sight."""
    shown = next(one for one in dialog.page.findChildren(StagePicture) if one.isVisible())
    assert shown.plane is not None
    rows, columns = shown.plane.values.shape
    place = shown.place()
    across = place.left() + place.width() * (column + 0.5) / columns
    down = place.top() + place.height() * (row + 0.5) / rows
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(across, down),
        shown.mapToGlobal(QPointF(across, down)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(shown, event)


def button(dialog: NetworkDialog, name: str) -> QPushButton:
    found = dialog.findChildren(QPushButton)
    return next(one for one in found if one.accessibleName() == name)


def frame_of(flow: Flow) -> Frame:
    frame = flow.pane.frame
    assert frame is not None
    return frame


def test_the_chain_and_the_tree(flow: Flow, case: Path, sample_model: str) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    dialog = open_network(flow)
    walk_the_chain(flow, dialog)
    use_the_tree(flow, dialog)
    dialog.close()


def walk_the_chain(flow: Flow, dialog: NetworkDialog) -> None:
    """By keyboard, with values under the pointer, to the map, and on to another frame."""
    entries = dialog.findChild(QListWidget)
    assert entries is not None
    assert dialog.shown == "source"
    assert np.array_equal(picture(dialog), frame_of(flow).stored)
    QTest.keyClick(entries, Qt.Key.Key_Down)
    assert dialog.shown == "values"
    assert np.array_equal(picture(dialog), frame_of(flow).values())
    QTest.keyClick(entries, Qt.Key.Key_Down)
    assert picture(dialog).shape == (8, 8)
    point_at(dialog, 1, 2)
    value = f"{picture(dialog)[1, 2]:.4g}".replace("-", "−")
    assert f"row 1, column 2: {value} normalised" in words(dialog)
    QTest.keyClick(entries, Qt.Key.Key_Down)
    assert "activation" in words(dialog)
    QTest.keyClick(entries, Qt.Key.Key_Down)
    assert "softmax" in words(dialog)
    QTest.keyClick(entries, Qt.Key.Key_Down)
    assert "no map of this frame" in words(dialog)

    models.ask(flow.session, 0, Asked("grad_cam", 1))
    flow.window.palette_box.chosen.emit("explain")
    flow.wait(lambda: flow.explained)
    made = flow.pane.attribution
    assert made is not None
    assert made.cells is not None
    assert np.array_equal(picture(dialog), made.cells.values)
    assert "nodule" in words(dialog)

    entries.setCurrentRow(0)
    before = picture(dialog)
    flow.window.palette_box.chosen.emit("next")
    flow.wait(lambda: not np.array_equal(picture(dialog), before))
    assert np.array_equal(picture(dialog), frame_of(flow).stored)
    assert dialog.shown == "source", "the stage in sight stays"


def use_the_tree(flow: Flow, dialog: NetworkDialog) -> None:
    """Search it, ask about one of its layers, look at another."""
    models.ask(flow.session, 0, Asked("saliency", 1))
    dialog.show_stage("tree")
    tree = dialog.tree.findChild(QTreeView)
    assert tree is not None
    flow.wait(lambda: tree.model().rowCount() > 0)
    field = dialog.tree.findChild(QLineEdit)
    assert field is not None
    other, wanted = sorted(flow.pane.layers, key=lambda one: not one.default)[:2]

    field.setText("nothing is named so")
    assert "No part is named so." in words(dialog)
    field.setText("")
    assert dialog.tree.go_to(wanted.name)
    assert not button(dialog, "Ask at this layer").isEnabled()
    assert "Saliency looks at no layer" in words(dialog)

    models.ask(flow.session, 0, replace(flow.pane.asked, method="grad_cam"))
    assert dialog.tree.go_to(wanted.name)
    button(dialog, "Ask at this layer").click()
    assert flow.pane.asked.layer == wanted.name

    assert dialog.tree.go_to("")
    assert not button(dialog, "Show what it gives").isEnabled()
    assert "whole network" in words(dialog)
    assert dialog.tree.go_to(other.name)
    button(dialog, "Show what it gives").click()
    assert dialog.shown == "layer"
    flow.wait(lambda: f"What {other.name} " in words(dialog))
    assert flow.pane.asked.layer == wanted.name, "to look is not to ask"


def test_what_is_missing_is_said(flow: Flow) -> None:
    flow.window.show_review()
    flow.window.palette_box.chosen.emit("network")
    dialog = dialog_of(flow)
    assert names(dialog) == ["", "tree"]
    assert "Open one first." in words(dialog)
    flow.window.palette_box.chosen.emit("layers")
    assert dialog.shown == "tree"
    assert "Open one first." in words(dialog)
    dialog.close()
