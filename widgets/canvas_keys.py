"""Measuring without a mouse: what keys do to the measures of a viewport.

Enter places a measure of the tool in hand, or takes the first one; Tab goes through its handles;
arrows move it by a pixel, with Shift by ten; Delete removes it; Escape lets it go.
"""

from __future__ import annotations

from PySide6.QtCore import Qt

from widgets.canvas_hand import MeasureHand
from widgets.canvas_shapes import handles
from widgets.canvas_transform import Placement

FAR_PX = 10.0

STEPS: dict[int, tuple[float, float]] = {
    Qt.Key.Key_Left: (-1.0, 0.0),
    Qt.Key.Key_Right: (1.0, 0.0),
    Qt.Key.Key_Up: (0.0, -1.0),
    Qt.Key.Key_Down: (0.0, 1.0),
}
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
DELETE = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)


def wants_key(hand: MeasureHand, key: int) -> bool:
    """Whether a key acts on measures now, before anything else that it is bound to."""
    if hand.busy:
        return key == Qt.Key.Key_Escape or key in ENTER
    if key in ENTER:
        return hand.kind is not None or bool(hand.here)
    return bool(hand.selected) and (key in STEPS or key in DELETE or key == Qt.Key.Key_Escape)


def press_key(hand: MeasureHand, key: int, placement: Placement, *, far: bool) -> None:
    """Act on a key that is wanted; `far` steps by ten pixels."""
    if key in ENTER:
        _enter(hand, placement)
    elif key in STEPS:
        columns, rows = step_in_image(key, placement)
        pixels = FAR_PX if far else 1.0
        hand.nudge((columns * pixels, rows * pixels))
    elif key in DELETE:
        hand.deleted.emit(hand.selected)
    elif hand.busy:
        hand.drop()
    else:
        hand.select("", None)


def step_in_image(key: int, placement: Placement) -> tuple[float, float]:
    """The way that an arrow points on the screen, as one pixel of the frame (columns, rows)."""
    columns, rows = placement.way_in_image(*STEPS[key])
    return (_sign(columns), _sign(rows))


def next_handle(hand: MeasureHand, step: int) -> bool:
    """Go to the next or previous handle of the selected measure, then to the next measure.

    False behind the last and without a selection, so that the focus goes to the next widget.
    """
    stops = [
        (measure.measure_id, handle)
        for measure in hand.here
        for handle in (None, *range(len(handles(measure))))
    ]
    if (hand.selected, hand.handle) not in stops:
        return False
    place = stops.index((hand.selected, hand.handle)) + step
    if 0 <= place < len(stops):
        hand.select(*stops[place])
        return True
    hand.select("", None)
    return False


def _enter(hand: MeasureHand, placement: Placement) -> None:
    if hand.draft is not None:
        hand.finish(hand.draft.close() or hand.draft.fix())
    elif not hand.busy and hand.kind is not None:
        hand.put(hand.kind, placement)
    elif not hand.busy:
        hand.select(hand.here[0].measure_id, None)


def _sign(value: float) -> float:
    return float((value > 0) - (value < 0))
