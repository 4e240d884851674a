"""The files that could not be opened, folded behind one line."""

from __future__ import annotations

from pathlib import PurePath

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from inference.records import Refused
from widgets.buttons import TextButton
from widgets.labels import ShortLabel, SignLine
from widgets.layouts import empty
from widgets.scroll_column import WrappedPage
from widgets.theme import MARGIN_PX

LISTED_PX = 180


class RefusedPart(QFrame):
    """Hidden while there is nothing to say; unfolds to each file and its reason."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setVisible(False)
        self.setProperty("kind", "foot")
        self._refusals: tuple[Refused, ...] = ()
        self._fold = TextButton("", "chevron_right", "fold", role="quiet")
        self._fold.clicked.connect(self._unfold)
        inside = WrappedPage()
        self._reasons = QVBoxLayout(inside)
        self._reasons.setContentsMargins(MARGIN_PX, 0, 8, 8)
        self._reasons.setSpacing(8)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        self._scroll.setMaximumHeight(LISTED_PX)
        self._scroll.setSizeAdjustPolicy(QScrollArea.SizeAdjustPolicy.AdjustToContents)
        self._scroll.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._scroll.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self._fold)
        column.addWidget(self._scroll)

    def set_refused(self, refused: tuple[Refused, ...]) -> None:
        """Say how many there are, and why, below."""
        count = len(refused)
        if refused == self._refusals:
            return
        self._refusals = refused
        self.setVisible(count > 0)
        self._fold.setText(f"{count} {'file' if count == 1 else 'files'} not opened")
        empty(self._reasons)
        for one in refused:
            self._reasons.addWidget(_reason(one))
        self._reasons.addStretch(1)

    def _unfold(self) -> None:
        shown = self._scroll.isHidden()
        self._scroll.setVisible(shown)
        self._fold.set_icon("chevron_down" if shown else "chevron_right", "quiet")


def _reason(refused: Refused) -> QWidget:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    name = ShortLabel(PurePath(refused.path).name, mode=Qt.TextElideMode.ElideMiddle)
    column.addWidget(name)
    column.addWidget(SignLine("bad", refused.reason, "caption"))
    return part
