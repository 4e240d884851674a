"""What a question names in the session: regions to judge by, and the picture to compare with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from app import label_truths
from app.object_places import overlays_of
from app.panes import Asked
from app.session import Session
from inference.errors import UserError
from inference.label_regions import label_region
from inference.measured_shapes import SHAPES, inside
from inference.records import Annotation, Frame, Measure, ObjectOverlay, Region, Source
from inference.segment_pixels import segment_pixels

Frames = tuple[int, ...]
"""The frames of a source that a region is wanted on."""


@dataclass(frozen=True, eq=False)
class Truth:
    """A region that is offered: its key, its name for people, and how its pixels are found.

    `mask` is given frames and (rows, columns), and gives bool [frames, rows, columns].
    """

    key: str
    title: str
    origin: str
    mask: Callable[[Frames, tuple[int, int]], np.ndarray]
    on: frozenset[int] | None = None
    """The frames that it lies on; None where that is not known without looking."""


def truths_of(session: Session, number: int) -> tuple[Truth, ...]:
    """What the source of a viewport can be judged by; nothing on a cut through it."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None or pane.is_cut:
        return ()
    found = [
        _labelled(name, annotations, source)
        for name, annotations in label_truths.by_label(session.labels, source).items()
    ]
    drawn = [one for one in session.marks.of_source(source.source_id) if one.kind in SHAPES]
    if len(drawn) > 1:
        found.append(Truth("drawn", "All drawn shapes", _BY_HAND, partial(_shapes, drawn)))
    found += [_drawn(measure, source) for measure in drawn]
    for (object_id, source_id), overlay in session.overlays.items():
        if source_id == source.source_id:
            title = session.objects[object_id].title if object_id in session.objects else ""
            found += _segments(object_id, title, overlay)
    return tuple(found)


def region_of(session: Session, number: int, key: str, frames: Frames) -> Region | None:
    """The region of a key on some frames that follow each other; None for the key "".

    Raises UserError where it is gone.
    """
    source, frame = session.source_of(number), session.panes[number].frame
    if not key or source is None or frame is None:
        return None
    truth = next((one for one in truths_of(session, number) if one.key == key), None)
    if truth is None:
        raise UserError(
            "The region that the map is to be judged by is no longer there.",
            "Choose another one under Judge by, or none.",
        )
    return Region(source.source_id, frames[0], truth.mask(frames, frame.shape), truth.origin)


def marked_on(
    session: Session, source: Source, frame: int | None, *, whole: bool = False, label: str = ""
) -> Region | None:
    """What marks the reason on a source; None for nothing.

    What is labelled as `label`, else all that is labelled, else all drawn shapes, else what the
    objects over it fill. It is wanted on one frame, or on the `whole` source; None takes the frame
    with the most.
    """
    labelled = label_truths.telling(session.labels, source, label)
    drawn = (
        []
        if labelled
        else [one for one in session.marks.of_source(source.source_id) if one.kind in SHAPES]
    )
    over = [] if labelled or drawn else list(overlays_of(session, source.source_id))
    masks: list[Callable[[Frames, tuple[int, int]], np.ndarray]]
    if labelled:
        masks, origin = [partial(label_region, labelled)], label_truths.ORIGIN
        weights = Counter(label_truths.pixels_on(labelled, source.shape))
    elif drawn:
        masks, origin = [partial(_shapes, drawn)], _BY_HAND
        weights = Counter(one.key[1] for one in drawn)
    else:
        places = [(one, place) for one in over for place in range(len(one.segments))]
        masks = [partial(segment_pixels, one, place) for one, place in places]
        origin = "segments of an object"
        # Boxes stand for what they hold: only the frame is chosen by them.
        weights = Counter()
        for one in over:
            for piece in one.pieces:
                weights[piece.frame] += piece.mask.size
            for contour in one.contours:
                weights[contour.frame] += 1
    if not weights:
        return None
    chosen = weights.most_common(1)[0][0] if frame is None else frame
    frames = tuple(range(source.frames)) if whole else (chosen,)
    found = np.any([mask(frames, source.shape) for mask in masks], axis=0)
    return Region(source.source_id, frames[0], found, origin) if found.any() else None


def reference_of(session: Session, asked: Asked) -> Frame | None:
    """The picture that the baseline "picture" means; raises UserError where it is gone."""
    if asked.baseline != "picture" or asked.reference is None:
        return None
    found = session.frames.get(asked.reference)
    if found is None:
        raise UserError(
            "The picture that this one is to be compared with is no longer at hand.",
            "Show it in another viewport and choose it again under Baseline.",
        )
    return found


_BY_HAND = "drawn by hand"


def _drawn(measure: Measure, source: Source) -> Truth:
    title = measure.kind.capitalize()
    if source.frames > 1:
        title = f"{title} on slice {measure.key[1] + 1}"
    where = frozenset({measure.key[1]})
    return Truth(f"drawn {measure.measure_id}", title, _BY_HAND, partial(_shapes, [measure]), where)


def _labelled(name: str, annotations: tuple[Annotation, ...], source: Source) -> Truth:
    frames = frozenset(one.frame for one in annotations)
    title = label_truths.title_of(name, frames, source)
    region = partial(label_region, annotations)
    return Truth(f"label {name}", title, label_truths.ORIGIN, region, frames)


def _shapes(measures: list[Measure], frames: Frames, size: tuple[int, int]) -> np.ndarray:
    found = np.zeros((len(frames), *size), dtype=bool)
    for measure in measures:
        if measure.key[1] in frames:
            covered = inside(SHAPES[measure.kind], measure.points, size)
            part = covered.of(found[frames.index(measure.key[1])])
            part |= covered.mask
    return found


def _segments(object_id: str, title: str, overlay: ObjectOverlay) -> list[Truth]:
    filled = {one.segment for one in overlay.pieces} | {one.segment for one in overlay.contours}
    return [
        Truth(
            f"segment {object_id} {place}",
            segment.label,
            f"{segment.label} of {title}" if title else segment.label,
            partial(segment_pixels, overlay, place),
        )
        for place, segment in enumerate(overlay.segments)
        if place in filled
    ]
