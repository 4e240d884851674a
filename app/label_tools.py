"""The tools of labelling in the main window: their commands, and the bar that they stand in."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from app.actions import instances, labelling, painting, picking, saying, sketching
from app.keys import Command
from app.label_book import LabelBook
from app.panes import Changes
from app.session import Session
from app.views.label_bar_view import is_label_tool
from inference.errors import UserError
from inference.painting.requests import SeedMethod
from inference.painting.strokes import Place
from inference.painting.tidying import fill_holes, keep_largest
from inference.records import Label
from widgets.canvas_brush import GROWTH, LARGEST_PX, SMALLEST_PX
from widgets.canvas_tools import ToolName
from widgets.label_bar_table import METHODS

if TYPE_CHECKING:
    from app.main_window import MainWindow

Row = tuple[str, str, tuple[str, ...], Callable[[], object]]
"""Name, words, keys, and what is done."""

_TOOLS: tuple[tuple[ToolName, str, tuple[str, ...]], ...] = (
    ("select", "Select labels", ("S",)),
    ("label_box", "Draw a box", ("R",)),
    ("label_rotated", "Draw a rotated box", ("Shift+R",)),
    ("label_polygon", "Draw a polygon", ("G",)),
    ("label_line", "Draw a line", ("D",)),
    ("label_point", "Set a point", ("Shift+D",)),
    ("brush", "Brush", ("B",)),
    ("eraser", "Eraser", ("E",)),
    ("grow", "Grow a region", ("W",)),
    ("wand", "Wand: click into a thing", ("A",)),
)
_OPACITY_STEP = 0.1
_METHOD_NAMES: tuple[SeedMethod, ...] = ("random_walk", "grab_cut", "watershed")


def commands(window: MainWindow) -> tuple[Command, ...]:
    """What keys and the palette can do with labels in the place Label."""
    session = window.session
    tools = tuple(
        (f"tool_{name}", words, keys, partial(session.set_tool, name))
        for name, words, keys in _TOOLS
    )
    groups = (("Labelling tool", tools), ("Mask", _masks(window)), ("Values", _values(window)))
    return tuple(
        Command(name, group, words, keys, partial(_run, run), "viewport", place="label")
        for group, rows in groups
        for name, words, keys, run in rows
    )


def connect(window: MainWindow) -> None:
    """Let the bar's buttons do what commands do, and what is tried end where it must."""
    window.review.label_bar.command_chosen.connect(window.review.command_requested)
    window.review.grid.labels.menu_requested.connect(partial(_open_menu, window))
    window.session.changed.connect(partial(_follow, window))


def _run(run: Callable[[], object]) -> None:
    run()


def _masks(window: MainWindow) -> tuple[Row, ...]:
    session, jobs = window.session, window.jobs
    fill = partial(painting.tidy, session, jobs, "Fill holes", fill_holes)
    largest = partial(painting.tidy, session, jobs, "Keep the largest part", keep_largest)
    take, drop = (partial(act, session, jobs) for act in (sketching.take, sketching.drop))
    fresh = partial(painting.new_mask, session)
    between = partial(instances.interpolate, session, jobs)
    seen = partial(_toggle_visible, session)
    more, less = (partial(_fade, session, by) for by in (_OPACITY_STEP, -_OPACITY_STEP))
    return (
        ("new_mask", "New mask: the next stroke begins another thing", ("Shift+B",), fresh),
        ("fill_holes", "Fill the holes of the mask", (), fill),
        ("keep_largest", "Keep the mask's largest part", (), largest),
        ("interpolate", "Interpolate between slices", ("I",), between),
        ("labels_visible", "Labels on or off", ("H",), seen),
        ("labels_stronger", "Masks more opaque", (), more),
        ("labels_weaker", "Masks less opaque", (), less),
        ("take_region", "Take the region that is tried", (), take),
        ("drop_region", "Drop the region that is tried", (), drop),
    )


def _values(window: MainWindow) -> tuple[Row, ...]:
    session, jobs = window.session, window.jobs
    pick, divide = partial(_pick, window), partial(_divide, window)
    every = partial(picking.set_range, session, jobs, None, None)
    wider, narrower = (
        partial(sketching.widen, session, jobs, by)
        for by in (sketching.WIDENING, 1 / sketching.WIDENING)
    )
    joined, through = (partial(_toggle, session, name) for name in ("joined", "volume"))
    joined_words = "Paint only what hangs together with where a stroke begins"
    method = partial(_next_method, window)
    larger, smaller = (partial(_resize, session, by) for by in (GROWTH, 1 / GROWTH))
    return (
        ("brush_larger", "Larger brush", (), larger),
        ("brush_smaller", "Smaller brush", (), smaller),
        ("pick_values", "Paint values like the one under the pointer", ("T",), pick),
        ("otsu", "Paint the brighter part under the brush (Otsu)", ("Shift+T",), divide),
        ("all_values", "Paint all values", (), every),
        ("joined", joined_words, (), joined),
        ("wider", "Grow over more values", (".",), wider),
        ("narrower", "Grow over fewer values", (",",), narrower),
        ("through", "Grow through all slices or on one", ("Shift+W",), through),
        ("next_method", "What the wand finds things by", ("Shift+A",), method),
    )


def _toggle(session: Session, name: str) -> None:
    """Turn a switch of the tools."""
    painting.edit_hand(session, **{name: not getattr(session.labels.hand, name)})


def _resize(session: Session, factor: float) -> None:
    radius = session.labels.hand.radius_px * factor
    painting.edit_hand(session, radius_px=min(max(radius, SMALLEST_PX), LARGEST_PX))


def _toggle_visible(session: Session) -> None:
    def take(book: LabelBook) -> None:
        book.visible = not book.visible

    session.edit_labels(take)


def _fade(session: Session, by: float) -> None:
    opacity = min(max(session.labels.hand.opacity + by, 0.0), 1.0)
    painting.edit_hand(session, opacity=round(opacity, 2))


def _next_method(window: MainWindow) -> None:
    at = _METHOD_NAMES.index(window.session.labels.hand.method)
    method = _METHOD_NAMES[(at + 1) % len(_METHOD_NAMES)]
    painting.edit_hand(window.session, method=method)
    sketching.ask_again(window.session, window.jobs)
    words = next(words for name, words, _ in METHODS if name == method)
    window.session.say(f"The wand finds things by {words} now.", severity="plain")


def _pick(window: MainWindow) -> None:
    place = _pointed_at(window)
    if place is None:
        raise UserError("The pointer is not on the picture.", "Point at a value to be painted.")
    picking.pick(window.session, window.jobs, window.session.active, place)


def _divide(window: MainWindow) -> None:
    picking.divide(window.session, window.jobs, window.session.active, _pointed_at(window))


def _pointed_at(window: MainWindow) -> Place | None:
    """Where the pointer is on the active picture, (column, row)."""
    canvas = window.review.grid.active.canvas
    frame = window.session.panes[window.session.active].frame
    point = canvas.mapFromGlobal(QCursor.pos())
    if frame is None or not canvas.rect().contains(point):
        return None
    column, row = canvas.widget_to_image(point.toPointF())
    inside = 0 <= row < frame.shape[0] and 0 <= column < frame.shape[1]
    return (column, row) if inside else None


def _open_menu(window: MainWindow, annotation_id: str, where: QPoint) -> None:
    """What can be done with a label: another name, or away with it."""
    session, jobs = window.session, window.jobs
    found = session.labels.find(annotation_id)
    if found is None or session.place != "label":
        return
    if annotation_id not in session.labels.selected:
        labelling.select(session, (annotation_id,))
    menu = QMenu(window)
    for label in session.labels.label_set.labels:
        if saying.is_for(label, found.kind):
            action = menu.addAction(label.name.replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(label.name == found.label)
            action.triggered.connect(lambda _on=False, one=label: _relabel(window, one))
    menu.addSeparator()
    delete = menu.addAction("Delete\tDel")
    delete.triggered.connect(
        lambda _on=False: labelling.delete(session, jobs, session.labels.selected)
    )
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(where)


def _relabel(window: MainWindow, label: Label) -> None:
    try:
        saying.relabel(window.session, window.jobs, label.name)
    except UserError as error:
        window.session.say_error(error)


def _follow(window: MainWindow, changes: Changes) -> None:
    """A region that is tried ends with its frame and its tool; the tools end with the place."""
    session = window.session
    if changes.place and session.place != "label" and is_label_tool(session.tool):
        session.set_tool("window")
    sketch = session.labels.sketch
    if sketch is None:
        return
    frames = [session.panes[one].frame for one in session.visible]
    seen = any(frame is not None and frame.key == sketch.wish.key for frame in frames)
    if not seen or session.tool not in ("grow", "wand"):
        sketching.drop(session, window.jobs)
