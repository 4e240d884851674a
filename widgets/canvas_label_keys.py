"""Labelling without a mouse: what keys do to the labels of a viewport.

Enter finishes what is drawn, or places a shape of the tool in hand; Backspace takes the last point
back; Tab goes through the handles; arrows move by a pixel, with Shift by ten; Delete removes what
is selected; Escape lets it go. Comma and full stop change the size of a brush.
"""

from __future__ import annotations

from PySide6.QtCore import Qt

from widgets.canvas_brush import BrushHand
from widgets.canvas_keys import DELETE, ENTER, FAR_PX, STEPS, step_in_image
from widgets.canvas_label_hand import LabelHand
from widgets.canvas_label_shapes import handles
from widgets.canvas_transform import Placement

_SIZES: dict[int, int] = {Qt.Key.Key_Comma: -1, Qt.Key.Key_Period: 1}


def wants_label_key(hand: LabelHand, brush: BrushHand, key: int) -> bool:
    """Whether a key acts on labels now, before anything else that it is bound to."""
    if brush.active and key in _SIZES:
        return True
    if hand.busy:
        return key == Qt.Key.Key_Escape or key in ENTER or key in DELETE
    if key in ENTER:
        return hand.kind is not None
    on_selected = key in STEPS or key in DELETE or key == Qt.Key.Key_Escape
    return hand.active and bool(hand.selected) and on_selected


def press_label_key(
    hand: LabelHand, brush: BrushHand, key: int, placement: Placement, *, far: bool
) -> None:
    """Act on a key that is wanted; `far` steps by ten pixels."""
    if key in _SIZES:
        brush.resize(_SIZES[key])
    elif key in ENTER:
        _enter(hand, placement)
    elif key in STEPS:
        columns, rows = step_in_image(key, placement)
        pixels = FAR_PX if far else 1.0
        hand.nudge((columns * pixels, rows * pixels))
    elif key in DELETE:
        _delete(hand)
    elif hand.busy:
        hand.drop()
    else:
        hand.pick(())


def next_label_handle(hand: LabelHand, labels: tuple[str, ...], step: int) -> bool:
    """Go to the next or previous handle of the selected shape, then to the next of `labels`.

    False behind the last and without a selected shape, so that the focus goes to the next widget.
    """
    chosen = hand.chosen
    if not hand.active or len(chosen) != 1:
        return False
    old = chosen[0].annotation
    number = -1 if hand.handle is None else hand.handle
    if -1 <= number + step < len(handles(old.kind, old.points)):
        number += step
        hand.pick(hand.selected, None if number < 0 else number)
        return True
    place = labels.index(old.annotation_id) + step
    hand.pick((labels[place],) if 0 <= place < len(labels) else ())
    return 0 <= place < len(labels)


def _enter(hand: LabelHand, placement: Placement) -> None:
    if hand.draft is not None:
        hand.finish(hand.draft.close() or hand.draft.fix())
    elif not hand.busy and hand.kind is not None:
        hand.put(hand.kind, placement)


def _delete(hand: LabelHand) -> None:
    if hand.busy:
        hand.take_back()
    else:
        hand.deleted.emit(hand.selected)
