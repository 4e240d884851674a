"""Masks of one thing on several slices: put there as one act, and interpolated between slices."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial

import numpy as np

from app.actions import labelling, painting
from app.jobs import Jobs
from app.session import Session
from app.slice_masks import BetweenRequest
from inference.errors import UserError
from inference.mask_bits import mask_of, pack_mask, unpack_mask
from inference.records import Annotation, Frame, MaskBits, Source

SLOT = "interpolate"


def put_masks(
    session: Session,
    jobs: Jobs,
    words: str,
    frame: Frame,
    masks: dict[int, MaskBits],
) -> None:
    """Take a region on many slices into the mask in hand of a frame, as one act.

    What it has there already stays; all of it is one instance from then on.
    """
    key, shape = frame.key, frame.shape
    start = painting.mask_in_hand(session, key)
    label = start.label if start is not None else painting.label_for(session, jobs, "mask")
    mine = _by_frame(session, start) if start is not None else {}
    instance = (start.instance if start is not None else "") or labelling.new_id()
    made = [replace(one, instance=instance) for index, one in mine.items() if index not in masks]
    for index, bits in masks.items():
        old = mine.get(index)
        if old is None:
            new = Annotation("", key[0], index, "mask", label, mask=bits, instance=instance)
        else:
            both = pack_mask(mask_of(old, shape) | unpack_mask(bits, shape))
            new = replace(old, mask=both, instance=instance)
        made.append(new)
    here_first = sorted(made, key=lambda one: one.key != key)
    labelling.put(session, jobs, words, here_first)


def interpolate(session: Session, jobs: Jobs) -> None:
    """Find the masks between the two nearest slices that have one of the thing in hand.

    Only slices that have none get one; all of it is one act. Raises UserError where there is
    nothing to go between.
    """
    frame = painting.check_place(session, session.active)
    source = session.sources[frame.key[0]]
    index = frame.key[1]
    start = _start(session, source, index)
    mine = _by_frame(session, start)
    ends = _gap(sorted(mine), index)
    if ends is None:
        raise UserError(
            f"There is no gap between slices with a mask of “{start.label}”.",
            "Paint it on two slices that have others between them.",
        )
    masks = {one: bits for one in ends if (bits := mine[one].mask) is not None}
    spacing = frame.spacing_mm or (frame.aspect or 1.0, 1.0)
    request = BetweenRequest(masks, frame.shape, positions_mm(source), spacing)
    jobs.start(
        SLOT,
        "painting",
        "find_between",
        request,
        partial(_interpolated, session, jobs, mine[ends[0]], mine[ends[1]]),
        failed=session.say_error,
        title="Interpolating between slices",
    )


def positions_mm(source: Source) -> tuple[float, ...]:
    """Where each frame lies along the normal; evenly, a unit apart, where nothing is known."""
    if source.positions_mm is not None and source.affine is not None:
        affine = np.array(source.affine)
        normal = np.cross(affine[:3, 0], affine[:3, 1])
        along = np.array(source.positions_mm) @ (normal / np.linalg.norm(normal))
        return tuple(float(one) for one in along)
    step = source.spacing_mm[2] if source.spacing_mm is not None else None
    return tuple(index * (step or 1.0) for index in range(source.frames))


def _interpolated(
    session: Session, jobs: Jobs, first: Annotation, last: Annotation, masks: dict[int, MaskBits]
) -> None:
    if not masks:
        session.say("Between these slices the mask vanishes.", severity="plain")
        return
    instance = first.instance or last.instance or labelling.new_id()
    made = [
        Annotation("", first.source_id, one, "mask", first.label, mask=bits, instance=instance)
        for one, bits in sorted(masks.items())
    ]
    drawn = [replace(one, instance=instance) for one in (first, last) if one.instance != instance]
    count = f"{len(made)} slices" if len(made) > 1 else "a slice"
    labelling.put(session, jobs, f"Interpolate {count}", (*made, *drawn))


def _start(session: Session, source: Source, index: int) -> Annotation:
    """A mask of what is in hand: on this slice, else on the nearest one that has some."""
    book = session.labels
    chosen = [
        one for one in book.chosen if one.kind == "mask" and one.source_id == source.source_id
    ]
    if chosen:
        return chosen[0]
    masks = [
        one
        for one in book.of_source(source.source_id)
        if one.kind == "mask" and (one.label == book.label or not book.label)
    ]
    if not masks:
        raise UserError(
            "There is no mask of the label in hand to go on from.",
            "Paint it on two slices that have others between them.",
        )
    return min(masks, key=lambda one: abs(one.frame - index))


def _by_frame(session: Session, start: Annotation) -> dict[int, Annotation]:
    """The masks of the same thing, by slice: of its instance, else those of its label alone.

    Raises UserError where a label has several masks on a slice and nothing says which it is.
    """
    masks = [one for one in session.labels.of_source(start.source_id) if one.kind == "mask"]
    same = [one for one in masks if one.label == start.label and one.instance == start.instance]
    found = {one.frame: one for one in same}
    if len(found) < len(same):
        raise UserError(
            f"“{start.label}” has several masks on one slice.",
            "Begin each thing with “New mask” and go on with it selected, or join the masks.",
        )
    return found


def _gap(drawn: list[int], index: int) -> tuple[int, int] | None:
    """The neighbours among slices with a mask that lie nearest around a slice, with a gap."""
    gaps = [pair for pair in itertools.pairwise(drawn) if pair[1] - pair[0] > 1]
    return min(gaps, key=lambda pair: max(pair[0] - index, index - pair[1], 0), default=None)
