"""The settings of the tools of labelling: brush, growing, wand; and which label is in hand."""

from __future__ import annotations

import math

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from widgets.buttons import IconButton
from widgets.canvas_brush import LARGEST_PX, SMALLEST_PX
from widgets.choosers import Chooser
from widgets.label_bar_table import METHODS
from widgets.labels import ShortLabel, plain_tip
from widgets.spin_boxes import RealSpin
from widgets.theme import RGB
from widgets.value_range import ValueRange

_STEPS = 100
SWATCH_PX = 12


class InHandPage(QWidget):
    """The label that the next mark gets, or a sentence where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._swatch = QLabel()
        self._words = ShortLabel("", "quiet")
        self._words.setMinimumWidth(220)
        row = _row(self)
        row.addWidget(self._swatch)
        row.addWidget(self._words, 1)

    def set_label(self, title: str, colour: RGB | None, sentence: str) -> None:
        """The title and colour of the label in hand, or what is to be done without one."""
        if colour is not None:
            square = QPixmap(SWATCH_PX, SWATCH_PX)
            square.fill(QColor(*colour))
            self._swatch.setPixmap(square)
        self._swatch.setVisible(colour is not None)
        self._words.setText(title or sentence)


class BrushPage(QWidget):
    """How far a brush reaches, in millimetres where they are known, and which values it paints."""

    radius_changed = Signal(float)
    """In pixels: columns of the frame."""

    def __init__(self) -> None:
        super().__init__()
        self._mm_per_px: float | None = None
        self.range = ValueRange()
        self._spin = RealSpin()
        self._spin.setFixedWidth(96)
        self._spin.setAccessibleName("Radius of the brush")
        self._spin.valueChanged.connect(self._type)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _STEPS)
        self._slider.setFixedWidth(52)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.setAccessibleName("Radius of the brush")
        self._slider.valueChanged.connect(self._slide)
        row = _row(self)
        for widget in (self._spin, self._slider, self.range):
            row.addWidget(widget)

    def set_radius(self, radius_px: float, mm_per_px: float | None) -> None:
        """The radius; `mm_per_px` is the width of a pixel, None where it is not known."""
        self._mm_per_px = mm_per_px
        factor = mm_per_px or 1.0
        tip = f"Radius of the brush: {radius_px:.3g} pixels"
        tip += f", {radius_px * factor:.3g} mm" if mm_per_px else ""
        with QSignalBlocker(self._spin), QSignalBlocker(self._slider):
            self._spin.setSuffix(" mm" if mm_per_px else " px")
            self._spin.setDecimals(1 if radius_px * factor >= 1 else 2)
            self._spin.setRange(SMALLEST_PX * factor, LARGEST_PX * factor)
            self._spin.setSingleStep(max(round(radius_px * factor / 10, 1), 0.1))
            self._spin.setValue(radius_px * factor)
            self._slider.setValue(_step_of(radius_px))
        for widget in (self._spin, self._slider):
            widget.setToolTip(tip)

    def _type(self, value: float) -> None:
        self.radius_changed.emit(value / (self._mm_per_px or 1.0))

    def _slide(self, step: int) -> None:
        self.radius_changed.emit(SMALLEST_PX * (LARGEST_PX / SMALLEST_PX) ** (step / _STEPS))


class TakePart(QWidget):
    """Takes a region that is tried, or drops it."""

    taken = Signal()
    dropped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._take = IconButton("tick", "Take the region into the mask", "Enter")
        self._drop = IconButton("cancel", "Drop the region", "Esc")
        self._take.clicked.connect(self.taken)
        self._drop.clicked.connect(self.dropped)
        row = _row(self)
        row.setSpacing(2)
        row.addWidget(self._take)
        row.addWidget(self._drop)
        self.set_tried(False)

    def set_tried(self, tried: bool) -> None:
        """Whether there is a region to be taken."""
        for button in (self._take, self._drop):
            button.setEnabled(tried)


class GrowPage(QWidget):
    """How far values may differ from that of the seed, and how far the region grows."""

    tolerance_changed = Signal(float)
    volume_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.take = TakePart()
        self._spin = RealSpin()
        self._spin.setRange(0.0, 1e9)
        self._spin.setPrefix("± ")
        self._spin.setFixedWidth(112)
        self._spin.setAccessibleName("How far values may differ from that of the seed")
        self._spin.valueChanged.connect(self.tolerance_changed)
        self._reach = Chooser("How far the region grows")
        self._reach.add_entry("slice", "This slice")
        self._reach.add_entry("volume", "All slices", reason="It grows once it is taken.")
        self._reach.setFixedWidth(104)
        self._reach.chosen.connect(lambda key: self.volume_chosen.emit(key == "volume"))
        row = _row(self)
        for widget in (self._spin, self._reach, self.take):
            row.addWidget(widget)

    def set_tolerance(self, tolerance: float, unit: str, *, by_range: bool) -> None:
        """In `unit`; `by_range` where the values that are painted say it instead."""
        with QSignalBlocker(self._spin):
            self._spin.setSuffix(f" {unit}" if unit else "")
            self._spin.setDecimals(decimals(tolerance))
            self._spin.setSingleStep(max(tolerance / 10, 10.0 ** -decimals(tolerance)))
            self._spin.setValue(tolerance)
        self._spin.setEnabled(not by_range)
        why = "The values that the brush paints are set, and they say it." if by_range else ""
        drag = "How far values may differ from that of the seed; drag to the right for more"
        self._spin.setToolTip(plain_tip(why or drag))

    def set_volume(self, volume: bool, *, there: bool) -> None:
        """Whether it grows through all slices; `there` if the scan has several."""
        self._reach.choose("volume" if volume and there else "slice")
        self._reach.setEnabled(there)


class WandPage(QWidget):
    """What finds the thing that was clicked."""

    method_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.take = TakePart()
        self._method = Chooser("What finds the thing")
        for name, words, reason in METHODS:
            self._method.add_entry(name, words, reason=reason)
        self._method.setFixedWidth(136)
        self._method.chosen.connect(self.method_chosen)
        row = _row(self)
        row.addWidget(self._method)
        row.addWidget(self.take)

    def set_method(self, method: str) -> None:
        self._method.choose(method)


class Pages(QWidget):
    """One of several pages at a time, as wide as that one is."""

    def __init__(self, pages: dict[str, QWidget]) -> None:
        super().__init__()
        self._pages = pages
        self.shown = ""
        row = _row(self)
        for page in pages.values():
            page.setVisible(False)
            row.addWidget(page)

    def show_page(self, name: str) -> None:
        self.shown = name
        for key, page in self._pages.items():
            page.setVisible(key == name)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        return self._pages[self.shown].sizeHint()


def decimals(value: float) -> int:
    """As many as three figures of a value need, up to 4."""
    return min(max(2 - math.floor(math.log10(value)), 0), 4) if value > 0 else 1


def _step_of(radius_px: float) -> int:
    share = math.log(radius_px / SMALLEST_PX) / math.log(LARGEST_PX / SMALLEST_PX)
    return round(_STEPS * share)


def _row(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    return row
