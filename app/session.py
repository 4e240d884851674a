"""What is open and what is selected: the one state that the window follows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.calls import BugError
from app.frame_cache import FrameCache
from app.messages import Trouble, trouble
from explain.records import LayerStatus, MethodStatus
from inference.cards import ModelCard, fitting_first
from inference.entry import Entry
from inference.errors import UserError
from inference.records import (
    Attribution,
    Frame,
    FrameKey,
    Opened,
    Options,
    Prediction,
    Refused,
    Source,
    Window,
)

Severity = Literal["good", "doubtful", "bad", "plain"]
Layout = Literal["single", "side_by_side"]
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Changes:
    """Which parts of the session a method touched; numbers are those of viewports."""

    sources: bool = False
    thumbnail: str | None = None
    models: bool = False
    entries: bool = False
    layout: bool = False
    frame: frozenset[int] = NOBODY
    results: frozenset[int] = NOBODY
    methods: frozenset[int] = NOBODY
    view: frozenset[int] = NOBODY
    messages: bool = False


@dataclass(frozen=True)
class Asked:
    """How the next explanation of a viewport is to be made; None = the method's or card's own."""

    method: str = "integrated_gradients"
    target: int | None = None
    layer: str | None = None
    options: Options = ()


@dataclass(frozen=True, eq=False)
class Pane:
    """What one viewport shows. `frame` is None while `index` is being read."""

    source_id: str | None = None
    index: int = 0
    frame: Frame | None = None
    frame_trouble: Trouble | None = None
    model_id: str | None = None
    prediction: Prediction | None = None
    attribution: Attribution | None = None
    predict_trouble: Trouble | None = None
    explain_trouble: Trouble | None = None
    methods: tuple[MethodStatus, ...] = ()
    layers: tuple[LayerStatus, ...] = ()
    asked: Asked = Asked()
    window: Window | None = None
    inverted: bool = False
    overlay_visible: bool = True
    threshold: float = 0.0
    opacity: float = 0.8
    caption: str = ""
    caption_severity: Severity = "plain"


@dataclass(frozen=True)
class Note:
    """One message to the person, kept in the history until the program ends."""

    number: int
    severity: Severity
    text: str
    hint: str
    at: str
    dismissed: bool = False


class Session(QObject):
    """Changed only through its methods, on the window's thread; each ends in one `changed`."""

    changed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.sources: dict[str, Source] = {}
        self.thumbnails: dict[str, np.ndarray] = {}
        self.refused: tuple[Refused, ...] = ()
        self.cards: tuple[ModelCard, ...] = ()
        self.entries: tuple[Entry, ...] = ()
        self.devices: tuple[tuple[str, str], ...] = ()
        self.device = "auto"
        self.layout: Layout = "single"
        self.panes: tuple[Pane, Pane] = (Pane(), Pane())
        self.active = 0
        self.linked = True
        self.notes: tuple[Note, ...] = ()
        self.saved_at: str | None = None
        self.frames = FrameCache()
        self._predictions: dict[tuple[FrameKey, str], Prediction] = {}
        self._attributions: dict[tuple[FrameKey, str], Attribution] = {}

    # --- what is open

    def set_entries(self, entries: tuple[Entry, ...]) -> None:
        self.entries = entries
        self.changed.emit(Changes(entries=True))

    def add_opened(self, opened: Opened) -> None:
        """Take in sources as they come; one that is open already stays as it is."""
        for source in opened.sources:
            self.sources.setdefault(source.source_id, source)
        known = {one.path for one in self.refused}
        self.refused += tuple(one for one in opened.refused if one.path not in known)
        self.changed.emit(Changes(sources=True))

    def set_thumbnail(self, source_id: str, picture: np.ndarray) -> None:
        self.thumbnails[source_id] = picture
        self.changed.emit(Changes(thumbnail=source_id))

    def set_cards(self, cards: tuple[ModelCard, ...]) -> None:
        self.cards = cards
        self.changed.emit(Changes(models=True))

    def set_devices(self, devices: tuple[tuple[str, str], ...]) -> None:
        self.devices = devices
        self.changed.emit(Changes(models=True))

    def set_device(self, device: str) -> None:
        self.device = device
        self.changed.emit(Changes(models=True))

    # --- what is shown

    def set_layout(self, layout: Layout) -> None:
        self.layout = layout
        self.active = min(self.active, self.pane_count - 1)
        self.changed.emit(Changes(layout=True))

    def set_active(self, number: int) -> None:
        if number != self.active:
            self.active = number
            self.changed.emit(Changes(layout=True))

    def set_linked(self, *, linked: bool) -> None:
        self.linked = linked
        self.changed.emit(Changes(layout=True))

    def show_source(self, number: int, source_id: str, index: int) -> None:
        """Turn a viewport to another source; a model that fits it is chosen for it."""
        fitting = fitting_first(self.sources[source_id], self.cards)
        model_id = fitting[0].model_id if fitting else None
        self._set_pane(number, Pane(source_id=source_id, index=index, model_id=model_id))
        self.changed.emit(
            Changes(
                frame=frozenset({number}),
                results=frozenset({number}),
                view=frozenset({number}),
                methods=frozenset({number}),
            )
        )

    def choose_index(self, number: int, index: int) -> None:
        """Another frame is wanted; the picture stays until it is there."""
        self._edit(number, index=index, frame_trouble=None)
        self.changed.emit(Changes(frame=frozenset({number})))

    def set_frame(self, number: int, frame: Frame) -> None:
        """A frame has come; it is shown if it is still the one that the viewport wants."""
        self.frames.add(frame)
        pane = self.panes[number]
        if frame.key != (pane.source_id, pane.index):
            return
        self._edit(
            number,
            frame=frame,
            frame_trouble=None,
            prediction=self._predictions.get((frame.key, pane.model_id or "")),
            attribution=self._attributions.get((frame.key, pane.model_id or "")),
        )
        self.changed.emit(Changes(frame=frozenset({number}), results=frozenset({number})))

    def set_frame_trouble(self, number: int, trouble: Trouble) -> None:
        self._edit(number, frame=None, frame_trouble=trouble, prediction=None, attribution=None)
        self.changed.emit(Changes(frame=frozenset({number}), results=frozenset({number})))

    def choose_model(self, number: int, model_id: str) -> None:
        """Ask another model; what it said of this frame before shows at once."""
        pane = self.panes[number]
        place = (pane.frame.key if pane.frame is not None else ("", 0), model_id)
        self._edit(
            number,
            model_id=model_id,
            prediction=self._predictions.get(place),
            attribution=self._attributions.get(place),
            predict_trouble=None,
            explain_trouble=None,
            methods=(),
            layers=(),
            asked=Asked(method=pane.asked.method),
            caption="",
        )
        self.changed.emit(Changes(results=frozenset({number}), methods=frozenset({number})))

    def set_caption(self, number: int, caption: str, severity: Severity) -> None:
        """A sentence under a viewport's picture."""
        self._edit(number, caption=caption, caption_severity=severity)
        self.changed.emit(Changes(view=frozenset({number})))

    def edit_view(self, number: int, **changes: Any) -> None:
        """Window, inversion, overlay, threshold or opacity of one viewport."""
        self._edit(number, **changes)
        self.changed.emit(Changes(view=frozenset({number})))

    # --- what models said

    def set_methods(self, number: int, methods: tuple[MethodStatus, ...]) -> None:
        self._edit(number, methods=methods)
        self.changed.emit(Changes(methods=frozenset({number})))

    def set_layers(self, number: int, layers: tuple[LayerStatus, ...]) -> None:
        self._edit(number, layers=layers)
        self.changed.emit(Changes(methods=frozenset({number})))

    def set_asked(self, number: int, asked: Asked) -> None:
        self._edit(number, asked=asked)
        self.changed.emit(Changes(methods=frozenset({number})))

    def add_predictions(self, predictions: tuple[Prediction, ...]) -> None:
        """Keep them by the frame they were made for; draw those whose frame is still open."""
        for prediction in predictions:
            self._predictions[(prediction.key, prediction.provenance.model_id)] = prediction
        self._refresh_results(predict_trouble=None)

    def add_attributions(self, attributions: tuple[Attribution, ...]) -> None:
        """The same for maps, coarse ones included."""
        for attribution in attributions:
            self._attributions[(attribution.key, attribution.provenance.model_id)] = attribution
        self._refresh_results(explain_trouble=None)

    def add_stored(
        self, key: FrameKey, model_id: str, results: tuple[Prediction | Attribution | None, ...]
    ) -> None:
        """What the store held; what was made in the meantime is newer and stays."""
        for result in results:
            if isinstance(result, Prediction):
                self._predictions.setdefault((key, model_id), result)
            elif isinstance(result, Attribution):
                self._attributions.setdefault((key, model_id), result)
        self._refresh_results()

    def drop_coarse(self, number: int) -> None:
        """Forget an unfinished map: what was asked for was cancelled or failed."""
        for place, attribution in list(self._attributions.items()):
            if attribution.coarse and place[1] == self.panes[number].model_id:
                del self._attributions[place]
        self._refresh_results()

    def prediction_of(self, key: FrameKey, model_id: str) -> Prediction | None:
        return self._predictions.get((key, model_id))

    def attribution_of(self, key: FrameKey, model_id: str) -> Attribution | None:
        return self._attributions.get((key, model_id))

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
    def pane_count(self) -> int:
        return 2 if self.layout == "side_by_side" else 1

    def source_of(self, number: int) -> Source | None:
        return self.sources.get(self.panes[number].source_id or "")

    def card_of(self, number: int) -> ModelCard | None:
        return self.card(self.panes[number].model_id)

    def card(self, model_id: str | None) -> ModelCard | None:
        return next((card for card in self.cards if card.model_id == model_id), None)

    # --- inside

    def _refresh_results(self, **also: Any) -> None:
        touched = set()
        for number, pane in enumerate(self.panes):
            if pane.frame is None:
                continue
            place = (pane.frame.key, pane.model_id or "")
            prediction = self._predictions.get(place)
            attribution = self._attributions.get(place)
            if prediction is not pane.prediction or attribution is not pane.attribution:
                self._edit(number, prediction=prediction, attribution=attribution, **also)
                touched.add(number)
        if touched:
            self.changed.emit(Changes(results=frozenset(touched)))

    def _edit(self, number: int, **changes: Any) -> None:
        self._set_pane(number, replace(self.panes[number], **changes))

    def _set_pane(self, number: int, pane: Pane) -> None:
        first, second = self.panes
        self.panes = (pane, second) if number == 0 else (first, pane)
