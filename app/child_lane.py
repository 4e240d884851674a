"""A lane whose work is done by child processes: started, watched, replaced; free of Qt."""

from __future__ import annotations

import bisect
import threading
import time
from collections.abc import Mapping
from typing import Any

from app.calls import BugError, Call
from app.child import Child
from app.processes import ChildProcess, start_process
from inference.errors import EngineError, UserError

CANCEL_GRACE_S = 3.0
"""A cancelled call that is still busy after this long costs its child."""
START_LIMIT_S = 60.0
RECYCLE_AFTER = 5000
MAX_FAILED_STARTS = 3


class ChildLane:
    """Hands each track of each child one call at a time, and replaces children that fail.

    `words` names the lane to people ("The engine"). At most `size` children run; a further one
    starts when a call would have to wait.
    """

    def __init__(
        self,
        words: str,
        command: list[str],
        environment: Mapping[str, str],
        size: int = 1,
    ) -> None:
        self._words = words
        self._command = command
        self._environment = environment
        self._size = size
        self._children: list[Child] = []
        self._dead: list[Child] = []
        self._waiting: list[Call] = []
        self._waiting_since: dict[int, float] = {}
        self._cancelled_since: dict[int, float] = {}
        self._failed_starts = 0
        self._closing = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._supervise, name="lane-supervisor", daemon=True)
        self._started = False

    def start(self, process: ChildProcess | None = None) -> None:
        """Have the first child now, before there is work for it; `process` is one that runs."""
        with self._wake:
            if not self._started:
                self._started = True
                self._children.append(self._new_child(process))
                self._thread.start()

    def submit(self, call: Call) -> None:
        self.start()
        with self._wake:
            if self._closing:
                return
            self._queue(call)
            self._wake.notify()

    def cancel(self, call: Call) -> None:
        """The call is answered no more; its work stops soon, or its child does."""
        call.mark_cancelled()
        with self._wake:
            if call in self._waiting:
                self._waiting.remove(call)
                self._waiting_since.pop(call.number, None)
                return
            for child in self._children:
                if call in child.running.values():
                    self._cancelled_since[call.number] = time.monotonic()
                    child.send({"cancel": call.number})
            self._wake.notify()

    def stop(self, call: Call) -> None:
        """Its work gives what it knows so far, if it can; one that still waits knows nothing."""
        with self._wake:
            for child in self._children:
                if call in child.running.values():
                    child.send({"stop": call.number})

    def close(self) -> None:
        """End all children and threads; calls under way are answered no more."""
        with self._wake:
            self._closing = True
            self._waiting.clear()
            started = self._started
            self._wake.notify()
        if started:
            self._thread.join()
        for child in [*self._children, *self._dead]:
            child.close()

    @property
    def process_ids(self) -> tuple[int, ...]:
        """Of the children that run now; for tests and figures."""
        with self._wake:
            return tuple(child.process.pid for child in self._children)

    # --- the supervisor's thread -----------------------------------------------------------

    def _supervise(self) -> None:
        while True:
            with self._wake:
                if self._closing:
                    return
                self._end_stuck_children()
                dead, self._dead = self._dead, []
                failed = self._assign()
                if not dead and not failed:
                    self._wake.wait(self._next_look_s())
            for child in dead:
                child.close()
            for call, error in failed:
                call.failed(error)

    def _next_look_s(self) -> float | None:
        busy = any(child.running for child in self._children)
        return 0.25 if busy or self._waiting else None

    def _assign(self) -> list[tuple[Call, UserError]]:
        """Give waiting calls to free tracks, starting children where there are too few."""
        if self._failed_starts >= MAX_FAILED_STARTS:
            given_up, self._waiting = self._waiting, []
            self._failed_starts = 0
            error = EngineError(
                f"{self._words} does not start.", "Restart Lepton; if it happens again, reinstall."
            )
            return [(call, error) for call in given_up]
        for call in list(self._waiting):
            child = self._free_child(call.track)
            if child is None and len(self._children) < self._size:
                child = self._new_child()
                self._children.append(child)
            if child is not None:
                self._waiting.remove(call)
                self._waiting_since.pop(call.number, None)
                child.running[call.track] = call
                call.heard_s = time.monotonic()
                child.send(
                    {
                        "run": call.number,
                        "name": call.name,
                        "track": call.track,
                        "request": call.request,
                    }
                )
        return []

    def _free_child(self, track: str) -> Child | None:
        free = [
            child
            for child in self._children
            # One that is dead, though its reader has not seen it yet, would lose the call.
            if track not in child.running and not child.ended and child.process.poll() is None
        ]
        return min(free, key=lambda child: not child.ready, default=None)

    def _end_stuck_children(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if not child.ready:
                if now - child.started_s > START_LIMIT_S:
                    child.kill()
                continue
            for track, call in child.running.items():
                if self._is_stuck(call, track, child, now):
                    child.kill()
                    break

    def _is_stuck(self, call: Call, track: str, child: Child, now: float) -> bool:
        since = self._cancelled_since.get(call.number)
        if since is None:
            return now - call.heard_s > call.silence_s
        if now - since > max(CANCEL_GRACE_S, call.grace_s):
            return True
        return now - since > call.grace_s and any(
            waiting.track == track and now - self._waiting_since[waiting.number] > call.grace_s
            for waiting in self._waiting
        )

    # --- the readers' threads --------------------------------------------------------------

    def _on_message(self, child: Child, message: Mapping[str, Any]) -> None:
        if "hello" in message:
            with self._wake:
                child.ready = True
                self._failed_starts = 0
                self._wake.notify()
            return
        for kind in ("progress", "partial", "note"):
            if kind in message:
                call = self._call(child, message[kind])
                if call is not None:
                    call.heard_s = time.monotonic()
                if call is not None and not call.cancelled:
                    call.heard(kind, message.get("value"))
                return
        number = message.get("result", message.get("failed", message.get("cancelled")))
        call = self._finish(child, number)
        if call is None or call.cancelled:
            return
        if "result" in message:
            call.done(message.get("value"))
        elif "bug" in message:
            call.failed(BugError(str(message["bug"])))
        elif "failed" in message:
            call.failed(_told(message))

    def _call(self, child: Child, number: object) -> Call | None:
        with self._wake:
            found = (call for call in child.running.values() if call.number == number)
            return next(found, None)

    def _finish(self, child: Child, number: object) -> Call | None:
        call = self._call(child, number)
        with self._wake:
            if call is not None:
                del child.running[call.track]
                self._cancelled_since.pop(call.number, None)
                child.finished += 1
                if child.finished >= RECYCLE_AFTER and not child.running:
                    child.kill()  # what decoders leak goes with it
                    child.ended = True
            self._wake.notify()
        return call

    def _on_end(self, child: Child, reason: str) -> None:
        with self._wake:
            child.ended = True
            if child in self._children:
                self._children.remove(child)
                self._dead.append(child)
            if not child.ready:
                self._failed_starts += 1
            lost = list(child.running.values())
            child.running.clear()
            for_others_sake = any(call.number in self._cancelled_since for call in lost)
            innocent = for_others_sake or not child.ready
            failed = [call for call in lost if not self._is_sent_again(call, innocent, child)]
            for call in lost:
                self._cancelled_since.pop(call.number, None)
            closing = self._closing
            self._wake.notify()
        if closing:
            return
        for call in failed:
            if not call.cancelled:
                call.failed(_loss(self._words, child, call, reason))

    def _is_sent_again(self, call: Call, innocent: bool, child: Child) -> bool:
        """A call that its child never began, or lost for another call's sake, runs once more."""
        if call.cancelled or not innocent or (call.retried and child.ready):
            return False
        call.retried = child.ready
        self._queue(call)
        return True

    def _queue(self, call: Call) -> None:
        bisect.insort(self._waiting, call, key=lambda one: one.priority)
        self._waiting_since[call.number] = time.monotonic()

    def _new_child(self, process: ChildProcess | None = None) -> Child:
        if process is None:
            process = start_process(self._command, self._environment)
        return Child(process, self._on_message, self._on_end)


def _told(message: Mapping[str, Any]) -> UserError:
    fault = message.get("fault")
    return UserError(
        str(message.get("message", "")),
        str(message.get("hint", "")),
        fault=fault if fault in ("usage", "input", "surroundings") else "surroundings",
        path=message["path"] if isinstance(message.get("path"), str) else None,
    )


def _loss(words: str, child: Child, call: Call, reason: str) -> EngineError:
    if child.ready and time.monotonic() - call.heard_s > call.silence_s:
        reason = f"did not answer for {call.silence_s:.0f} s"
    return EngineError(
        f"{words} {reason} while it worked, and was started anew.",
        "Try again; other work goes on.",
    )
