"""What the page of keys may change: refusals, clashes and swaps, said in sentences."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from app.key_map import KeyChanges, applied, changed, clash, covered, native, refusal
from app.keys import Command, shown
from app.panes import Place
from widgets.key_row import ShortcutRow
from widgets.shortcuts_page import ShortcutsPage

PLACES: dict[Place, str] = {"review": "Review", "label": "Label"}
"""The places of work as the window calls them."""

MOUSE = (
    ("Wheel", "Scroll through the frames"),
    ("Ctrl+Wheel", "Zoom at the pointer"),
    ("Left", "Use the tool in hand: drag, or click"),
    ("Right\N{NO-BREAK SPACE}drag", "Zoom"),
    ("Middle\N{NO-BREAK SPACE}drag", "Move the picture"),
    ("Double\N{NO-BREAK SPACE}click", "Fill the window with one viewport, and back"),
    ("Shift+Left", "Put the crosshair where you click or drag"),
    ("Drag", "Take a series from the list to a viewport"),
)
"""After IHE Basic Image Review; these cannot be changed."""


class KeyEditing(QObject):
    """Answers a page's wishes; each change that is made goes to `apply` at once."""

    def __init__(
        self,
        page: ShortcutsPage,
        defaults: tuple[Command, ...],
        changes: KeyChanges,
        apply: Callable[[KeyChanges], None],
    ) -> None:
        super().__init__(page)
        self._page = page
        self._defaults = defaults
        self._changes = changes
        self._apply = apply
        self._pending: tuple[str, tuple[str, ...]] | None = None
        page.key_pressed.connect(self._wish)
        page.swap_confirmed.connect(self._swap)
        page.reset_requested.connect(self._reset)
        page.reset_all_requested.connect(lambda: self._take((), "All keys are as they came."))

    def _wish(self, name: str, key: str) -> None:
        command = self._default(name)
        refused = refusal(command, key)
        if refused is not None:
            self._page.say(refused, "doubtful")
            return
        self._give(name, (key,))

    def _reset(self, name: str) -> None:
        self._give(name, self._default(name).keys)

    def _give(self, name: str, keys: tuple[str, ...]) -> None:
        now = applied(self._defaults, self._changes)
        taken = clash(now, name, keys)
        if taken is None:
            self._take(*self._given(name, keys))
            return
        self._pending = (name, keys)
        wanted = changed(self._defaults, self._changes, name, keys)
        after = {one.name: one for one in applied(self._defaults, wanted)}
        left = shown(after[taken.holder.name]) or "no key"
        self._page.ask(
            f"{native(taken.key)} belongs to “{taken.holder.text}”, "
            f"which would have {left} after a swap."
        )

    def _swap(self) -> None:
        if self._pending is not None:
            self._take(*self._given(*self._pending))

    def _given(self, name: str, keys: tuple[str, ...]) -> tuple[KeyChanges, str]:
        """The changes that give a command keys, and what is to be said of it."""
        wanted = changed(self._defaults, self._changes, name, keys)
        now = applied(self._defaults, wanted)
        own = self._default(name)
        said = [f"“{own.text}” has {_spelt(keys)} now."]
        for other in covered(now, name):
            first, last = (own, other.holder) if own.place else (other.holder, own)
            said.append(
                f"In {PLACES[first.place or 'review']}, {native(other.key)} is "
                f"“{first.text}”; elsewhere it is “{last.text}”."
            )
        return wanted, " ".join(said)

    def _take(self, changes: KeyChanges, sentence: str) -> None:
        self._pending = None
        self._changes = changes
        self._page.set_rows(rows(self._defaults, changes))
        self._page.say(sentence, "good")
        self._apply(changes)

    def _default(self, name: str) -> Command:
        return next(one for one in self._defaults if one.name == name)


def rows(defaults: tuple[Command, ...], changes: KeyChanges) -> tuple[ShortcutRow, ...]:
    """All commands by group with the keys that they have now, and below them the mouse."""
    names = {name for name, _ in changes}
    groups: dict[str, list[ShortcutRow]] = {}
    for one in applied(defaults, changes):
        text = f"{one.text} · in {PLACES[one.place]}" if one.place else one.text
        row = ShortcutRow(one.group, shown(one), text, one.name, one.name in names)
        groups.setdefault(one.group, []).append(row)
    mouse = tuple(ShortcutRow("Mouse", keys, text) for keys, text in MOUSE)
    return (*(row for group in groups.values() for row in group), *mouse)


def _spelt(keys: tuple[str, ...]) -> str:
    return " and ".join(native(key) for key in keys) or "no key"
