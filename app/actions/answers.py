"""Predictions and explanations: asked for, kept, recalled, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from app.actions import drawing
from app.actions.keeping import keep
from app.actions.offering import ahead_of_trials
from app.jobs import Error, Jobs
from app.known_figures import question_again, unmeasured, with_known_figures
from app.messages import trouble
from app.panes import VIEWPORTS, Asked, Pane
from app.session import Session
from app.store import Found, Wanted
from app.truths import reference_of, region_of
from explain.method_titles import title_of
from inference.cards import ModelCard, differences
from inference.errors import UserError
from inference.records import Attribution, Frame, Prediction
from inference.requests import ExplainRequest, PredictRequest, read_request


def predict_current(session: Session, jobs: Jobs, number: int | None = None) -> None:
    """Run the viewport's model on its frame, or on the whole source if it is a model of volumes."""
    number = session.active if number is None else number
    source, card = session.source_of(number), session.card_of(number)
    if source is None or card is None or session.panes[number].frame is None:
        raise UserError("There is nothing to predict.", "Open a scan and choose a model first.")
    refused = refusal(session.panes[number], card)
    if refused is not None:
        raise refused

    def run(frames: tuple[Frame, ...]) -> None:
        request = PredictRequest(frames, card, session.device, warnings=differences(source, card))
        jobs.start(
            f"predict-{number}",
            "engine",
            "predict",
            request,
            done=lambda found: _keep_predictions(session, jobs, found),
            failed=lambda error: session.set_trouble(number, "predict", trouble(error)),
            title=f"{card.title}: predicting",
            track="predict",
        )

    _with_frames(session, jobs, number, "predict", run)


def explain_current(
    session: Session, jobs: Jobs, number: int | None = None, asked: Asked | None = None
) -> None:
    """Show why the model answers as it does for the viewport's frame.

    `asked` is put in the place of the viewport's own question. Raises UserError where something
    that the question names is gone.
    """
    number = session.active if number is None else number
    source, card = session.source_of(number), session.card_of(number)
    if source is None or card is None or session.panes[number].frame is None:
        raise UserError("There is nothing to explain.", "Open a scan and choose a model first.")
    refused = refusal(session.panes[number], card)
    if refused is not None:
        raise refused
    question = session.panes[number].asked if asked is None else asked
    frame_index = session.panes[number].index
    reference = reference_of(session, question)
    volume = card.accepts.dimensions == 3
    judged = tuple(range(source.frames)) if volume else (frame_index,)
    truth = region_of(session, number, question.truth, judged)

    def run(frames: tuple[Frame, ...]) -> None:
        request = ExplainRequest(
            frames,
            frame_index if len(frames) > 1 else 0,
            card,
            question.method,
            question.target,
            layer=question.layer,
            options=question.options,
            device=session.device,
            warnings=differences(source, card),
            against=question.against,
            baseline=question.baseline,
            reference=reference,
            checks=question.checks,
            truth=truth,
        )

        def start() -> None:
            jobs.start(
                f"explain-{number}",
                "engine",
                "explain",
                request,
                done=lambda found: _keep_attributions(session, jobs, found),
                partial=lambda found: _show_unfinished(session, jobs, _several(found)),
                failed=lambda error: _explanation_failed(session, jobs, number, error),
                title=_title(card, question),
                track="explain",
            )

        ahead_of_trials(session, jobs, start)

    if session.panes[number].prediction is None and not _is_predicted(session, jobs, number):
        predict_current(session, jobs, number)
    _with_frames(session, jobs, number, "explain", run)


def check(
    session: Session, jobs: Jobs, checks: tuple[str, ...] = (), number: int | None = None
) -> None:
    """Question the map in sight: by these checks, or without any by all that are left."""
    number = session.active if number is None else number
    pane, card = session.panes[number], session.card_of(number)
    if pane.attribution is None or card is None or pane.attribution.coarse:
        raise UserError("There is no map to check.", "Explain first, with E.")
    again = question_again(pane.attribution, card, pane)
    wanted = checks or unmeasured(pane.attribution)
    explain_current(session, jobs, number, replace(again, checks=wanted))


def stop(session: Session, jobs: Jobs, number: int) -> None:
    """Take the explanation that is under way as far as it is known."""
    jobs.stop_slot(f"explain-{number}")


def cancel(session: Session, jobs: Jobs, number: int, what: str) -> None:
    """Stop a prediction ("predict") or an explanation ("explain") of a viewport."""
    jobs.cancel_slot(f"{what}-{number}")
    _drop_coarse(session, jobs, number)


def cancel_here(session: Session, jobs: Jobs) -> None:
    """Stop whatever runs for the active viewport."""
    for what in ("predict", "explain"):
        cancel(session, jobs, session.active, what)
    for what in ("ask-here", "what-if"):
        jobs.cancel_slot(f"{what}-{session.active}")


def cancel_job(session: Session, jobs: Jobs, number: int) -> None:
    """Stop one job of the list."""
    jobs.cancel_number(number)
    for pane in range(VIEWPORTS):
        _drop_coarse(session, jobs, pane)


def save_report(session: Session, jobs: Jobs, folder: Path) -> None:
    """Write map, overlay, report and result of what the active viewport shows."""
    pane, source = session.panes[session.active], session.source_of(session.active)
    if (
        source is None
        or pane.frame is None
        or pane.prediction is None
        or pane.attribution is None
        or pane.attribution.coarse
    ):
        raise UserError("There is no explanation to save.", "Explain first, with E.")
    jobs.start(
        "report",
        "io",
        "write_report",
        (
            *(folder, source, pane.frame, pane.prediction, pane.attribution, pane.caption),
            drawing.as_seen(session, session.active),
        ),
        done=lambda _: session.say(f"The report is in {folder}.", "", "good"),
        failed=session.say_error,
        title="Saving the report",
    )


def recall(
    session: Session, jobs: Jobs, number: int, then: Callable[[], None] = lambda: None
) -> None:
    """Look up what was kept earlier for the frame that a viewport shows; of cuts for all frames.

    A compared viewport wants the map that answers its question. `then` is called once it is known
    what there is.
    """
    card, pane = session.card_of(number), session.panes[number]
    whole = pane.is_cut and pane.source_id is not None
    known = pane.prediction is not None and pane.attribution is not None
    if card is None or not (whole or (pane.frame is not None and not known)):
        then()
        return
    key = pane.frame.key if pane.frame is not None and not whole else (pane.source_id or "", 0)

    def done(found: Found | tuple[Found, ...]) -> None:
        _take_stored(session, card.model_id, found if isinstance(found, tuple) else (found,))
        then()

    jobs.start(
        f"stored-{number}",
        "store",
        "load_all" if whole else "load",
        Wanted(key, card.model_id, card.sha256, pane.lens),
        done,
        failed=lambda error: then(),  # the store says so when something is to be saved
    )


def refusal(pane: Pane, card: ModelCard) -> UserError | None:
    """Why a model is not asked: one of single slices never sees a picture made from several."""
    if not pane.is_cut or card.accepts.dimensions != 2:
        return None
    how = "thin, with B" if pane.plane == "slices" else "to its slices, with M"
    return UserError(
        f"{card.title} looks at single slices as they were made; this picture was reckoned from "
        "several.",
        f"Turn the viewport {how}, and ask again.",
    )


def _is_predicted(session: Session, jobs: Jobs, number: int) -> bool:
    """Whether the same prediction is on its way, for this viewport or for one beside it."""
    pane = session.panes[number]
    return any(
        jobs.is_running(f"predict-{other}")
        and (its.source_id, its.index, its.plane) == (pane.source_id, pane.index, pane.plane)
        and its.model_id == pane.model_id
        for other, its in enumerate(session.panes)
    )


def _with_frames(
    session: Session,
    jobs: Jobs,
    number: int,
    what: Literal["predict", "explain"],
    run: Callable[[tuple[Frame, ...]], None],
) -> None:
    """Call `run` with what the model needs: the frame shown, or all frames of the source."""
    pane, source, card = (
        session.panes[number],
        session.source_of(number),
        session.card_of(number),
    )
    if source is None or card is None or pane.frame is None:
        return
    if card.accepts.dimensions == 2:
        run((pane.frame,))
        return
    whole = session.frames.whole(source)
    if whole is not None:
        run(whole)
        return

    def done(frames: tuple[Frame, ...]) -> None:
        for frame in frames:
            session.frames.add(frame)
        run(frames)

    jobs.start(
        f"{what}-{number}",
        "decode",
        "read_frames",
        read_request(source, tuple(range(source.frames))),
        done,
        failed=lambda error: session.set_trouble(number, what, trouble(error)),
        title=f"Reading {source.frames} slices",
    )


def _take_stored(session: Session, model_id: str, found: tuple[Found, ...]) -> None:
    session.add_stored(
        model_id, {one.wanted.key: (one.prediction, one.attribution) for one in found}
    )


def _keep_predictions(session: Session, jobs: Jobs, found: tuple[Prediction, ...]) -> None:
    session.add_predictions(found)
    keep(session, jobs, "save", found)


def _keep_attributions(session: Session, jobs: Jobs, found: tuple[Attribution, ...]) -> None:
    known = tuple(with_known_figures(session.results, one) for one in found)
    session.add_attributions(known)
    keep(session, jobs, "save", known)


def _show_unfinished(session: Session, jobs: Jobs, found: tuple[Attribution, ...]) -> None:
    """A coarse map, or a whole one of which checks are still to come: that one is kept at once."""
    if any(one.coarse for one in found):
        session.add_attributions(found)
    else:
        _keep_attributions(session, jobs, found)


def _drop_coarse(session: Session, jobs: Jobs, number: int) -> None:
    """Forget an unfinished map; a finished one that it had covered comes back from the store."""
    session.drop_coarse(number)
    recall(session, jobs, number)


def _explanation_failed(session: Session, jobs: Jobs, number: int, error: Error) -> None:
    _drop_coarse(session, jobs, number)
    session.set_trouble(number, "explain", trouble(error))


def _title(card: ModelCard, asked: Asked) -> str:
    checking = " and checking" if asked.checks else ""
    return f"{card.title}: explaining with {title_of(asked.method)}{checking}"


def _several(found: Any) -> tuple[Attribution, ...]:
    return found if isinstance(found, tuple) else (found,)
