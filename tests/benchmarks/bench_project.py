"""A project of 100,000 annotations on 10,000 scans: opened, searched, changed, undone, copied."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from app.acts import Act, Change, of_annotation
from app.store import Store, backups
from app.store.records import Sought
from app.waiting import Pending
from inference.records import Annotation, SourceEntry
from inference.task import Task

ANNOTATIONS, SOURCES, LABELS = 100_000, 10_000, 7
COMMITS = 500
OPEN_S, SEARCH_MS, COMMIT_MS = 3.0, 100.0, 20.0
WHAT = f"{ANNOTATIONS:,} annotations on {SOURCES:,} scans: "


def measure() -> list[dict[str, object]]:
    """Opening in s, searches, edits and commits in ms, and what the disk itself takes for one."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "project"
        disk = _figure("disk_fsync_median", "4 KiB written and synchronised", _fsync(place))
        return [
            disk, *_fill(folder), *_open(folder), *_change(folder), *_beside_backup(folder),
        ]  # fmt: skip


def _fill(folder: Path) -> Iterator[dict[str, object]]:
    store = Store(folder)
    entries = tuple(_entry(number) for number in range(SOURCES))
    store.keep((Pending("sources", entries),), Task())
    changes = tuple(of_annotation(None, _annotation(number)) for number in range(ANNOTATIONS))
    made = Act(1, "Import", "who", "2026", None, changes)
    took = _time(lambda: store.keep((Pending("act", made),), Task()))
    store.close()
    size = (folder / "project.sqlite").stat().st_size / 1e6
    yield _figure("project_import", f"{WHAT}all kept as one act; the file has {size:.0f} MB", took)


def _open(folder: Path) -> Iterator[dict[str, object]]:
    store = Store(folder)

    def opened() -> None:
        store.open_project(None, Task())
        store.standing(None, Task())
        store.load_sources(None, Task())
        store.count_by_label(None, Task())
        store.count_by_source(None, Task())

    yield _figure(
        "project_open", f"{WHAT}checked, sources, counts", _time(opened) / 1e3, OPEN_S, "s"
    )
    searches: dict[str, Callable[[], object]] = {
        "label": lambda: store.find_sources(Sought(label="label 3"), Task()),
        "kind": lambda: store.find_sources(Sought(kind="box"), Task()),
        "author": lambda: store.find_sources(Sought(author="who"), Task()),
        "since": lambda: store.find_sources(Sought(since="2026-06"), Task()),
        "unlabelled": lambda: store.find_unlabelled(None, Task()),
        "source": lambda: store.load_annotations(_source(5), Task()),
    }
    for name, search in searches.items():
        took = float(np.median([_time(search) for _ in range(20)]))
        yield _figure(f"project_find_by_{name}", f"{WHAT}by {name}", took, SEARCH_MS)
    yield _figure(
        "project_load_act", f"{WHAT}the act that made all", _time(lambda: store.load_act(1, Task()))
    )
    store.close()


def _change(folder: Path) -> Iterator[dict[str, object]]:
    store = Store(folder)
    total = store.standing(None, Task()).total
    taken = [_time(_edit(store, total + 1 + number)) for number in range(COMMITS)]
    what = f"{WHAT}one changed and on the disk"
    yield _figure("project_commit_median", what, float(np.median(taken)), COMMIT_MS)
    yield _figure("project_commit_p99", what, float(np.percentile(taken, 99)), COMMIT_MS)
    undo = _time(lambda: store.keep((Pending("cursor", total + COMMITS - 1),), Task()))
    yield _figure("project_undo", f"{WHAT}one act undone", undo, COMMIT_MS)
    for name, cursor in (("undo", 0), ("redo", total)):
        took = _time(partial(store.keep, (Pending("cursor", cursor),), Task()))
        yield _figure(f"project_{name}_import", f"{WHAT}{name} of the act that made all", took)
    store.close()


def _beside_backup(folder: Path) -> Iterator[dict[str, object]]:
    backups.AFTER_S = 0.0  # a copy begins with the first change
    store = Store(folder)
    there = len(list((folder / "backups").glob("*.sqlite")))
    number = store.standing(None, Task()).cursor
    taken: list[float] = []
    began = time.perf_counter()
    while len(list((folder / "backups").glob("*.sqlite"))) == there:
        number += 1
        taken.append(_time(_edit(store, number)))
    took = (time.perf_counter() - began) * 1e3
    store.close()
    what = f"{WHAT}one changed and on the disk while a backup is made"
    yield _figure("project_commit_beside_backup_p99", what, float(np.percentile(taken, 99)), 20.0)
    yield _figure("project_commit_beside_backup_max", what, max(taken))
    yield _figure("project_backup", f"{WHAT}copied and checked amid work", took)


def _edit(store: Store, number: int) -> Callable[[], object]:
    """Another place for one of the annotations, as an act."""
    before = _annotation(number * 331 % ANNOTATIONS)
    after = replace(before, points=((number + 0.5, 2.0), (number + 30.0, 40.5)))
    change: Change = of_annotation(before, after)
    made = Act(number, "Box", "who", f"time {number}", before.key, (change,))
    return lambda: store.keep((Pending("act", made),), Task())


def _fsync(place: str) -> float:
    """What the disk takes for one small write, the median of 50 in ms."""
    with (Path(place) / "probe").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())

        return float(np.median([_time(write) for _ in range(50)]))


def _time(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1e3


def _source(number: int) -> str:
    return f"{number:012x}"


def _entry(number: int) -> SourceEntry:
    path = f"/scans/{number}"
    return SourceEntry(_source(number), "series", f"scan {number}", "CT", 99, (512, 512), (path,))


def _annotation(number: int) -> Annotation:
    return Annotation(
        f"{number:012x}", _source(number % SOURCES), number % 99, "box",
        f"label {number % LABELS}", ((1.0, 2.0), (30.0, 40.5)), author="who",
        made_at="2026-11-21T00:00:00+00:00",
    )  # fmt: skip


def _figure(
    name: str, what: str, value: float, goal: float | None = None, unit: str = "ms"
) -> dict[str, object]:
    found: dict[str, object] = {"name": name, "what": what, "value": value, "better": "lower"}
    return {**found, "unit": unit, **({"goal": goal} if goal is not None else {})}
