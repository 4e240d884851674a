"""Joins the session with the controls of how the active viewport's map is drawn."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from app.actions import comparing
from app.session import Session
from app.views.map_words import shown_words
from widgets.overlay_controls import OverlayControls

_PIXELS = "This map has a value for each pixel of the picture."
_A_CUT = "A plane through several maps has no cells of its own."


class OverlayView(QObject):
    """Draws what the session says, and hands on what the person wants; holds no state."""

    edited = Signal(str, object)
    """(a field of the pane, its new value)"""
    keep_requested = Signal()

    def __init__(self, session: Session, controls: OverlayControls) -> None:
        super().__init__(controls)
        self._session = session
        self._controls = controls
        drawing = controls.drawing
        for signal, name in (
            (controls.threshold_changed, "threshold"),
            (controls.opacity_changed, "opacity"),
            (controls.overlay_toggled, "overlay_visible"),
            (drawing.scale_chosen, "scale"),
            (drawing.percent_changed, "percent"),
            (drawing.contours_chosen, "contours"),
            (drawing.cells_toggled, "cells"),
        ):
            signal.connect(partial(self.edited.emit, name))
        drawing.keep_requested.connect(self.keep_requested)
        drawing.shared_toggled.connect(lambda on: comparing.set_shared(session, shared=on))

    def show(self) -> None:
        """The controls as the active viewport is drawn."""
        session, controls = self._session, self._controls
        pane, source = session.panes[session.active], session.source_of(session.active)
        controls.set_threshold(pane.threshold)
        controls.set_opacity(pane.opacity)
        controls.set_overlay_visible(pane.overlay_visible)
        controls.set_shown_words(shown_words(session, session.active))
        drawing, shown = controls.drawing, pane.attribution
        drawing.set_percent(pane.percent)
        drawing.set_shared(session.comparison.shared if pane.compared else None)
        drawing.set_contours(pane.contours)
        if source is not None:
            kept = session.scales.kept_limit(shown) is not None
            mode = session.scales.mode(pane, source)
            drawing.set_scale(mode, kept=kept, shared=pane.limit is not None)
        card = session.card_of(session.active)
        whole = shown is not None and not shown.coarse
        drawing.set_keep(card.title if card is not None and whole else "")
        if shown is None:
            drawing.set_cells(pane.cells, "")
        elif shown.cells is None:
            drawing.set_cells(pane.cells, "", _A_CUT if pane.is_cut else _PIXELS)
        else:
            rows, columns = shown.cells.values.shape
            drawing.set_cells(pane.cells, f"{columns} × {rows}")
