"""The project's name in the top bar, and the menu of projects behind it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from widgets.buttons import TextButton
from widgets.labels import plain_tip

NAME_PX = 150
MENU_PX = 320
"""How wide names may be in the bar and in the menu; longer ones are elided."""


@dataclass(frozen=True)
class ProjectRow:
    """A project to choose: its folder, its name, and a quiet remark such as where it lies."""

    folder: str
    name: str
    detail: str = ""


class ProjectButton(TextButton):
    """Which project is open; the menu leads to others."""

    chosen = Signal(str)
    """The folder of a project."""
    wished = Signal(str)
    """The name of a command."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "folder", "flat", parent, role="quiet")
        self._offered: tuple[object, ...] = ()
        self._menu = QMenu(self)
        self.setMenu(self._menu)
        self.setStyleSheet("padding-right: 20px;")
        self.set_project("Personal", "")

    def set_project(self, name: str, folder: str) -> None:
        """The name of the open project, and where it lies."""
        short = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, NAME_PX)
        self.setText(short)
        self.setAccessibleName(f"Project: {name}")
        self.setToolTip(plain_tip(f"Project “{name}”" + (f" in {folder}" if folder else "")))

    def set_rows(
        self, commands: tuple[tuple[str, str], ...], projects: tuple[ProjectRow, ...]
    ) -> None:
        """Commands by name and words, and the projects that were open lately."""
        if (commands, projects) == self._offered:
            return  # an open menu must not be made anew under the hand
        self._offered = (commands, projects)
        self._menu.clear()
        for name, words in commands:
            action = self._menu.addAction(words)
            action.triggered.connect(lambda _checked=False, one=name: self.wished.emit(one))
        if projects:
            self._menu.addSeparator()
        metrics = self._menu.fontMetrics()
        for row in projects:
            words = metrics.elidedText(row.name, Qt.TextElideMode.ElideMiddle, MENU_PX)
            action = self._menu.addAction(words.replace("&", "&&"))
            action.setToolTip(plain_tip(row.folder))
            action.triggered.connect(
                lambda _checked=False, folder=row.folder: self.chosen.emit(folder)
            )
        self._menu.setToolTipsVisible(True)
