"""What a person does to see what a model looks at: pointing at places, taking regions out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu

from app.actions import experiments, marks
from app.keys import Command
from app.linking import cursor_seen
from app.views.experiments_view import FILL_WORDS, ExperimentsView
from explain.records import Fill
from inference.errors import UserError
from inference.mpr.lines import to_frame

if TYPE_CHECKING:
    from app.main_window import MainWindow

_WAYS = (("left", (-1, 0)), ("right", (1, 0)), ("up", (0, -1)), ("down", (0, 1)))


def commands(window: MainWindow) -> tuple[Command, ...]:
    """Pointing without a mouse, taking a region out, and the changed picture."""
    session, jobs = window.session, window.jobs

    def move(way: tuple[int, int]) -> None:
        experiments.move_point(session, jobs, session.active, way)
        window.review.panel.experiments.unfold(True)

    rows: tuple[tuple[str, str, tuple[str, ...], Callable[[], None]], ...] = (
        ("ask_crosshair", "Ask at the crosshair", ("Shift+X",), partial(ask_at_crosshair, window)),
        *(
            (f"ask_{name}", f"Ask half a patch {words}", (f"Alt+{key}",), partial(move, way))
            for (name, way), words, key in zip(
                _WAYS,
                ("to the left", "to the right", "higher", "lower"),
                ("Left", "Right", "Up", "Down"),
                strict=True,
            )
        ),
        (
            "remove_region",
            "Take the drawn region out and ask again",
            ("Shift+T",),
            partial(remove, window),
        ),
        (
            "changed_picture",
            "Changed picture or the scan's own",
            ("Shift+P",),
            lambda: experiments.toggle_changed(session, jobs, session.active),
        ),
    )
    return tuple(
        Command(name, "Experiment", words, keys, run, "viewport", window.shows_picture)
        for name, words, keys, run in rows
    )


def connect(window: MainWindow) -> None:
    """The list of experiments, the tool that points, and the menu of a drawn region."""
    session, jobs = window.session, window.jobs
    panel, grid = window.review.panel.experiments, window.review.grid
    ExperimentsView(session, jobs, panel, grid)
    grid.place_asked.connect(partial(_point, window))
    grid.measure_menu_requested.connect(partial(show_menu, window))
    panel.ask_requested.connect(partial(_take_tool, window))
    panel.remove_requested.connect(lambda key: _try(window, partial(_remove, window, key)))
    panel.picture_toggled.connect(lambda found: _try(window, partial(_show, window, found)))


def ask_at_crosshair(window: MainWindow) -> None:
    """Ask about the place of the crosshair, or where there is none about the last or middle one."""
    session, jobs = window.session, window.jobs
    number = session.active
    frame, point = session.panes[number].frame, cursor_seen(session, number)
    if frame is None or frame.affine is None or point is None:
        experiments.move_point(session, jobs, number, (0, 0))
    else:
        column, row, _ = to_frame(frame.affine, point)
        experiments.ask_at(session, jobs, number, (column, row), final=True)
    window.review.panel.experiments.unfold(True)


def remove(window: MainWindow) -> None:
    """Take out the selected region, else the one chosen in the list, else what was drawn last."""
    session = window.session
    book, number = session.marks.experiments, session.active
    keys = [key for key, _ in experiments.regions_here(session, number)]
    selected = f"drawn {window.review.grid.active.canvas.selected_measure}"
    drawn = [key for key in keys if key.startswith("drawn ")]
    wanted = [key for key in (selected, book.region) if key in keys]
    chosen = (*wanted, *reversed(drawn), *keys, "")
    _remove(window, chosen[0])


def show_menu(window: MainWindow, number: int, measure_id: str, place: QPoint) -> None:
    """What can be done with a drawn shape; areas can be taken out, by each fill."""
    session = window.session
    session.set_active(number)
    menu = QMenu(window)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    key = f"drawn {measure_id}"
    if any(one == key for one, _ in experiments.regions_here(session, number)):
        menu.addSection("Take it out and ask again")
        for fill, words in FILL_WORDS.items():
            act = partial(_remove_by, window, key, fill)
            menu.addAction(words).triggered.connect(lambda _on=False, act=act: _try(window, act))
        menu.addSeparator()
    menu.addAction("Delete").triggered.connect(
        lambda _on=False: marks.delete_measure(session, window.jobs, measure_id)
    )
    menu.popup(place)


def _remove_by(window: MainWindow, key: str, fill: Fill) -> None:
    experiments.adjust(window.session, fill=fill, region=key)
    _remove(window, key)


def _remove(window: MainWindow, key: str) -> None:
    session = window.session
    experiments.remove_region(session, window.jobs, session.active, key)
    window.review.panel.experiments.unfold(True)


def _show(window: MainWindow, experiment_id: str) -> None:
    """Show an experiment's changed picture, on its own frame, or the scan's picture again."""
    session = window.session
    number = session.active
    experiments.toggle_changed(session, window.jobs, number, experiment_id)
    found = session.marks.experiments.find(experiment_id)
    if found is not None and session.panes[number].index != found.key[1]:
        window.review.grid.scroll_to(number, found.key[1])


def _take_tool(window: MainWindow) -> None:
    window.session.set_tool("ask")
    window.review.focus_viewport()


def _point(window: MainWindow, number: int, column: float, row: float, final: bool) -> None:
    act = partial(
        experiments.ask_at,
        window.session,
        window.jobs,
        number,
        (column, row),
        final=final,
    )
    _try(window, act)
    window.review.panel.experiments.unfold(True)


def _try(window: MainWindow, act: Callable[[], None]) -> None:
    """Do what may lack something, and say so."""
    try:
        act()
    except UserError as error:
        window.session.say_error(error)
