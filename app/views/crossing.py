"""Where planes and points of the patient are seen in a viewport."""

from __future__ import annotations

from app.linking import space_of
from app.session import Session
from inference.mpr.lines import from_frame, line_of, to_frame
from inference.records import Point


def point_at(session: Session, number: int, column: float, row: float) -> Point | None:
    """The place in the patient under (column, row), in pixel edges, of a viewport's picture."""
    frame = session.panes[number].frame
    if frame is None or frame.affine is None:
        return None
    return from_frame(frame.affine, column, row)


def cross_at(session: Session, number: int) -> tuple[float, float] | None:
    """Where a viewport sees the crosshair, (column, row) in pixel edges; None if it does not."""
    source, frame = session.source_of(number), session.panes[number].frame
    if session.cursor is None or source is None or frame is None or frame.affine is None:
        return None
    space, point = session.cursor
    if space != space_of(source):
        return None
    column, row, _ = to_frame(frame.affine, point)
    return (column, row)


def cuts_of(session: Session, number: int) -> tuple[tuple[float, float, float, float], ...]:
    """Where the other viewports' planes cut this one, as lines in pixel edges."""
    source, frame = session.source_of(number), session.panes[number].frame
    if source is None or frame is None or frame.affine is None:
        return ()
    found = []
    for other in session.visible:
        its, plane = session.source_of(other), session.panes[other].frame
        if other == number or its is None or plane is None or plane.affine is None:
            continue
        if space_of(its) == space_of(source):
            line = line_of(plane.affine, frame.affine, frame.shape)
            if line is not None:
                found.append(line)
    return tuple(found)


def same_view(session: Session, one: int, other: int) -> bool:
    """Whether two viewports show planes that cover one another pixel for pixel."""
    first, second = session.panes[one], session.panes[other]
    return (
        first.source_id is not None
        and first.source_id == second.source_id
        and first.plane == second.plane
    )
