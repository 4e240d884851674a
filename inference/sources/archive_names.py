"""Names of an archive's members as paths that stay in their folder on every system."""

from __future__ import annotations

import re

_DRIVE = re.compile(r"^[A-Za-z]:")
_FORBIDDEN = re.compile(r'[<>:"|?*\x00-\x1f\x7f]')
_DEVICE = re.compile(r"^(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(?=\.|$)", re.IGNORECASE)
"""What Windows takes for a device, whatever the ending (Microsoft, “Naming Files, Paths”)."""


def parts_of(name: str) -> tuple[str, ...]:
    """The folders and the file of a member's name, whichever way its strokes lean."""
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def leads_out(name: str) -> bool:
    """Whether a name is absolute, names a drive or climbs: no honest archive holds such a one."""
    leaned = name.replace("\\", "/")
    return leaned.startswith("/") or _DRIVE.match(leaned) is not None or ".." in leaned.split("/")


def is_passed_over(name: str) -> bool:
    """Folders, and what is hidden: as in a folder on disk, no word is lost about these."""
    parts = parts_of(name)
    folder = name.endswith(("/", "\\"))
    hidden = any(part.startswith((".", "__MACOSX")) and part != ".." for part in parts)
    return folder or not parts or hidden


class SafeNames:
    """Relative paths for members, each given once, also where case does not count.

    The same names come out on every system, so that an archive opens everywhere alike.
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def path_of(self, name: str) -> str:
        """The path of a member whose name does not lead out, with "/" between its parts."""
        *folders, file = (_portable(part) for part in parts_of(name))
        stem, dot, ending = file.rpartition(".")
        before, after = (stem, dot + ending) if stem else (file, "")
        place = "/".join((*folders, file))
        number = 1
        while place.casefold() in self._taken:
            number += 1
            place = "/".join((*folders, f"{before}~{number}{after}"))
        self._taken.add(place.casefold())
        return place


def _portable(part: str) -> str:
    """A part of a path without what Windows forbids in one."""
    plain = _FORBIDDEN.sub("_", part)
    if plain.endswith((" ", ".")):
        plain = plain.rstrip(" .") + "_"
    return _DEVICE.sub(r"\1_", plain)
