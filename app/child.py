"""One child process of a lane: its pipes and the two threads that serve them."""

from __future__ import annotations

import contextlib
import io
import queue
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, cast

from app.calls import Call
from app.processes import ChildProcess
from inference.wire import WireError, enlarge_pipe, read_message, write_message

HeardMessage = Callable[["Child", Mapping[str, Any]], None]
HeardEnd = Callable[["Child", str], None]


class Child:
    """A running child. `running` maps each busy track to its call; the lane alone changes it."""

    def __init__(
        self,
        process: ChildProcess,
        on_message: HeardMessage,
        on_end: HeardEnd,
    ) -> None:
        self.running: dict[str, Call] = {}
        self.ready = False
        self.ended = False
        self.started_s = time.monotonic()
        self.finished = 0
        """How many calls it has answered, for recycling."""
        self._on_message = on_message
        self._on_end = on_end
        self._outbox: queue.SimpleQueue[Mapping[str, Any] | None] = queue.SimpleQueue()
        self.process = process
        self._stdin = cast("io.FileIO", self.process.stdin)  # unbuffered, so raw files
        self._stdout = cast("io.FileIO", self.process.stdout)
        enlarge_pipe(self._stdin.fileno())
        enlarge_pipe(self._stdout.fileno())
        self._threads = [
            threading.Thread(target=self._write, name="lane-writer", daemon=True),
            threading.Thread(target=self._read, name="lane-reader", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def send(self, message: Mapping[str, Any]) -> None:
        """Queue a message; never blocks."""
        self._outbox.put(message)

    def kill(self) -> None:
        """End the process now; `on_end` follows from the reader."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()

    def close(self) -> None:
        """End the process and wait until it, its threads and its pipes are gone."""
        self._outbox.put(None)
        self.kill()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join()
        self.process.wait()
        with contextlib.suppress(OSError):
            self._stdin.close()
        self._stdout.close()

    def _write(self) -> None:
        while (message := self._outbox.get()) is not None:
            try:
                write_message(self._stdin, message)
            except (OSError, ValueError):
                return  # the reader sees the end too, and tells it
            del message

    def _read(self) -> None:
        reason = "ended"
        while True:
            try:
                message = read_message(self._stdout)
                if not isinstance(message, dict):
                    raise WireError("a message is no mapping")
            except EOFError:
                break
            except (WireError, OSError, TypeError, ValueError, MemoryError):
                reason = "answered nonsense"
                break
            self._on_message(self, message)
            del message
        self._outbox.put(None)
        self.kill()
        code = self.process.wait()
        if reason == "ended" and code < 0 and sys.platform != "win32":
            reason = f"was ended by signal {-code}"
        self._on_end(self, reason)
