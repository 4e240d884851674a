"""Parts of a scan taken out, to see what the model says then: asked for, kept, shown, forgotten."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from app.actions.answers import refusal
from app.actions.keeping import keep
from app.acts import Mark
from app.experiments import (
    Experiment,
    ExperimentBook,
    Pointing,
    cut_mask,
    patch_mask,
    region_again,
    usual_width,
)
from app.jobs import Error, Jobs
from app.panes import Pane
from app.session import Session
from app.truths import region_of, truths_of
from explain.records import Change, Fill, OccludeAtRequest, WhatIf, WhatIfRequest
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Frame, Region, Source
from inference.requests import read_request


def ask_at(
    session: Session, jobs: Jobs, number: int, place: tuple[float, float], *, final: bool
) -> None:
    """Hide a patch around (column, row), in pixel edges, and let the model answer.

    While an answer is awaited the place only moves on: the next question is put when it is here.
    With `final` the answer is kept as an experiment. Raises UserError where nothing can be asked.
    """
    _, card, frame = _asked_here(session, number)
    rows, columns = frame.shape
    point = (min(max(int(place[1]), 0), rows - 1), min(max(int(place[0]), 0), columns - 1))
    width = session.marks.experiments.width or usual_width(frame.shape)
    before = session.marks.experiments.pointing.get(number)
    if before is None or (before.key, before.model_id) != (frame.key, card.model_id):
        before = Pointing(frame.key, card.model_id, point, width, final)
    _point(session, number, replace(before, point=point, width=width, final=final))
    if not jobs.is_running(_slot(number)):
        _ask_next(session, jobs, number)


def move_point(session: Session, jobs: Jobs, number: int, way: tuple[int, int]) -> None:
    """Ask half a patch beside the last place, by (columns, rows); without one in the middle."""
    _, _, frame = _asked_here(session, number)
    last = session.marks.experiments.pointing.get(number)
    if last is None or last.key != frame.key:
        ask_at(session, jobs, number, (frame.shape[1] / 2, frame.shape[0] / 2), final=True)
        return
    step = max(1, last.width // 2)
    place = (last.point[1] + way[0] * step, last.point[0] + way[1] * step)
    ask_at(session, jobs, number, place, final=True)


def remove_region(session: Session, jobs: Jobs, number: int, key: str) -> None:
    """Take a region out, by its key in app.truths, and keep what the model says then.

    Raises UserError where nothing can be asked, or the region is gone or on another frame.
    """
    source, card, frame = _asked_here(session, number)
    flat = card.accepts.dimensions == 2
    index = session.panes[number].index
    wanted = (index,) if flat else tuple(range(source.frames))
    truth = next((one for one in truths_of(session, number) if one.key == key), None)
    region = region_of(session, number, key, wanted) if truth is not None else None
    if truth is None or region is None:
        raise UserError(
            "There is no region to take out.", "Draw one first: R a rectangle, Q an ellipse."
        )
    title, pane = truth.title, session.panes[number]

    def done(found: WhatIf) -> None:
        (first, row, column), mask = cut_mask(region)
        target = target_of(pane, card, found.change)
        made = Experiment(
            *(_new_id(), title, card.model_id, found.change, target, first, row, column, mask)
        )
        session.marks.experiments.shown.pop(number, None)
        _keep(session, jobs, made, found.frame)

    _run_what_if(
        session, jobs, number, (frame, region, session.marks.experiments.fill, title), done
    )


def toggle_changed(session: Session, jobs: Jobs, number: int, experiment_id: str = "") -> None:
    """Show an experiment's changed picture in place of the frame, or the frame again.

    Without an id it is the experiment that is selected. Raises UserError where it is of another
    scan than the one in sight, or of a frame that is not at hand.
    """
    book = session.marks.experiments
    found = book.find(experiment_id or book.selected)
    if book.shown.get(number) is not None and (found is None or book.shown[number] == _id(found)):
        session.edit_marks(lambda marks: marks.experiments.shown.pop(number, None))
        return
    source, card, here = _asked_here(session, number)
    if found is None or found.key[0] != source.source_id:
        raise UserError(
            "There is no changed picture of this scan.",
            "Choose an experiment from the list, or take a region out.",
        )
    chosen, frame = found, here if found.key == here.key else session.frames.get(found.key)
    if frame is None:
        raise UserError("The slice of this experiment is not read yet.", "Go to it first.")

    def show(picture: Frame) -> None:
        def act(book: ExperimentBook) -> None:
            book.add_picture(chosen.experiment_id, picture)
            book.shown[number] = book.selected = chosen.experiment_id

        session.edit_marks(lambda marks: act(marks.experiments))

    at_hand = book.picture(chosen.experiment_id)
    if at_hand is not None:
        show(at_hand)
        return
    if card.model_id != chosen.model_id:
        raise UserError(
            "The changed picture is made with the model of its experiment.",
            "Choose that model for this viewport, and ask again.",
        )
    region = region_again(chosen, frame.shape)
    what = (frame, region, chosen.change.fill, chosen.title)
    _run_what_if(session, jobs, number, what, lambda made: show(made.frame))


def regions_here(session: Session, number: int) -> tuple[tuple[str, str], ...]:
    """What can be taken out of what a viewport's model sees, as keys and titles.

    A model of single slices sees nothing of what is drawn on the others.
    """
    card, frame = session.card_of(number), session.panes[number].frame
    if frame is None:
        return ()
    whole = card is not None and card.accepts.dimensions == 3
    return tuple(
        (one.key, one.title)
        for one in truths_of(session, number)
        if whole or one.on is None or frame.key[1] in one.on
    )


def lack(session: Session, number: int) -> str:
    """What is to be done before anything can be taken out here; "" if nothing."""
    try:
        _asked_here(session, number)
    except UserError as error:
        return f"{error} {error.hint}".strip()
    return ""


def select(session: Session, experiment_id: str) -> None:
    """See one experiment in full; what was pointed at last gives way to it."""

    def act(book: ExperimentBook) -> None:
        book.selected = experiment_id
        book.pointing.clear()

    session.edit_marks(lambda marks: act(marks.experiments))


def adjust(session: Session, **values: object) -> None:
    """How the next parts are taken out: `width`, `patch_fill`, `fill` or `region` of the book."""

    def act(book: ExperimentBook) -> None:
        for name, value in values.items():
            setattr(book, name, value)

    session.edit_marks(lambda marks: act(marks.experiments))


def delete(session: Session, jobs: Jobs, experiment_id: str) -> None:
    """Forget an experiment, in the window and in the store."""
    found = session.marks.experiments.find(experiment_id)
    if found is not None:
        session.edit_marks(lambda marks: marks.experiments.remove(experiment_id))
        keep(session, jobs, "save_mark", _mark(found, kept=False))


def target_of(pane: Pane, card: ModelCard, change: Change) -> int:
    """The label that is asked about: the chosen one, that of the map, or what led before."""
    if pane.asked.target is not None:
        return pane.asked.target
    if pane.attribution is not None:
        return pane.attribution.target
    if card.task == "segment":  # the background is no finding
        return 1 + int(change.before[1:].argmax())
    return int(change.before.argmax())


def _asked_here(session: Session, number: int) -> tuple[Source, ModelCard, Frame]:
    """What a viewport asks about; raises UserError that says what is missing."""
    pane, source, card = (
        session.panes[number],
        session.source_of(number),
        session.card_of(number),
    )
    if source is None or pane.frame is None:
        raise UserError("There is no picture to ask about.", "Open a scan first.")
    if card is None:
        raise UserError("There is no model to ask.", "Choose one under Findings first.")
    refused = refusal(pane, card)
    if refused is not None:
        raise refused
    if pane.is_cut:
        raise UserError(
            "Parts are taken out of the scan's own slices; this picture was reckoned from several.",
            "Turn the viewport to its slices with M, and make it thin with B.",
        )
    return source, card, pane.frame


def _ask_next(session: Session, jobs: Jobs, number: int) -> None:
    """Put the question about the place that is pointed at now."""
    source, card, frame = _asked_here(session, number)
    wanted = session.marks.experiments.pointing[number]
    fill = session.marks.experiments.patch_fill

    def run(frames: tuple[Frame, ...]) -> None:
        jobs.start(
            _slot(number),
            "engine",
            "occlude_at",
            OccludeAtRequest(
                *(frames, _index(frames, frame), card, wanted.point, wanted.width),
                *(fill, session.device),
            ),
            done=lambda change: _take_answer(session, jobs, number, wanted, change),
            failed=lambda error: _give_up(session, number, error),
            title=f"{card.title}: asking about one place",
            track="predict",
        )

    _with_frames(session, jobs, (_slot(number), source, card, frame), run)


def _take_answer(
    session: Session, jobs: Jobs, number: int, wanted: Pointing, change: Change
) -> None:
    """Show an answer, keep it if the hand let go there, and ask on if it went further."""
    now = session.marks.experiments.pointing.get(number)
    pane, card = session.panes[number], session.card_of(number)
    stays = pane.frame is not None and pane.frame.key == wanted.key and not pane.is_cut
    if now is None or now.key != wanted.key or card is None or card.model_id != wanted.model_id:
        return
    _point(session, number, replace(now, answered=wanted.point, change=change))
    if (now.point, now.width) != (wanted.point, wanted.width):
        if stays:
            _ask_next(session, jobs, number)
    elif now.final:
        row, column = wanted.point
        made = pane.attribution if stays else None
        fits = made is not None and row < made.map.shape[0] and column < made.map.shape[1]
        value = float(made.map[row, column]) if made is not None and fits else None
        title = f"Place x {column}, y {row}"
        (first, top, left), mask = patch_mask(change)
        target = target_of(pane, card, change)
        kept = Experiment(_new_id(), title, card.model_id, change, target, first, top, left, mask)
        _keep(session, jobs, replace(kept, width=wanted.width, value=value), None)


def _give_up(session: Session, number: int, error: Error) -> None:
    session.edit_marks(lambda marks: marks.experiments.pointing.pop(number, None))
    session.say_error(error)


def _run_what_if(
    session: Session,
    jobs: Jobs,
    number: int,
    what: tuple[Frame, Region, Fill, str],
    done: Callable[[WhatIf], None],
) -> None:
    """Ask the viewport's model without a region; `what` is a frame, that, its fill, its title."""
    source, card, _ = _asked_here(session, number)
    frame, region, fill, title = what
    slot = f"what-if-{number}"

    def run(frames: tuple[Frame, ...]) -> None:
        index = _index(frames, frame)
        request = WhatIfRequest(frames, index, card, (region,), fill, session.device)
        jobs.start(
            slot,
            "engine",
            "what_if",
            request,
            done,
            failed=session.say_error,
            title=f"{card.title}: taking out {title}",
            track="predict",
        )

    _with_frames(session, jobs, (slot, source, card, frame), run)


def _with_frames(
    session: Session,
    jobs: Jobs,
    what: tuple[str, Source, ModelCard, Frame],
    run: Callable[[tuple[Frame, ...]], None],
) -> None:
    """Call `run` with what the model needs: the frame in sight, or all frames of its source."""
    slot, source, card, frame = what
    whole = (frame,) if card.accepts.dimensions == 2 else session.frames.whole(source)
    if whole is not None:
        run(whole)
        return

    def done(frames: tuple[Frame, ...]) -> None:
        for one in frames:
            session.frames.add(one)
        run(frames)

    jobs.start(
        slot,
        "decode",
        "read_frames",
        read_request(source, tuple(range(source.frames))),
        done,
        failed=session.say_error,
        title=f"Reading {source.frames} slices",
    )


def _keep(session: Session, jobs: Jobs, made: Experiment, picture: Frame | None) -> None:
    session.edit_marks(lambda marks: marks.experiments.put(made, picture))
    keep(session, jobs, "save_mark", _mark(made))


def _mark(experiment: Experiment, *, kept: bool = True) -> Mark:
    name = f"experiment {experiment.experiment_id}"
    return Mark(experiment.key[0], name, experiment if kept else None)


def _point(session: Session, number: int, pointing: Pointing) -> None:
    session.edit_marks(lambda marks: marks.experiments.pointing.update({number: pointing}))


def _index(frames: tuple[Frame, ...], frame: Frame) -> int:
    return next(at for at, one in enumerate(frames) if one.key == frame.key)


def _id(experiment: Experiment) -> str:
    return experiment.experiment_id


def _new_id() -> str:
    return uuid.uuid4().hex[:12]


def _slot(number: int) -> str:
    return f"ask-here-{number}"
