"""The menu behind the settings button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from app.keys import shown

if TYPE_CHECKING:
    from app.main_window import MainWindow

NAMES = (
    "open_files",
    "open_folder",
    "demo",
    "add_model",
    "report",
    "export_map",
    "export_maps",
    "import_labels",
    "export_labels",
    "save_picture",
    "tags",
    "presets",
    "memory",
    "shortcuts",
    "about",
)
"""The commands in it."""


def menu_of(window: MainWindow) -> QMenu:
    """The menu with the keys that commands have now; what cannot be done is dimmed."""
    menu = QMenu(window)
    for name in NAMES:
        command = next(one for one in window.commands if one.name == name)
        action = menu.addAction(f"{command.text}\t{shown(command)}".rstrip("\t"))
        action.triggered.connect(lambda _checked=False, one=command: window.run_command(one))
        menu.aboutToShow.connect(lambda it=action, one=command: it.setEnabled(one.enabled()))
    return menu
