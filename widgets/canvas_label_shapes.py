"""The shapes of labels: their lines, handles and movements; pure numbers.

Places are (column, row) in pixel edges, as in `Annotation`. A rotated box is one in pixels of the
frame, which is what models that give such boxes count in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from inference.records import AnnotationKind
from widgets.canvas_draft import Form, Points
from widgets.canvas_shapes import Place, corners, with_corner, with_point

TURNING_HANDLE = 4
"""Of a rotated box: the handle behind its corners, in the middle of the side that ends its axis."""

_ENDLESS = frozenset({"polygon", "line"})


def is_whole(kind: AnnotationKind, points: Points) -> bool:
    """Whether the points make a shape that something can lie in or on."""
    return _WHOLE[kind](points)


def outline(kind: AnnotationKind, points: Points) -> tuple[Points, bool]:
    """The points of a shape's line, and whether it is closed."""
    return (corners(points) if kind == "box" else points), kind not in _OPEN


def handles(kind: AnnotationKind, points: Points) -> Points:
    """The points by which a shape is held."""
    if kind == "box":
        return corners(points)
    if kind == "rotated_box":
        return (*points, _between(points[1], points[2]))
    return points


def with_handle(kind: AnnotationKind, points: Points, handle: int, place: Place) -> Points:
    """The shape with one handle moved to `place`; of boxes the opposite corner stays."""
    return _MOVES[kind](points, handle, place)


def drawn_shape(kind: AnnotationKind, points: Points) -> Points:
    """The points of an annotation from those that were pointed at."""
    if kind == "box":
        return _ordered(points)
    if kind == "rotated_box":
        return _boxed(points) if len(points) == 3 else points
    return points


def with_vertex(kind: AnnotationKind, points: Points, side: int, place: Place) -> Points:
    """A polygon or line with one more point, behind the one that its `side` begins with."""
    if kind not in _ENDLESS:
        return points
    return (*points[: side + 1], place, *points[side + 1 :])


def without_vertex(kind: AnnotationKind, points: Points, number: int) -> Points:
    """A polygon or line without one of its points; as it was where it would be none any more."""
    left = (*points[:number], *points[number + 1 :])
    return left if kind in _ENDLESS and is_whole(kind, left) else points


def usual_shape(kind: AnnotationKind, center: Place, reach: Place) -> Points:
    """A shape of the usual size around `center`, (columns, rows) of `reach` to each side."""
    (column, row), (wide, high) = center, reach
    return tuple((column + x * wide, row + y * high) for x, y in _USUAL[kind])


def _between(one: Place, other: Place) -> Place:
    return ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)


def _ordered(points: Points) -> Points:
    """The left upper corner of a box and its right lower one."""
    (x0, y0), (x1, y1) = points
    return ((min(x0, x1), min(y0, y1)), (max(x0, x1), max(y0, y1)))


def _boxed(points: Points) -> Points:
    """The corners of the box around an axis, from its first point to its second.

    The third point lies on one of the long sides.
    """
    start, end, aside = points
    along = (end[0] - start[0], end[1] - start[1])
    length = math.hypot(*along) or 1.0
    across = (-along[1] / length, along[0] / length)
    half = abs((aside[0] - start[0]) * across[0] + (aside[1] - start[1]) * across[1])
    wide = (across[0] * half, across[1] * half)
    return (
        (start[0] - wide[0], start[1] - wide[1]),
        (end[0] - wide[0], end[1] - wide[1]),
        (end[0] + wide[0], end[1] + wide[1]),
        (start[0] + wide[0], start[1] + wide[1]),
    )


def _box_moved(points: Points, handle: int, place: Place) -> Points:
    return _ordered(with_corner(points, handle, place))


def _rotated_moved(points: Points, handle: int, place: Place) -> Points:
    if handle == TURNING_HANDLE:
        return _turned(points, place)
    held = points[(handle + 2) % 4]
    ways = []
    for neighbour in (points[(handle + 1) % 4], points[(handle + 3) % 4]):
        side = (neighbour[0] - held[0], neighbour[1] - held[1])
        squared = side[0] ** 2 + side[1] ** 2 or 1.0
        share = ((place[0] - held[0]) * side[0] + (place[1] - held[1]) * side[1]) / squared
        ways.append((held[0] + side[0] * share, held[1] + side[1] * share))
    around = (place, ways[0], held, ways[1])
    return tuple(around[(number - handle) % 4] for number in range(4))


def _turned(points: Points, place: Place) -> Points:
    """A rotated box turned about its middle until its axis points at `place`."""
    middle = _between(points[0], points[2])
    held = _between(points[1], points[2])
    was = math.atan2(held[1] - middle[1], held[0] - middle[0])
    turn = math.atan2(place[1] - middle[1], place[0] - middle[0]) - was
    cosine, sine = math.cos(turn), math.sin(turn)
    return tuple(
        (
            middle[0] + (x - middle[0]) * cosine - (y - middle[1]) * sine,
            middle[1] + (x - middle[0]) * sine + (y - middle[1]) * cosine,
        )
        for x, y in points
    )


def _whole_box(points: Points) -> bool:
    return len(points) == 2 and points[0][0] != points[1][0] and points[0][1] != points[1][1]


def _whole_rotated(points: Points) -> bool:
    """Three points that were pointed at, or four corners."""
    if len(points) < 3:
        return False
    (x0, y0), (x1, y1), (x2, y2) = points[:3]
    return abs((x1 - x0) * (y2 - y0) - (y1 - y0) * (x2 - x0)) > 1e-6


def _whole_polygon(points: Points) -> bool:
    return len(set(points)) > 2


def _whole_line(points: Points) -> bool:
    return len(points) > 1 and all(one != other for one, other in pairwise(points))


def _whole_point(points: Points) -> bool:
    return len(points) == 1


_OPEN = frozenset({"line", "point"})
_WHOLE: dict[AnnotationKind, Callable[[Points], bool]] = {
    "box": _whole_box,
    "rotated_box": _whole_rotated,
    "polygon": _whole_polygon,
    "line": _whole_line,
    "point": _whole_point,
}
_MOVES: dict[AnnotationKind, Callable[[Points, int, Place], Points]] = {
    "box": _box_moved,
    "rotated_box": _rotated_moved,
    "polygon": with_point,
    "line": with_point,
    "point": with_point,
}
_USUAL: dict[AnnotationKind, Points] = {
    "box": ((-1.0, -1.0), (1.0, 1.0)),
    "rotated_box": ((-1.0, -0.5), (1.0, -0.5), (1.0, 0.5), (-1.0, 0.5)),
    "polygon": ((0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)),
    "line": ((-1.0, 0.0), (1.0, 0.0)),
    "point": ((0.0, 0.0),),
}
DRAWN_KINDS = frozenset(_USUAL)
"""The kinds of annotation that are shapes on a frame."""

FORMS: dict[AnnotationKind, Form[AnnotationKind]] = {
    "box": Form("box", 2, _whole_box),
    "rotated_box": Form("rotated_box", 3, _whole_rotated),
    "polygon": Form("polygon", None, _whole_polygon, traced=True),
    "line": Form("line", None, _whole_line, closed=False),
}
"""How they are drawn; a point needs one press and no more."""
