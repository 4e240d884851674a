"""What the window says of a scan beside its picture: order, lengths, warnings, segments."""

from __future__ import annotations

from app.panes import Pane
from app.session import Session
from inference.records import Calibration, Frame, Source
from widgets.segment_list import SegmentGroup
from widgets.study_rows import RULES

BADGE_LETTERS = 40
"""Longer sentences are no badge: a viewport may be small."""


def scan_lines(source: Source, frame: Frame | None, own: Calibration | None) -> tuple[str, ...]:
    """How the slices are ordered, which other orders there are, and what lengths go by."""
    found = []
    if source.frames > 1:
        found.append(f"{_noun(source)} are ordered by {RULES[source.order_rule]}.")
    if source.orders:
        others = ", ".join(RULES[order.rule] for order in source.orders)
        found.append(f"The menu of the series also orders them by {others}.")
    if frame is not None:
        found.append(_lengths(frame, own))
    return tuple(found)


def scan_warnings(source: Source, pane: Pane) -> tuple[str, ...]:
    """What is off about the scan, then about the slice in sight, each once."""
    frame = pane.frame
    own = frame.warnings if frame is not None and not pane.is_cut else ()
    return tuple(dict.fromkeys((*source.warnings, *own)))


def warning_badge(warnings: tuple[str, ...]) -> str:
    """A few words for the corner of the picture, the sentences stand beside it; "" without any."""
    if len(warnings) > 1:
        return f"{len(warnings)} warnings"
    head = "".join(warnings).partition(":")[0].rstrip(".")
    return head if len(head) <= BADGE_LETTERS else "1 warning"


def segment_groups(session: Session, number: int) -> tuple[SegmentGroup, ...]:
    """The objects that are drawn over a viewport's scan."""
    source = session.source_of(number)
    if source is None:
        return ()
    found = []
    for object_id in sorted(session.shown_objects):
        overlay = session.overlays.get((object_id, source.source_id))
        if overlay is not None:
            hidden = (place for name, place in session.hidden_segments if name == object_id)
            title = session.objects[object_id].title
            found.append(
                SegmentGroup(
                    object_id, title, overlay.segments, frozenset(hidden), overlay.warnings
                )
            )
    return tuple(found)


def _noun(source: Source) -> str:
    return f"The {source.frames:,} {'slices' if source.frame_time_ms is None else 'frames'}"


def _lengths(frame: Frame, own: Calibration | None) -> str:
    if own is not None:
        return f"Lengths: calibration {own.source}."
    names = ", ".join(dict.fromkeys(one.source for one in frame.calibrations))
    if names:
        return f"Lengths: {names}."
    if frame.spacing_mm is not None:
        return "Lengths: spacing of the file."
    return "Lengths: in pixels, as the file has no valid calibration."
