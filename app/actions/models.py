"""Choosing models, methods and devices."""

from __future__ import annotations

from collections.abc import Callable

from app.actions.answers import recall
from app.actions.offering import load_methods
from app.jobs import Jobs
from app.panes import VIEWPORTS, Asked
from app.session import Session
from inference.cards import ModelCard, fitting_first
from inference.requests import AddModelRequest, OpenRequest

AFTER_PICTURES = 5
"""Priority of reading cards in the decode lane: the first picture comes first."""


def choose_model(session: Session, jobs: Jobs, number: int, model_id: str) -> None:
    """Ask another model about what the viewport shows."""
    for slot in ("predict", "explain"):
        jobs.cancel_slot(f"{slot}-{number}")
    session.choose_model(number, model_id)
    recall(session, jobs, number)
    load_methods(session, jobs, number)


def load_models(session: Session, jobs: Jobs, then: Callable[[], None] = lambda: None) -> None:
    """Read the cards of all models, and give viewports without a model one that fits."""

    def done(cards: tuple[ModelCard, ...]) -> None:
        session.set_cards(cards)
        for number in range(VIEWPORTS):
            pane, source = session.panes[number], session.source_of(number)
            if cards and source is not None and pane.model_id is None:
                choose_model(session, jobs, number, fitting_first(source, cards)[0].model_id)
        then()

    jobs.start("models", "decode", "list_models", OpenRequest(()), done, priority=AFTER_PICTURES)


def load_devices(session: Session, jobs: Jobs) -> None:
    """Start the engine and ask it for its devices."""
    jobs.start(
        "devices", "engine", "list_devices", OpenRequest(()), session.set_devices, track="predict"
    )


def choose_device(session: Session, device: str) -> None:
    session.set_devices(session.devices, device)


def ask(session: Session, number: int, asked: Asked) -> None:
    """How the next explanation of a viewport is to be made."""
    session.edit_question(number, asked=asked)


def add_model(session: Session, jobs: Jobs, request: AddModelRequest) -> None:
    """Bring one's own weights in; they are checked by the engine."""

    def done(card: ModelCard) -> None:
        session.say(f"{card.title} was added to the models.", "", "good")
        load_models(session, jobs)

    jobs.start(
        "add_model",
        "engine",
        "add_model",
        request,
        done,
        failed=session.say_error,
        title="Adding a model",
        track="predict",
    )


def load_entries(session: Session, jobs: Jobs) -> None:
    """Read the box of entries for the start page."""
    jobs.start(
        "entries",
        "decode",
        "list_entries",
        OpenRequest(()),
        session.set_entries,
        priority=AFTER_PICTURES,
    )
