"""Two to six answers side by side: viewports are filled, asked one after another, and scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from app.actions import answers, planes
from app.actions.returning import snapshot
from app.comparison import FEWEST, MOST, Offer, Way, asked_for, layout_for, shares_by_itself
from app.jobs import Jobs
from app.messages import trouble
from app.panes import LINKS, VIEWPORTS, Asked, Pane
from app.session import Session
from inference.errors import UserError


def begin(session: Session, jobs: Jobs, ways: Sequence[Way], offers: Sequence[Offer]) -> None:
    """Show the active viewport's picture once for each way, and explain what has no map yet.

    Raises UserError where there is no picture, or too few or too many ways.
    """
    like, card = session.panes[session.active], session.card_of(session.active)
    if like.frame is None or like.source_id is None or card is None:
        raise UserError("There is nothing to compare.", "Open a scan and choose a model first.")
    if not FEWEST <= len(ways) <= MOST:
        raise UserError(
            f"{len(ways)} maps cannot be compared side by side.",
            f"Choose {FEWEST} to {MOST} of them.",
        )
    by_id = {offer.card.model_id: offer for offer in offers}
    filled = [_filled(session, like, card.labels, way, by_id[way.model_id]) for way in ways]
    comparison, before = session.comparison, snapshot(session, jobs)
    comparison.before = comparison.before or before
    comparison.shared = shares_by_itself(ways)
    session.set_layout(layout_for(len(ways)), 0)
    for number in range(VIEWPORTS):
        session.put_pane(number, filled[number] if number < len(filled) else Pane())
    for link in LINKS:
        session.set_link(link, on=True)
    for number, pane in enumerate(filled):
        if pane.is_cut:
            planes.show_plane(session, jobs, number, pane.index)
        answers.recall(
            session, jobs, number, partial(_explain_missing, session, jobs, number, pane.asked)
        )
    share(session)


def compared(session: Session) -> tuple[int, ...]:
    """The numbers of the viewports that are compared."""
    return tuple(number for number in session.seats if session.panes[number].compared)


def explain_all(session: Session, jobs: Jobs) -> None:
    """Explain in every viewport that is compared, one after another."""
    for number in compared(session):
        answers.explain_current(session, jobs, number)


def set_shared(session: Session, *, shared: bool) -> None:
    """One scale for all that is compared, or for each viewport its own."""
    session.comparison.shared = shared
    share(session)


def share(session: Session) -> None:
    """Give all compared viewports the largest of their limits, or none where each has its own."""
    numbers = compared(session)
    limits = [_own_limit(session, session.panes[number]) for number in numbers]
    largest = max(limits, default=0.0) if session.comparison.shared else 0.0
    for number in numbers:
        if session.panes[number].limit != (largest or None):
            session.edit_view(number, limit=largest or None)


def _own_limit(session: Session, pane: Pane) -> float:
    """The end of a viewport's colours if it stood alone; 0 without a whole map."""
    source = session.sources.get(pane.source_id or "")
    if source is None or pane.attribution is None or pane.attribution.coarse:
        return 0.0
    scale = session.scales.scale(replace(pane, limit=None), source, session.results)
    return scale.limit if scale is not None else 0.0


def _filled(session: Session, like: Pane, labels: Sequence[str], way: Way, offer: Offer) -> Pane:
    """A viewport like the active one, which asks in this way and shows what is known of it."""
    assert like.frame is not None
    asked = asked_for(way, like, labels, offer.card)
    place = (like.frame.key, way.model_id)
    known = not like.is_cut
    return replace(
        like,
        model_id=way.model_id,
        asked=asked,
        compared=True,
        methods=offer.methods,
        layers=offer.layers,
        prediction=session.results.predictions.get(place) if known else None,
        attribution=session.results.attribution(place, asked) if known else None,
        predict_trouble=None,
        explain_trouble=None,
        limit=None,
        caption="",
    )


def _explain_missing(session: Session, jobs: Jobs, number: int, asked: Asked) -> None:
    """Explain in a viewport if nothing kept answers its question; say in it why it cannot be."""
    pane = session.panes[number]
    if not pane.compared or pane.asked != asked:
        return
    try:
        if not _answered(session, pane):
            answers.explain_current(session, jobs, number)
        elif pane.prediction is None and not pane.is_cut:
            answers.predict_current(session, jobs, number)
    except UserError as error:
        session.set_trouble(number, "explain", trouble(error))


def _answered(session: Session, pane: Pane) -> bool:
    if pane.is_cut:
        return bool(session.results.maps(pane.source_id or "", pane.model_id, pane.asked))
    return pane.attribution is not None and not pane.attribution.coarse
