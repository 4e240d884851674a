"""All that keys and the command palette can do: one table for both, and for the page under F1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.key_map import acting, native
from app.panes import Place

Scope = Literal["window", "viewport"]


@dataclass(frozen=True)
class Command:
    """One thing a person can do. Keys of scope "viewport" act while the picture has the focus.

    One with a `place` is done in that place of work alone, and its keys go there before those of
    commands that are for all places.
    """

    name: str
    group: str
    text: str
    keys: tuple[str, ...]
    run: Callable[[], None]
    scope: Scope = "window"
    enabled: Callable[[], bool] = lambda: True
    place: Place | None = None


class Bindings:
    """The live keys of a window; `rebind` gives them other commands' keys at once."""

    def __init__(self, actions: dict[str, QAction]) -> None:
        self._actions = actions

    def rebind(self, commands: tuple[Command, ...], place: Place = "review") -> None:
        """The keys that these commands have in a place of work are the ones that act from now."""
        for command in acting(commands, place):
            action = self._actions[command.name]
            action.setShortcuts([QKeySequence(key) for key in command.keys])


def bind(
    commands: tuple[Command, ...],
    window: QWidget,
    viewports: QWidget,
    run: Callable[[Command], None],
) -> Bindings:
    """Give each command its keys; `run` calls it and shows what goes wrong."""
    actions = {}
    for command in commands:
        place = window if command.scope == "window" else viewports
        action = QAction(command.text, place)
        action.setShortcutContext(
            Qt.ShortcutContext.WindowShortcut
            if command.scope == "window"
            else Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        action.triggered.connect(lambda _checked=False, one=command: run(one))
        place.addAction(action)
        actions[command.name] = action
    bindings = Bindings(actions)
    bindings.rebind(commands)
    return bindings


def keys_in(commands: tuple[Command, ...], place: Place) -> dict[str, str]:
    """The keys that act in a place of work, as people write them, by the command's name."""
    return {one.name: shown(one) for one in acting(commands, place)}


def shown(command: Command) -> str:
    """The keys as people write them."""
    return " ".join(native(key) for key in command.keys)
