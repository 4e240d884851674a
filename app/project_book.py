"""Which project is open, which scans it knows, and where it was left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from app.project_state import ViewState, ZoomState
from app.store import Opening
from inference.records import SourceEntry

PERSONAL = "Personal"
"""How the project is called that everything goes into that belongs to no other."""


class ProjectBook:
    """The project of a window; it stays the same as long as the window lives."""

    def __init__(self) -> None:
        self.opening: Opening | None = None
        """How it was found; None until the store has said so."""
        self.wanted = ""
        """The name of the folder that is to be opened, until it is known how it was found."""
        self.personal = True
        self.entries: dict[str, SourceEntry] = {}
        """The scans of the project by their ids, open or not, in the order they came."""
        self.noted: set[str] = set()
        """The open scans of which it was seen to that the project knows where they are."""
        self.models: set[tuple[str, str]] = set()
        """The models of which it was seen to that the project knows them, with their weights."""
        self.missing: tuple[str, ...] = ()
        """The scans that are not where they were."""
        self.opened: tuple[str, ...] = ()
        """The paths that a person opened last: where unpacked files come from."""
        self.left: ViewState | None = None
        """What was in view when it was last kept."""
        self.ready = False
        """Whether it is known which scans there are, and where."""
        self.resume = False
        """Whether the view is to be given back as soon as all is known."""
        self.returning = False
        """Whether the view is being given back; it is not kept until it is whole."""
        self.unasked: set[int] = set()
        """Viewports that were given back before it was known which models there are."""
        self.zooms: dict[int, ZoomState] = {}
        """What part of its picture each viewport is to show once that has come."""
        self.next: Path | None = None
        """The project that is to be opened when this window has closed."""
        self.told = False
        """Whether it was put away that scans are missing."""
        self.closing = False
        """Whether the window closes as soon as the last changes are kept."""
        self.ending = False
        """Whether the window ends without asking what becomes of what could not be kept."""

    @property
    def folder(self) -> Path | None:
        """Where the project is; None until that is known."""
        return Path(self.opening.folder) if self.opening is not None else None

    @property
    def name(self) -> str:
        """What people call the project."""
        if self.personal:
            return PERSONAL
        return self.opening.name if self.opening is not None else self.wanted

    @property
    def writable(self) -> bool:
        """Whether the project was opened, is whole, and nobody else has it."""
        return self.opening is not None and not (self.opening.read_only or self.opening.damaged)

    def take_entries(self, entries: tuple[SourceEntry, ...]) -> None:
        """These scans belong to the project, or are elsewhere now."""
        found = {one.source_id: one for one in entries}
        self.entries.update(found)
        self.missing = tuple(one for one in self.missing if one not in found)

    def lose(self, ids: Iterable[str]) -> None:
        """These scans are not where they were."""
        self.missing = tuple(dict.fromkeys((*self.missing, *ids)))

    def leave(self, view: ViewState | None) -> None:
        """This was in view when the project was left."""
        self.left = view
