"""The lanes of the window: which there are, and what each is made of; free of Qt."""

from __future__ import annotations

from typing import Any

from app import worker
from app.calls import Lane
from app.case_documents import write_cases
from app.child_lane import ChildLane
from app.cutting import Cutter
from app.native_pixels import read_native
from app.places import store_path
from app.processes import ChildProcess
from app.store import Store
from app.thread_lane import ThreadLane
from inference.task import Task
from inference.worker import resolve

DECODERS = 2
PATIENCE_S = 1.0
"""How long the end of the program waits for pixels from a share that no longer answers."""
WORDS = {"decode": "The decoder", "engine": "The engine"}


def make_lanes(
    store: Store, *, in_process: bool = False, decoder: ChildProcess | None = None
) -> dict[str, Lane]:
    """All lanes, not yet started; `decoder` is the process of the decoder, where it runs already.

    With `in_process` no child is used, for debugging.
    """
    worker.register_records()
    lanes: dict[str, Lane] = {
        "io": ThreadLane.of("io", {"write_report": _write_report, "write_cases": write_cases}, 2),
        "pixels": ThreadLane.of("pixels", {"read_native": read_native}, 2, PATIENCE_S),
        "store": ThreadLane.of("store", store.table, 1, finishes=True),
        "volume": ThreadLane.of("volume", {"cut": Cutter().cut_plane}, 1),
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


def user_store() -> Store:
    """The store in the user's data folder."""
    return Store(store_path())


def _in_process(name: str) -> ThreadLane:
    return ThreadLane(name, lambda job: resolve(worker.TABLES[name], job))


def _write_report(request: tuple[Any, ...], task: Task) -> None:
    from app.explanation_files import write_explanation
    from app.report import Section

    folder, source, frame, prediction, attribution, remark, drawing = request
    section = Section(source, frame, prediction, attribution, remark=remark, drawing=drawing)
    write_explanation(folder, section)
