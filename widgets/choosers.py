"""The drop-down list of the program: groups, signs beside entries, reasons as tooltips."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent, QStandardItem, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from widgets.icons import icon
from widgets.labels import plain_tip
from widgets.signs import ICONS, ROLES, WORDS, State

_KEY = Qt.ItemDataRole.UserRole
_STATE = Qt.ItemDataRole.UserRole + 1


class Chooser(QComboBox):
    """Entries known by a key; `chosen` is sent only for a person's choice."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = QStandardItemModel(self)
        self.setModel(self._entries)
        self.setItemDelegate(QStyledItemDelegate(self))
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.activated.connect(self._choose)

    def clear_entries(self) -> None:
        self._entries.clear()

    def add_entry(
        self, key: str, text: str, state: State = "plain", reason: str = "", *, enabled: bool = True
    ) -> None:
        """One entry; a state other than plain shows its sign, the reason is its tooltip."""
        entry = QStandardItem(text)
        entry.setData(key, _KEY)
        entry.setData(state, _STATE)
        entry.setToolTip(plain_tip(reason or text))
        spoken = text if state == "plain" else f"{text}, {WORDS[state]}"
        entry.setData(f"{spoken}. {reason}".strip(), Qt.ItemDataRole.AccessibleTextRole)
        entry.setEnabled(enabled)
        self._entries.appendRow(entry)
        self._colour(entry)

    def add_heading(self, text: str) -> None:
        """A line above a group; it cannot be chosen."""
        entry = QStandardItem(text)
        entry.setEnabled(False)
        entry.setSelectable(False)
        font = entry.font()
        font.setPixelSize(11)
        entry.setFont(font)
        self._entries.appendRow(entry)

    def choose(self, key: str | None) -> None:
        """Show this entry without sending `chosen`; nothing for a key that is not there."""
        self.setCurrentIndex(self.findData(key, _KEY) if key is not None else -1)
        self._say()

    def chosen_key(self) -> str | None:
        key = self.currentData(_KEY)
        return key if isinstance(key, str) else None

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.width() - 42 - (22 if not self.itemIcon(self.currentIndex()).isNull() else 0)
        text = self.currentText() or self.placeholderText()
        shown = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, room)
        option.currentText = shown
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_entries"):
            for row in range(self._entries.rowCount()):
                self._colour(self._entries.item(row))

    def _choose(self, index: int) -> None:
        self._say()
        key = self.itemData(index, _KEY)
        if isinstance(key, str):
            self.chosen.emit(key)

    def _say(self) -> None:
        tip = self.currentData(Qt.ItemDataRole.ToolTipRole)
        self.setToolTip(tip if isinstance(tip, str) else "")

    @staticmethod
    def _colour(entry: QStandardItem) -> None:
        state = entry.data(_STATE)
        if state in ICONS and state != "plain":
            entry.setIcon(icon(ICONS[state], ROLES[state]))
