"""What is shown in the viewports: the part of the session that turns, scrolls and asks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from PySide6.QtCore import QObject, Signal

from app.frame_cache import FrameCache
from app.messages import Trouble
from app.panes import (
    LAYOUTS,
    LINKS,
    VIEWPORTS,
    Changes,
    LabelsOnPlane,
    Link,
    Pane,
    Place,
)
from app.results import Results
from inference.cards import ModelCard, fitting_first
from inference.records import (
    Attribution,
    Frame,
    FrameKey,
    ObjectOverlay,
    Point,
    Prediction,
    Preview,
    Source,
)
from widgets.canvas_tools import ToolName

if TYPE_CHECKING:
    from inference.mpr.cut import Slab
    from inference.mpr.stack import PlaneStack


class Viewing(QObject):
    """Changed only through its methods, on the window's thread; each ends in one `changed`."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sources: dict[str, Source] = {}
        self.cards: tuple[ModelCard, ...] = ()
        self.place: Place = "review"
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
        self.own_axes = False
        """Whether planes are cut along the scan's own axes instead of the patient's."""
        self.frames = FrameCache()
        self.results = Results()

    def set_place(self, place: Place) -> None:
        """Go to another place of work; what is selected stays."""
        if place != self.place:
            self.place = place
            self.changed.emit(Changes(place=True, tool=True))

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
        labels: LabelsOnPlane,
    ) -> None:
        """A cut through the volume has come, with what models, objects and labels say of it."""
        self._set_pane(number, self.panes[number].with_cut(frame, results, objects, labels))
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
