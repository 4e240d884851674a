"""Request → engine → result with 512×512 float32 both ways, without any model's own time."""

from __future__ import annotations

import statistics
import sys
import threading
import time
from pathlib import Path

import numpy as np

from app import worker
from app.calls import Call
from app.child_lane import ChildLane

RUNS, WARM = 200, 20
CHILD = Path(__file__).resolve().parents[1] / "app" / "echo_child.py"


def measure() -> list[dict[str, object]]:
    """Median and 95th percentile of 200 in a warm child, in ms."""
    lane = ChildLane("The benchmark", [sys.executable, str(CHILD)], worker.environment())
    sent = np.random.default_rng(0).random((512, 512)).astype(np.float32)
    taken = [_one(lane, sent) for _ in range(WARM + RUNS)][WARM:]
    lane.close()
    taken.sort()
    what = "512 × 512 float32 to a child and back, 200 times"
    return [
        {
            "name": "round_trip_median",
            "what": what,
            "value": statistics.median(taken),
            "goal": 3.0,
            "better": "lower",
            "unit": "ms",
        },
        {
            "name": "round_trip_p95",
            "what": what,
            "value": taken[int(RUNS * 0.95)],
            "goal": 5.0,
            "better": "lower",
            "unit": "ms",
        },
    ]


def _one(lane: ChildLane, sent: np.ndarray) -> float:
    came = threading.Event()
    got: list[np.ndarray] = []

    def done(value: np.ndarray) -> None:
        got.append(value)
        came.set()

    call = Call("echo", sent, heard=lambda *_: None, done=done, failed=lambda error: came.set())
    began = time.perf_counter()
    lane.submit(call)
    came.wait()
    taken = (time.perf_counter() - began) * 1000
    assert got
    assert got[0].shape == sent.shape
    return taken
