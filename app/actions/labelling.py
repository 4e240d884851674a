"""Annotations: made, changed and taken away, each as one act; and brought back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from app.actions.acting import act
from app.acts import of_annotation, of_label_set
from app.jobs import Jobs
from app.session import Session
from inference.records import Annotation, FrameKey, LabelSet


def load_new(session: Session, jobs: Jobs) -> None:
    """Bring back the annotations of the sources in sight, once for each."""
    for number in session.visible:
        source_id = session.panes[number].source_id
        if source_id is not None and source_id not in session.labels.recalled:
            load(session, jobs, source_id)


def load(session: Session, jobs: Jobs, source_id: str) -> None:
    """Bring back the annotations of a source; the store must have got those that are on the way."""
    book = session.labels
    book.recalled.add(source_id)
    if book.lacks(source_id) and session.waiting.things:
        book.owed.add(source_id)
        return

    def take(found: tuple[Annotation, ...]) -> None:
        session.edit_labels(lambda book: book.add(source_id, found))

    jobs.start(
        f"labels-{source_id}",
        "store",
        "load_annotations",
        source_id,
        done=take,
        failed=lambda error: None,  # the store says so when something is to be saved
    )


def load_owed(session: Session, jobs: Jobs) -> None:
    """Bring back what could not be as long as something of it was not kept."""
    while session.labels.owed and not session.waiting.things:
        load(session, jobs, session.labels.owed.pop())


def new_id() -> str:
    """An id that no other annotation has."""
    return uuid.uuid4().hex[:12]


def stamped(session: Session, annotation: Annotation) -> Annotation:
    """The same as this person's word of this moment; one without an id gets one."""
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    own = annotation.annotation_id or new_id()
    return replace(annotation, annotation_id=own, author=session.author, made_at=made_at)


def put(
    session: Session, jobs: Jobs, words: str, annotations: Iterable[Annotation]
) -> tuple[str, ...]:
    """Make annotations, or let them supersede those of their ids, as one act; their ids."""
    made = tuple(stamped(session, one) for one in annotations)
    changes = [of_annotation(session.labels.find(one.annotation_id), one) for one in made]
    if made:
        act(session, jobs, words, changes, made[0].key)
    return tuple(one.annotation_id for one in made)


def delete(session: Session, jobs: Jobs, ids: Iterable[str]) -> None:
    """Take annotations away, as one act."""
    found = [one for one in map(session.labels.find, ids) if one is not None]
    if not found:
        return
    words = f"Delete {len(found)} annotations" if len(found) > 1 else f"Delete the {found[0].kind}"
    act(session, jobs, words, [of_annotation(one, None) for one in found], found[0].key)


def set_label_set(session: Session, jobs: Jobs, words: str, after: LabelSet) -> None:
    """Work with another label set from now on, as one act."""
    act(session, jobs, words, (of_label_set(session.labels.label_set, after),), None)


def set_class(
    session: Session, jobs: Jobs, key: FrameKey, label: str, value: float | None = None
) -> bool:
    """Say a class of a frame (or WHOLE) as one act; said once more it is taken back.

    Classes that exclude it are taken away in the same act. Gives whether it holds now.
    """
    book = session.labels
    here = [one for one in book.on(key) if one.kind == "class"]
    same = [one for one in here if one.label == label]
    rivals = [one for one in here if one.label in book.label_set.rivals(label)]
    if same and same[0].value == value:
        delete(session, jobs, [same[0].annotation_id])
        return False
    old = same[0] if same else Annotation("", key[0], key[1], "class", label)
    made = stamped(session, replace(old, value=value, made_from=None))
    changes = [of_annotation(one, None) for one in rivals]
    changes.append(of_annotation(same[0] if same else None, made))
    title = label.rpartition("/")[2]
    act(session, jobs, f"Class “{title}”", changes, key)
    return True


def select(session: Session, ids: tuple[str, ...]) -> None:
    """Select annotations; () selects none."""
    if ids != session.labels.selected:
        session.edit_labels(lambda book: book.select(ids))
