"""What can be done with one series or object of the study list."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from inference.records import DicomObject, Source
from widgets.icons import icon
from widgets.study_rows import OVERLAYS, RULES, Row


class StudyMenu(QMenu):
    """Each entry sends one signal with the id of the row, and what was chosen."""

    tags = Signal(str)
    order = Signal(str, str)
    viewport = Signal(str, int)
    toggled = Signal(str, bool)
    opened = Signal(str)
    images = Signal(str)
    explained = Signal(str)

    def __init__(self, row: Row, viewports: int, parent: QWidget) -> None:
        super().__init__(parent)
        if row.source is not None:
            self._fill_source(row.source, viewports)
        elif row.found is not None:
            if row.selects:
                ident = row.found.object_id
                self._add("Go to its key images", "key_image", lambda: self.images.emit(ident))
            self._fill_object(row.found, on=row.on)

    def _fill_source(self, source: Source, viewports: int) -> None:
        key = source.source_id
        for number in range(1, viewports + 1) if viewports > 1 else ():
            self._add(f"Open in viewport {number}", "", partial(self.viewport.emit, key, number))
        if source.orders:
            self.addAction(f"Ordered by {RULES[source.order_rule]}").setEnabled(False)
        for order in source.orders:
            words = f"Order by {RULES[order.rule]}"
            self._add(words, "order", partial(self.order.emit, key, order.rule))
        if self.actions():
            self.addSeparator()
        self._add("Explain a selection", "why", partial(self.explained.emit, key))
        self._add("Show tags", "tags", lambda: self.tags.emit(key))

    def _fill_object(self, found: DicomObject, *, on: bool) -> None:
        key = found.object_id
        if found.kind in OVERLAYS:
            words = "Take off the scan" if on else "Lay over the scan"
            self._add(words, "", lambda: self.toggled.emit(key, not on))
        elif found.kind == "report":
            self._add("Read the report", "document", lambda: self.opened.emit(key))
        self._add("Show tags", "tags", lambda: self.tags.emit(key))

    def _add(self, words: str, icon_name: str, act: Callable[[], None]) -> None:
        action = self.addAction(words)
        if icon_name:
            action.setIcon(icon(icon_name, "quiet"))
        action.triggered.connect(lambda _checked=False: act())
