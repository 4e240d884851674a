"""Findings: which model, which answer, and each of the states."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from widgets.choosers import Chooser
from widgets.findings import Answer, Findings, ModelRow
from widgets.score_bars import ScoreBars, ScoreRow
from widgets.theme import DARK

FITS = ModelRow("nodule", "Nodule on CT")
DIFFERS = ModelRow("chest", "Pneumonia", ("Made for CR; this is CT.",))
ANSWER = Answer(
    (ScoreRow("normal", 0.07), ScoreRow("nodule", 0.93)), 1, "CPU · 0.12 s · 14:02", ("Lossy.",)
)


@pytest.fixture
def findings(qtbot: QtBot) -> Findings:
    made = Findings()
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.set_models((DIFFERS, FITS), "nodule")
    made.set_ready(True)
    return made


def words(findings: Findings) -> list[str]:
    labels = findings.findChildren(QLabel)
    return [label.text() for label in labels if label.isVisibleTo(findings) and label.text()]


def button(findings: Findings, text: str) -> QPushButton:
    return next(b for b in findings.findChildren(QPushButton) if b.accessibleName() == text)


def test_models_that_fit_stand_first(findings: Findings) -> None:
    chooser = findings.findChildren(Chooser)[0]
    texts = [chooser.itemText(row) for row in range(chooser.count())]
    assert texts == ["Fit this scan", "Nodule on CT", "Made for something else", "Pneumonia"]


def test_what_differs_is_said_before_the_model_runs(findings: Findings, qtbot: QtBot) -> None:
    assert "Made for CR; this is CT." not in words(findings)
    chooser = findings.findChildren(Chooser)[0]
    with qtbot.waitSignal(findings.model_chosen, timeout=500) as sent:
        QTest.keyClick(chooser, Qt.Key.Key_Down)
    assert sent.args == ["chest"]
    assert "Made for CR; this is CT." in words(findings)
    assert button(findings, "Predict anyway").isEnabled()


def test_choosing_by_program_sends_nothing(findings: Findings, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(findings.model_chosen):
        findings.set_models((FITS, DIFFERS), "chest")


def test_predict_is_offered_only_when_it_can_be_done(findings: Findings, qtbot: QtBot) -> None:
    with qtbot.waitSignal(findings.predict_requested, timeout=500):
        button(findings, "Predict").click()
    findings.set_ready(False, "Open a scan first.")
    assert not button(findings, "Predict").isEnabled()
    assert "Open a scan first." in words(findings)


def test_an_answer_shows_scores_line_and_warnings(findings: Findings) -> None:
    findings.set_answer(ANSWER)
    bars = findings.findChildren(ScoreBars)[0]
    assert bars.accessibleDescription() == "normal 0.07; nodule 0.93"
    assert "CPU · 0.12 s · 14:02" in words(findings)
    assert "Lossy." in words(findings)


def test_bars_are_as_long_as_their_scores(qtbot: QtBot) -> None:
    bars = ScoreBars()
    qtbot.addWidget(bars)
    bars.set_rows(ANSWER.rows, ANSWER.top)
    bars.resize(300, bars.sizeHint().height())
    image = bars.grab().toImage()
    accent = [x for x in range(300) if image.pixelColor(x, 38 + 29).name().upper() == DARK.accent]
    assert max(accent) == pytest.approx(0.93 * 300, abs=4)


def test_shares_are_written_in_per_cent(qtbot: QtBot) -> None:
    bars = ScoreBars()
    qtbot.addWidget(bars)
    bars.set_rows((ScoreRow("anterior", 0.1234, (1, 2, 3), "12 mm²"),), 0, shares=True)
    assert bars.accessibleDescription() == "anterior 12.3 %"


def test_while_working_the_old_answer_stays_and_is_called_old(
    findings: Findings, qtbot: QtBot
) -> None:
    findings.set_answer(ANSWER)
    findings.set_working("Nodule on CT reads 28 slices", 0.4)
    assert "Old answer · CPU · 0.12 s · 14:02" in words(findings)
    assert "Nodule on CT reads 28 slices" in words(findings)
    cancel = next(b for b in findings.findChildren(QToolButton) if b.accessibleName() == "Cancel")
    with qtbot.waitSignal(findings.cancel_requested, timeout=500):
        cancel.click()
    findings.set_working(None)
    assert "CPU · 0.12 s · 14:02" in words(findings)
    assert not cancel.isVisibleTo(findings)


def test_a_failure_says_what_and_offers_retry(findings: Findings, qtbot: QtBot) -> None:
    findings.set_failure("The engine ended.", "It has been started again.")
    assert "The engine ended. It has been started again." in words(findings)
    with qtbot.waitSignal(findings.retry_requested, timeout=500):
        button(findings, "Retry").click()
    findings.set_failure(None)
    assert not button(findings, "Retry").isVisibleTo(findings)
