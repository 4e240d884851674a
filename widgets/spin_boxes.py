"""Fields for numbers that change only by the hand that means them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QDoubleSpinBox, QSpinBox


class WholeSpin(QSpinBox):
    """A whole number. The wheel does not turn it, so that scrolling a panel changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        _calm(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class RealSpin(QDoubleSpinBox):
    """A number with decimals, as calm as a whole one."""

    def __init__(self) -> None:
        super().__init__()
        _calm(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _calm(box: QAbstractSpinBox) -> None:
    """What is typed counts when it is complete, not digit by digit."""
    box.setKeyboardTracking(False)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.lineEdit().setTextMargins(6, 0, 4, 0)  # a style sheet's padding does not reach the field
