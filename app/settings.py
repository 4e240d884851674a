"""What the window remembers between starts; losing it costs nothing but comfort."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

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

    def with_recent(self, paths: tuple[str, ...]) -> Settings:
        """The same with `paths` in front of the recent ones."""
        merged = dict.fromkeys([*paths, *self.recent])
        return replace(self, recent=tuple(merged)[:RECENT_LIMIT])


def load_settings(path: Path) -> Settings:
    """The settings kept at `path`; the defaults for whatever is missing or wrong there."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Settings()
    if not isinstance(found, dict):
        return Settings()
    default = Settings()
    kept: dict[str, Any] = {}
    for each in fields(Settings):
        value = found.get(each.name)
        if isinstance(getattr(default, each.name), tuple):
            if isinstance(value, list) and all(isinstance(item, str) for item in value):
                kept[each.name] = tuple(value)
        elif isinstance(value, str):
            kept[each.name] = value
    if kept.get("theme") not in ("dark", "light"):
        kept.pop("theme", None)
    return Settings(**kept)


def save_settings(path: Path, settings: Settings) -> None:
    """Keep them; a place that cannot be written is no reason to trouble anybody."""
    with contextlib.suppress(UserError):
        write_bytes(path, json.dumps(asdict(settings), indent=1).encode())
