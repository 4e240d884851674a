"""What a person does to annotations and marks: done, kept at once, undone and done again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import partial

from app.actions import moving, sources
from app.actions.keeping import keep
from app.acts import Act, Change
from app.jobs import Jobs
from app.marks import source_of
from app.session import Session
from app.store.acts import Standing
from inference.errors import UserError
from inference.records import WHOLE, Annotation, FrameKey

_SLOT = "act-again"
OPENING = "project"
_STANDING = "standing"
"""What is under way until it is known where the person stands among the acts of the project."""


def act(
    session: Session, jobs: Jobs, words: str, changes: Iterable[Change], key: FrameKey | None
) -> None:
    """Do what one Ctrl+Z takes back, on frame `key`; it is seen at once and kept at once.

    While the project is being opened, a moment, it waits. Raises UserError where the project
    cannot be changed.
    """
    refuse_read_only(session)
    history = session.labels.history
    if not history.known and (jobs.is_running(OPENING) or jobs.is_running(_STANDING)):
        session.labels.early.append(partial(act, session, jobs, words, tuple(changes), key))
        return
    made_at = datetime.now(UTC).isoformat()
    made = Act(history.next_number, words, session.author, made_at, key, tuple(changes))
    if not made.changes:
        return
    history.push(made)
    session.apply(made.changes)
    keep(session, jobs, "act", made)


def undo(session: Session, jobs: Jobs) -> None:
    """Take back the last act, and show where it was."""
    number = session.labels.history.to_undo
    if number is not None:
        _turn(session, jobs, number, back=True)


def redo(session: Session, jobs: Jobs) -> None:
    """Do again what was undone last, and show where it is."""
    number = session.labels.history.to_redo
    if number is not None:
        _turn(session, jobs, number, back=False)


def refuse_read_only(session: Session) -> None:
    """Raise UserError where the project cannot be changed."""
    if session.labels.read_only:
        raise UserError(session.labels.read_only, "Look at it here, or make another project.")


def restore(session: Session, jobs: Jobs) -> None:
    """Find out where the person stood among his acts, and which labels the project has."""

    def take(found: Standing) -> None:
        session.labels.history.restore(found.cursor, found.total)
        session.edit_labels(lambda book: book.use(found.label_set))
        begin(session)

    if not session.labels.history.known:
        failed = partial(begin, session)
        jobs.start(_STANDING, "store", "standing", None, take, failed=lambda error: failed())


def begin(session: Session) -> None:
    """Do what was wished for while the project was being opened."""
    early, session.labels.early = session.labels.early, []
    for one in early:
        try:
            one()
        except UserError as error:
            session.say_error(error)


def _turn(session: Session, jobs: Jobs, number: int, *, back: bool) -> None:
    refuse_read_only(session)
    found = session.labels.history.find(number)
    if found is not None:
        _apply(session, jobs, found, back=back)
        return
    if jobs.is_running(_SLOT):
        return
    take = partial(_take, session, jobs, number, back)
    jobs.start(_SLOT, "store", "load_act", number, take, failed=session.say_error)


def _take(session: Session, jobs: Jobs, number: int, back: bool, found: Act | None) -> None:
    """An act of an earlier time has been read; it is of use if nothing was done meanwhile."""
    history = session.labels.history
    if found is not None and number == (history.to_undo if back else history.to_redo):
        history.take(found)
        _apply(session, jobs, found, back=back)


def _apply(session: Session, jobs: Jobs, made: Act, *, back: bool) -> None:
    history = session.labels.history
    history.move(made.number - 1 if back else made.number)
    session.apply(reversed(made.changes) if back else made.changes, back=back)
    session.edit_labels(lambda book: book.select(_left(made, back=back)))
    keep(session, jobs, "cursor", history.cursor)
    if made.key is not None:
        show(session, jobs, made.key)


def _left(made: Act, *, back: bool) -> tuple[str, ...]:
    """The shapes and masks that an act left on its frame, or with `back` that were there before."""
    things = (change.before if back else change.after for change in made.changes)
    return tuple(
        one.annotation_id
        for one in things
        if isinstance(one, Annotation) and one.key == made.key and one.kind != "class"
    )


def show(session: Session, jobs: Jobs, key: FrameKey) -> None:
    """Turn to a frame, in a viewport that shows its source if there is one."""
    source_id, index = source_of(key), key[1]
    if source_id not in session.sources:
        return
    showing = [one for one in session.visible if session.panes[one].source_id == source_id]
    plain = [one for one in showing if not session.panes[one].is_cut]
    if not showing:
        sources.choose_source(session, jobs, source_id)
    elif plain and session.active not in plain:
        session.set_active(plain[0])
    number = session.active
    pane = session.panes[number]
    own = key[0] == source_id and not pane.is_cut
    if own and index not in (WHOLE, pane.index):
        moving.scroll(session, jobs, number, index)
