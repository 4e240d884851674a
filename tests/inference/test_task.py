"""A worker's link to the outside: reports in order, and an end where nobody waits any more."""

from __future__ import annotations

import threading

import pytest

from inference.task import Cancelled, ReportKind, Task


def test_reports_arrive_in_order() -> None:
    heard: list[tuple[ReportKind, object]] = []
    task = Task(lambda kind, value: heard.append((kind, value)))
    task.progress(1, 3)
    task.partial("half")
    task.note("A smaller batch was used.")
    assert heard == [
        ("progress", (1, 3)),
        ("partial", "half"),
        ("note", "A smaller batch was used."),
    ]


def test_nobody_need_listen() -> None:
    task = Task()
    task.progress(1, 1)
    task.partial(None)
    assert not task.cancelled


@pytest.mark.parametrize("verb", ["check", "progress", "partial", "note"])
def test_cancelled_work_ends_at_its_next_word(verb: str) -> None:
    heard: list[object] = []
    task = Task(lambda kind, value: heard.append(value))
    thread = threading.Thread(target=task.cancel)
    thread.start()
    thread.join()
    words = {"check": (), "progress": (1, 2), "partial": ("x",), "note": ("x",)}[verb]
    with pytest.raises(Cancelled):
        getattr(task, verb)(*words)
    assert heard == []


def test_work_may_be_asked_for_what_it_knows() -> None:
    task = Task()
    assert not task.stopped
    thread = threading.Thread(target=task.stop)
    thread.start()
    thread.join()
    assert task.stopped
    assert not task.cancelled
    task.check()


def test_cancellation_is_not_caught_as_an_error() -> None:
    assert not issubclass(Cancelled, Exception)
