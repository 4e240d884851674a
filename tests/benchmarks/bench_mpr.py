"""Planes and slabs cut through a volume of 512 × 512 × 500, and what a ticking thread notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from inference.mpr import Orientation, Slab, Volume, along, cut, planes, volume_of
from inference.records import Frame, FrameRef, affine_of
from tests.plain_source import plain_source

SHAPE = (500, 512, 512)
SPACING_MM = (0.7, 0.7, 1.0)
PLANE_GOAL_MS, SLAB_GOAL_MS = 20.0, 60.0
RUNS, SLAB_RUNS = 30, 8
TICK_MS = 5.0
SLAB = Slab("maximum", 10.0)
ORIENTATIONS: tuple[Orientation, ...] = ("axial", "coronal", "sagittal")


def measure() -> list[dict[str, object]]:
    """Median and worst in ms for each orientation of a straight and a 10° oblique volume."""
    stored = np.random.default_rng(0).integers(-1024, 3072, SHAPE, dtype=np.int16)
    figures: list[dict[str, object]] = []
    for name, degrees in (("straight", 0.0), ("oblique", 10.0)):
        volume = _volume(stored, degrees)
        _ = volume.outside  # one pass over the voxels, before the first oblique plane
        for orientation in ORIENTATIONS:
            figures += _figures(volume, f"{name}_{orientation}", orientation)
    figures.append(_lateness(_volume(stored, 10.0)))
    return figures


def _figures(volume: Volume, name: str, orientation: Orientation) -> list[dict[str, object]]:
    stack = planes(volume, orientation)
    size = f"{stack.shape[0]} × {stack.shape[1]}"
    span = range(stack.count // 5, stack.count * 4 // 5)

    def at(run: int) -> int:
        """Planes far from each other, so that none is in the processor's cache."""
        return span[run * 37 % len(span)]

    plane = _timed(lambda run: cut(volume, stack, at(run)), RUNS)
    slab = _timed(lambda run: cut(volume, stack, at(run), SLAB), SLAB_RUNS)
    count = len(stack.within(stack.count // 2, SLAB.thickness_mm))
    return [
        _figure(f"mpr_{name}", f"plane of {size}, linear", plane, PLANE_GOAL_MS),
        _figure(f"mpr_{name}_slab", f"10 mm slab of {count} planes", slab, SLAB_GOAL_MS),
    ]


def _figure(name: str, what: str, taken: list[float], goal: float) -> dict[str, object]:
    return {
        "name": name,
        "what": f"{what}, 512 × 512 × 500 int16",
        "value": float(np.median(taken)),
        "worst": max(taken),
        "goal": goal,
        "better": "lower",
        "unit": "ms",
    }


def _timed(work: Callable[[int], object], runs: int) -> list[float]:
    taken = []
    for run in range(-2, runs):
        began = time.perf_counter()
        work(run)
        if run >= 0:
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def _lateness(volume: Volume) -> dict[str, object]:
    """How late a thread wakes that sleeps 5 ms at a time while another cuts planes and slabs."""
    control = _ticks(lambda: time.sleep(2.0))
    stacks = [planes(volume, one) for one in ORIENTATIONS] + [along(volume, "sagittal")]

    def work() -> None:
        for run in range(40):
            stack = stacks[run % len(stacks)]
            cut(volume, stack, stack.count // 2 + run, SLAB if run % 4 == 0 else None)

    late = _ticks(work)
    return {
        "name": "mpr_lateness_max",
        "what": "a thread that sleeps 5 ms at a time, while another cuts oblique planes and slabs",
        "value": float(late.max()),
        "p99": float(np.percentile(late, 99)),
        "control_max": float(control.max()),
        "better": "lower",
        "unit": "ms",
        "goal": 50.0,
    }


def _ticks(work: Callable[[], object]) -> np.ndarray:
    """Milliseconds by which each tick in this thread came late while `work` ran in another."""
    late = []
    worker = threading.Thread(target=work)
    worker.start()
    while worker.is_alive():
        began = time.perf_counter()
        time.sleep(TICK_MS / 1000)
        late.append(max((time.perf_counter() - began) * 1000 - TICK_MS, 0.0))
    worker.join()
    return np.array(late)


def _volume(stored: np.ndarray, degrees: float) -> Volume:
    """The voxels as a CT, turned about the patient's x and z axes."""
    turn = np.radians(degrees)
    cosine, sine = np.cos(turn), np.sin(turn)
    about_x = np.array([[1, 0, 0], [0, cosine, -sine], [0, sine, cosine]])
    about_z = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    matrix = np.eye(4)
    matrix[:3, :3] = about_x @ about_z * SPACING_MM
    head = Frame(("bench", 0), stored[0], intercept=-1024.0)
    refs = (FrameRef("bench"),) * SHAPE[0]
    source = plain_source(shape=SHAPE[1:], affine=affine_of(matrix), refs=refs)
    return volume_of(source, stored, [head] * len(stored))
