"""The scans of a project, opened again for their geometry."""

from __future__ import annotations

from inference.errors import UserError
from inference.records import Source, SourceEntry
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Task

_KEPT = 8
"""How many groups of paths stay open: series of one folder follow one another."""


class Scans:
    """Opens sources by the paths that a project knows them by."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._opened: dict[tuple[str, ...], tuple[Source, ...]] = {}

    def find(self, entry: SourceEntry) -> Source | None:
        """The source of this fingerprint; None where it is no longer at its paths."""
        self._task.check()
        if entry.paths not in self._opened:
            if len(self._opened) >= _KEPT:
                self._opened.pop(next(iter(self._opened)))
            try:
                found = open_sources(OpenRequest(entry.paths), Task())
            except UserError:
                return None  # such as an archive that there is no room to unpack
            self._opened[entry.paths] = found.sources
        sources = self._opened[entry.paths]
        return next((one for one in sources if one.source_id == entry.source_id), None)
