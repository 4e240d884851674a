"""Labels out of the project and in: read and written by a child, taken over as one act."""

from __future__ import annotations

import gc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.actions.acting import act, refuse_read_only
from app.acts import Change, of_label_set
from app.exchange_words import Incoming, words_of_unmatched
from app.jobs import Error, Jobs
from app.label_exchange import counted, words_imported, words_of_import, words_written
from app.label_requests import LabelsInRequest, LabelsOutRequest, LabelsPart, LabelsRead
from app.label_sets import with_labels
from app.session import Session
from app.store.records import LabelCount
from inference.errors import UserError
from inference.exchange.records import Written
from inference.exchange.table import FORMATS, Format
from inference.records import Annotation

MANY = 10_000
"""So many annotations make the collector of garbage hold up the window whenever it looks."""

_OUT, _IN, _KEPT, _COUNTS = "export-labels", "read-labels", "labels-kept", "kind-counts"


def export_labels(
    session: Session,
    jobs: Jobs,
    chosen: Format,
    path: Path,
    wanted: tuple[str, ...],
    *,
    named: bool,
) -> None:
    """Write the labels of the `wanted` scans, () for all; `named` names them by their files."""
    folder = str(session.project.folder)
    request = LabelsOutRequest(folder, chosen.name, str(path), wanted, identified=named)

    def finish(written: Written) -> None:
        left = " ".join(written.left_out)
        session.say(words_written(written), left, "doubtful" if left else "good")
        if session.walk is not None:
            session.set_walk(replace(session.walk, exported=True))

    def start() -> None:
        title = f"Exporting labels as {chosen.title}"
        jobs.start(
            *(_OUT, "decode", "export_labels", request),
            done=finish,
            failed=session.say_error,
            title=title,
        )

    _when_kept(session, jobs, start, session.say_error)


def read_labels(
    session: Session,
    jobs: Jobs,
    path: str,
    done: Callable[[Incoming], None],
    failed: Callable[[Error], None],
    *,
    name: str = "",
) -> None:
    """Read labels for the scans of the project; nothing is changed yet.

    `name` is that of the format; "" finds it out by looking.
    """
    request = LabelsInRequest(str(session.project.folder), name, path, session.author)
    parts: list[Annotation] = []
    scans = set[str]()

    def finish(read: LabelsRead) -> None:
        chosen = FORMATS[read.format]
        done(Incoming(chosen, read.label_set, tuple(parts), len(scans), read.unmatched))

    def take(part: LabelsPart) -> None:
        parts.extend(part.annotations)
        scans.update(one.source_id for one in part.annotations)
        _settle(len(parts))

    def start() -> None:
        title = f"Reading labels of {Path(path).name}"
        jobs.start(
            *(_IN, "decode", "read_labels", request),
            done=finish,
            partial=take,
            failed=failed,
            title=title,
        )

    _when_kept(session, jobs, start, failed)


def stop_reading(jobs: Jobs) -> None:
    """Nobody waits for what is being read."""
    for slot in (_KEPT, _IN):
        jobs.cancel_slot(slot)


def take_labels(session: Session, jobs: Jobs, found: Incoming) -> None:
    """Take what was read into the project, as one act. Raises UserError where that cannot be."""
    refuse_read_only(session)

    def take(changes: tuple[Change, ...]) -> None:
        before = session.labels.label_set
        after = with_labels(before, found.label_set.labels)
        if after != before:
            changes = (of_label_set(before, after), *changes)
        count = len(found.annotations)
        key = found.annotations[0].key if count else None
        try:
            act(session, jobs, words_of_import(count, found.format.title), changes, key)
        except UserError as error:
            session.say_error(error)
            return
        _settle(count)
        _say_taken(session, found, len(after.labels) - len(before.labels))

    jobs.start(
        *("take-labels", "io", "new_changes", found.annotations), take, failed=session.say_error
    )


def count_kinds(
    session: Session, jobs: Jobs, done: Callable[[tuple[LabelCount, ...]], None]
) -> None:
    """Ask how much of each kind the project holds."""

    def start() -> None:
        jobs.start(_COUNTS, "store", "count_by_label", None, done=done, failed=session.say_error)

    _when_kept(session, jobs, start, session.say_error)


def stop_counting(jobs: Jobs) -> None:
    """Nobody waits for the numbers any longer."""
    for slot in (_KEPT, _COUNTS):
        jobs.cancel_slot(slot)


def _when_kept(
    session: Session, jobs: Jobs, go: Callable[[], None], failed: Callable[[Error], None]
) -> None:
    """Do something with the project's file once all is in it that was done so far."""
    waiting = session.waiting
    if waiting.trouble:
        count = len(waiting.things)
        verb = "is" if count == 1 else "are"
        failed(
            UserError(
                f"{counted(count, 'change')} {verb} not saved yet, and would be left out.",
                "Try again when all is saved.",
            )
        )
    elif waiting.things:
        # The store does one thing after the other: when it answers, it has kept some more.
        jobs.start(
            *(_KEPT, "store", "standing", None),
            done=lambda _found: _when_kept(session, jobs, go, failed),
            failed=failed,
        )
    else:
        go()


def _settle(count: int) -> None:
    """Spare the collector what is free of cycles: a look at it takes a fifth of a second."""
    if count > MANY:
        gc.freeze()


def _say_taken(session: Session, found: Incoming, labels: int) -> None:
    hints = [f"{counted(labels, 'label')} {'is' if labels == 1 else 'are'} new."] if labels else []
    missed = words_of_unmatched(found.unmatched)
    if missed:
        hints.append(missed)
    text = words_imported(len(found.annotations), found.scans)
    session.say(text, " ".join(hints), "doubtful" if missed else "good")
