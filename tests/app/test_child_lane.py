"""Children that die, hang, lie or will not stop are replaced; what they leave behind is nothing."""

from __future__ import annotations

import os
import queue
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app import child_lane
from app.calls import BugError, Call
from app.child_lane import ChildLane
from inference.errors import EngineError, UserError

CHILD = str(Path(__file__).with_name("echo_child.py"))
PATIENCE_S = 20.0


class Heard:
    """Collects what a call brings, on whichever thread."""

    def __init__(self) -> None:
        self.end: queue.Queue[tuple[str, Any]] = queue.Queue()
        self.reports: list[tuple[str, Any]] = []

    def call(self, name: str, request: object = None, **options: Any) -> Call:
        return Call(
            name,
            request,
            heard=lambda kind, value: self.reports.append((kind, value)),
            done=lambda value: self.end.put(("done", value)),
            failed=lambda error: self.end.put(("failed", error)),
            **options,
        )

    def wait(self) -> tuple[str, Any]:
        return self.end.get(timeout=PATIENCE_S)

    @property
    def silent(self) -> bool:
        return self.end.empty()


@pytest.fixture
def make_lane() -> Iterator[Callable[..., ChildLane]]:
    lanes: list[ChildLane] = []

    def make(size: int = 1, *arguments: str) -> ChildLane:
        lane = ChildLane("The test", [sys.executable, CHILD, *arguments], dict(os.environ), size)
        lanes.append(lane)
        return lane

    yield make
    for lane in lanes:
        lane.close()


@pytest.fixture
def lane(make_lane: Callable[..., ChildLane]) -> ChildLane:
    return make_lane()


def ask(lane: ChildLane, name: str, request: object = None, **options: Any) -> tuple[str, Any]:
    heard = Heard()
    lane.submit(heard.call(name, request, **options))
    return heard.wait()


def test_a_job_answers_and_tells_how_far_it_is(lane: ChildLane) -> None:
    heard = Heard()
    lane.submit(heard.call("count", 2))
    assert heard.wait() == ("done", 2)
    assert heard.reports == [
        ("progress", (1, 2)),
        ("partial", 0),
        ("progress", (2, 2)),
        ("partial", 1),
        ("note", "Counted."),
    ]


def test_a_job_that_is_stopped_gives_what_it_knows(lane: ChildLane) -> None:
    heard = Heard()
    call = heard.call("count_until_stopped", PATIENCE_S)
    lane.submit(call)
    until = time.monotonic() + PATIENCE_S
    while not heard.reports and time.monotonic() < until:
        time.sleep(0.005)
    lane.stop(call)
    kind, number = heard.wait()
    assert kind == "done"
    assert number > 0
    assert heard.reports[-1] == ("progress", (number, 1_000_000))


def test_arrays_go_there_and_back(lane: ChildLane) -> None:
    sent = np.random.default_rng(0).random((300, 400)).astype(np.float32)
    _, got = ask(lane, "echo", sent)
    assert np.array_equal(sent, got)


def test_a_fault_of_the_world_keeps_its_words(lane: ChildLane) -> None:
    kind, error = ask(lane, "refuse")
    assert kind == "failed"
    assert isinstance(error, UserError)
    assert (error.message, error.hint, error.path) == (
        "This will not do.",
        "Bring another.",
        "x.dcm",
    )


def test_our_own_fault_loses_its_words(lane: ChildLane) -> None:
    _, error = ask(lane, "fail")
    assert isinstance(error, BugError)
    assert "ValueError at echo_child.py" in str(error)
    assert "patient" not in str(error)


def test_too_little_memory_is_said(lane: ChildLane) -> None:
    _, error = ask(lane, "starve")
    assert isinstance(error, UserError)
    assert "not enough memory" in error.message


def test_what_libraries_print_does_not_disturb(lane: ChildLane) -> None:
    assert ask(lane, "chatter") == ("done", "done")


@pytest.mark.parametrize(
    ("job", "request_", "words"),
    [
        ("die", signal.SIGKILL, "was ended by signal 9"),
        ("die", signal.SIGSEGV, "was ended by signal 11"),
        ("leave", 0, "ended"),
        ("speak_nonsense", None, "answered nonsense"),
    ],
)
def test_a_child_that_fails_is_replaced(
    lane: ChildLane, job: str, request_: object, words: str
) -> None:
    _, error = ask(lane, job, request_)
    assert isinstance(error, EngineError)
    assert words in error.message
    assert ask(lane, "echo", 7) == ("done", 7)


@pytest.mark.parametrize("job", ["sleep_deaf", "hold_the_interpreter"])
def test_a_child_that_hangs_is_replaced(lane: ChildLane, job: str) -> None:
    _, error = ask(lane, job, 30.0, silence_s=0.6)
    assert isinstance(error, EngineError)
    assert "did not answer" in error.message
    assert ask(lane, "echo", 7) == ("done", 7)


def test_a_cancelled_job_that_obeys_keeps_its_child(lane: ChildLane) -> None:
    before = ask(lane, "pid")
    heard = Heard()
    call = heard.call("obey", 30.0)
    lane.submit(call)
    time.sleep(0.1)
    lane.cancel(call)
    assert ask(lane, "pid") == before
    assert heard.silent


def test_a_cancelled_job_that_is_deaf_costs_its_child(lane: ChildLane) -> None:
    before = ask(lane, "pid")
    heard = Heard()
    call = heard.call("sleep_deaf", 60.0, grace_s=0.2)
    lane.submit(call)
    time.sleep(0.1)
    lane.cancel(call)
    assert ask(lane, "pid") != before
    assert heard.silent


def test_a_cancelled_job_that_may_take_its_time_keeps_its_child(lane: ChildLane) -> None:
    before = ask(lane, "pid")
    heard = Heard()
    call = heard.call("sleep_deaf", 1.5, grace_s=10.0)
    lane.submit(call)
    time.sleep(0.1)
    lane.cancel(call)
    assert ask(lane, "pid") == before
    assert heard.silent


def test_an_innocent_job_survives_the_end_of_its_child(
    lane: ChildLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_lane, "CANCEL_GRACE_S", 0.3)
    deaf, innocent = Heard(), Heard()
    call = deaf.call("sleep_deaf", 60.0, track="explain")
    lane.submit(call)
    lane.submit(innocent.call("obey", 1.5, track="predict"))
    time.sleep(0.2)
    lane.cancel(call)
    assert innocent.wait() == ("done", "slept")
    assert deaf.silent


def test_tracks_do_not_wait_for_each_other(lane: ChildLane) -> None:
    slow = Heard()
    call = slow.call("obey", 30.0, track="explain")
    lane.submit(call)
    assert ask(lane, "echo", 1, track="predict") == ("done", 1)
    assert slow.silent
    lane.cancel(call)


def test_a_cancelled_job_in_the_queue_never_runs(lane: ChildLane) -> None:
    first, second = Heard(), Heard()
    lane.submit(first.call("obey", 0.4))
    waiting = second.call("echo", 1)
    lane.submit(waiting)
    lane.cancel(waiting)
    assert first.wait() == ("done", "slept")
    assert ask(lane, "echo", 2) == ("done", 2)
    assert second.silent


def test_what_is_urgent_comes_first(lane: ChildLane) -> None:
    order: queue.Queue[Any] = queue.Queue()
    ask(lane, "echo")
    busy = Heard()
    lane.submit(busy.call("obey", 0.3))
    for priority, value in ((9, "late"), (0, "soon"), (5, "then")):
        call = Call(
            "echo", value, heard=lambda *_: None, done=order.put, failed=order.put,
            priority=priority,
        )  # fmt: skip
        lane.submit(call)
    assert [order.get(timeout=PATIENCE_S) for _ in range(3)] == ["soon", "then", "late"]


def test_a_second_child_starts_only_when_there_is_work_for_it(
    make_lane: Callable[..., ChildLane],
) -> None:
    lane = make_lane(2)
    ask(lane, "echo")
    assert len(lane.process_ids) == 1
    both = (Heard(), Heard())
    for heard in both:
        lane.submit(heard.call("obey", 0.5))
    assert [heard.wait()[1] for heard in both] == ["slept", "slept"]
    assert len(lane.process_ids) == 2


def test_a_child_that_never_starts_is_given_up(make_lane: Callable[..., ChildLane]) -> None:
    _, error = ask(make_lane(1, "--dead"), "echo", 1)
    assert isinstance(error, EngineError)
    assert "does not start" in error.message


def test_closing_in_the_middle_of_work_leaves_nothing(lane: ChildLane) -> None:
    heard = Heard()
    lane.submit(heard.call("sleep_deaf", 60.0))
    time.sleep(0.2)
    children = lane.process_ids
    started = time.monotonic()
    lane.close()
    assert time.monotonic() - started < 10
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(child, 0)
    assert heard.silent


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors in /proc")
def test_two_hundred_kills_leave_nothing_behind(lane: ChildLane) -> None:
    ask(lane, "echo")
    time.sleep(0.1)
    blocks, open_before = set(os.listdir("/dev/shm")), descriptors()
    for _ in range(200):
        kind, error = ask(lane, "die", signal.SIGKILL)
        assert kind == "failed"
        assert isinstance(error, EngineError)
    assert ask(lane, "echo", "alive") == ("done", "alive")
    deadline = time.monotonic() + 5
    while descriptors() > open_before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descriptors() <= open_before
    assert set(os.listdir("/dev/shm")) == blocks
    assert len(lane.process_ids) == 1
