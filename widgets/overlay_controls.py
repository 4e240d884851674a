"""How a map is drawn: shown or not, from which strength on, how strongly."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import TextButton, with_key
from widgets.drawing_controls import DrawingControls
from widgets.labels import ShortLabel, bound, text_label


class OverlayControls(QWidget):
    """Switched off while there is no map; setters send no signals."""

    threshold_changed = Signal(float)
    opacity_changed = Signal(float)
    overlay_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = ""
        self._coarse = False
        self._old = False
        self._map_title = ShortLabel("", "caption")
        self._visible = QCheckBox("Overlay")
        self._visible.setChecked(True)
        self._visible.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._visible.toggled.connect(self.overlay_toggled)
        self._threshold, self._threshold_words = _slider(
            "Threshold", "", self.threshold_changed.emit
        )
        self._opacity, self._opacity_words = _slider(
            "Opacity", "How strongly the map covers the picture", self.opacity_changed.emit
        )
        self._shown = text_label("", "caption", wrap=True)
        self.drawing = DrawingControls()
        """What sets the colours, lines, and cells: folded away until it is asked for."""
        self.drawing.setVisible(False)
        self._more = TextButton("Scale and lines", "chevron_right", "fold", role="quiet")
        self._more.clicked.connect(self._unfold)
        self._arrange()
        self.set_keys({})
        self.set_map_title("")
        self.set_threshold(0.0)
        self.set_opacity(0.75)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        lines = (
            ("Threshold", self._threshold, self._threshold_words),
            ("Opacity", self._opacity, self._opacity_words),
        )
        for row, (name, slider, words) in enumerate(lines):
            grid.addWidget(text_label(name, "quiet"), 2 * row, 0)
            grid.addWidget(slider, 2 * row, 1)
            grid.addWidget(words, 2 * row, 2)
        grid.addWidget(self._shown, 1, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._visible)
        column.addWidget(self._map_title)
        column.addLayout(grid)
        fold = QHBoxLayout()
        fold.addWidget(self._more)
        fold.addStretch(1)
        column.addLayout(fold)
        column.addWidget(self.drawing)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        blink = "hold Space to blink"
        shown = "; ".join(part for part in (keys.get("overlay", ""), blink) if part)
        self._visible.setToolTip(with_key("Show the map over the picture", shown))
        both = (keys.get("threshold_down", ""), keys.get("threshold_up", ""))
        steps = " and ".join(key for key in both if key)
        self._threshold.setToolTip(with_key("Hide what is weaker", steps))
        self.drawing.set_keys(keys)

    def set_map_title(self, title: str, *, coarse: bool = False) -> None:
        """Which map is seen; "" if there is none. A coarse one is still being made."""
        self._title = title
        self._coarse = coarse
        self._show_title()
        for control in (self._visible, self._threshold, self._opacity, self.drawing):
            control.setEnabled(bool(title))

    def set_old(self, old: bool) -> None:
        """Say that the map seen is an older one while a newer is on its way."""
        self._old = old
        self._show_title()

    def set_threshold(self, threshold: float) -> None:
        _put(self._threshold, self._threshold_words, threshold)

    def set_shown_words(self, words: str) -> None:
        """What the threshold leaves: "12 % of the pixels, 60 % of the attribution"."""
        self._shown.setText(bound(words))
        self._shown.setVisible(bool(words))

    def set_opacity(self, opacity: float) -> None:
        _put(self._opacity, self._opacity_words, opacity)

    def set_overlay_visible(self, visible: bool) -> None:
        self._visible.blockSignals(True)
        self._visible.setChecked(visible)
        self._visible.blockSignals(False)

    def _unfold(self) -> None:
        unfolded = self.drawing.isHidden()
        self._more.set_icon("chevron_down" if unfolded else "chevron_right", "quiet")
        self.drawing.setVisible(unfolded)

    def _show_title(self) -> None:
        before = "Coarse map: " if self._coarse else "Old map: " if self._old else ""
        self._map_title.setText(f"{before}{self._title}" if self._title else "No map yet")


class _CalmSlider(QSlider):
    """A slider that the wheel does not move, so that scrolling a panel changes nothing."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _slider(name: str, tip: str, changed: Callable[[float], None]) -> tuple[QSlider, QLabel]:
    slider = _CalmSlider(Qt.Orientation.Horizontal)
    slider.setRange(0, 100)
    slider.setPageStep(10)
    slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    slider.setAccessibleName(name)
    slider.setToolTip(tip)
    words = text_label("", "quiet")
    words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    words.setMinimumWidth(words.fontMetrics().horizontalAdvance("100 %") + 4)

    def follow(value: int) -> None:
        words.setText(f"{value} %")
        changed(value / 100)

    slider.valueChanged.connect(follow)
    return slider, words


def _put(slider: QSlider, words: QLabel, share: float) -> None:
    slider.blockSignals(True)
    slider.setValue(round(share * 100))
    slider.blockSignals(False)
    words.setText(f"{slider.value()} %")
