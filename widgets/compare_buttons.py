"""The way into a comparison, and out of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from widgets.buttons import IconButton, TextButton, with_key
from widgets.labels import plain_tip


class CompareButtons(QWidget):
    """Beginning is always there; ending only during a comparison."""

    begun = Signal()
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tip = ""
        self._begin, self._end = TextButton("Compare…"), TextButton("End comparison")
        self._begin.clicked.connect(self.begun)
        self._end.clicked.connect(self.ended)
        self._more = IconButton("more", "Blink, difference, agreement and more of these maps")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._more.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._begin)
        row.addWidget(self._end)
        row.addStretch(1)
        row.addWidget(self._more)
        self.set_keys({})
        self.set_state(ready=False, on=False)

    def set_state(self, *, ready: bool, on: bool) -> None:
        """Whether there is something to compare, and whether it is being compared."""
        self._begin.setEnabled(ready)
        self._begin.setToolTip(self._tip if ready else plain_tip("Open a scan and choose a model."))
        self._end.setVisible(on)

    def set_menu(self, menu: QMenu) -> None:
        """What else can be done with maps, behind one more button."""
        self._more.setMenu(menu)
        self._more.show()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        words = "Methods, models, targets or layers side by side"
        self._tip = with_key(words, keys.get("compare", ""))
        self._begin.setToolTip(self._tip)
        self._end.setToolTip(
            with_key("Back to what was shown before", keys.get("end_comparison", ""))
        )
