"""Labels on the pictures: what is shown in each viewport, and what the hand does to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent

from app.actions import label_sets, labelling, painting, picking, prelabels, sketching
from app.actions.saying import LABEL_TOOLS
from app.jobs import Jobs
from app.panes import Changes
from app.prelabels import Proposal
from app.session import Session
from app.views.label_words import UNKNOWN, colour_of
from inference.errors import UserError
from inference.painting.strokes import Place
from inference.records import Annotation, Label
from inference.records.labels import AnnotationKind
from widgets.canvas import Canvas
from widgets.canvas_labels import LabelTool, ShownLabel
from widgets.theme import RGB

_TAKES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter})


class CanvasLabels(QObject):
    """Joins the session with the labels of all viewports."""

    menu_requested = Signal(str, object)

    def __init__(self, parent: QObject, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._canvases: list[Canvas] = []
        self._start: Place | None = None
        """Where the stroke under way began."""

    def attach(self, canvas: Canvas) -> None:
        """Follow the canvas of the next viewport."""
        number = len(self._canvases)
        self._canvases.append(canvas)
        canvas.installEventFilter(self)
        for signal, act in (
            (canvas.label_drawn, self._draw),
            (canvas.mask_painted, self._paint),
            (canvas.seed_placed, self._place_seed),
            (canvas.seed_boxed, self._box_seed),
        ):
            signal.connect(partial(self._do, partial(act, number)))
        canvas.label_changed.connect(partial(self._do, self._change))
        canvas.labels_deleted.connect(partial(self._do, self._delete))
        canvas.labels_selected.connect(self._select)
        canvas.label_menu_requested.connect(self.menu_requested)
        canvas.brush_resized.connect(self._resize)
        self.show(number)

    # What the session says

    def follow(self, changes: Changes) -> None:
        """Draw what changed in the session."""
        every = changes.labels or changes.place or changes.layout or changes.project
        every = every or changes.marks or changes.proposals
        shown = changes.frame | changes.results
        if every or changes.tool:
            shown = frozenset(self._session.visible)
        for number in shown:
            if number < len(self._canvases):
                self.show(number)

    def show(self, number: int) -> None:
        """The labels of the frame or plane in a viewport, and the tool that is set for it."""
        session, canvas, book = self._session, self._canvases[number], self._session.labels
        pane = session.panes[number]
        canvas.set_label_style(book.visible, book.hand.opacity, True)
        key = pane.frame.key if pane.frame is not None and not pane.is_cut else None
        labels = {one.name: one for one in book.label_set.labels}
        if key is None:
            seen = pane.labels.annotations if pane.is_cut and pane.frame is not None else ()
            canvas.set_labels(tuple(_shown(one, labels.get(one.label), True) for one in seen))
            canvas.set_selected_labels(())
            canvas.set_seed_preview(None)
            return
        drawn = [one for one in book.on(key) if one.kind in painting.NOUNS]
        locked = session.place != "label" or bool(book.read_only)
        proposed = [_proposed(one, labels) for one in prelabels.on_frame(session, number)]
        shown = tuple(_shown(one, labels.get(one.label), locked) for one in drawn)
        canvas.set_labels((*shown, *(one for one in proposed if one is not None)))
        here = {one.annotation_id for one in drawn}
        canvas.set_selected_labels(tuple(one for one in book.selected if one in here))
        canvas.set_label_tool(self._tool(number))
        tried = book.sketch.mask if book.sketch and book.sketch.wish.key == key else None
        canvas.set_seed_preview(tried, self._colour())

    def _tool(self, number: int) -> LabelTool:
        session, hand = self._session, self._session.labels.hand
        frame = session.panes[number].frame
        mask = painting.mask_in_hand(session, frame.key) if frame is not None else None
        name = mask.annotation_id if mask is not None else ""
        erases = session.tool == "eraser"
        low, high = (None, None) if erases else (hand.low, hand.high)
        return LabelTool(self._colour(), hand.radius_px, low, high, name)

    def _colour(self) -> RGB:
        book = self._session.labels
        return colour_of(book.label_set, book.label) if book.label else UNKNOWN

    # What the hand does

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._session.place != "label" or not isinstance(watched, Canvas):
            return False
        if isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.LeftButton:
            pressed = event.type() in (
                QEvent.Type.MouseButtonPress,
                QEvent.Type.MouseButtonDblClick,
            )
            return pressed and self._press(watched, event)
        book = self._session.labels
        if isinstance(event, QKeyEvent) and (book.sketch is not None or book.hand.picking):
            return self._hear(event)
        return False

    def _press(self, canvas: Canvas, event: QMouseEvent) -> bool:
        """Whether a press is not for the canvas: values are picked, or nothing can be drawn."""
        session, number = self._session, self._canvases.index(canvas)
        place = canvas.widget_to_image(event.position())
        if session.labels.hand.picking:
            session.set_active(number)
            self._do(lambda: picking.pick(session, self._jobs, number, place))
            return True
        if session.tool not in LABEL_TOOLS or session.source_of(number) is None:
            return False
        try:
            frame = painting.check_place(session, number)
        except UserError as error:
            session.set_active(number)
            session.say_error(error)
            return True
        self._start = place
        if session.tool == "eraser" and painting.mask_in_hand(session, frame.key) is None:
            under = painting.mask_at(session, frame.key, place)
            if under is not None:
                self._select((under.annotation_id,))
        return False

    def _hear(self, event: QKeyEvent) -> bool:
        """Enter takes the region that is tried, Esc drops it, before all that has these keys.

        Esc also ends the picking of values.
        """
        if event.key() not in _TAKES and event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            act = sketching.take if event.key() in _TAKES else sketching.drop
            painting.edit_hand(self._session, picking=False)
            self._do(lambda: act(self._session, self._jobs))
            return True
        return False

    def _draw(self, number: int, kind: AnnotationKind, points: painting.Points) -> None:
        painting.draw(self._session, self._jobs, number, kind, points)

    def _change(self, annotation_id: str, points: painting.Points) -> None:
        painting.change(self._session, self._jobs, annotation_id, points)

    def _paint(self, number: int, annotation_id: str, mask: np.ndarray) -> None:
        start, self._start = self._start, None
        painting.paint(
            self._session,
            self._jobs,
            number,
            annotation_id=annotation_id,
            mask=mask,
            start=start,
        )

    def _place_seed(
        self, number: int, column: float, row: float, inside: bool, final: bool
    ) -> None:
        placement = self._canvases[number].placement()
        scale = placement.scale if placement is not None else 1.0
        seed = sketching.Seed((column, row), inside, final, scale)
        sketching.point(self._session, self._jobs, number, seed)

    def _box_seed(self, number: int, box: tuple[float, float, float, float]) -> None:
        sketching.surround(self._session, self._jobs, number, box)

    def _delete(self, ids: tuple[str, ...]) -> None:
        labelling.delete(self._session, self._jobs, ids)

    def _select(self, ids: tuple[str, ...]) -> None:
        """What is selected alone has its label taken in hand, so that a brush goes on with it."""
        labelling.select(self._session, ids)
        chosen = self._session.labels.chosen
        if len(chosen) == 1 and chosen[0].kind == "mask":
            label_sets.choose(self._session, chosen[0].label)

    def _resize(self, radius_px: float) -> None:
        painting.edit_hand(self._session, radius_px=radius_px)

    def _do(self, act: Callable[..., None], *arguments: object) -> None:
        """Do it, and say what is in the way; what was drawn in vain is seen no longer."""
        try:
            act(*arguments)
        except UserError as error:
            self._session.say_error(error)
            self._session.edit_labels(lambda book: None)


def _proposed(one: Proposal, labels: dict[str, Label]) -> ShownLabel | None:
    """A region that a model proposes; classes are proposed in the panel."""
    drawn, label = one.annotation, labels.get(one.annotation.label)
    if drawn.kind not in painting.NOUNS:
        return None
    colour = label.colour if label is not None else UNKNOWN
    words = f"{label.title if label is not None else drawn.label} {one.made_from.score:.2f}"
    return ShownLabel(drawn, colour, words, proposed=True, locked=True)


def _shown(one: Annotation, label: Label | None, locked: bool) -> ShownLabel:
    words = label.title if label is not None else one.label
    if one.value is not None:
        words = f"{words} {one.value:g}"
    colour = label.colour if label is not None else UNKNOWN
    return ShownLabel(one, colour, words, locked=locked)
