"""Each kind of job of a child: killed in its middle it fails in words, and the next one works."""

from __future__ import annotations

import os
import queue
import signal
import sys
import time
from typing import Any

import pytest

from app import worker
from app.calls import BugError, Call
from app.child_lane import ChildLane
from app.lanes import child_lane
from inference.errors import EngineError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGSTOP and SIGKILL")
PATIENCE_S = 30.0


def submit(lane: ChildLane, name: str) -> queue.Queue[Any]:
    end: queue.Queue[Any] = queue.Queue()
    lane.submit(Call(name, None, heard=lambda *_: None, done=end.put, failed=end.put))
    return end


def is_alive(lane: ChildLane) -> bool:
    """A name that is in no table is answered at once, without any library being loaded."""
    return isinstance(submit(lane, "no such job").get(timeout=PATIENCE_S), BugError)


@pytest.mark.parametrize("of", sorted(worker.TABLES))
def test_every_job_of_a_lane(of: str) -> None:
    lane = child_lane(of, 1)
    try:
        for name in worker.TABLES[of]:
            assert is_alive(lane)
            (child,) = lane.process_ids
            os.kill(child, signal.SIGSTOP)  # so that the job cannot end before it is killed
            end = submit(lane, name)
            time.sleep(0.1)  # until it was handed to that child
            os.kill(child, signal.SIGKILL)
            error = end.get(timeout=PATIENCE_S)
            assert isinstance(error, EngineError), name
            assert "was ended by signal 9" in error.message
        assert is_alive(lane)
    finally:
        lane.close()
