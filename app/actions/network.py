"""Looking into a model: what it saw of the frame in sight, and the tree of its layers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from app.actions import models
from app.actions.answers import refusal
from app.actions.offering import ahead_of_trials
from app.jobs import Error, Jobs
from app.session import Session
from explain.stage_records import LayerPreview, NetworkTree, Stages, StagesRequest
from inference.errors import UserError
from inference.records import Frame
from inference.requests import read_request

STAGES, TREE, PREVIEWS = "stages", "network_tree", "layer_previews"
"""What the engine does, each in a slot named so: a newer question takes the older one's place."""

Failed = Callable[[Error], None]


def lack(session: Session, number: int) -> UserError | None:
    """Why nothing can be looked at in a viewport yet; None where it can."""
    pane, card = session.panes[number], session.card_of(number)
    if session.source_of(number) is None:
        return UserError("There is no scan in this viewport.", "Open one first.")
    if pane.frame_trouble is not None:
        return UserError("This picture cannot be read.", "Go on to another one.")
    if card is None:
        return UserError("No model is chosen.", "Choose one beside the picture.")
    if pane.frame is None:
        return UserError("The picture is not here yet.", "It is shown here once it is read.")
    if pane.is_cut:
        cut = UserError(
            "This picture was reckoned from several slices; a model sees slices as they were made.",
            "Turn the viewport thin, with B, or to its slices, with M.",
        )
        return refusal(pane, card) or cut
    return None


def look(
    session: Session,
    jobs: Jobs,
    layer: str | None,
    done: Callable[[Stages], None],
    failed: Failed,
) -> None:
    """What the active viewport's model makes of its frame, and what `layer` gives on the way."""
    _ask(session, jobs, STAGES, done, failed, layer=layer)


def load_tree(
    session: Session, jobs: Jobs, done: Callable[[NetworkTree], None], failed: Failed
) -> None:
    """The parts of the active viewport's model."""
    _ask(session, jobs, TREE, done, failed)


def load_previews(
    session: Session,
    jobs: Jobs,
    done: Callable[[tuple[LayerPreview, ...]], None],
    failed: Failed,
) -> None:
    """What each candidate layer makes of the frame, in small."""
    _ask(session, jobs, PREVIEWS, done, failed)


def cancel(jobs: Jobs) -> None:
    """Nobody looks any more."""
    for slot in (STAGES, TREE, PREVIEWS):
        jobs.cancel_slot(slot)


def no_asking(session: Session, number: int) -> str:
    """Why no layer can be asked about in a viewport: its method takes none; "" where one can."""
    pane = session.panes[number]
    method = next((one for one in pane.methods if one.name == pane.asked.method), None)
    if method is None:
        return "Which methods fit this model is not known yet."
    if not method.takes_layer:
        return f"{method.title} looks at no layer. Choose a method of layers, such as Grad-CAM."
    return ""


def ask_at(session: Session, number: int, layer: str) -> None:
    """Let the next explanation of a viewport look at this layer."""
    asked = replace(session.panes[number].asked, layer=layer)
    models.ask(session, number, asked)


def _ask(
    session: Session,
    jobs: Jobs,
    name: str,
    done: Callable[[Any], None],
    failed: Failed,
    *,
    layer: str | None = None,
) -> None:
    number = session.active
    pane, source, card = (
        session.panes[number],
        session.source_of(number),
        session.card_of(number),
    )
    missing = lack(session, number)
    if missing is not None or source is None or card is None or pane.frame is None:
        failed(missing or UserError("There is nothing to look at."))
        return

    def run(frames: tuple[Frame, ...]) -> None:
        index = pane.index if len(frames) > 1 else 0
        request = StagesRequest(frames, index, card, layer, session.device)

        def start() -> None:
            jobs.start(name, "engine", name, request, done, failed=failed, track="explain")

        if name == PREVIEWS:
            start()  # they can wait for the trials of methods
        else:
            ahead_of_trials(session, jobs, start)

    def keep(frames: tuple[Frame, ...]) -> None:
        for frame in frames:
            session.frames.add(frame)
        run(frames)

    if card.accepts.dimensions == 2:
        run((pane.frame,))
        return
    whole = session.frames.whole(source)
    if whole is not None:
        run(whole)
        return
    wanted = read_request(source, tuple(range(source.frames)))
    jobs.start(name, "decode", "read_frames", wanted, keep, failed=failed)
