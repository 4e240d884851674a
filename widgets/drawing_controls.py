"""What sets the colours of a map, lines around its strongest parts, and its own cells."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QVBoxLayout, QWidget

from widgets.buttons import TextButton, with_key
from widgets.choosers import Chooser
from widgets.labels import plain_tip, text_label
from widgets.spin_boxes import RealSpin

_SCALES = (
    ("image", "This image", "Each image has its own scale: do not compare colours between images."),
    ("series", "All of the series", "One scale for all maps of this question that are known here."),
    ("kept", "The kept one", "The scale that was kept for this model and method."),
)
_SHARED = "Viewports that are compared share one scale."
_NO_LINES = "No lines"
_SHARES = (25, 50, 75)


class DrawingControls(QWidget):
    """Sends what a person chose; setters send nothing."""

    scale_chosen = Signal(str)
    percent_changed = Signal(float)
    keep_requested = Signal()
    contours_chosen = Signal(float)
    cells_toggled = Signal(bool)
    shared_toggled = Signal(bool)
    """Whether all that is compared has one scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[str, bool] | None = None
        self._make()
        self._arrange()
        self.set_scale("image", kept=False, shared=False)
        self.set_keep("")
        self.set_contours(0.0)
        self.set_cells(False, "")
        self.set_shared(None)
        self.set_keys({})

    def set_scale(self, chosen: str, *, kept: bool, shared: bool) -> None:
        """What sets the scale; a kept one can be chosen only where there is one."""
        if self._entries != (chosen, kept):
            self._entries = (chosen, kept)
            self._scale.clear_entries()
            for key, words, reason in _SCALES:
                there = key != "kept" or kept
                why = reason if there else "No scale was kept for this model and method yet."
                self._scale.add_entry(key, words, reason=why, enabled=there)
            self._scale.choose(chosen)
        self._scale.setEnabled(not shared)
        if shared:
            self._scale.setToolTip(_SHARED)
        self._percent.setEnabled(not shared and chosen != "kept")

    def set_shared(self, shared: bool | None) -> None:
        """Whether all that is compared has one scale; None where nothing is compared."""
        self._shared.setVisible(shared is not None)
        with QSignalBlocker(self._shared):
            self._shared.setChecked(bool(shared))

    def set_percent(self, percent: float) -> None:
        """The percentile of the magnitudes that gets the full colour."""
        with QSignalBlocker(self._percent):
            self._percent.setValue(percent)

    def set_keep(self, model: str) -> None:
        """Offer to keep the scale in sight for this model; "" where there is no map."""
        words = f"Keep this scale for {model}" if model else "Keep this scale"
        self._keep.setEnabled(bool(model))
        self._keep.setToolTip(plain_tip(words))
        self._keep.setAccessibleDescription(words)

    def set_contours(self, share: float) -> None:
        """The share of the attribution that lines enclose; 0 for no lines."""
        self._lines.choose(str(round(share * 100)))

    def set_cells(self, cells: bool, size: str, why_not: str = "") -> None:
        """Whether the map's own cells are seen, how many they are, or why there are none."""
        with QSignalBlocker(self._cells):
            self._cells.setChecked(cells)
        self._cells.setText(f"Its own cells, {size}" if size else "Its own cells")
        self._cells.setEnabled(not why_not)
        self._cells.setToolTip(plain_tip(why_not or self._cells_tip))

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._cells_tip = with_key(
            "Draw the map as the squares that it was made of", keys.get("cells", "")
        )
        self._scale_label.setToolTip(
            with_key("What gets the full colour", keys.get("next_scale", ""))
        )
        self._lines_label.setToolTip(
            with_key("Around the strongest places of the map", keys.get("contours", ""))
        )

    def _make(self) -> None:
        self._cells_tip = ""
        self._scale = Chooser("Scale of the map")
        self._scale.chosen.connect(self.scale_chosen)
        self._percent = RealSpin()
        self._percent.setRange(90.0, 100.0)
        self._percent.setDecimals(1)
        self._percent.setSingleStep(0.5)
        self._percent.setSuffix(" %")
        self._percent.setAccessibleName("Percentile that gets the full colour")
        self._percent.setToolTip(
            "This share of the places is weaker than the full colour, so that a few do not set it"
        )
        self._percent.valueChanged.connect(self.percent_changed)
        self._keep = TextButton("Keep this scale")
        self._keep.clicked.connect(self.keep_requested)
        self._lines = Chooser("Lines around the strongest places")
        self._lines.add_entry("0", _NO_LINES)
        for share in _SHARES:
            self._lines.add_entry(str(share), f"Around {share} % of it")
        self._lines.chosen.connect(lambda key: self.contours_chosen.emit(int(key) / 100))
        self._cells = QCheckBox()
        self._cells.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._cells.toggled.connect(self.cells_toggled)
        self._shared = QCheckBox("One scale for all compared")
        self._shared.setToolTip("The largest of their limits; otherwise each has its own")
        self._shared.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._shared.toggled.connect(self.shared_toggled)

    def _arrange(self) -> None:
        self._scale_label = text_label("Scale", "quiet")
        self._lines_label = text_label("Lines", "quiet")
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        rows = (
            (self._scale_label, self._scale),
            (text_label("Percentile", "quiet"), self._percent),
            (None, self._keep),
            (self._lines_label, self._lines),
            (None, self._cells),
        )
        for row, (label, control) in enumerate(rows, start=1):
            if label is not None:
                grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1)
        grid.addWidget(self._shared, 0, 1)
        grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid)
