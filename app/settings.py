"""What the window remembers between starts; losing it costs nothing but comfort."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from app.kept_scales import KeptScale, read_kept
from app.key_map import KeyChanges, read_changes
from app.machine import default_budget_bytes
from app.presets import DEFAULTS, Preset, read_presets
from inference.errors import UserError
from inference.whole_file import write_bytes

RECENT_LIMIT = 12


@dataclass(frozen=True)
class Settings:
    """Plain values; a file with anything else in it is read as far as it makes sense."""

    theme: Literal["dark", "light"] = "dark"
    device: str = "auto"
    recent: tuple[str, ...] = ()
    geometry: str = ""
    """Qt's own description of the window's place, base64."""
    keys: KeyChanges = ()
    """The commands whose keys were changed, and the keys that they have now."""
    presets: tuple[Preset, ...] | None = None
    """The person's own windows; None while they are the program's."""

    memory_mib: int = 0
    """Memory for open scans; 0 is the machine's share, a third of what it has."""
    hangings: tuple[str, ...] = ()
    """Layouts saved by example, each a line of JSON."""
    unfolded: bool = False
    """Whether all that can be asked of an explanation is in sight."""
    scales: tuple[KeptScale, ...] = ()
    """Ends of colour scales that a person keeps for the maps of a model and a method."""

    moves_on: bool | None = None
    """Whether labelling goes on when a class was said; None where the label set decides."""
    projects: tuple[str, ...] = ()
    """The folders of the projects that were open lately, newest first."""

    def with_project(self, folder: str) -> Settings:
        """The same with a project in front of the recent ones."""
        merged = dict.fromkeys([folder, *self.projects])
        return replace(self, projects=tuple(merged)[:RECENT_LIMIT])

    def with_recent(self, paths: tuple[str, ...]) -> Settings:
        """The same with `paths` in front of the recent ones."""
        merged = dict.fromkeys([*paths, *self.recent])
        return replace(self, recent=tuple(merged)[:RECENT_LIMIT])

    def with_presets(self, presets: tuple[Preset, ...]) -> Settings:
        """The same with these windows; the program's own are not kept, so that they can grow."""
        return replace(self, presets=None if presets == DEFAULTS else presets)

    @property
    def memory_bytes(self) -> int:
        """Memory for open scans."""
        return self.memory_mib << 20 or default_budget_bytes()

    @property
    def windows(self) -> tuple[Preset, ...]:
        """The windows in use."""
        return DEFAULTS if self.presets is None else self.presets


def load_settings(path: Path) -> Settings:
    """The settings kept at `path`; the defaults for whatever is missing or wrong there."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(found, dict):
        return Settings()
    read = {name: reader(found[name]) for name, reader in _READERS.items() if name in found}
    return Settings(**{name: value for name, value in read.items() if value is not None})


def save_settings(path: Path, settings: Settings) -> None:
    """Keep them; a place that cannot be written is no reason to trouble anybody."""
    kept = {**asdict(settings), "keys": dict(settings.keys)}
    with contextlib.suppress(UserError):
        write_bytes(path, json.dumps(kept, indent=1).encode())


def _read_theme(found: object) -> str | None:
    return found if found in ("dark", "light") and isinstance(found, str) else None


def _read_word(found: object) -> str | None:
    return found if isinstance(found, str) else None


def _read_words(found: object) -> tuple[str, ...] | None:
    if isinstance(found, list) and all(isinstance(item, str) for item in found):
        return tuple(found)
    return None


def _read_count(found: object) -> int | None:
    return found if isinstance(found, int) and found is not True and found > 0 else None


def _read_switch(found: object) -> bool | None:
    return found if isinstance(found, bool) else None


_READERS: dict[str, Callable[[object], Any]] = {
    "theme": _read_theme,
    "device": _read_word,
    "recent": _read_words,
    "projects": _read_words,
    "geometry": _read_word,
    "keys": read_changes,
    "presets": read_presets,
    "hangings": _read_words,
    "memory_mib": _read_count,
    "unfolded": _read_switch,
    "moves_on": _read_switch,
    "scales": read_kept,
}
"""How each setting is read from plain JSON; None where it makes no sense."""
