"""What is open, marked and said: with what is shown, the one state that the window follows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject

from app.acts import Change, Mark
from app.author import own_name
from app.batches import CaseBook
from app.calls import BugError
from app.comparison import Comparison
from app.label_book import LabelBook
from app.map_scales import MapScales
from app.marks import MarkBook
from app.messages import trouble
from app.panes import Changes, Note, Severity
from app.prelabels import ProposalBook
from app.project_book import ProjectBook
from app.queue import QueueBook
from app.results import Volumes
from app.viewing import Viewing
from app.waiting import Waiting
from app.walkthrough import Walking
from inference.cards import ModelCard
from inference.entry import Entry
from inference.errors import UserError
from inference.records import DicomObject, ObjectOverlay, Opened, Refused, Source


class Session(Viewing):
    """Changed only through its methods, on the window's thread; each ends in one `changed`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.objects: dict[str, DicomObject] = {}
        self.thumbnails: dict[str, np.ndarray] = {}
        self.refused: tuple[Refused, ...] = ()
        self.entries: tuple[Entry, ...] = ()
        self.devices: tuple[tuple[str, str], ...] = ()
        self.device = "auto"
        self.marks = MarkBook()
        self.labels = LabelBook()
        self.waiting = Waiting()
        self.project = ProjectBook()
        self.queue = QueueBook()
        self.prelabels = ProposalBook()
        self.walk: Walking | None = None
        self.overlays: dict[tuple[str, str], ObjectOverlay] = {}
        """What an object draws over a source, by both ids."""
        self.shown_objects: frozenset[str] = frozenset()
        self.hidden_segments: frozenset[tuple[str, int]] = frozenset()
        """Segments of objects that are not drawn: the object's id, and their place in it."""
        self.notes: tuple[Note, ...] = ()
        self.saved_at: str | None = None
        self.author = own_name()
        self.volumes = Volumes()
        self.scales = MapScales()
        self.cases = CaseBook(lambda: self.changed.emit(Changes(cases=True)))
        self.comparison = Comparison()

    # --- what is open

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.changed.emit(Changes(entries=True))

    def add_opened(self, opened: Opened) -> None:
        """Take in sources as they come; one that is open already stays as it is."""
        for source in opened.sources:
            self.sources.setdefault(source.source_id, source)
        for found in opened.objects:
            self.objects.setdefault(found.object_id, found)
        known = {one.path for one in self.refused}
        self.refused += tuple(one for one in opened.refused if one.path not in known)
        self.changed.emit(Changes(sources=True))

    def replace_source(self, source_id: str, source: Source) -> None:
        """Let another source stand in the place of one: the same frames in another order."""
        kept = [source if one == source_id else found for one, found in self.sources.items()]
        self.sources = {found.source_id: found for found in kept}
        self.changed.emit(Changes(sources=True))

    def set_thumbnail(self, source_id: str, picture: np.ndarray) -> None:
        self.thumbnails[source_id] = picture
        self.changed.emit(Changes(thumbnail=source_id))

    def set_cards(self, cards: tuple[ModelCard, ...]) -> None:
        self.cards = cards
        self.changed.emit(Changes(models=True))

    def set_devices(self, devices: tuple[tuple[str, str], ...], chosen: str | None = None) -> None:
        """The devices that there are, and perhaps another one to work on."""
        self.devices = devices
        self.device = chosen or self.device
        self.changed.emit(Changes(models=True))

    # --- what a person marks, and what objects draw

    def edit_marks(self, act: Callable[[MarkBook], object]) -> None:
        """Let `act` change the measures, key images or calibrations."""
        act(self.marks)
        self.changed.emit(Changes(marks=True))

    def edit_labels(self, act: Callable[[LabelBook], object]) -> None:
        """Let `act` change what is in hand or selected, or add what came from the disk."""
        act(self.labels)
        self.changed.emit(Changes(labels=True))

    def set_walk(self, walking: Walking | None) -> None:
        """Begin a walk through labelling, go on with it, or with None end it."""
        self.walk = walking
        self.changed.emit(Changes(labels=True))

    def edit_project(self, act: Callable[[ProjectBook], object]) -> None:
        """Let `act` change what is known of the project; labels can be written as it says."""
        act(self.project)
        found = self.project.opening
        self.labels.read_only = (found.read_only or found.damaged) if found is not None else ""
        self.changed.emit(Changes(project=True))

    def edit_queue(self, act: Callable[[QueueBook], object]) -> None:
        """Let `act` change how the queue is wanted, or take it in as it was read."""
        act(self.queue)
        self.changed.emit(Changes(queue=True))

    def edit_proposals(self, act: Callable[[ProposalBook], object]) -> None:
        """Let `act` change how proposals are shown, or take in what they are made of."""
        act(self.prelabels)
        self.changed.emit(Changes(proposals=True))

    def apply(self, changes: Iterable[Change], *, back: bool = False) -> None:
        """Let things be as an act left them, or with `back` as they were before it."""
        marks = False
        for change in self.labels.near(changes):
            thing = change.before if back else change.after
            if isinstance(thing or change.after or change.before, Mark):
                gone = Mark(*change.mark, None)
                self.marks.apply(thing if isinstance(thing, Mark) else gone)
                marks = True
            else:
                self.labels.apply(change.thing, thing, change.before or change.after)
        self.changed.emit(Changes(labels=True, marks=marks))

    def add_overlay(self, overlay: ObjectOverlay) -> None:
        self.overlays[(overlay.object_id, overlay.source_id)] = overlay
        self.changed.emit(Changes(objects=True))

    def show_object(self, object_id: str, *, on: bool) -> None:
        """Draw an object over the sources that it belongs to, or no longer."""
        shown = self.shown_objects
        self.shown_objects = shown | {object_id} if on else shown - {object_id}
        self.changed.emit(Changes(objects=True))

    def hide_segments(self, object_id: str, numbers: frozenset[int]) -> None:
        """Of an object draw all segments but these, by their place in it."""
        others = frozenset(one for one in self.hidden_segments if one[0] != object_id)
        self.hidden_segments = others | {(object_id, number) for number in numbers}
        self.changed.emit(Changes(objects=True))

    # --- what was said to the person

    def say(self, text: str, hint: str = "", severity: Severity = "doubtful") -> None:
        at = datetime.datetime.now().astimezone().strftime("%H:%M")
        self.notes += (Note(len(self.notes) + 1, severity, text, hint, at),)
        self.changed.emit(Changes(messages=True))

    def say_error(self, error: UserError | BugError) -> None:
        found = trouble(error)
        self.say(found.message, found.hint, "bad")

    def dismiss(self, number: int) -> None:
        self.notes = tuple(
            replace(note, dismissed=True) if note.number == number else note for note in self.notes
        )
        self.changed.emit(Changes(messages=True))

    def set_saved(self, at: str) -> None:
        self.saved_at = at
        self.changed.emit(Changes(messages=True))
