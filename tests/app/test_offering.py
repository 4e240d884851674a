"""Whoever asks for a map does not wait until all methods were tried on the model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.actions.offering import ahead_of_trials, load_methods
from app.jobs import Jobs
from app.session import Session
from app.thread_lane import ThreadLane
from inference.task import Task
from tests.sample_models import CARD


class Trials:
    """The engine's table: trials that last until they are cancelled or let go."""

    def __init__(self) -> None:
        self.began = threading.Semaphore(0)
        self.enough = threading.Event()
        self.order: list[str] = []

    def methods(self, request: Any, task: Task) -> tuple[()]:
        self.order.append("trials")
        self.began.release()
        while not self.enough.wait(0.002):
            task.check()
        return ()

    def layers(self, request: Any, task: Task) -> tuple[()]:
        return ()

    def explain(self, request: Any, task: Task) -> str:
        self.order.append("map")
        return "map"


@pytest.fixture
def trials() -> Trials:
    return Trials()


@pytest.fixture
def jobs(qtbot: QtBot, trials: Trials) -> Iterator[Jobs]:
    table = {"methods": trials.methods, "layers": trials.layers, "explain": trials.explain}
    lane = ThreadLane.of("engine", table, 1)
    lane.start()
    made = Jobs({"engine": lane})
    yield made
    trials.enough.set()
    made.close()
    lane.close()


def test_a_map_goes_before_the_trials_which_then_go_on(
    qtbot: QtBot, jobs: Jobs, trials: Trials
) -> None:
    session = Session()
    session.set_cards((CARD,))
    session.choose_model(0, CARD.model_id)
    load_methods(session, jobs, 0)
    assert trials.began.acquire(timeout=10)
    found: list[str] = []

    def start() -> None:
        jobs.start("explain-0", "engine", "explain", None, found.append, track="explain")

    ahead_of_trials(session, jobs, start)
    qtbot.waitUntil(lambda: found == ["map"], timeout=10_000)
    assert trials.began.acquire(timeout=10)
    assert trials.order == ["trials", "map", "trials"]
    trials.enough.set()
    qtbot.waitUntil(lambda: not jobs.is_running("methods-0"), timeout=10_000)


def test_where_nothing_is_tried_nothing_is_tried_again(
    qtbot: QtBot, jobs: Jobs, trials: Trials
) -> None:
    found: list[str] = []

    def start() -> None:
        jobs.start("explain-0", "engine", "explain", None, found.append, track="explain")

    ahead_of_trials(Session(), jobs, start)
    qtbot.waitUntil(lambda: found == ["map"], timeout=10_000)
    assert trials.order == ["map"]
