"""Which source a name in a file means, and what a source is called in one.

A frame of a source with several is called NAME#0007, for frame 7 counted from 0.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from inference.exchange.reading import EntryError, shortened
from inference.records import WHOLE, SourceEntry

_FRAME = re.compile(r"(?s)(.+)#(\d{1,9})\Z")
_SUFFIX = re.compile(r"(?s)(?<=.)\.[A-Za-z][A-Za-z0-9]{0,5}\Z")
_ZIPPED = re.compile(r"(?i)(?<=.)\.gz\Z")


def last_part(path: str) -> str:
    """The name behind the last separator of either system."""
    return re.split(r"[/\\]", path.rstrip("/\\"))[-1]


def stem_of(name: str) -> str:
    """The name without its extension, both of them where the file is compressed."""
    return _SUFFIX.sub("", _ZIPPED.sub("", name))


def name_frame(name: str, entry: SourceEntry, frame: int) -> str:
    """What a frame is called: as its source where that has no other or the whole is meant."""
    return name if entry.frames == 1 or frame == WHOLE else f"{name}#{frame:04d}"


def name_sources(
    entries: Sequence[SourceEntry], identified: bool, *, stems: bool
) -> dict[str, str]:
    """A name for each source id: the id, or where `identified` its first file's name.

    Files that bear the same name keep the id, as does
    one whose name is no text. With `stems` the extension is left away.
    """
    if not identified:
        return {one.source_id: one.source_id for one in entries}
    names = {one.source_id: last_part(one.paths[0]) if one.paths else "\0" for one in entries}
    if stems:
        names = {source_id: stem_of(name) for source_id, name in names.items()}
    often = Counter(name.lower() for name in names.values())
    return {
        source_id: name if name.isprintable() and often[name.lower()] == 1 else source_id
        for source_id, name in names.items()
    }


class Sources:
    """The sources of a project by all the names they go by."""

    def __init__(self, entries: Iterable[SourceEntry]) -> None:
        self._ids: dict[str, SourceEntry] = {}
        self._names: tuple[dict[str, list[SourceEntry]], ...] = ({}, {}, {})
        """By file name, by file name without extension, by title: the first to know a name."""
        for entry in entries:
            self._ids[entry.source_id] = entry
            files = {last_part(path) for path in entry.paths}
            for table, names in zip(
                self._names, (files, {stem_of(name) for name in files}, {entry.title}), strict=True
            ):
                for name in names - {""}:
                    table.setdefault(name, []).append(entry)

    def with_id(self, source_id: str) -> SourceEntry | None:
        """The source of this fingerprint."""
        return self._ids.get(source_id)

    def named(self, name: str) -> tuple[SourceEntry, int] | None:
        """Source and frame that a name means; the frame is WHOLE where the name has no number.

        None if no source bears it; raises EntryError where several do.
        """
        plain = last_part(name)
        found = self._find(plain)
        if found is not None:
            return found, WHOLE
        parts = _FRAME.match(plain) or _FRAME.match(stem_of(plain))
        found = self._find(parts[1]) if parts else None
        return None if found is None or parts is None else (found, int(parts[2]))

    def _find(self, name: str) -> SourceEntry | None:
        if name in self._ids:
            return self._ids[name]
        stem = stem_of(name)
        files, stems, titles = self._names
        for table, key in ((files, name), (stems, name), (stems, stem), (titles, name)):
            found = table.get(key, [])
            if len(found) > 1:
                raise EntryError(
                    f"the name {shortened(name)} fits {len(found)} sources of the project"
                )
            if found:
                return found[0]
        return self._ids.get(stem)


def frame_of(entry: SourceEntry, frame: int) -> int:
    """The frame that is drawn on, the only one where none is named. Raises EntryError for none."""
    if frame == WHOLE and entry.frames == 1:
        return 0
    if frame == WHOLE:
        raise EntryError(f"the source has {entry.frames} frames, and the name says not which")
    if not 0 <= frame < entry.frames:
        raise EntryError(
            f"there is no frame {frame}: the source has {entry.frames}, counted from 0"
        )
    return frame
