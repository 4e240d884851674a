"""The list of experiments: what is offered, what is said where nothing can be, rows that stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from widgets.experiment_list import ExperimentList, ExperimentRow
from widgets.score_bars import ScoreBars, ScoreRow
from widgets.scroll_column import ScrollColumn

ROW = ExperimentRow(
    "one",
    "Rectangle",
    "0.93 → 0.41",
    "nodule · blur",
    (ScoreRow("normal", 0.59), ScoreRow("nodule", 0.41, detail="was 0.93")),
    1,
)


@pytest.fixture
def column(qtbot: QtBot) -> ScrollColumn:
    made = ScrollColumn()
    qtbot.addWidget(made)
    made.resize(320, 700)
    made.show()
    return made


@pytest.fixture
def panel(column: ScrollColumn) -> ExperimentList:
    made = ExperimentList((("blur", "Blur"), ("mean", "Mean")))
    column.add(made)
    made.unfold(True)
    return made


def button(panel: ExperimentList, name: str) -> QAbstractButton:
    QApplication.processEvents()  # what was added is seen from then on
    found = panel.findChildren(QAbstractButton)
    return next(one for one in found if one.accessibleName() == name and one.isVisible())


def texts(panel: ExperimentList) -> str:
    QApplication.processEvents()
    return " ".join(one.text() for one in panel.findChildren(QLabel) if one.isVisible())


def test_it_says_what_is_missing_and_then_how_to_begin(panel: ExperimentList) -> None:
    panel.set_ready(False, "There is no model to ask.")
    assert "There is no model to ask." in texts(panel)
    assert not button(panel, "Ask here").isEnabled()
    panel.set_ready(True)
    assert "Point at a place, or draw a region" in texts(panel)
    assert button(panel, "Ask here").isEnabled()
    panel.set_experiments((ROW,))
    assert "Point at a place, or draw a region" not in texts(panel)


def test_a_region_is_taken_out_by_its_key(panel: ExperimentList) -> None:
    sent: list[str] = []
    panel.remove_requested.connect(sent.append)
    panel.set_ready(True)
    assert not button(panel, "Take out").isEnabled()
    panel.set_regions((("drawn a", "Ellipse"), ("drawn b", "Polygon")), "drawn b", "mean")
    button(panel, "Take out").click()
    panel.set_regions((("drawn a", "Ellipse"),), "drawn b", "mean")
    button(panel, "Take out").click()
    assert sent == ["drawn b", "drawn a"]


def test_rows_send_their_own_id_and_stay_while_they_are_the_same(panel: ExperimentList) -> None:
    chosen: list[str] = []
    for signal in (panel.chosen, panel.picture_toggled, panel.delete_requested):
        signal.connect(chosen.append)
    panel.set_experiments((ROW,))
    before = button(panel, "Go to it: Rectangle")
    panel.set_experiments((replace(ROW, experiment_id="two", title="Place"), ROW))
    assert button(panel, "Go to it: Rectangle") is before
    for name in ("Go to it: Place", "Show the changed picture: Rectangle"):
        button(panel, name).click()
    button(panel, "Delete this experiment: Place").click()
    assert chosen == ["two", "one", "two"]
    assert "Experiments · 2" in button(panel, "Experiments · 2").text()
    panel.set_experiments(())
    assert "Rectangle" not in texts(panel)


def test_the_selected_one_shows_all_its_scores(panel: ExperimentList) -> None:
    panel.set_experiments((ROW,))
    assert not [one for one in panel.findChildren(ScoreBars) if one.isVisible()]
    panel.set_experiments((replace(ROW, selected=True),))
    QApplication.processEvents()
    (bars,) = (one for one in panel.findChildren(ScoreBars) if one.isVisible())
    assert bars.accessibleDescription() == "normal 0.59; nodule 0.41"


def test_setting_values_sends_nothing(panel: ExperimentList) -> None:
    sent: list[object] = []
    panel.width_changed.connect(sent.append)
    panel.fill_chosen.connect(sent.append)
    panel.patch_fill_chosen.connect(sent.append)
    panel.set_patch(51, 512, "blur")
    panel.set_regions((("drawn a", "Ellipse"),), "", "mean")
    assert not sent
