"""What models propose: seen on the picture, accepted, refused or edited, one or many at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from app.actions import acting, labelling, labelling_queue
from app.actions.label_sets import choose
from app.acts import Change, of_annotation, of_label_set, of_mark
from app.jobs import Jobs
from app.label_sets import labels_of, next_colour, with_labels, with_model
from app.prelabels import (
    Proposal,
    ProposalBook,
    Setting,
    refusal_mark,
    still_open,
)
from app.session import Session
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import (
    Annotation,
    Label,
    LabelSet,
    Source,
)


def setting_of(session: Session, source: Source, card: ModelCard) -> Setting:
    """What the proposals for a scan depend on, without a soft map."""
    book = session.labels
    whole = book.hand.whole or source.frames == 1
    return Setting(card, book.label_set, session.prelabels.threshold, whole)


def on_frame(session: Session, number: int) -> tuple[Proposal, ...]:
    """What the model of a viewport proposes there and nobody has decided on."""
    pane, card, source = session.panes[number], session.card_of(number), session.source_of(number)
    seen = session.place == "label" and session.prelabels.visible
    if not seen or card is None or source is None or pane.is_cut or pane.prediction is None:
        return ()
    soft = session.prelabels.soft_map(pane.prediction.key, card)
    setting = replace(setting_of(session, source, card), soft=soft)
    return open_ones(session, session.prelabels.propose(pane.prediction, setting))


def edit(session: Session, *, visible: bool | None = None, threshold: float | None = None) -> None:
    """Show proposals or none, or regions of another threshold."""

    def take(book: ProposalBook) -> None:
        book.visible = book.visible if visible is None else visible
        book.threshold = book.threshold if threshold is None else min(max(threshold, 0.01), 1.0)

    session.edit_proposals(take)


def accept(session: Session, jobs: Jobs, proposals: Iterable[Proposal], words: str) -> None:
    """Say what a model proposed, as one act; a label that the set lacks comes into it.

    A class that was said and is excluded by one of them is taken away.
    """
    taken = tuple(proposals)
    if not taken:
        return
    book = session.labels
    after = _with_lacking(session, taken)
    changes: list[Change] = []
    if after != book.label_set:
        changes.append(of_label_set(book.label_set, after))
    gone: set[str] = set()
    for one in taken:
        changes += _rivals_away(session, one.annotation, after, gone)
        made = labelling.stamped(session, replace(one.annotation, annotation_id=""))
        changes.append(of_annotation(None, made))
    keys = {one.annotation.key for one in taken}
    acting.act(session, jobs, words, changes, keys.pop() if len(keys) == 1 else None)


def accept_one(session: Session, jobs: Jobs, proposal: Proposal | None = None) -> None:
    """Accept a proposal on the frame in sight, the first without one; a class moves on."""
    one = _chosen(session, proposal)
    accept(session, jobs, (one,), f"Accept {words_of(one)}")
    if one.annotation.kind == "class" and session.labels.moves_on:
        labelling_queue.go_on(session, jobs)


def change(session: Session, jobs: Jobs, proposal: Proposal | None = None) -> None:
    """Accept a proposal and take it in hand: a region is gone on with by the brush."""
    one = _chosen(session, proposal)
    accept(session, jobs, (one,), f"Accept {words_of(one)}")
    made = session.labels.on(one.annotation.key)[-1]
    choose(session, made.label)
    labelling.select(session, (made.annotation_id,))
    if made.kind == "mask":
        session.set_tool("brush")


def refuse(session: Session, jobs: Jobs, proposal: Proposal | None = None) -> None:
    """Do not see a proposal again, also after a restart; an undo brings it back."""
    one = _chosen(session, proposal)
    mark = refusal_mark(one.refusal)
    acting.act(session, jobs, f"Refuse {words_of(one)}", (of_mark(None, mark),), one.annotation.key)


# What is proposed, and how it is said


def open_ones(session: Session, proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Those that were neither decided on nor answered otherwise, in this order."""
    found = tuple(proposals)
    ids = {one.key[0] for one in found}
    said = [one for source_id in ids for one in session.labels.of_source(source_id)]
    here: dict[tuple[str, int], list[Annotation]] = {}
    for one in said:
        here.setdefault(one.key, []).append(one)
    refused = frozenset(session.marks.refusals.values())
    label_set = session.labels.label_set
    return tuple(
        one
        for one in found
        if still_open((one,), here.get(one.annotation.key, ()), refused, label_set)
    )


def _chosen(session: Session, proposal: Proposal | None) -> Proposal:
    acting.refuse_read_only(session)
    there = on_frame(session, session.active)
    if proposal is not None:
        same = [one for one in there if one.refusal == proposal.refusal]
    else:
        same = list(there)
    if not same:
        raise UserError("No model proposes anything here.", "Ask one first, with P.")
    return same[0]


def words_of(one: Proposal) -> str:
    """Such as “nodule 0.93”, to stand behind "Accept"."""
    return f"“{one.annotation.label.rpartition('/')[2]} {one.made_from.score:.2f}”"


def _with_lacking(session: Session, taken: tuple[Proposal, ...]) -> LabelSet:
    """The label set with the labels that it lacks, as the model's card has them."""
    found = session.labels.label_set
    for one in taken:
        name = one.annotation.label
        if found.find(name) is not None:
            continue
        card = session.card(one.made_from.model_id)
        if card is not None and not found.labels:
            found = replace(with_model(found, card), labels=())
        known = labels_of(card) if card is not None else ()
        label = next((each for each in known if each.name == name), None)
        colour = next_colour(each.colour for each in found.labels)
        found = with_labels(found, (label or Label(name, colour),))
    return found


def _rivals_away(
    session: Session, made: Annotation, label_set: LabelSet, gone: set[str]
) -> list[Change]:
    if made.kind != "class":
        return []
    rivals = label_set.rivals(made.label)
    away = [
        one
        for one in session.labels.on(made.key)
        if one.kind == "class" and one.label in rivals and one.annotation_id not in gone
    ]
    gone.update(one.annotation_id for one in away)
    return [of_annotation(one, None) for one in away]
