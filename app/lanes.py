"""The lanes of the window: which there are, and what each is made of; free of Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app import worker
from app.acts import Change, of_annotation
from app.calls import Lane
from app.case_documents import write_cases
from app.child_lane import ChildLane
from app.cutting import Cutter
from app.native_pixels import read_native
from app.places import former_file, personal_folder
from app.prelabels import find_masks
from app.processes import ChildProcess
from app.project_entries import locate
from app.project_state import STATE_RECORDS
from app.sketches import find_division, find_region
from app.slice_masks import find_between, grow_through
from app.store import Store
from app.thread_lane import ThreadLane
from inference import wire
from inference.records import Annotation
from inference.task import Task
from inference.worker import resolve

DECODERS = 2
PATIENCE_S = 1.0
"""How long the end of the program waits for what leaves nothing behind: pixels from a share that no
longer answers, planes, regions."""
_SHARES: Mapping[str, Callable[[Any, Task], Any]] = {
    "read_native": read_native,
    "locate_sources": locate,
}
"""What may wait for a share."""
WORDS = {"decode": "The decoder", "engine": "The engine"}


def make_lanes(
    store: Store, *, in_process: bool = False, decoder: ChildProcess | None = None
) -> dict[str, Lane]:
    """All lanes, not yet started; `decoder` is the process of the decoder, where it runs already.

    With `in_process` no child is used, for debugging.
    """
    worker.register_records()
    wire.register(*STATE_RECORDS)
    lanes: dict[str, Lane] = {
        "io": ThreadLane.of("io", _IO, 2),
        "pixels": ThreadLane.of("pixels", _SHARES, 2, PATIENCE_S),
        "store": ThreadLane.of("store", store.table, 1, finishes=True),
        "volume": ThreadLane.of("volume", {"cut": Cutter().cut_plane}, 1, PATIENCE_S),
        "painting": ThreadLane.of("painting", _PAINTING, 2, PATIENCE_S),
    }
    for name, size, process in (("decode", DECODERS, decoder), ("engine", 1, None)):
        lanes[name] = _in_process(name) if in_process else child_lane(name, size, process)
    return lanes


def child_lane(name: str, size: int, process: ChildProcess | None = None) -> ChildLane:
    """A lane of child processes running the table of this name, one of which may run already."""
    lane = ChildLane(WORDS[name], worker.command(name), worker.environment(), size)
    if process is not None:
        lane.start(process)
    return lane


def user_store(folder: Path | None = None) -> Store:
    """The store of a project; None is the user's personal one."""
    if folder is None or folder == personal_folder():
        return Store(personal_folder(), former_file())
    return Store(folder)


def _in_process(name: str) -> ThreadLane:
    return ThreadLane(name, lambda job: resolve(worker.TABLES[name], job))


def _write_report(request: tuple[Any, ...], task: Task) -> None:
    from app.explanation_files import write_explanation
    from app.report import Section

    folder, source, frame, prediction, attribution, remark, drawing = request
    section = Section(source, frame, prediction, attribution, remark=remark, drawing=drawing)
    write_explanation(folder, section)


def _new_changes(annotations: tuple[Annotation, ...], task: Task) -> tuple[Change, ...]:
    """New annotations as changes: of a hundred thousand that is no work for the window's thread."""
    return tuple(of_annotation(None, one) for one in annotations)


_IO: Mapping[str, Callable[[Any, Task], Any]] = {
    "write_report": _write_report,
    "write_cases": write_cases,
    "new_changes": _new_changes,
}

_PAINTING: Mapping[str, Callable[[Any, Task], Any]] = {
    "find_region": find_region,
    "find_division": find_division,
    "find_between": find_between,
    "find_masks": find_masks,
    "grow_through": grow_through,
}
"""What leaves nothing behind: the end of the program does not wait for it."""
