"""Parts taken out of a scan in the real window: pointing, regions, the changed picture, restart."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QMenu

from app.actions import models
from app.experiments import Experiment
from app.jobs import Job
from app.marks import measure_mark
from app.places import personal_folder
from inference.predict import predict
from inference.records import Frame, Measure
from inference.requests import PredictRequest
from inference.task import Task
from tests.flows.conftest import Flow
from tests.flows.pointing import canvas_of, click, move, press, release
from tests.flows.viewing import run, settled

Start = Callable[[], AbstractContextManager[Flow]]
BOX = ((100.0, 140.0), (220.0, 260.0))
"""Two corners, (column, row), of a rectangle on the frame."""


def ready(flow: Flow, case: Path, sample_model: str) -> None:
    flow.begin()
    flow.open(case)
    models.choose_model(flow.session, flow.window.jobs, 0, sample_model)


def tried(flow: Flow) -> tuple[Experiment, ...]:
    source = flow.session.source_of(flow.session.active)
    assert source is not None
    return flow.session.marks.experiments.of_source(source.source_id)


def frame_of(flow: Flow) -> Frame:
    assert flow.pane.frame is not None
    return flow.pane.frame


def draw(flow: Flow, measure_id: str = "m") -> None:
    box = Measure(measure_id, frame_of(flow).key, "rectangle", BOX)
    flow.session.edit_marks(lambda marks: marks.apply(measure_mark(box)))


def scores(flow: Flow, frame: Frame) -> np.ndarray:
    """What the model says of a frame, asked without the window."""
    card = flow.session.card_of(0)
    assert card is not None
    return predict(PredictRequest((frame,), card, "cpu"), Task())[0].scores


def said(flow: Flow) -> list[str]:
    panel = flow.window.review.panel.experiments
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisibleTo(panel)]


def take_out(flow: Flow) -> Experiment:
    count = len(tried(flow))
    flow.press("Shift+T")
    flow.wait(lambda: len(tried(flow)) > count)
    return tried(flow)[0]


@pytest.mark.qt_log_ignore("does not support")  # said offscreen of every menu that opens
def test_a_region_is_taken_out_and_the_changed_picture_is_marked(
    flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model)
    draw(flow)
    flow.session.marks.experiments.fill = "mean"
    made = take_out(flow)
    frame, picture = frame_of(flow), flow.session.marks.experiments.picture(made.experiment_id)
    assert picture is not None
    inside = np.zeros(frame.shape, dtype=bool)
    inside[140:260, 100:220] = True
    assert np.array_equal(picture.stored[~inside], frame.stored[~inside])
    assert len(np.unique(picture.stored[inside])) == 1
    assert (made.first, made.row, made.column, made.mask.shape) == (
        *(frame.key[1], 140, 100),
        (1, 120, 120),
    )
    assert made.change.before == pytest.approx(scores(flow, frame), abs=1e-6)
    assert made.change.after == pytest.approx(scores(flow, picture), abs=1e-6)

    canvas = canvas_of(flow)
    assert not canvas.is_changed
    flow.press("Shift+P")
    assert canvas.is_changed
    assert canvas._frame is picture
    assert flow.pane.frame is frame, "what is kept, measured and predicted is the scan"
    caption = [one.text() for one in flow.window.review.viewports[0].findChildren(QLabel)]
    assert any("Taken out: Rectangle" in words for words in caption)
    flow.press("Shift+P")
    assert not canvas.is_changed
    assert canvas._frame is frame

    flow.wait(lambda: any(" → " in words for words in said(flow)))
    here = flow.pane.index
    run(flow, "first" if here else "last")
    assert flow.pane.index != here
    flow.window.review.panel.experiments.chosen.emit(made.experiment_id)
    flow.wait(lambda: settled(flow) and flow.pane.index == here)

    edge = canvas.image_to_widget(160.0, 140.0).toPoint()
    QTest.mouseClick(canvas, Qt.MouseButton.RightButton, pos=edge)
    menus = flow.window.findChildren(QMenu)
    menu = next(one for one in menus if any(act.text() == "Blur" for act in one.actions()))
    next(one for one in menu.actions() if one.text() == "Blur").trigger()
    menu.close()
    flow.wait(lambda: len(tried(flow)) == 2)
    assert tried(flow)[0].change.fill == "blur"

    run(flow, "plane")
    run(flow, "ask_crosshair")
    flow.hear("looks at single slices")


def test_a_place_is_asked_about_and_moving_asks_only_when_the_last_answer_is_back(
    flow: Flow, case: Path, sample_model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(flow, case, sample_model)
    flow.session.marks.experiments.width = 40
    flow.press("Shift+Q")
    click(flow, (200.5, 120.5))
    flow.wait(lambda: len(tried(flow)) == 1)
    made = tried(flow)[0]
    row, column = 120, 200
    assert made.change.box == (column - 20, row - 20, column + 20, row + 20)
    assert made.change.fill == "baseline"
    hidden = frame_of(flow).stored.copy()
    slope, intercept = frame_of(flow).slope, frame_of(flow).intercept
    hidden[100:140, 180:220] = round((0.0 - intercept) / slope)
    changed = Frame(**{**frame_of(flow).__dict__, "stored": hidden})
    assert made.change.after == pytest.approx(scores(flow, changed), abs=1e-6)

    flow.press("Alt+Right")
    flow.wait(lambda: len(tried(flow)) == 2)
    assert tried(flow)[0].change.box == (column, row - 20, column + 40, row + 20)

    flow.session.marks.experiments.width = None
    jobs, start = flow.window.jobs, flow.window.jobs.start
    begun: list[str] = []

    def count(slot: str, lane: str, name: str, *rest: Any, **more: Any) -> Job:
        if name == "occlude_at":
            assert not jobs.is_running(slot)
            begun.append(name)
        return start(slot, lane, name, *rest, **more)

    monkeypatch.setattr(jobs, "start", count)
    press(flow, (60.0, 60.0))
    for step in range(30):
        move(flow, (60.0 + 5 * step, 60.0 + 3 * step))
    release(flow, (300.0, 200.0))
    flow.wait(lambda: len(tried(flow)) > 2)
    assert len(tried(flow)) == 3
    assert 1 < len(begun) < 10
    assert tried(flow)[0].title == "Place x 300, y 200"


def test_experiments_outlive_the_window_and_are_deleted_for_good(
    start: Start, case: Path, sample_model: str
) -> None:
    with start() as flow:
        ready(flow, case, sample_model)
        draw(flow)
        flow.session.marks.experiments.fill = "blur"
        made = take_out(flow)
        picture = flow.session.marks.experiments.picture(made.experiment_id)
        flow.wait(lambda: flow.session.saved_at is not None and not flow.window.jobs.running)
    with start() as flow:
        ready(flow, case, sample_model)
        flow.wait(lambda: bool(tried(flow)))
        again = tried(flow)[0]
        assert (again.title, again.change.fill) == (made.title, "blur")
        assert again.change.after == pytest.approx(made.change.after)
        panel = flow.window.review.panel.experiments
        panel.unfold(True)
        panel.picture_toggled.emit(again.experiment_id)
        flow.wait(lambda: canvas_of(flow).is_changed)
        remade = flow.session.marks.experiments.picture(again.experiment_id)
        assert picture is not None
        assert remade is not None
        assert np.array_equal(remade.stored, picture.stored)
        panel.delete_requested.emit(again.experiment_id)
        assert not tried(flow)
        assert not canvas_of(flow).is_changed
        flow.wait(lambda: flow.session.saved_at is not None)
    place = f"file:{personal_folder() / 'project.sqlite'}?mode=ro"
    with contextlib.closing(sqlite3.connect(place, uri=True)) as database:
        assert not database.execute("SELECT name FROM mark WHERE name LIKE 'exp%'").fetchall()
