"""Regions found by a click: tried on a lane, seen at once, and taken into a mask when wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from app.actions import instances, painting
from app.actions.volumes import check_volume, volume_in
from app.jobs import Error, Jobs
from app.label_book import LabelBook
from app.session import Session
from app.sketches import (
    Box,
    Sketch,
    SketchRequest,
    Wish,
    limits,
    value_in,
)
from app.slice_masks import GrowthRequest
from inference.errors import UserError
from inference.mask_bits import mask_of
from inference.painting.strokes import Place
from inference.records import Frame, FrameKey, MaskBits

SLOT = "sketch"
GROWTH = "growth"
DOUBLING_PX = 80.0
"""A drag to the right by so many pixels of the screen doubles the tolerance; to the left halves."""
WIDENING = 1.25
"""A key makes the tolerance so much wider."""
_HINTS = {
    True: "Choose other values to be painted, or click elsewhere.",
    False: "Click into the thing as well, draw a larger box, or find it by another method.",
}


@dataclass(frozen=True)
class Seed:
    """A place that was pointed at; the hand drags it until it is `final`."""

    place: Place
    inside: bool
    final: bool
    scale: float
    """Pixels of the screen for one of the frame."""


def point(session: Session, jobs: Jobs, number: int, seed: Seed) -> None:
    """A seed was placed, or is being dragged.

    A click into what has been grown takes it; a drag sets how far values may differ.
    """
    frame = painting.check_place(session, number)
    sketch = _here(session, frame.key)
    if sketch is not None and sketch.pressed is not None:
        _drag(session, jobs, sketch, seed)
    elif sketch is not None and seed.inside and _covers(sketch, seed.place):
        if seed.final:
            take(session, jobs)
    else:
        _add(session, jobs, frame, seed)


def surround(session: Session, jobs: Jobs, number: int, box: Box) -> None:
    """A box was drawn around what is to be found."""
    frame = painting.check_place(session, number)
    wish = Wish(frame.key, box=box, method=session.labels.hand.method)
    _ask(session, jobs, Sketch(wish))


def widen(session: Session, jobs: Jobs, factor: float) -> None:
    """Let values differ more from that of the seed, or less."""
    frame = painting.check_place(session, session.active)
    painting.edit_hand(session, tolerance=painting.tolerance(session, frame) * factor)
    ask_again(session, jobs)


def ask_again(session: Session, jobs: Jobs) -> None:
    """Find the region anew by the values and the method that are set now."""
    sketch = session.labels.sketch
    frame = session.panes[session.active].frame
    if sketch is None or frame is None or frame.key != sketch.wish.key:
        return
    base, wish = painting.base_wish(session, frame), sketch.wish
    if wish.method is not None:
        wish = replace(wish, method=session.labels.hand.method)
    else:
        wish = replace(wish, low=base.low, high=base.high, tolerance=base.tolerance)
    _ask(session, jobs, replace(sketch, wish=wish))


def drop(session: Session, jobs: Jobs) -> None:
    """Forget the region that is tried."""
    jobs.cancel_slot(SLOT)
    if session.labels.sketch is not None:
        _set(session, None)


def take(session: Session, jobs: Jobs) -> None:
    """Take what is seen of the region into the mask in hand; or let it grow through all slices."""
    sketch = session.labels.sketch
    if sketch is None:
        return
    frame = painting.check_place(session, session.active)
    if sketch.wish.method is None and session.labels.hand.volume:
        _grow_through(session, jobs, frame, sketch)
    elif sketch.mask is not None:
        words = "Grow" if sketch.wish.method is None else "Wand"
        old = painting.mask_in_hand(session, frame.key)
        before = mask_of(old, frame.shape) if old is not None else np.zeros(frame.shape, bool)
        drop(session, jobs)
        painting.put_mask(session, jobs, words, frame.key, old=old, mask=before | sketch.mask)


def _drag(session: Session, jobs: Jobs, sketch: Sketch, seed: Seed) -> None:
    assert sketch.pressed is not None
    start, before = sketch.pressed
    far = (seed.place[0] - start[0]) * seed.scale
    if seed.final:
        _set(session, replace(sketch, pressed=None))
    elif far and sketch.wish.method is None:
        painting.edit_hand(session, tolerance=before * 2 ** (far / DOUBLING_PX))
        ask_again(session, jobs)


def _add(session: Session, jobs: Jobs, frame: Frame, seed: Seed) -> None:
    """Go on with the region by a seed more, or begin one."""
    method = session.labels.hand.method if session.tool == "wand" else None
    sketch = _here(session, frame.key)
    if sketch is None or (sketch.wish.method is None) != (method is None):
        if not seed.inside:
            raise UserError(
                "There is nothing yet that this place could be outside of.",
                "Click into the thing first.",
            )
        sketch = Sketch(replace(painting.base_wish(session, frame), method=method))
    wish = sketch.wish
    if seed.inside:
        wish = replace(wish, inside=(*wish.inside, seed.place))
    else:
        wish = replace(wish, outside=(*wish.outside, seed.place))
    pressed = None if seed.final else (seed.place, painting.tolerance(session, frame))
    _ask(session, jobs, replace(sketch, wish=wish, pressed=pressed))


def _ask(session: Session, jobs: Jobs, sketch: Sketch) -> None:
    """Find what is wished; while the lane is at another wish this one waits for it."""
    _set(session, sketch)
    if not jobs.is_running(SLOT):
        _send(session, jobs)


def _send(session: Session, jobs: Jobs) -> None:
    sketch = session.labels.sketch
    if sketch is None or sketch.done:
        return
    wish = sketch.wish
    frame = session.frames.get(wish.key)
    panes = [pane for pane in session.panes if pane.frame is not None]
    shown = next((pane for pane in panes if pane.frame and pane.frame.key == wish.key), None)
    frame = shown.frame if shown is not None else frame
    if frame is None:
        return
    request = SketchRequest(wish, frame, shown.window if shown is not None else None)
    jobs.start(
        SLOT,
        "painting",
        "find_region",
        request,
        partial(_found, session, jobs, wish),
        failed=lambda error: _failed(session, error),
        title="Finding the region" if wish.method is not None else "",
    )


def _found(session: Session, jobs: Jobs, wish: Wish, mask: np.ndarray | None) -> None:
    sketch = session.labels.sketch
    if sketch is None or sketch.wish.key != wish.key:
        return
    _set(session, replace(sketch, mask=mask, answered=wish))
    if sketch.wish != wish:
        _send(session, jobs)
    elif mask is None:
        session.say("No region was found there.", _HINTS[wish.method is None], "plain")


def _failed(session: Session, error: Error) -> None:
    """The region stays as it was, and with it the seeds, for another one to be added."""
    sketch = session.labels.sketch
    if sketch is not None:
        _set(session, replace(sketch, answered=sketch.wish))
    session.say_error(error)


def _grow_through(session: Session, jobs: Jobs, frame: Frame, sketch: Sketch) -> None:
    """Let the region grow through the volume, on its lane."""
    source_id, index = frame.key
    source = session.sources[source_id]
    check_volume(source)
    volume = volume_in(session, source)
    if volume is None:
        raise UserError(
            "Slices of this series are still being read.", "Try again once all of them are here."
        )
    seeds = tuple(
        ((int(column), int(row), index), *limits(sketch.wish, value_in(frame, (column, row))))
        for column, row in sketch.wish.inside
    )
    drop(session, jobs)
    jobs.start(
        GROWTH,
        "painting",
        "grow_through",
        GrowthRequest(volume, seeds),
        partial(_grown, session, jobs, frame),
        failed=session.say_error,
        title="Growing through the slices",
    )


def _grown(session: Session, jobs: Jobs, frame: Frame, masks: dict[int, MaskBits]) -> None:
    if not masks:
        session.say("Nothing hangs together with the seed.", severity="plain")
        return
    words = f"Grow through {len(masks)} slices" if len(masks) > 1 else "Grow"
    instances.put_masks(session, jobs, words, frame, masks)


def _here(session: Session, key: FrameKey) -> Sketch | None:
    """The region that is tried on a frame."""
    sketch = session.labels.sketch
    return sketch if sketch is not None and sketch.wish.key == key else None


def _covers(sketch: Sketch, place: Place) -> bool:
    """Whether a place lies in what is seen of a region."""
    mask, column, row = sketch.mask, int(place[0]), int(place[1])
    if mask is None or not (0 <= row < mask.shape[0] and 0 <= column < mask.shape[1]):
        return False
    return bool(mask[row, column])


def _set(session: Session, sketch: Sketch | None) -> None:
    def take(book: LabelBook) -> None:
        book.sketch = sketch

    session.edit_labels(take)
