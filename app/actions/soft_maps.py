"""Soft maps of what is in sight: made by the engine when masks are to come of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.jobs import Jobs
from app.session import Session
from inference.cards import ModelCard, differences
from inference.records import Frame, SoftMap, Source
from inference.requests import PredictRequest, read_request


@dataclass(frozen=True, eq=False)
class MapsWanted:
    """The frames of a source that a model's soft maps are wanted of, and the slot of the jobs."""

    slot: str
    source: Source
    card: ModelCard
    indices: tuple[int, ...]


def ask_soft(session: Session, jobs: Jobs, number: int) -> None:
    """Have the soft map of what a viewport shows made, where its model segments."""
    pane, card, source = session.panes[number], session.card_of(number), session.source_of(number)
    if card is None or source is None or card.task != "segment" or pane.is_cut:
        return
    said, slot = pane.prediction, f"soft-{number}"
    if said is None or session.prelabels.soft_map(said.key, card) or jobs.is_running(slot):
        return
    asked = (said.key, card.model_id)
    if asked not in session.prelabels.asked:  # one that failed is not asked for over and over
        session.prelabels.asked.add(asked)
        wanted = MapsWanted(slot, source, card, (said.key[1],))
        with_soft_maps(session, jobs, wanted, lambda maps: None)


def with_soft_maps(
    session: Session,
    jobs: Jobs,
    wanted: MapsWanted,
    run: Callable[[tuple[SoftMap, ...]], None],
) -> None:
    """Call `run` with the soft maps of these frames, made where they are not at hand."""
    source, card = wanted.source, wanted.card
    at_hand = [session.prelabels.soft_map(source.key(one), card) for one in wanted.indices]
    maps = tuple(one for one in at_hand if one is not None)
    if len(maps) == len(wanted.indices):
        run(maps)
        return

    def take(found: tuple[SoftMap, ...]) -> None:
        session.edit_proposals(lambda book: book.take(found))
        run(found)

    def ask(frames: tuple[Frame, ...]) -> None:
        request = PredictRequest(frames, card, session.device, warnings=differences(source, card))
        jobs.start(
            wanted.slot,
            "engine",
            "soft_maps",
            request,
            take,
            failed=session.say_error,
            title=f"{card.title}: how sure of each pixel",
            track="predict",
        )

    # A model of volumes sees all slices, whichever are asked about.
    every = tuple(range(source.frames)) if card.accepts.dimensions == 3 else wanted.indices
    kept = [session.frames.get(source.key(one)) for one in every]
    frames = tuple(one for one in kept if one is not None)
    if len(frames) == len(every):
        ask(frames)
        return
    jobs.start(
        wanted.slot,
        "decode",
        "read_frames",
        read_request(source, every),
        ask,
        failed=session.say_error,
        title=f"Reading {len(every):,} slices",
    )
