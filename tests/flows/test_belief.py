"""How far to believe a map, through the window: presets, checks, regions to judge by, restart."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton

from app.actions import answers, models
from app.marks import measure_mark
from app.panes import Asked
from inference.records import Attribution, Measure
from tests.flows.conftest import Flow
from widgets.belief_dialog import BeliefDialog


def button(flow: Flow, name: str) -> QPushButton:
    panel = flow.window.review.panel.explaining
    found = (one for one in panel.findChildren(QPushButton) if one.accessibleName() == name)
    return next(found)


def made(flow: Flow) -> Attribution:
    found = flow.pane.attribution
    assert found is not None
    return found


def names(flow: Flow) -> set[str]:
    return {figure.name for figure in made(flow).figures}


def ready(flow: Flow, case: Path, sample_model: str) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)


def explain(flow: Flow, asked: Asked) -> None:
    models.ask(flow.session, 0, asked)
    flow.press("E")
    flow.wait(lambda: flow.explained and not flow.window.jobs.is_running("explain-0"))


def test_a_preset_is_one_click_and_says_its_cost_before(
    flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model)
    panel = flow.window.review.panel.explaining
    said = [label.text() for label in panel.findChildren(QLabel)]
    assert any("1 pass" in words and "·" in words for words in said)
    button(flow, "Quick look").click()
    flow.wait(lambda: flow.explained)
    assert made(flow).provenance.method == flow.pane.asked.method
    assert {"contrast"} <= names(flow), "the cheap checks run by themselves"


@pytest.mark.qt_log_ignore("propagateSizeHints")  # said of every shown dialog of a least size
def test_checks_join_the_figures_and_outlive_the_window(
    start: Callable[[], AbstractContextManager[Flow]], case: Path, sample_model: str
) -> None:
    with start() as flow:
        ready(flow, case, sample_model)
        explain(flow, Asked("input_x_gradient", 1))
        before = made(flow).map
        button(flow, "Check: Infidelity").click()
        flow.wait(lambda: "infidelity" in names(flow))
        answers.check(flow.session, flow.window.jobs, ("deletion",))
        flow.wait(lambda: "deletion" in names(flow))
        assert "infidelity" in names(flow), "what was measured before still holds"
        assert np.array_equal(made(flow).map, before)
        kept = [(one.name, one.value, one.sentence) for one in made(flow).figures]
        button(flow, "Show Deletion").click()
        dialog = flow.window.findChild(BeliefDialog)
        assert dialog is not None
        dialog.copy()
        assert "figure,deletion" in QGuiApplication.clipboard().text()
        dialog.close()
        flow.wait(lambda: flow.session.saved_at is not None and not flow.window.jobs.running)
        flow.wait(lambda: not flow.window.jobs.is_running("save"))
    with start() as flow:
        ready(flow, case, sample_model)
        flow.wait(lambda: flow.pane.attribution is not None)
        again = [(one.name, one.value, one.sentence) for one in made(flow).figures]
        assert again == kept


def test_a_drawn_region_judges_the_map(flow: Flow, case: Path, sample_model: str) -> None:
    ready(flow, case, sample_model)
    frame = flow.pane.frame
    assert frame is not None
    box = Measure("m", frame.key, "rectangle", ((0.0, 0.0), (256.0, 512.0)))
    flow.session.edit_marks(lambda marks: marks.apply(measure_mark(box)))
    panel = flow.window.review.panel.explaining
    panel.unfold(True)
    explain(flow, Asked("saliency", 1, truth="drawn m"))
    found = next(one for one in made(flow).figures if one.name == "inside_ratio")
    inside = float(made(flow).map[:, :256].sum() / made(flow).map.sum())
    assert dict(found.details)["mass"] == pytest.approx(inside, rel=1e-5)
    assert dict(found.details)["area"] == pytest.approx(0.5)

    flow.session.edit_marks(lambda marks: marks.apply(replace(measure_mark(box), record=None)))
    flow.window.palette_box.chosen.emit("explain")
    flow.hear("no longer there")


def test_against_and_baseline_reach_the_map(flow: Flow, case: Path, sample_model: str) -> None:
    ready(flow, case, sample_model)
    asked = Asked("integrated_gradients", 1, options=(("n_steps", 8),), against=0, baseline="mean")
    explain(flow, asked)
    assert made(flow).against == "normal"
    assert "mean" in (made(flow).baseline or "")
    said = [one.text() for one in flow.window.review.panel.findChildren(QLabel)]
    assert any("nodule rather than normal" in words for words in said)


def test_enough_keeps_what_is_known_so_far(flow: Flow, case: Path, sample_model: str) -> None:
    ready(flow, case, sample_model)
    models.ask(flow.session, 0, Asked("rise", 1, options=(("masks", 20_000),)))
    flow.press("E")
    flow.wait(lambda: flow.pane.attribution is not None)
    assert made(flow).coarse
    button(flow, "Enough").click()
    flow.wait(lambda: flow.explained)
    assert any("Stopped after" in warning for warning in made(flow).warnings)
