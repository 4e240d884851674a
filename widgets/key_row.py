"""One line of the page of keys: what a command does, its keys, and the press that changes them."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from widgets.buttons import IconButton
from widgets.labels import ShortLabel, set_kind, text_label
from widgets.layouts import empty

ROW_PX = 32
LISTEN = "Press the new keys"
_MODIFIERS = frozenset(
    {
        Qt.Key.Key_Shift,
        Qt.Key.Key_Control,
        Qt.Key.Key_Alt,
        Qt.Key.Key_AltGr,
        Qt.Key.Key_Meta,
        Qt.Key.Key_CapsLock,
        Qt.Key.Key_NumLock,
        Qt.Key.Key_ScrollLock,
    }
)
_STARTS = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


@dataclass(frozen=True)
class ShortcutRow:
    """Keys such as "Ctrl+K", what they do, and the heading they stand under.

    `name` is the command's; "" for what cannot be changed. `changed` = not as the program came.
    """

    group: str
    keys: str
    text: str
    name: str = ""
    changed: bool = False


class KeyRow(QFrame):
    """A click or Enter makes it listen; the next key goes out by `pressed`, Esc stops it."""

    pressed = Signal(str, str)
    """The command's name, and the key as Qt writes it on every system."""
    listening = Signal()
    reset_requested = Signal(str)

    def __init__(self, row: ShortcutRow, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self._listens = False
        self.setFixedHeight(ROW_PX)
        self._text = ShortLabel(row.text)
        self._keys = QWidget()
        self._chips = QHBoxLayout(self._keys)
        self._chips.setContentsMargins(0, 0, 0, 0)
        self._chips.setSpacing(4)
        self._reset = IconButton("reset", f"Give “{row.text}” its first keys back", role="quiet")
        self._reset.clicked.connect(lambda: self.reset_requested.emit(self.row.name))
        line = QHBoxLayout(self)
        line.setContentsMargins(8 if row.name else 9, 0, 0 if row.name else 1, 0)
        line.setSpacing(4)
        line.addWidget(self._text, 1)
        line.addWidget(self._keys)
        line.addWidget(self._reset)
        kept = self._reset.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(kept)
        if row.name:
            self.setProperty("kind", "key-row")
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_row(row)

    def set_row(self, row: ShortcutRow) -> None:
        """The same command with other keys."""
        self.row = row
        self.setAccessibleName(f"{row.text}, {row.keys or 'no key'}")
        self._reset.setVisible(row.changed)
        self._show_keys()

    def stop(self) -> None:
        """Listen no more."""
        if self._listens:
            self._listens = False
            self._show_keys()

    def listen(self) -> None:
        """Take the next key as the command's new one."""
        if self.row.name and not self._listens:
            self.setFocus(Qt.FocusReason.OtherFocusReason)
            self._listens = True
            self.listening.emit()
            self._show_keys()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.listen()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.stop()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and self._listens:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:  # Tab, too, which Qt would keep for itself
                self._hear(event)
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _STARTS and self.row.name:
            self.listen()
            return
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if self._listens:
            self._put((LISTEN,), "key-listening")
        super().keyReleaseEvent(event)

    def _hear(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.stop()
        elif event.key() in _MODIFIERS:
            held = QKeySequence(event.modifiers().value).toString(
                QKeySequence.SequenceFormat.NativeText
            )
            self._put((f"{held}…" if held else LISTEN,), "key-listening")
        elif not event.isAutoRepeat():
            self.stop()
            self.pressed.emit(self.row.name, key_of(event))

    def _show_keys(self) -> None:
        if self._listens:
            self._put((LISTEN,), "key-listening")
        elif self.row.keys:
            self._put(tuple(self.row.keys.split(" ")), "key")
        else:
            self._put(("no key",), "caption")

    def _put(self, chips: tuple[str, ...], kind: str) -> None:
        empty(self._chips)
        for chip in chips:
            label: QLabel = text_label(chip, kind)
            label.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            self._chips.addWidget(label)
        if self.row.name:
            set_kind(self, "key-row-listening" if kind == "key-listening" else "key-row")


def key_of(event: QKeyEvent) -> str:
    """The key that was pressed, in one spelling for every system; "" if it has none.

    Where Shift only chooses the sign that a key types, as for "!", it is not written: layouts
    differ in which signs need it.
    """
    key = Qt.Key(event.key())
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if key == Qt.Key.Key_Backtab:
        key, held = Qt.Key.Key_Tab, held | Qt.KeyboardModifier.ShiftModifier
    is_sign = Qt.Key.Key_Exclam <= key <= Qt.Key.Key_AsciiTilde
    if is_sign and not Qt.Key.Key_A <= key <= Qt.Key.Key_Z:
        held &= ~Qt.KeyboardModifier.ShiftModifier
    if key == Qt.Key.Key_unknown:
        return ""
    return QKeySequence(QKeyCombination(held, key)).toString(
        QKeySequence.SequenceFormat.PortableText
    )
