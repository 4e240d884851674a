"""The canvas's side of labelling: labels come in by setters, what people do with them goes out."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, Signal
from PySide6.QtWidgets import QWidget

from widgets.canvas_content import CanvasContent
from widgets.canvas_labels import LabelStyle, LabelTool, ShownLabel
from widgets.theme import LABEL_COLOURS, RGB


class LabelledCanvas(CanvasContent):
    """A canvas with labels on it; places are (column, row) in pixel edges.

    `label_drawn` carries the kind of annotation and its points, `label_changed` the id of one that
    was moved and its new points; both are seen once `set_labels` brings them back. `mask_painted`
    carries the id that the brush went on with and the whole mask, bool [rows, columns].
    """

    label_drawn = Signal(str, object)
    label_changed = Signal(str, object)
    labels_selected = Signal(object)
    labels_deleted = Signal(object)
    label_menu_requested = Signal(str, object)
    """The id of the label that was clicked with the right button, and where on the screen."""
    mask_painted = Signal(str, object)
    seed_placed = Signal(float, float, bool, bool)
    """(column, row) of a seed, whether it lies inside, and whether the hand let go."""
    seed_boxed = Signal(object)
    """(x0, y0, x1, y1) around what is to be segmented."""
    brush_resized = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        labelling = self._labelling
        labelling.hand.drawn.connect(self.label_drawn)
        labelling.hand.changed.connect(self.label_changed)
        labelling.hand.picked.connect(self.labels_selected)
        labelling.hand.deleted.connect(self.labels_deleted)
        labelling.brush.painted.connect(self.mask_painted)
        labelling.brush.resized.connect(self.brush_resized)
        labelling.seeds.placed.connect(self.seed_placed)
        labelling.seeds.boxed.connect(self.seed_boxed)
        labelling.dirty.connect(self._repaint)

    def set_labels(self, shown: tuple[ShownLabel, ...]) -> None:
        """The labels of the frame in sight; annotations are known again by identity."""
        self._labelling.set_shown(shown)

    def set_selected_labels(self, ids: tuple[str, ...]) -> None:
        """Select labels; `labels_selected` does not answer."""
        self._labelling.set_selected(ids)

    @property
    def selected_labels(self) -> tuple[str, ...]:
        return self._labelling.hand.selected

    def set_label_style(self, visible: bool, opacity: float, words: bool) -> None:
        """Whether labels are seen, how opaque masks are, 0 to 1, and whether words are written."""
        self._labelling.set_style(LabelStyle(visible, min(max(opacity, 0.0), 1.0), words))

    def set_label_tool(self, settings: LabelTool) -> None:
        """What labelling tools work with; another `annotation_id` finishes a stroke."""
        self._labelling.set_tool(settings)

    def set_seed_preview(self, mask: np.ndarray | None, colour: RGB = LABEL_COLOURS[1]) -> None:
        """What a click has found and nobody has taken yet, bool [rows, columns]; None for none."""
        self._labelling.set_preview(mask, colour)

    def _repaint(self, part: QRect | None) -> None:
        if part is None:
            self.update()
        else:
            self.update(part)
