"""Buttons that take the keyboard's focus but never the mouse's, so that the viewport keeps it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from widgets.icons import Role, icon
from widgets.labels import plain_tip
from widgets.theme import ROW_PX


def with_key(words: str, key: str) -> str:
    """What a tooltip says of an act and of the key that does it, if there is one."""
    return f"{words}  ({key})" if key else words


class IconButton(QToolButton):
    """A square button with a line icon; its tooltip names what it does and its key."""

    def __init__(
        self,
        icon_name: str,
        tooltip: str,
        key: str = "",
        parent: QWidget | None = None,
        role: Role = "text",
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._role: Role = role
        self.setFixedSize(ROW_PX, ROW_PX)
        self.setIconSize(QSize(20, 20))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.set_tooltip(tooltip, key)
        self._colour()

    def set_icon(self, icon_name: str) -> None:
        self._icon_name = icon_name
        self._colour()

    def set_tooltip(self, tooltip: str, key: str = "") -> None:
        """Name the button for the eye and for a screen reader."""
        self.setToolTip(plain_tip(with_key(tooltip, key)))
        self.setAccessibleName(tooltip)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        self.setIcon(icon(self._icon_name, self._role, (self.iconSize().width(),)))


class TextButton(QPushButton):
    """A button of words, with an icon if one is given; `kind` chooses its dress."""

    def __init__(
        self,
        text: str,
        icon_name: str | None = None,
        kind: str = "",
        parent: QWidget | None = None,
        role: Role = "text",
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._role: Role = role
        if kind:
            self.setProperty("kind", kind)
        self.setIconSize(QSize(16, 16))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setText(text)
        self._colour()

    def setText(self, text: str) -> None:
        """The words, a little apart from the icon, which no style sheet can say.

        A "&" is shown; Qt alone would underline what follows it and make it a key.
        """
        shown = text.replace("&", "&&")
        super().setText(f" {shown}" if self._icon_name else shown)
        self.setAccessibleName(text)

    def set_icon(self, icon_name: str, role: Role = "text") -> None:
        self._icon_name = icon_name
        self._role = role
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        if self._icon_name is not None:
            self.setIcon(icon(self._icon_name, self._role, (self.iconSize().width(),)))


class PrimaryButton(TextButton):
    """The one thing that a panel is for."""

    def __init__(
        self, text: str, icon_name: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(text, icon_name, "primary", parent, "on_accent")
