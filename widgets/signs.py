"""How far to trust something, as an icon, a colour and a word: colour is never the only one."""

from __future__ import annotations

from typing import Literal

from widgets.icons import Role

State = Literal["good", "doubtful", "bad", "plain"]

ICONS: dict[State, str] = {"good": "ok", "doubtful": "doubtful", "bad": "bad", "plain": "info"}
ROLES: dict[State, Role] = {
    "good": "good",
    "doubtful": "doubtful",
    "bad": "bad",
    "plain": "quiet",
}
WORDS: dict[State, str] = {
    "good": "fine",
    "doubtful": "take care",
    "bad": "do not rely on it",
    "plain": "note",
}
