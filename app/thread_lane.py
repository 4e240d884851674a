"""A lane that does its work on threads of this process: the io lane, and all with --in-process."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from app.calls import BugError, Call
from inference.errors import UserError
from inference.task import Cancelled, Task
from inference.worker import outline

Find = Callable[[str], Callable[[Any, Task], Any]]


class ThreadLane:
    """Runs calls on `size` threads for each track; a hung one cannot be ended here.

    `patience_s` is how long the end of the program waits for a thread that reads from a share that
    no longer answers; None waits for ever, as what is being written must be whole. A lane that
    `finishes` also does at the end what still waits: a mark made just before must be kept.
    """

    def __init__(
        self,
        name: str,
        find: Find,
        size: int = 1,
        patience_s: float | None = None,
        *,
        finishes: bool = False,
    ) -> None:
        self._name = name
        self._find = find
        self._size = size
        self._patience_s = patience_s
        self._finishes = finishes
        self._queues: dict[str, queue.PriorityQueue[tuple[int, int, Call | None]]] = {}
        self._threads: list[threading.Thread] = []
        self._tasks: dict[int, Task] = {}
        self._order = itertools.count()
        self._lock = threading.Lock()
        self._closed = False

    @classmethod
    def of(
        cls,
        name: str,
        table: Mapping[str, Callable[[Any, Task], Any]],
        size: int,
        patience_s: float | None = None,
        *,
        finishes: bool = False,
    ) -> ThreadLane:
        """A lane over functions at hand."""
        return cls(name, table.__getitem__, size, patience_s, finishes=finishes)

    def start(self) -> None:
        """Threads start with the first call of their track."""

    def submit(self, call: Call) -> None:
        with self._lock:
            if self._closed:
                return
            self._tasks[call.number] = Task(call.heard)
            waiting = self._queues.get(call.track)
            if waiting is None:
                waiting = self._queues[call.track] = queue.PriorityQueue()
                for number in range(self._size):
                    thread = threading.Thread(
                        target=self._work,
                        args=(waiting,),
                        name=f"{self._name}-{number}",
                        daemon=self._patience_s is not None,
                    )
                    self._threads.append(thread)
                    thread.start()
            waiting.put((call.priority, next(self._order), call))

    def cancel(self, call: Call) -> None:
        call.mark_cancelled()
        task = self._tasks.get(call.number)
        if task is not None:
            task.cancel()

    def stop(self, call: Call) -> None:
        task = self._tasks.get(call.number)
        if task is not None:
            task.stop()

    def close(self) -> None:
        with self._lock:
            self._closed = True
        for task in () if self._finishes else list(self._tasks.values()):
            task.cancel()
        for waiting in self._queues.values():
            for _ in range(self._size):
                waiting.put((1 << 30, next(self._order), None))
        for thread in self._threads:
            thread.join(self._patience_s)

    def _work(self, waiting: queue.PriorityQueue[tuple[int, int, Call | None]]) -> None:
        while (call := waiting.get()[2]) is not None:
            self._run(call)

    def _run(self, call: Call) -> None:
        task = self._tasks[call.number]
        try:
            task.check()
            result = self._find(call.name)(call.request, task)
        except Cancelled:
            pass
        except UserError as error:
            call.failed(error)
        except Exception as error:  # noqa: BLE001 - the wrapper that turns each fault into `failed`
            call.failed(BugError(outline(error)))
        else:
            if not call.cancelled:
                call.done(result)
        finally:
            self._tasks.pop(call.number, None)
