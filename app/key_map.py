"""Which keys a command has: the table's own, with the person's changes laid over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QKeySequence

if TYPE_CHECKING:
    from app.keys import Command
    from app.panes import Place

KeyChanges = tuple[tuple[str, tuple[str, ...]], ...]
"""Names of commands with the keys that they have instead of the table's own."""

_TEXT = "Text fields need {key}, so a command of the whole window cannot have it."
_MOVE = "Lists and fields need {key}, so a command of the whole window cannot have it."
_LETTER = "{key} types a character, so it can only be a key of the picture. Add Ctrl or Alt."
_TOOLS = "The tools on the picture need {key}."
_FIELD_BEFORE = "{key} leads back to the field before, everywhere."
_MENU = "{key} opens the menu of what has the focus."
_SYSTEM = "{key} belongs to the system."

_EDITING = frozenset(
    f"Ctrl+{key}"
    for key in ("A", "C", "V", "X", "Z", "Y", "Left", "Right", "Up", "Down", "Home", "End")
) | {"Ctrl+Shift+Z", "Ctrl+Backspace", "Ctrl+Del", "Ctrl+Ins", "Shift+Ins", "Shift+Del"}
_MOVING = frozenset(
    f"{shift}{key}"
    for shift in ("", "Shift+")
    for key in ("Left", "Right", "Up", "Down", "Home", "End", "PgUp", "PgDown")
) | {"Tab", "Ctrl+Tab", "Ctrl+Shift+Tab"}
_FOR_TOOLS = frozenset({"Space", "Return", "Enter", "Del", "Backspace"})

_NOWHERE = (
    (frozenset({"Shift+Tab", "Shift+Backtab", "Backtab"}), _FIELD_BEFORE),
    (frozenset({"Menu", "Shift+F10"}), _MENU),
    (frozenset({"Alt+F4", "Alt+Tab", "Ctrl+Alt+Del", "Print"}), _SYSTEM),
    (_FOR_TOOLS, _TOOLS),
)
_NOT_IN_THE_WINDOW = ((_EDITING, _TEXT), (_MOVING, _MOVE))


@dataclass(frozen=True)
class Clash:
    """A wish for a key that another command has now."""

    key: str
    holder: Command


def applied(commands: tuple[Command, ...], changes: KeyChanges) -> tuple[Command, ...]:
    """The commands with the keys that they have now.

    Changes outlive the table: those for names that are gone do nothing, and a key that a person
    chose is taken from a command that got it in a later table. So no two that are for the same
    place of work ever share one.
    """
    now = dict(changes)
    chosen = {(one.place, key) for one in commands for key in now.get(one.name, ())}
    taken: set[tuple[Place | None, str]] = set()
    found = []
    for one in commands:
        wanted = _spelt(now.get(one.name, one.keys))
        held = taken if one.name in now else taken | chosen
        kept = tuple(key for key in wanted if (one.place, key) not in held)
        taken.update((one.place, key) for key in kept)
        found.append(replace(one, keys=kept))
    return tuple(found)


def acting(commands: tuple[Command, ...], place: Place) -> tuple[Command, ...]:
    """The commands with the keys that act in a place of work; its own go before the others."""
    own = {same(key) for one in commands if one.place == place for key in one.keys}
    return tuple(
        one
        if one.place == place
        else replace(one, keys=() if one.place else _without(one.keys, own))
        for one in commands
    )


def native(key: str) -> str:
    """One key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def same(key: str) -> str:
    """One spelling of a key, whatever the order of its modifiers; "" if there is no such key."""
    sequence = QKeySequence(key)
    if sequence.count() != 1:
        return ""
    return sequence.toString(QKeySequence.SequenceFormat.PortableText)


def refusal(command: Command, key: str) -> str | None:
    """Why a command cannot have a key, as a sentence; None if it can."""
    spelt = same(key)
    if not spelt:
        return "This key has no name that could be kept."
    tables = _NOWHERE if command.scope == "viewport" else (*_NOWHERE, *_NOT_IN_THE_WINDOW)
    for keys, sentence in tables:
        if spelt in keys:
            return sentence.format(key=native(spelt))
    if command.scope == "window" and _types(spelt):
        return _LETTER.format(key=native(spelt))
    return None


def clash(commands: tuple[Command, ...], name: str, keys: tuple[str, ...]) -> Clash | None:
    """The first of `keys` that another command for the same place has, whatever its scope.

    Both would hear it. Commands of a place and those for all places do not clash (see `acting`).
    """
    wanted = {same(key) for key in keys}
    place = _place_of(commands, name)
    for one in commands:
        for key in one.keys:
            if one.name != name and one.place == place and same(key) in wanted:
                return Clash(same(key), one)
    return None


def covered(commands: tuple[Command, ...], name: str) -> tuple[Clash, ...]:
    """The commands whose keys those of a command go before in its place, or that go before it."""
    own = next(one for one in commands if one.name == name)
    keys = {same(key) for key in own.keys}
    return tuple(
        Clash(same(key), one)
        for one in commands
        for key in one.keys
        if (one.place is None) != (own.place is None) and same(key) in keys
    )


def changed(
    defaults: tuple[Command, ...], changes: KeyChanges, name: str, keys: tuple[str, ...]
) -> KeyChanges:
    """The changes after `name` was given `keys`; who had one of them gets `name`'s old ones.

    A key that this other command cannot have is then free. What is again as in the table is not
    kept.
    """
    now = {one.name: _spelt(one.keys) for one in applied(defaults, changes)}
    if name not in now:
        raise ValueError(f"there is no command {name}")
    wanted = tuple(dict.fromkeys(_spelt(keys)))
    free = tuple(key for key in now[name] if key not in wanted)
    place = _place_of(defaults, name)
    for other in (one for one in defaults if one.place == place):
        held = now[other.name]
        left = tuple(key for key in held if key not in wanted)
        if other.name != name and len(left) < len(held):
            taken = tuple(key for key in free if refusal(other, key) is None)
            free = tuple(key for key in free if key not in taken)
            now[other.name] = (*left, *taken)
    now[name] = wanted
    return tuple((one.name, now[one.name]) for one in defaults if now[one.name] != _spelt(one.keys))


def reset(defaults: tuple[Command, ...], changes: KeyChanges, name: str) -> KeyChanges:
    """The changes after `name` got the keys of the table back, from whoever has them."""
    own = next(one.keys for one in defaults if one.name == name)
    return changed(defaults, changes, name, own)


def read_changes(found: object) -> KeyChanges | None:
    """Changes from plain values, {name: [key]}; what is no key is left out."""
    if not isinstance(found, dict):
        return None
    read = []
    for name, keys in found.items():
        if isinstance(keys, list) and all(isinstance(key, str) for key in keys):
            spelt = tuple(same(key) for key in keys)
            if all(spelt):
                read.append((str(name), spelt))
    return tuple(read)


def _place_of(commands: tuple[Command, ...], name: str) -> Place | None:
    return next((one.place for one in commands if one.name == name), None)


def _without(keys: tuple[str, ...], others: set[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if same(key) not in others)


def _spelt(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(same(key) for key in keys)


def _types(spelt: str) -> bool:
    """Whether a key writes a character: one sign with no more than Shift."""
    return len(spelt.removeprefix("Shift+")) == 1
