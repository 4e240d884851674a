"""Results come home on the window's thread, late ones do not, and nothing is lost on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.calls import BugError
from app.early import EarlyCall
from app.jobs import Job, Jobs
from app.thread_lane import ThreadLane
from inference.errors import UserError
from inference.task import Task

Work = Callable[[Any, Task], Any]


def count(request: int, task: Task) -> int:
    for number in range(request):
        task.progress(number + 1, request)
    return request


def obey(request: float, task: Task) -> str:
    until = time.monotonic() + request
    while time.monotonic() < until:
        task.check()
        time.sleep(0.002)
    return "slept"


def count_until_stopped(request: float, task: Task) -> str:
    until = time.monotonic() + request
    while time.monotonic() < until:
        if task.stopped:
            return "stopped"
        time.sleep(0.002)
    return "ended"


def partials(request: int, task: Task) -> str:
    for number in range(request):
        task.partial(number)
    return "all"


def refuse(request: object, task: Task) -> None:
    raise UserError("This will not do.", "Bring another.")


def fail(request: object, task: Task) -> None:
    raise ValueError("a patient's name")


def thread_name(request: object, task: Task) -> str:
    return threading.current_thread().name


TABLE: dict[str, Work] = {
    "echo": lambda request, task: request,
    "count": count,
    "obey": obey,
    "count_until_stopped": count_until_stopped,
    "partials": partials,
    "refuse": refuse,
    "fail": fail,
    "thread_name": thread_name,
}


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs({"work": ThreadLane.of("work", TABLE, 1)})
    yield made
    made.close()


def test_a_result_comes_on_the_windows_thread(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    jobs.start(
        "a", "work", "thread_name", None,
        lambda name: got.extend((name, threading.current_thread())),
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["work-0", threading.main_thread()]


def test_a_newer_job_in_a_slot_cancels_the_older(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    jobs.start("a", "work", "obey", 30.0, got.append)
    jobs.start("a", "work", "echo", "new", got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["new"]


def test_a_cancelled_job_is_gone_at_once(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    jobs.start("a", "work", "obey", 30.0, got.append, title="Sleeping")
    assert [job.title for job in jobs.running] == ["Sleeping"]
    with qtbot.waitSignal(jobs.changed):
        jobs.cancel_slot("a")
    assert jobs.running == ()
    jobs.start("b", "work", "echo", 1, got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got == [1]


def test_a_stopped_job_brings_its_result(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    jobs.start("a", "work", "count_until_stopped", 30.0, got.append)
    jobs.stop_slot("a")
    jobs.stop_slot("another")
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["stopped"]


def test_a_result_on_its_way_when_cancelled_is_not_delivered(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    jobs.start("a", "work", "echo", "late", got.append)
    time.sleep(0.1)  # it is in the inbox now, and the event loop has not run
    jobs.cancel_slot("a")
    jobs.start("b", "work", "echo", "next", got.append)
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["next"]


def test_progress_and_partial_results_arrive(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    job = jobs.start("a", "work", "partials", 5, got.append, partial=got.append, title="Counting")
    qtbot.waitUntil(lambda: "all" in got)
    assert got == [0, 1, 2, 3, 4, "all"]
    job = jobs.start("a", "work", "count", 3, got.append, title="Counting")
    qtbot.waitUntil(lambda: 3 in got and got[-1] == 3)
    assert (job.done, job.total) == (3, 3)


def test_faults_are_told_and_the_lane_goes_on(qtbot: QtBot, jobs: Jobs) -> None:
    told: list[tuple[Job, object]] = []
    jobs.failed.connect(lambda job, error: told.append((job, error)))
    jobs.start("a", "work", "refuse", None, lambda _: None)
    jobs.start("b", "work", "fail", None, lambda _: None)
    qtbot.waitUntil(lambda: len(told) == 2)
    assert isinstance(told[0][1], UserError)
    assert isinstance(told[1][1], BugError)
    assert "patient" not in str(told[1][1])
    own: list[object] = []
    jobs.start("c", "work", "refuse", None, lambda _: None, failed=own.append)
    qtbot.waitUntil(lambda: bool(own))
    assert len(told) == 2


def test_what_came_before_qt_is_delivered_afterwards(qtbot: QtBot, jobs: Jobs) -> None:
    lane = ThreadLane.of("early", TABLE, 1)
    early = EarlyCall("partials", 3)
    lane.submit(early.call)
    time.sleep(0.1)
    got: list[object] = []
    jobs.adopt("a", "work", early, got.append, got.append)
    qtbot.waitUntil(lambda: "all" in got)
    lane.close()
    assert got == [0, 1, 2, "all"]


def test_a_hundred_thousand_emits(qtbot: QtBot, jobs: Jobs) -> None:
    """PySide6 6.12 on Python 3.11 dies after some hundred emits of a bool (`bool_dealloc`)."""
    from PySide6.QtCore import QObject, Signal

    class Sender(QObject):
        sent = Signal(bool, int, object)

    sender, got = Sender(), [0]

    def count_them(flag: bool, number: int, value: object) -> None:
        got[0] += flag

    sender.sent.connect(count_them)
    for number in range(100_000):
        sender.sent.emit(True, number, (number,))
    assert got[0] == 100_000


def test_a_hundred_thousand_results_cross_threads(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    count_of = [0]

    def take(value: int) -> None:
        count_of[0] += 1

    jobs.start("a", "work", "partials", 100_000, got.append, partial=take)
    qtbot.waitUntil(lambda: bool(got), timeout=60_000)
    assert count_of[0] == 100_000


def test_a_flood_of_progress_does_not_hold_the_event_loop(qtbot: QtBot, jobs: Jobs) -> None:
    got: list[object] = []
    heard = [0]
    jobs.changed.connect(lambda: heard.__setitem__(0, heard[0] + 1))
    jobs.start("a", "work", "count", 50_000, got.append, title="Counting")
    qtbot.waitUntil(lambda: bool(got), timeout=60_000)
    assert heard[0] < 25_000


@pytest.mark.parametrize("finishes", [True, False])
def test_a_lane_that_finishes_does_at_the_end_what_still_waits(finishes: bool) -> None:
    """As the store's lane: a mark made just before the window closes is kept."""
    done: list[int] = []
    first = threading.Event()

    def keep(request: int, task: Task) -> None:
        first.wait(5)
        done.append(request)

    lane = ThreadLane.of("keeping", {"keep": keep}, 1, finishes=finishes)
    jobs = Jobs({"keeping": lane})
    for number in range(5):
        jobs.start(f"slot-{number}", "keeping", "keep", number, lambda _none: None)
    threading.Timer(0.05, first.set).start()
    jobs.close()
    assert (done == list(range(5))) is finishes
