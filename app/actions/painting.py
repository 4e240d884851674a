"""What the tools of labelling make of a hand's work: shapes and masks, each as one act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from app.actions import label_sets, labelling
from app.actions.saying import is_for
from app.jobs import Jobs
from app.label_book import LabelBook
from app.label_sets import next_colour
from app.session import Session
from app.sketches import Wish, grey_values, limits, value_at
from inference.display import default_window
from inference.errors import UserError
from inference.mask_bits import mask_of, pack_mask, unpack_box
from inference.painting.growing import grow
from inference.painting.strokes import Place
from inference.records import Annotation, Frame, FrameKey, Label, MaskBits
from inference.records.labels import AnnotationKind

FIRST_LABEL = "Region"
COLOUR_TOLERANCE = 16.0
"""Of 255 levels, in pictures in colour."""
NOUNS: dict[AnnotationKind, str] = {
    "box": "box",
    "rotated_box": "rotated box",
    "polygon": "polygon",
    "line": "line",
    "point": "point",
    "mask": "mask",
}
Points = tuple[Place, ...]
Tidy = Callable[[np.ndarray], np.ndarray]


def check_place(session: Session, number: int) -> Frame:
    """The frame of a viewport that labels can be drawn on; raises UserError where there is none."""
    pane = session.panes[number]
    if pane.is_cut:
        raise UserError(
            "Labels are drawn on the scan's own slices.",
            "Turn this viewport back to single slices, or draw in another one.",
        )
    if pane.frame is None:
        raise UserError("There is no picture here to draw on.", "Open a scan first.")
    if session.labels.read_only:
        raise UserError(session.labels.read_only, "Look at it here, or make another project.")
    return pane.frame


def draw(session: Session, jobs: Jobs, number: int, kind: AnnotationKind, points: Points) -> None:
    """Keep a shape that was drawn, with the label in hand."""
    source_id, index = check_place(session, number).key
    label = label_for(session, jobs, kind)
    drawn = Annotation("", source_id, index, kind, label, points)
    labelling.put(session, jobs, NOUNS[kind].capitalize(), (drawn,))


def change(session: Session, jobs: Jobs, annotation_id: str, points: Points) -> None:
    """Keep a shape that was moved or reshaped."""
    old = session.labels.find(annotation_id)
    if old is not None:
        words = f"Change the {NOUNS[old.kind]}"
        labelling.put(session, jobs, words, (replace(old, points=points),))


def paint(
    session: Session,
    jobs: Jobs,
    number: int,
    *,
    annotation_id: str,
    mask: np.ndarray,
    start: Place | None,
) -> None:
    """Keep what a stroke that began at `start` made of a mask; one without a pixel is taken away.

    `mask` is bool [rows, columns] of the frame, with what the annotation had before.
    """
    frame = check_place(session, number)
    old = session.labels.find(annotation_id) if annotation_id else None
    words = "Eraser" if session.tool == "eraser" else "Brush"
    if session.labels.hand.joined and start is not None and words == "Brush":
        mask = _joined(session, frame, old, mask, start)
    put_mask(session, jobs, words, frame.key, old=old, mask=mask)


def put_mask(
    session: Session,
    jobs: Jobs,
    words: str,
    key: FrameKey,
    *,
    old: Annotation | None,
    mask: np.ndarray,
) -> None:
    """Let `mask` be what an annotation marks, or a new one with the label in hand."""
    bits = pack_mask(mask)
    if same_bits(bits, old.mask if old is not None else None):
        session.edit_labels(lambda book: None)  # the stroke is no longer seen
    elif bits is None and old is not None:
        labelling.delete(session, jobs, (old.annotation_id,))
    elif old is not None:
        labelling.put(session, jobs, words, (replace(old, mask=bits),))
    else:
        label = label_for(session, jobs, "mask")
        instance = labelling.new_id() if session.labels.hand.fresh else _instance(session, key)
        made = Annotation("", *key, "mask", label, mask=bits, instance=instance)
        (made_id,) = labelling.put(session, jobs, words, (made,))
        if instance:
            edit_hand(session, fresh=False)
            labelling.select(session, (made_id,))


def label_for(session: Session, jobs: Jobs, kind: AnnotationKind) -> str:
    """The label in hand, if it is for such annotations; else the first that is, which is said.

    Where there is none at all one is made, so that what was drawn is never lost.
    """
    book = session.labels
    in_hand = book.label_set.find(book.label)
    if in_hand is not None and is_for(in_hand, kind):
        return in_hand.name
    fitting = [one for one in book.label_set.labels if is_for(one, kind)]
    if not fitting:
        return _make_label(session, jobs)
    first = fitting[0].name
    label_sets.choose(session, first)
    if len(book.label_set.labels) > 1:
        why = f"“{in_hand.title}” is not for this" if in_hand else "No label was in hand"
        session.say(f"{why}, so it became “{first}”.", "Press another label's key to change it.")
    return first


def mask_in_hand(session: Session, key: FrameKey) -> Annotation | None:
    """The mask on a frame that brush and eraser go on with; None for a new one.

    The selected mask of the label in hand, else the one of the instance that is selected on another
    slice, else that label's only one here.
    """
    book = session.labels
    if book.hand.fresh:
        return None
    here = [one for one in book.on(key) if one.kind == "mask" and one.label == book.label]
    chosen = [one for one in here if one.annotation_id in book.selected]
    instance = _instance(session, key)
    if instance and not chosen:
        return next((one for one in here if one.instance == instance), None)
    return chosen[0] if chosen else here[0] if len(here) == 1 else None


def mask_at(session: Session, key: FrameKey, place: Place) -> Annotation | None:
    """The uppermost mask on a frame that has a pixel at a place."""
    for one in reversed(session.labels.on(key)):
        if one.mask is not None and _holds(one.mask, place):
            return one
    return None


def base_wish(session: Session, frame: Frame) -> Wish:
    """The values that the tools go by on a frame."""
    hand = session.labels.hand
    return Wish(frame.key, low=hand.low, high=hand.high, tolerance=tolerance(session, frame))


def tolerance(session: Session, frame: Frame) -> float:
    """How far values may lie from that of a seed: as set, else a tenth of the frame's window."""
    own = session.labels.hand.tolerance
    if own is not None:
        return own
    return COLOUR_TOLERANCE if frame.colour else default_window(frame).width / 10


def tidy(session: Session, jobs: Jobs, words: str, change_mask: Tidy) -> None:
    """Change the selected masks of the frame in sight, or the one in hand, as one act."""
    frame = check_place(session, session.active)
    masks = masks_here(session, frame.key)
    changed = []
    for one in masks:
        bits = pack_mask(change_mask(mask_of(one, frame.shape)))
        if bits is not None and not same_bits(bits, one.mask):
            changed.append(replace(one, mask=bits))
    if not changed:
        session.say(f"“{words}” changes nothing here.", severity="plain")
    labelling.put(session, jobs, words, changed)


def masks_here(session: Session, key: FrameKey) -> list[Annotation]:
    """The selected masks on a frame, else the one in hand; raises UserError without any."""
    chosen = [one for one in session.labels.chosen if one.key == key and one.kind == "mask"]
    in_hand = mask_in_hand(session, key)
    found = chosen or ([in_hand] if in_hand is not None else [])
    if not found:
        raise UserError(
            "There is no mask of the label in hand on this slice.",
            "Select one, or paint it with the brush.",
        )
    return found


def new_mask(session: Session) -> None:
    """Let the next stroke begin a mask of its own, beside those of the same label."""

    def take(book: LabelBook) -> None:
        book.hand = replace(book.hand, fresh=True)
        book.select(())

    session.edit_labels(take)


def edit_hand(session: Session, **changes: Any) -> None:
    """Set the tools of labelling otherwise."""

    def take(book: LabelBook) -> None:
        book.hand = replace(book.hand, **changes)

    session.edit_labels(take)


def same_bits(one: MaskBits | None, other: MaskBits | None) -> bool:
    """Whether two masks are the same pixels."""
    if one is None or other is None:
        return one is other
    place = (one.top, one.left, one.rows, one.columns, one.count)
    there = (other.top, other.left, other.rows, other.columns, other.count)
    return place == there and np.array_equal(one.bits, other.bits)


def _instance(session: Session, key: FrameKey) -> str:
    """The instance that is selected of the label in hand; "" for none."""
    book = session.labels
    chosen = (one for one in book.chosen if one.source_id == key[0] and one.label == book.label)
    return next((one.instance for one in chosen if one.kind == "mask"), "")


def _holds(mask: MaskBits, place: Place) -> bool:
    column, row = int(place[0]) - mask.left, int(place[1]) - mask.top
    inside = 0 <= row < mask.rows and 0 <= column < mask.columns
    return inside and bool(unpack_box(mask)[row, column])


def _make_label(session: Session, jobs: Jobs) -> str:
    names = {one.name for one in session.labels.label_set.labels}
    numbers = (FIRST_LABEL, *(f"{FIRST_LABEL} {number}" for number in range(2, len(names) + 3)))
    name = next(one for one in numbers if one not in names)
    colours = [one.colour for one in session.labels.label_set.labels]
    label_sets.add(session, jobs, Label(name, next_colour(colours)))
    session.say(f"The label “{name}” was made for it.", "Rename it in the panel.", "plain")
    return name


def _joined(
    session: Session, frame: Frame, old: Annotation | None, mask: np.ndarray, start: Place
) -> np.ndarray:
    """Of the pixels that a stroke added, those that hang together with where it began.

    They have the values that are painted, or where all are, values near that of the first pixel.
    """
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return mask
    box = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
    values = grey_values(replace(frame, stored=frame.stored[box], planes=()))
    before = mask_of(old, frame.shape) if old is not None else np.zeros_like(mask)
    place = (start[0] - columns[0], start[1] - rows[0])
    low, high = limits(base_wish(session, frame), value_at(values, place))
    grown = grow(values, place, low, high, within=mask[box])
    found = before.copy()
    found[box] |= grown
    return found
