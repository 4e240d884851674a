"""The queue of 10,000 scans with 100,000 annotations read in order, and a threshold that moves."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from app.acts import Act, of_annotation
from app.prelabels import Setting, masks_of
from app.queue import Answering, QueueWish
from app.store import Store
from app.waiting import Pending
from inference.records import (
    WHOLE,
    Annotation,
    LabelSet,
    Prediction,
    Provenance,
    SoftMap,
    SourceEntry,
)
from inference.task import Task
from tests.sample_models import CARD

SOURCES, EACH, RUNS = 10_000, 20, 9
READ_MS, STEP_MS = 100.0, 16.0
SIDES = (512, 3000)
MADE = Provenance("m", "0" * 64, "as stored", "cpu", 0.1, "2026-11-21T09:00:00+00:00", ())
LABELS = ("normal", "nodule")


def measure() -> list[dict[str, object]]:
    """Reading the queue in three ways, and the masks of a threshold, in ms."""
    answering = (("m", Answering(frozenset(LABELS), single=True)),)
    wishes = {
        "by uncertainty": QueueWish("uncertain", answering=answering),
        "by disagreement": QueueWish("disagreement", answering=answering),
        "without a label": QueueWish("name", "unlabelled", answering=answering),
    }
    figures = []
    with tempfile.TemporaryDirectory() as place, closing(Store(Path(place) / "project")) as store:
        _fill(store)
        for name, wish in wishes.items():
            took = _median(partial(store.load_queue, wish, Task()))
            what = f"the queue of {SOURCES:,} scans {name}"
            figures.append(_figure(f"queue {name}", what, took, READ_MS))
    for side in SIDES:
        what = f"the region above a threshold, {side} × {side}"
        figures.append(_figure(f"threshold {side}", what, _threshold(side), STEP_MS))
    return figures


def _fill(store: Store) -> None:
    rng = np.random.default_rng(1)
    names = [f"{number:012x}" for number in range(SOURCES)]
    entries = tuple(
        SourceEntry(name, "series", f"Scan {name}", "CT", 28, (512, 512), (f"/scans/{name}",))
        for name in names
    )
    shares = rng.random(SOURCES)
    said = tuple(
        Prediction(
            *((name, 14), LABELS, scores, scores, "softmax", None, (), MADE),
        )
        for name, share in zip(names, shares, strict=True)
        for scores in (np.array([share, 1 - share], np.float32),)
    )
    drawn = tuple(
        of_annotation(None, _annotation(name, place))
        for name in names[::2]
        for place in range(EACH)
    )
    act = Act(1, "Labels", "ann", MADE.made_at, None, drawn)
    things = (Pending("sources", entries), Pending("save", said), Pending("act", act))
    store.keep(things, Task())


def _annotation(name: str, place: int) -> Annotation:
    if place == 0:
        return Annotation(f"{name}0", name, WHOLE, "class", LABELS[0], author="ann")
    corners = ((1.0, 2.0), (3.0, 4.0))
    return Annotation(f"{name}{place}", name, place, "box", LABELS[1], corners, author="ann")


def _threshold(side: int) -> float:
    """A soft map of one smooth region with a rough edge."""
    rows, columns = np.mgrid[:side, :side] / side - 0.5
    waves = 0.1 * np.sin(60 * rows) * np.cos(50 * columns)
    shares = np.clip(255 * (np.exp(-20 * (rows**2 + columns**2)) + waves), 0, 255)
    soft = SoftMap(("s", 0), ("organ",), shares[None].astype(np.uint8), MADE)
    card = replace(CARD, task="segment", labels=("background", "organ"))
    return _median(lambda: masks_of(soft, Setting(card, LabelSet(), 0.5, whole=True)))


def _median(act: Callable[[], object]) -> float:
    """Milliseconds; without collections, which the window makes in its idle moments."""
    took = []
    gc.disable()
    for _ in range(RUNS):
        began = time.perf_counter()
        act()
        took.append((time.perf_counter() - began) * 1e3)
    gc.enable()
    return float(np.median(took))


def _figure(name: str, what: str, value: float, goal: float) -> dict[str, object]:
    figure = {"name": name.replace(" ", "_"), "what": what, "value": round(value, 1)}
    return {**figure, "better": "lower", "unit": "ms", "goal": goal}
