"""The label set of a project: changed as one act, with all annotations that it concerns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from app.actions import labelling
from app.actions.acting import act, refuse_read_only
from app.acts import of_annotation, of_label_set
from app.jobs import Jobs
from app.label_book import LabelBook
from app.label_sets import renamed, with_labels, with_model
from app.session import Session
from app.store.records import LabelCount
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Annotation, Label, LabelSet

_SLOT, _COUNTS = "labelled", "label-counts"


def change(
    session: Session, jobs: Jobs, words: str, after: LabelSet, names: Mapping[str, str]
) -> None:
    """Work with another label set, as one act.

    `names` has the new names of labels whose annotations are to have them, on all sources of the
    project; the store is asked for those that are not at hand. Whose word they are stays. Raises
    UserError where the project cannot be changed.
    """
    refuse_read_only(session)
    if not names:
        if after != session.labels.label_set:
            labelling.set_label_set(session, jobs, words, after)
        return

    def take(kept: tuple[Annotation, ...]) -> None:
        book = session.labels
        others = (one for one in kept if not book.knows(one))
        pairs = renamed((*book.labelled(names), *others), names)
        in_hand = names.get(book.label, book.label)
        changes = [of_label_set(book.label_set, after)]
        changes += [of_annotation(old, new) for old, new in pairs]
        act(session, jobs, words, changes, None)
        if after.find(in_hand) is not None:
            choose(session, in_hand)

    jobs.start(_SLOT, "store", "load_labelled", tuple(names), done=take, failed=session.say_error)


def count(session: Session, jobs: Jobs, done: Callable[[dict[str, int]], None]) -> None:
    """Ask how many annotations of the project each label has."""

    def take(found: tuple[LabelCount, ...]) -> None:
        counted: Counter[str] = Counter()
        for one in found:
            counted[one.label] += one.annotations
        done(counted)

    jobs.start(_COUNTS, "store", "count_by_label", None, done=take, failed=session.say_error)


def take_from_model(session: Session, jobs: Jobs, card: ModelCard) -> None:
    """Add what the labels of a model lack, as one act; the first new one is in hand then."""
    before = session.labels.label_set
    after = with_model(before, card)
    if after == before:
        raise UserError(f"All labels of {card.title} are there already.", "")
    labelling.set_label_set(session, jobs, f"Labels of {card.title}", after)
    choose(session, after.labels[len(before.labels)].name)


def add(session: Session, jobs: Jobs, label: Label) -> None:
    """Add a label, as one act, and take it in hand."""
    before = session.labels.label_set
    if before.find(label.name) is not None:
        raise UserError(f"There is a label “{label.name}” already.", "Choose another name.")
    labelling.set_label_set(session, jobs, "New label", with_labels(before, (label,)))
    choose(session, label.name)


def choose(session: Session, name: str) -> None:
    """Take a label in hand."""

    def take(book: LabelBook) -> None:
        book.label = name

    if name != session.labels.label:
        session.edit_labels(take)


def stop_counting(jobs: Jobs) -> None:
    """Nobody waits for the numbers of annotations any longer."""
    jobs.cancel_slot(_COUNTS)
