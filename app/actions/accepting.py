"""Accepts at once all that a model is sure enough of: on a slice, on a scan, in the queue."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from app.actions import acting, labelling, labelling_queue
from app.actions.prelabels import accept, on_frame, open_ones, setting_of, words_of
from app.actions.soft_maps import MapsWanted, with_soft_maps
from app.jobs import Jobs
from app.prelabels import Proposal, Setting, label_for
from app.queue import QueueRow
from app.session import Session
from app.store import Found, Wanted
from inference.errors import UserError
from inference.records import WHOLE, Annotation, LabelSet, MadeFrom, Prediction, SoftMap


def accept_frame(session: Session, jobs: Jobs) -> None:
    """Accept all on the frame in sight that reach the threshold, as one act."""
    _accept_all(session, jobs, on_frame(session, session.active), "this slice")


def accept_scan(session: Session, jobs: Jobs) -> None:
    """Accept all on the scan in sight that reach the threshold, as one act."""
    card, source = session.card_of(session.active), session.source_of(session.active)
    if card is None or source is None:
        raise UserError("No model proposes anything.", "Open a scan and choose a model first.")
    acting.refuse_read_only(session)
    setting = setting_of(session, source, card)
    if card.task == "segment":
        wanted_maps = MapsWanted("soft-scan", source, card, tuple(range(source.frames)))
        run = partial(_accept_regions, session, jobs, setting)
        with_soft_maps(session, jobs, wanted_maps, run)
        return

    def take(found: tuple[Found, ...]) -> None:
        said = tuple(one.prediction for one in found if one.prediction is not None)
        _try(session, lambda: _accept_classes(session, jobs, said, setting))

    wanted = Wanted((source.source_id, 0), card.model_id, card.sha256)
    jobs.start("accept-scan", "store", "load_all", wanted, take, failed=session.say_error)


def accept_queue(session: Session, jobs: Jobs) -> None:
    """Accept the first answers in the queue that reach the threshold, as one act."""
    card = session.card_of(session.active)
    if card is None:
        raise UserError("No model proposes anything.", "Open a scan and choose a model first.")
    rows = in_queue(session)
    found = tuple(_of_row(session, row) for row in rows)
    _accept_all(session, jobs, found, "the list")
    ids = frozenset(row.source_id for row in rows)
    session.edit_queue(lambda book: setattr(book, "accepted", book.accepted | ids))
    labelling_queue.refresh(session, jobs)


def in_queue(session: Session) -> tuple[QueueRow, ...]:
    """The rows of the queue whose answer by the model in sight could be accepted."""
    card, label_set = session.card_of(session.active), session.labels.label_set
    if card is None or card.task != "classify":
        return ()
    least = session.prelabels.threshold
    mine = (card.model_id, card.sha256)
    rows = session.queue.queue.rows
    answered = _answered_here(session) | session.queue.accepted
    return tuple(
        row
        for row in rows
        if row.score >= least
        and (row.model_id, row.sha256) == mine
        and not (row.refused or _is_said(row, label_set) or row.source_id in answered)
    )


def sure_enough(session: Session, proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Those that reach the threshold; of regions all, whose pixels do."""
    least = session.prelabels.threshold
    return tuple(
        one for one in proposals if one.annotation.kind != "class" or one.made_from.score >= least
    )


def _accept_all(session: Session, jobs: Jobs, proposals: Iterable[Proposal], where: str) -> None:
    sure = sure_enough(session, proposals)
    if not sure:
        raise UserError(
            f"Nothing that is proposed on {where} reaches {session.prelabels.threshold:.2f}.",
            "Lower the threshold, or ask the model first.",
        )
    words = f"Accept {len(sure):,} proposals" if len(sure) > 1 else f"Accept {words_of(sure[0])}"
    accept(session, jobs, sure, words)


def _accept_classes(
    session: Session, jobs: Jobs, said: tuple[Prediction, ...], setting: Setting
) -> None:
    found = [one for each in said for one in session.prelabels.propose(each, setting)]
    if setting.whole:  # one answer stands for the scan: that which the model is surest of
        best: dict[str, Proposal] = {}
        for one in sorted(found, key=lambda one: -one.made_from.score):
            best.setdefault(one.annotation.label, one)
        single = setting.label_set.pick == "single" and setting.card.activation == "softmax"
        found = list(best.values())[:1] if single else list(best.values())
    _accept_all(session, jobs, open_ones(session, found), "this scan")


def _accept_regions(
    session: Session, jobs: Jobs, setting: Setting, maps: tuple[SoftMap, ...]
) -> None:
    """Pack the regions beside the window; in a volume those of one label belong together."""

    def take(found: tuple[Proposal, ...]) -> None:
        rest = open_ones(session, found)
        if len(setting.card.size) == 3:
            ids = {one.annotation.label: labelling.new_id() for one in rest}
            rest = tuple(
                replace(one, annotation=replace(one.annotation, instance=ids[one.annotation.label]))
                for one in rest
            )
        _try(session, lambda: _accept_all(session, jobs, rest, "this scan"))

    jobs.start(
        "accept-scan",
        "painting",
        "find_masks",
        (maps, setting),
        take,
        failed=session.say_error,
        title="Taking regions from the model",
    )


def _of_row(session: Session, row: QueueRow) -> Proposal:
    label_set, entry = session.labels.label_set, session.project.entries.get(row.source_id)
    whole = session.labels.hand.whole or entry is None or entry.frames == 1
    made = MadeFrom(row.model_id, row.sha256, row.answer, row.score, row.made_at)
    label = label_for(label_set, row.answer)
    name = label.name if label is not None else row.answer.replace("/", "-")
    frame = WHOLE if whole else row.at
    own = Annotation("", row.source_id, frame, "class", name, made_from=made)
    return Proposal(own, made, (row.source_id, row.at))


def _is_said(row: QueueRow, label_set: LabelSet) -> bool:
    label = label_for(label_set, row.answer)
    return label is not None and bool({label.name, *label_set.rivals(label.name)} & {*row.classes})


def _answered_here(session: Session) -> frozenset[str]:
    """The scans in which a class was said since the queue was read."""
    return frozenset(
        one
        for one in session.labels.ready
        if any(each.kind == "class" for each in session.labels.of_source(one))
    )


def _try(session: Session, act: Callable[[], None]) -> None:
    try:
        act()
    except UserError as error:
        session.say_error(error)
