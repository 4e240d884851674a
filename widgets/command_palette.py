"""Ctrl+K: all that can be done and all that is open, found by a few letters."""

from __future__ import annotations

from dataclasses import dataclass

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.fuzzy import fit
from widgets.labels import rule, text_label
from widgets.study_rows import Index

WIDTH_PX = 560
ROWS_SHOWN = 9
ROW_PX = 34
_ROW = Qt.ItemDataRole.UserRole
_MOVES = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: ROWS_SHOWN,
    Qt.Key.Key_PageUp: -ROWS_SHOWN,
}


@dataclass(frozen=True)
class CommandRow:
    """Something to choose; `group` is said quietly at its right, beside the shortcut."""

    command_id: str
    text: str
    shortcut: str = ""
    group: str = ""
    enabled: bool = True


class CommandPalette(QFrame):
    """Lies over the window while open and gives the focus back to where it was."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._commands: tuple[CommandRow, ...] = ()
        self._host = parent
        self._before: QWidget | None = None
        self._open = False
        self.setProperty("kind", "floating")
        self.hide()
        self._field = QLineEdit()
        self._field.setProperty("kind", "palette")
        self._field.setPlaceholderText("Open, find, do …")
        self._field.setAccessibleName("Command")
        self._field.textChanged.connect(self._search)
        self._field.installEventFilter(self)
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setItemDelegate(CommandDelegate(self._list))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setMouseTracking(True)
        self._list.setAccessibleName("What fits")
        self._list.itemEntered.connect(self._list.setCurrentItem)
        self._list.itemClicked.connect(lambda _: self._take())
        self._nothing = text_label("Nothing fits these letters.", "quiet")
        self._nothing.setContentsMargins(10, 10, 10, 10)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._field)
        column.addWidget(rule())
        column.addWidget(self._list)
        column.addWidget(self._nothing)

    def open_with(self, commands: tuple[CommandRow, ...]) -> None:
        """Show all commands that can be used now, in the order given, and take the keyboard."""
        self._commands = tuple(command for command in commands if command.enabled)
        if not self._open:  # asked for once more, the focus is its own
            self._before = self._host.window().focusWidget()
        self._open = True
        self._field.clear()
        self._search("")
        self._place()
        self._host.installEventFilter(self)
        self.show()
        self.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def dismiss(self) -> None:
        """Go away without choosing."""
        if self._open:
            self._open = False  # first, since hiding moves the focus and that asks to dismiss
            self._host.removeEventFilter(self)
            self.hide()
            # Where the focus was may be gone: panels are filled anew while this is open.
            if self._before is not None and shiboken6.isValid(self._before):
                self._before.setFocus(Qt.FocusReason.PopupFocusReason)
            self._before = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._field:
            if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._key(event)
            if event.type() == QEvent.Type.FocusOut and self._open:
                self._before = None
                self.dismiss()
        elif event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._take()
        elif key in _MOVES:
            last = self._list.count() - 1
            self._list.setCurrentRow(min(max(self._list.currentRow() + _MOVES[key], 0), last))
        else:
            return False
        return True

    def _search(self, typed: str) -> None:
        ranked = []
        for place, command in enumerate(self._commands):
            score = fit(typed, command.text)
            if score is not None:
                ranked.append((-score, place, command))
        self._list.clear()
        for _, _, command in sorted(ranked, key=lambda one: one[:2]):
            item = QListWidgetItem(command.text)
            item.setData(_ROW, command)
            self._list.addItem(item)
        self._list.setCurrentRow(0)
        self._list.setVisible(bool(ranked))
        self._nothing.setVisible(not ranked)
        self._list.setFixedHeight(min(len(ranked), ROWS_SHOWN) * ROW_PX + 2)
        self._place()

    def _take(self) -> None:
        item = self._list.currentItem()
        if item is not None:
            command = item.data(_ROW)
            self.dismiss()
            self.chosen.emit(command.command_id)

    def _place(self) -> None:
        window = self._host
        width = min(WIDTH_PX, window.width() - 32)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move((window.width() - width) // 2, min(72, window.height() // 8))


class CommandDelegate(QStyledItemDelegate):
    """The text at the left, group and shortcut at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        command = index.data(_ROW)
        if not isinstance(command, CommandRow):
            return
        colours = theme.current()
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colours.selected))
            painter.drawRoundedRect(area.adjusted(0, 1, 0, -1), 6, 6)
        inner = area.adjusted(10, 0, -10, 0)
        aside = "    ".join(part for part in (command.group, command.shortcut) if part)
        painter.setFont(theme.text_font(theme.CAPTION_PX))
        painter.setPen(QColor(colours.quiet))
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, centre | Qt.AlignmentFlag.AlignRight, aside)
        room = inner.width() - painter.fontMetrics().horizontalAdvance(aside) - 16
        painter.setFont(theme.text_font(theme.TEXT_PX))
        painter.setPen(QColor(colours.text))
        text = painter.fontMetrics().elidedText(command.text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(inner, centre | Qt.AlignmentFlag.AlignLeft, text)
        painter.restore()
