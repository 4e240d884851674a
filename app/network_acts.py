"""Commands that look into a model: what it saw, and the tree of its layers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.keys import Command

if TYPE_CHECKING:
    from app.main_window import MainWindow

ROWS = (
    ("network", "What the network saw", ("Shift+N",), ""),
    ("layers", "Layers of the model", (), "tree"),
)
"""Name, words, keys, and the part that is shown first; "" for the first stage."""


def commands(window: MainWindow) -> tuple[Command, ...]:
    """They may always be asked for: what is missing is said in the window that opens."""
    return tuple(
        Command(name, "Model", words, keys, partial(show_network, window, part), "viewport")
        for name, words, keys, part in ROWS
    )


def show_network(window: MainWindow, part: str) -> None:
    """Open the window of what the network saw, or raise it, at one of its parts."""
    from app.views.network_view import NetworkView
    from widgets.network_dialog import NetworkDialog

    known = window.findChildren(NetworkDialog)  # one that was closed is deleted a little later
    dialog = next((one for one in known if one.isVisible()), None)
    if dialog is not None:
        dialog.raise_()
        dialog.activateWindow()
    else:
        dialog = NetworkDialog(window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        NetworkView(window.session, window.jobs, dialog)
        dialog.show()
    if part:
        dialog.show_stage(part)
