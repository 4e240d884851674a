"""Figures of belief as a list, and one of them in full."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from inference.records import Curve, Figure
from widgets.belief_dialog import BeliefDialog, csv_of
from widgets.belief_list import BeliefList, FigureRow, OpenCheck
from widgets.signs import WORDS, State

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

DELETION = Figure(
    "deletion",
    "Deletion",
    0.25,
    "green",
    "The map finds places that this answer hangs on.",
    (("random_map", 0.5), ("way", 'a "grey", flat one')),
    (
        Curve("map", np.array([0.0, 1.0]), np.array([1.0, 0.125])),
        Curve("random map", np.array([0.0, 1.0]), np.array([1.0, 0.5])),
    ),
)
CHECKS = (
    OpenCheck("road", "ROAD", "Fills in.", "About 52 passes."),
    OpenCheck("infidelity", "Infidelity", "Foretells.", "About 48 passes.", "about 12 s"),
)


@pytest.fixture
def shown(qtbot: QtBot) -> BeliefList:
    made = BeliefList()
    qtbot.addWidget(made)
    return made


def button(widget: BeliefList, name: str) -> QPushButton:
    found = widget.findChildren(QPushButton)
    return next(one for one in found if one.accessibleName() == name and one.parent() is not None)


@pytest.mark.parametrize("state", ["good", "doubtful", "bad"])
def test_a_verdict_is_a_sign_with_a_word_and_not_only_a_colour(
    shown: BeliefList, state: State
) -> None:
    shown.set_figures((FigureRow("a", state, "Deletion", "It falls."),), ())
    assert WORDS[state] in [one.accessibleName() for one in shown.findChildren(QLabel)]


def test_one_check_or_all_that_are_left_are_asked_for(shown: BeliefList, qtbot: QtBot) -> None:
    shown.set_figures((), CHECKS, "about 100 passes")
    with qtbot.waitSignal(shown.check_requested, timeout=500) as one:
        button(shown, "Check: Infidelity").click()
    with qtbot.waitSignal(shown.check_requested, timeout=500) as every:
        button(shown, "Check").click()
    assert (one.args, every.args) == ([("infidelity",)], [("road", "infidelity")])
    assert "about 100 passes" in button(shown, "Check").toolTip()
    said = [one.text().replace("\N{NO-BREAK SPACE}", " ") for one in shown.findChildren(QLabel)]
    assert said.count("about 12 s") == 1
    shown.set_ready(False)
    assert not button(shown, "Check: ROAD").isEnabled()


def test_a_figure_opens(shown: BeliefList, qtbot: QtBot) -> None:
    shown.set_figures((FigureRow("deletion", "good", "Deletion", "It falls.", True),), ())
    with qtbot.waitSignal(shown.figure_opened, timeout=500) as opened:
        button(shown, "Show Deletion").click()
    assert opened.args == ["deletion"]


def test_without_a_map_it_takes_no_room(shown: BeliefList) -> None:
    shown.set_figures((), CHECKS)
    assert not shown.isHidden()
    shown.set_figures((), ())
    assert shown.isHidden()


def test_a_figure_as_lines_for_a_spreadsheet() -> None:
    assert csv_of(DELETION) == (
        "figure,deletion\nvalue,0.25\nrandom_map,0.5\n"
        'way,"a ""grey"", flat one"\n'
        "\nx,map\n0,1\n1,0.125\n\nx,random map\n0,1\n1,0.5\n"
    )


def test_the_dialog_shows_sentence_numbers_source_and_curves(qtbot: QtBot) -> None:
    dialog = BeliefDialog(DELETION, "good", "Petsiuk et al. 2018")
    qtbot.addWidget(dialog)
    said = [one.text() for one in dialog.findChildren(QLabel)]
    for words in (DELETION.sentence, "Random map", "0.25", "Petsiuk et al. 2018"):
        assert words in said
    from pyqtgraph import PlotWidget

    plot = dialog.findChild(PlotWidget)
    assert plot is not None
    drawn = plot.listDataItems()
    assert [one.name() for one in drawn] == ["map", "random map"]
    assert np.array_equal(drawn[0].yData, DELETION.curves[0].y)
    plot.close()
