"""Where planes and points of the patient are seen in a viewport."""

from __future__ import annotations

from dataclasses import dataclass

from app.linking import cursor_seen, space_of
from app.session import Session
from inference.mpr.lines import from_frame, line_of, to_frame
from inference.records import Affine, Point

Line = tuple[float, float, float, float]
"""From (column, row) to (column, row), in pixel edges."""


def point_at(session: Session, number: int, column: float, row: float) -> Point | None:
    """The place in the patient under (column, row), in pixel edges, of a viewport's picture."""
    frame = session.panes[number].frame
    if frame is None or frame.affine is None:
        return None
    return from_frame(frame.affine, column, row)


@dataclass(frozen=True)
class Crossing:
    """What is seen of the others in one viewport, in pixel edges: (column, row), and lines."""

    cross: tuple[float, float] | None
    lines: tuple[Line, ...]


def crossings(session: Session) -> dict[int, Crossing]:
    """The crosshair and the reference lines in every visible viewport.

    Left out are lines that the crosshair stands for: upright or level, of planes that it lies in.
    """
    planes, crosses = {}, {}
    for number in session.visible:
        source, frame = session.source_of(number), session.panes[number].frame
        if source is not None and frame is not None and frame.affine is not None:
            planes[number] = (space_of(source), frame.affine, frame.shape)
            crosses[number] = cursor_seen(session, number)
    found = {number: Crossing(None, ()) for number in session.visible}
    for number, (space, affine, shape) in planes.items():
        cross = _cross_at(affine, shape, crosses[number])
        lines = []
        for other, (its, plane, _) in planes.items():
            line = line_of(plane, affine, shape) if other != number and its == space else None
            covered = cross is not None and crosses[other] is not None
            if line is not None and not (covered and _is_straight(line)):
                lines.append(line)
        found[number] = Crossing(cross, tuple(lines))
    return found


def _cross_at(
    affine: Affine, shape: tuple[int, int], point: Point | None
) -> tuple[float, float] | None:
    """The crosshair's (column, row), if it lies within the frame."""
    if point is None:
        return None
    column, row, _ = to_frame(affine, point)
    return (column, row) if 0 <= column <= shape[1] and 0 <= row <= shape[0] else None


def _is_straight(line: Line) -> bool:
    """Whether a line runs along rows or columns, to 1 in 50."""
    across, down = abs(line[2] - line[0]), abs(line[3] - line[1])
    return min(across, down) * 50 <= max(across, down)


def same_view(session: Session, one: int, other: int) -> bool:
    """Whether two viewports show planes that cover one another pixel for pixel."""
    first, second = session.panes[one], session.panes[other]
    return (
        first.source_id is not None
        and first.source_id == second.source_id
        and first.plane == second.plane
    )
