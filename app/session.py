"""What is open and what is selected: the one state that the window follows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.batches import CaseBook
from app.calls import BugError
from app.comparison import Comparison
from app.frame_cache import FrameCache
from app.map_scales import MapScales
from app.marks import MarkBook
from app.messages import Trouble, trouble
from app.panes import (
    LAYOUTS,
    LINKS,
    VIEWPORTS,
    Changes,
    Link,
    Note,
    Pane,
    Severity,
)
from app.results import Results, Volumes
from inference.cards import ModelCard, fitting_first
from inference.entry import Entry
from inference.errors import UserError
from inference.records import (
    Attribution,
    DicomObject,
    Frame,
    FrameKey,
    ObjectOverlay,
    Opened,
    Point,
    Prediction,
    Preview,
    Refused,
    Source,
)
from widgets.canvas_tools import ToolName

if TYPE_CHECKING:
    from inference.mpr.cut import Slab
    from inference.mpr.stack import PlaneStack


class Session(QObject):
    """Changed only through its methods, on the window's thread; each ends in one `changed`."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sources: dict[str, Source] = {}
        self.objects: dict[str, DicomObject] = {}
        self.thumbnails: dict[str, np.ndarray] = {}
        self.refused: tuple[Refused, ...] = ()
        self.cards: tuple[ModelCard, ...] = ()
        self.entries: tuple[Entry, ...] = ()
        self.devices: tuple[tuple[str, str], ...] = ()
        self.device = "auto"
        self.layout = "1x1"
        self.panes: tuple[Pane, ...] = (Pane(),) * VIEWPORTS
        self.first = self.active = 0
        self.maximised = False
        """Whether the active viewport fills the window."""
        self.tool: ToolName = "window"
        self.links: frozenset[Link] = frozenset(LINKS)
        self.anchors: dict[int, float] = {}
        """Where each viewport stood when studies were linked: mm along its normal, or frames."""
        self.cursor: tuple[str, Point] | None = None
        """The crosshair: the space that it lies in, and its place there."""
        self.marks = MarkBook()
        self.overlays: dict[tuple[str, str], ObjectOverlay] = {}
        """What an object draws over a source, by both ids."""
        self.shown_objects: frozenset[str] = frozenset()
        self.hidden_segments: frozenset[tuple[str, int]] = frozenset()
        """Segments of objects that are not drawn: the object's id, and their place in it."""
        self.own_axes = False
        """Whether planes are cut along the scan's own axes instead of the patient's."""
        self.notes: tuple[Note, ...] = ()
        self.saved_at: str | None = None
        self.frames = FrameCache()
        self.results = Results()
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

    # --- what is shown

    def set_layout(self, layout: str, active: int | None = None) -> None:
        """The grid of viewports, by its name in LAYOUTS; the active one is among them."""
        self.layout, self.maximised = layout, False
        self.active = self.active if active is None else active
        self.first = max(0, self.active - len(self.seats) + 1)
        self.changed.emit(Changes(layout=True))

    def set_active(self, number: int) -> None:
        if number != self.active and number in self.visible:
            self.active = number
            self.changed.emit(Changes(layout=True))

    def set_maximised(self, *, maximised: bool) -> None:
        """One viewport fills the window, or all stand side by side."""
        self.maximised = maximised
        self.changed.emit(Changes(layout=True))

    def set_tool(self, tool: ToolName) -> None:
        """What the left button does in every viewport."""
        self.tool = tool
        self.changed.emit(Changes(tool=True))

    def set_link(self, link: Link, *, on: bool) -> None:
        """Whether viewports do this together."""
        self.links = self.links | {link} if on else self.links - {link}
        self.changed.emit(Changes(tool=True))

    def set_anchors(self, anchors: dict[int, float]) -> None:
        """Link viewports of different studies as they stand now; {} unlinks them."""
        self.anchors = anchors
        self.changed.emit(Changes(tool=True))

    def set_cursor(self, cursor: tuple[str, Point] | None) -> None:
        """Put the crosshair at a place in the patient, LPS mm, or take it away."""
        self.cursor = cursor
        self.changed.emit(Changes(cursor=True))

    def show_source(self, number: int, source_id: str, index: int) -> None:
        """Turn a viewport to another source; a model that fits it is chosen for it."""
        fitting = fitting_first(self.sources[source_id], self.cards)
        model_id = fitting[0].model_id if fitting else None
        self.put_pane(number, Pane(source_id, index, model_id=model_id))

    def put_pane(self, number: int, pane: Pane) -> None:
        """Show something else in a viewport, which is then linked with no other study."""
        self.anchors.pop(number, None)
        self._set_pane(number, pane)
        self._touched(number)

    def clear_pane(self, number: int) -> None:
        """Show nothing in a viewport."""
        self.put_pane(number, Pane())

    def set_preview(self, number: int, preview: Preview) -> None:
        """A first picture, while the headers of its series are still being read."""
        self.put_pane(number, Pane(preview=preview))

    def set_own_axes(self, *, own: bool) -> None:
        """Cut planes along the scan's axes, or along the patient's."""
        self.own_axes = own
        self.changed.emit(Changes(tool=True))

    def set_slab(self, number: int, slab: Slab | None) -> None:
        """Thick or thin; the picture stays until the other one is there."""
        self._edit(number, slab=slab)
        self._touched(number)

    def choose_index(self, number: int, index: int, waiting: str = "") -> None:
        """Another frame is wanted; the picture stays until it is there, `waiting` says why."""
        self._edit(number, index=index, frame_trouble=None, waiting=waiting)
        self.changed.emit(Changes(frame=frozenset({number})))

    def set_frame(self, number: int, frame: Frame, *, turned_to: bool = False) -> None:
        """A frame has come; it is shown if it is the one that the viewport wants.

        With `turned_to` it is the one wanted from now on: one change, where scrolling had two.
        """
        self.frames.add(frame)
        if turned_to:
            self._edit(number, index=frame.key[1], waiting="")
        pane = self.panes[number]
        if frame.key != (pane.source_id, pane.index) or pane.is_cut:
            return
        place = (frame.key, pane.model_id or "")
        self._edit(
            number,
            frame=frame,
            preview=None,
            frame_trouble=None,
            prediction=self.results.predictions.get(place),
            attribution=self.results.attribution(place, pane.lens),
        )
        self.changed.emit(Changes(frame=frozenset({number}), results=frozenset({number})))

    def set_cut(
        self,
        number: int,
        frame: Frame,
        results: tuple[Prediction | None, Attribution | None],
        objects: tuple[ObjectOverlay, ...],
    ) -> None:
        """A cut through the volume has come, with what models and objects say of it."""
        self._set_pane(number, self.panes[number].with_cut(frame, results, objects))
        self.changed.emit(Changes(frame=frozenset({number}), results=frozenset({number})))

    def set_stack(self, number: int, stack: PlaneStack, index: int) -> None:
        """The planes that a viewport's cut has, and which of them is wanted."""
        self._edit(number, stack=stack, index=index)
        self.changed.emit(Changes(frame=frozenset({number})))

    def set_frame_trouble(self, number: int, trouble: Trouble) -> None:
        self._set_pane(number, self.panes[number].failed(trouble))
        self.changed.emit(Changes(frame=frozenset({number}), results=frozenset({number})))

    def say_cached(self) -> None:
        """More of the open sources is at hand than before."""
        self.changed.emit(Changes(cached=True))

    def choose_model(self, number: int, model_id: str) -> None:
        """Ask another model; what it said of this frame before shows at once."""
        pane = self.panes[number]
        place = (pane.frame.key if pane.frame is not None else ("", 0), model_id)
        said = (self.results.predictions.get(place), self.results.attribution(place, pane.lens))
        self._set_pane(number, pane.asking(model_id, *said))
        one, again = frozenset({number}), frozenset({pane.source_id or ""} if pane.is_cut else ())
        self.changed.emit(Changes(results=one, methods=one, answered=again))

    def edit_view(self, number: int, **changes: Any) -> None:
        """Window, inversion, overlay, threshold, opacity or caption of one viewport."""
        self._edit(number, **changes)
        self.changed.emit(Changes(view=frozenset({number})))

    # --- what a person marks, and what objects draw

    def edit_marks(self, act: Callable[[MarkBook], object]) -> None:
        """Let `act` change the measures, key images or calibrations."""
        act(self.marks)
        self.changed.emit(Changes(marks=True))

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

    # --- what models said

    def edit_question(self, number: int, **changes: Any) -> None:
        """The methods and layers that there are for a viewport's model, or what is asked."""
        self._edit(number, **changes)
        pane = self.panes[number]
        again = frozenset({pane.source_id or ""} if pane.is_cut and pane.compared else ())
        self.changed.emit(Changes(methods=frozenset({number}), answered=again))
        self._refresh_results()  # a compared viewport shows what answers its own question

    def add_predictions(self, predictions: tuple[Prediction, ...]) -> None:
        """Keep them by the frame they were made for; draw those whose frame is still open."""
        self.results.add(predictions)
        self._refresh_results((one.key for one in predictions), predict_trouble=None)

    def add_attributions(self, attributions: tuple[Attribution, ...]) -> None:
        """The same for maps, coarse ones included."""
        self.results.add(attributions)
        self._refresh_results((one.key for one in attributions), explain_trouble=None)

    def add_stored(
        self, model_id: str, stored: dict[FrameKey, tuple[Prediction | Attribution | None, ...]]
    ) -> None:
        """What the store held of a model; what was made in the meantime is newer and stays."""
        for key, results in stored.items():
            self.results.add_older((key, model_id), results)
        self._refresh_results(stored)

    def drop_coarse(self, number: int) -> None:
        """Forget an unfinished map: what was asked for was cancelled or failed."""
        self.results.drop_coarse(self.panes[number].model_id)
        self._refresh_results()

    def set_trouble(self, number: int, what: Literal["predict", "explain"], of: Trouble) -> None:
        self._edit(number, **{f"{what}_trouble": of})
        self.changed.emit(Changes(results=frozenset({number})))

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

    # --- questions

    @property
    def seats(self) -> range:
        """The numbers of the viewports in the layout."""
        rows, columns = LAYOUTS[self.layout]
        return range(self.first, self.first + rows * columns)

    @property
    def visible(self) -> range:
        """The numbers of the viewports that are seen."""
        if self.maximised:
            return range(self.active, self.active + 1)
        return self.seats

    def source_of(self, number: int) -> Source | None:
        return self.sources.get(self.panes[number].source_id or "")

    def card_of(self, number: int) -> ModelCard | None:
        return self.card(self.panes[number].model_id)

    def card(self, model_id: str | None) -> ModelCard | None:
        return next((card for card in self.cards if card.model_id == model_id), None)

    # --- inside

    def _refresh_results(self, keys: Iterable[FrameKey] = (), **also: Any) -> None:
        touched, answered = set(), frozenset(key[0] for key in keys)
        for number, pane in enumerate(self.panes):
            if pane.frame is None or pane.is_cut:
                continue
            place = (pane.frame.key, pane.model_id or "")
            prediction = self.results.predictions.get(place)
            attribution = self.results.attribution(place, pane.lens)
            if prediction is not pane.prediction or attribution is not pane.attribution:
                self._edit(number, prediction=prediction, attribution=attribution, **also)
                touched.add(number)
        if touched or answered:
            self.changed.emit(Changes(results=frozenset(touched), answered=answered))

    def _touched(self, number: int) -> None:
        one = frozenset({number})
        self.changed.emit(Changes(frame=one, results=one, view=one, methods=one))

    def _edit(self, number: int, **changes: Any) -> None:
        self._set_pane(number, replace(self.panes[number], **changes))

    def _set_pane(self, number: int, pane: Pane) -> None:
        panes = list(self.panes)
        panes[number] = pane
        self.panes = tuple(panes)
