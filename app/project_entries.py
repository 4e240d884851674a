"""The scans of a project by reference: what is remembered of one, and where it is found again."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from inference.records import Source, SourceEntry
from inference.task import Task

FILES_NAMED = 256
"""A scan of more files is remembered by the folders that they are in."""

_PROBES = 3
"""So many of a scan's files are looked for; a folder that was moved has lost them all."""


@dataclass(frozen=True)
class LocateRequest:
    """Scans to look for; the project lies in `folder` now, and lay in `before` when it was left."""

    entries: tuple[SourceEntry, ...]
    folder: str
    before: str


@dataclass(frozen=True)
class Located:
    """Scans that are elsewhere now, and the ids of those that are nowhere."""

    moved: tuple[SourceEntry, ...]
    missing: tuple[str, ...]


def entry_of(source: Source, opened: tuple[str, ...], scratch: Path) -> SourceEntry:
    """What a project remembers of a scan.

    Files below `scratch` were unpacked, and may go: what was `opened` stands for them.
    """
    return SourceEntry(
        source.source_id,
        source.kind,
        nameless_title(source),
        source.modality,
        source.frames,
        source.shape,
        _paths_of(source, opened, scratch),
        source.series_uid,
    )


def nameless_title(source: Source) -> str:
    """The title of a scan; its id where the title repeats who the patient is.

    Series descriptions are typed by people, and some type a name.
    """
    who = source.who.casefold().replace(",", " ").replace("·", " ").split()
    title = source.title.casefold()
    told = any(len(word) > 2 and word in title for word in who)
    return source.source_id[:12] if told else source.title


def locate(request: LocateRequest, task: Task) -> Located:
    """Look for scans where they were, and where they would be had they moved with the project."""
    moved: list[SourceEntry] = []
    missing: list[str] = []
    same_place = request.before in ("", request.folder)
    for entry in request.entries:
        task.check()
        paths = entry.paths
        if not same_place:
            beside = tuple(_carried(path, request) for path in paths)
            if _there(beside):
                paths = beside
        if not _there(paths):
            missing.append(entry.source_id)
        elif paths != entry.paths:
            moved.append(replace(entry, paths=paths))
    return Located(tuple(moved), tuple(missing))


def _carried(path: str, request: LocateRequest) -> str:
    """Where a path is if it moved together with the project."""
    try:
        beside = os.path.relpath(path, request.before)
    except ValueError:  # another drive of Windows
        return path
    return os.path.normpath(os.path.join(request.folder, beside))


def _there(paths: tuple[str, ...]) -> bool:
    step = max(1, len(paths) // _PROBES)
    return bool(paths) and all(os.path.exists(path) for path in paths[::step])


def _paths_of(source: Source, opened: tuple[str, ...], scratch: Path) -> tuple[str, ...]:
    files = tuple(dict.fromkeys(os.path.abspath(ref.path) for ref in source.refs))
    if any(Path(file).is_relative_to(scratch) for file in files[:1]):
        return tuple(os.path.abspath(path) for path in opened)
    if len(files) <= FILES_NAMED:
        return files
    return tuple(dict.fromkeys(str(Path(file).parent) for file in files))
