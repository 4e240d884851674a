"""A program of its own: the real window, in which labels are made, painted, changed and undone.

Called with the folder of a project, a scan, and a seed. It goes on until it is killed, and writes a
line for all that happens: `did`, before it is handed to the store, with the number of acts done and
a digest of the annotations as they are then; `saved`, with the same, when the screen says so and
nothing waits; `ready`, when the scan is in view with its annotations; `at` with the slice that is
in view; `view` with that of the view which is kept to come back to.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np

from inference.records import Annotation
from inference.wire import pack

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.session import Session

LABELS = ("nodule", "marker", "normal")
SIDE = 900
"""A region of noise of this size is kept beside the file."""


def digest(annotations: Iterable[Annotation]) -> str:
    """The same for the same annotations, in whatever order they come."""
    whole = hashlib.sha256()
    for one in sorted(annotations, key=lambda one: one.annotation_id):
        whole.update(pack(one))
    return whole.hexdigest()[:16]


class Script:
    """What a person might do, by lot."""

    def __init__(self, window: MainWindow, project: Path, source_id: str, seed: int) -> None:
        self._project = project
        self._session, self._jobs = window.session, window.jobs
        self._source_id = source_id
        self._draw = Random(seed)
        self._said = ""
        self._at = -1
        self._left: object = None
        window.session.changed.connect(lambda _changes: self._tell())

    def go_on(self) -> None:
        """Do one thing; undoing is as common as painting."""
        ways = (
            self._box,
            self._paint,
            self._class,
            self._delete,
            self._undo,
            self._undo,
            self._redo,
        )
        self._draw.choice(ways)()

    def compare(self) -> str:
        """How what another program reads differs from what is shown; "" where it does not."""
        from app.store import Store
        from inference.task import Task

        other = Store(self._project)
        kept = digest(other.load_annotations(self._source_id, Task()))
        cursor = other.standing(None, Task()).cursor
        other.close()
        labels = self._session.labels
        shown = digest(labels.of_source(self._source_id))
        same = (cursor, kept) == (labels.history.cursor, shown)
        return "" if same else f"{cursor} {kept} is kept, {labels.history.cursor} {shown} shown."

    def _tell(self) -> None:
        """Say where the work stands; a killed program has said all that left it."""
        from PySide6.QtCore import QTimer

        session = self._session
        labels = session.labels
        at, left = session.panes[0].index, session.project.left
        if at != self._at:
            self._at = at
            say("at", str(at))
        if left is not None and left is not self._left:
            self._left = left
            say("view", str(left.panes[0].index))
        where = f"{labels.history.cursor} {digest(labels.of_source(self._source_id))}"
        if where != self._said:
            self._said = where
            say("did", where)
        elif session.saved_at is not None:
            QTimer.singleShot(0, self._acknowledge)  # when what is under way has been handed over

    def _acknowledge(self) -> None:
        """What the screen says when it is painted next."""
        if self._session.saved_at is not None and not self._session.waiting.has_work:
            say("saved", self._said)

    def _box(self) -> None:
        x, y = self._draw.uniform(0, 200), self._draw.uniform(0, 200)
        self._put(Annotation("", "", 0, "box", "", ((x, y), (x + 20.0, y + 10.0))))

    def _paint(self) -> None:
        from inference.mask_bits import pack_mask

        side = self._draw.choice((40, 200, SIDE))
        noise = np.random.default_rng(self._draw.randrange(1 << 30)).random((side, side)) < 0.5
        self._put(Annotation("", "", 0, "mask", "", mask=pack_mask(noise)))

    def _put(self, made: Annotation) -> None:
        """Make it, or let it supersede another of its kind."""
        from app.actions import labelling

        there = self._session.labels.of_source(self._source_id)
        same = [one.annotation_id for one in there if one.kind == made.kind]
        own = self._draw.choice([*same, ""])
        made = replace(
            made,
            annotation_id=own,
            source_id=self._source_id,
            frame=self._draw.randrange(3),
            label=self._draw.choice(LABELS),
        )
        labelling.put(self._session, self._jobs, made.kind, (made,))

    def _class(self) -> None:
        from app.actions import labelling

        key = (self._source_id, self._draw.randrange(-1, 3))
        labelling.set_class(self._session, self._jobs, key, self._draw.choice(LABELS))

    def _delete(self) -> None:
        from app.actions import labelling

        there = self._session.labels.of_source(self._source_id)
        if len(there) > 3:
            chosen = self._draw.sample(there, self._draw.randrange(1, 3))
            labelling.delete(self._session, self._jobs, [one.annotation_id for one in chosen])

    def _undo(self) -> None:
        from app.actions import acting

        acting.undo(self._session, self._jobs)

    def _redo(self) -> None:
        from app.actions import acting

        acting.redo(self._session, self._jobs)


def say(word: str, rest: str) -> None:
    """One line, out of the program before anything else happens."""
    os.write(1, f"{word} {rest}\n".encode())


def opened(session: Session) -> Callable[[], bool]:
    """Whether a scan is in view, with all that was kept of it."""

    def found() -> bool:
        pane = session.panes[0]
        return pane.frame is not None and pane.source_id in session.labels.ready

    return found


@contextlib.contextmanager
def at_work(project: Path, scan: str, seed: int) -> Iterator[tuple[MainWindow, Script]]:
    """The window on a project, with the scan in view."""
    from app.lanes import make_lanes
    from app.store import Store
    from app.window import opened_window
    from tests.benchmarks.slices import run_loop

    store = Store(project)
    with opened_window(make_lanes(store), store) as (_, window):
        window.resize(1280, 800)
        window.show()
        window.open_paths((scan,))
        run_loop(opened(window.session), 60.0)
        source_id = window.session.panes[0].source_id
        assert source_id is not None
        labels = window.session.labels
        script = Script(window, project, source_id, seed)
        say("ready", f"{labels.history.cursor} {digest(labels.of_source(source_id))}")
        yield window, script


def main(project: Path, scan: str, seed: int) -> None:
    from tests.benchmarks.slices import wait

    pauses = Random(seed)
    with at_work(project, scan, seed) as (_, script):
        while True:
            script.go_on()
            wait(pauses.choice((0.0, 0.0, 0.002, 0.02)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
