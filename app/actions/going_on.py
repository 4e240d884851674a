"""Going on where a project was left: its scans opened, each viewport as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

from app.actions import models, planes, sources
from app.actions.answers import recall
from app.actions.offering import load_methods
from app.jobs import Error, Jobs
from app.panes import LAYOUTS, LINKS, VIEWPORTS, Changes
from app.places import scratch_path
from app.project_book import ProjectBook
from app.project_state import PaneState, ViewState
from app.session import Session
from inference.cards import fitting_first
from inference.records import Opened
from inference.requests import OpenRequest
from widgets.canvas_tools import ToolName


def go_on(session: Session, jobs: Jobs) -> None:
    """Show what was in view when the project was left, as it was."""
    left = session.project.left
    if left is None:
        return

    def begin(book: ProjectBook) -> None:
        book.returning = True

    session.edit_project(begin)
    _hang(session, left)
    waiting = list(left.panes)

    def take(opened: Opened) -> None:
        for source in opened.sources:
            for one in [one for one in waiting if one.source_id == source.source_id]:
                waiting.remove(one)
                _seat(session, jobs, one)

    def done() -> None:
        session.edit_project(lambda book: setattr(book, "returning", False))

    open_entries(session, jobs, left.source_ids, take, done)


def open_entry(session: Session, jobs: Jobs, source_id: str) -> None:
    """Open a scan of the project and show it in the active viewport."""
    title = session.project.entries[source_id].title
    if source_id in session.project.missing:
        session.say(f"“{title}” is not where it was.", "Find the scans that were moved first.")
        return

    def take(opened: Opened) -> None:
        if any(one.source_id == source_id for one in opened.sources):
            sources.choose_source(session, jobs, source_id)

    open_entries(session, jobs, (source_id,), take, title=f"Opening {title}")


def open_entries(
    session: Session,
    jobs: Jobs,
    ids: tuple[str, ...],
    take: Callable[[Opened], object],
    done: Callable[[], object] = lambda: None,
    *,
    title: str = "Opening what was in view",
) -> None:
    """Open scans of the project by their ids; `take` hears of them as they come.

    What is open already comes at once. A scan that is another now than it was is said.
    """
    here = tuple(session.sources[one] for one in ids if one in session.sources)
    if here:
        take(Opened(here, ()))
    wanted = {one for one in ids if one not in session.sources} - set(session.project.missing)
    entries = [session.project.entries[one] for one in ids if one in session.project.entries]
    paths = dict.fromkeys(path for one in entries if one.source_id in wanted for path in one.paths)
    if not paths:
        done()
        return

    def bring(opened: Opened) -> None:
        new = tuple(one for one in opened.sources if one.source_id in wanted)
        wanted.difference_update(one.source_id for one in new)
        objects = tuple(one for one in opened.objects if one.object_id not in session.objects)
        session.project.noted.update(one.source_id for one in new)
        if new or objects:
            session.add_opened(Opened(new, (), objects))
        for source in new:
            sources.read_thumbnail(session, jobs, source)
        take(Opened(new, ()))

    def finish(opened: Opened) -> None:
        bring(opened)
        _say_changed(session, wanted)
        done()

    def fail(error: Error) -> None:
        session.say_error(error)
        done()

    jobs.start(
        "open",
        "decode",
        "open_sources",
        OpenRequest(tuple(paths), str(scratch_path())),
        done=finish,
        partial=bring,
        failed=fail,
        title=title,
    )


def take_models(session: Session, jobs: Jobs) -> None:
    """Now that models are known, ask what those of the viewports given back can and said."""
    if not session.cards:
        return
    numbers, session.project.unasked = session.project.unasked, set()
    for number in numbers:
        source = session.source_of(number)
        if source is None:
            continue
        if session.card_of(number) is None:
            models.choose_model(
                session, jobs, number, fitting_first(source, session.cards)[0].model_id
            )
        else:
            recall(session, jobs, number)
            load_methods(session, jobs, number)


def _hang(session: Session, left: ViewState) -> None:
    rows, columns = LAYOUTS.get(left.layout, (1, 1))
    layout = left.layout if left.layout in LAYOUTS else "1x1"
    session.set_layout(layout, left.first + rows * columns - 1)
    session.set_active(left.active)
    if left.maximised:
        session.set_maximised(maximised=True)
    for link in LINKS:
        session.set_link(link, on=link in left.links)
    session.set_own_axes(own=left.own_axes)
    session.set_cursor(left.cursor)
    session.set_place(left.place)
    for tool in get_args(ToolName):
        if tool == left.tool:
            session.set_tool(tool)
    if session.labels.label_set.find(left.label) is not None:
        session.edit_labels(lambda book: setattr(book, "label", left.label))


def _seat(session: Session, jobs: Jobs, one: PaneState) -> None:
    """Show in a viewport what it showed."""
    number = one.number
    if number >= VIEWPORTS:
        return
    session.put_pane(number, one.as_pane())
    session.project.unasked.add(number)
    take_models(session, jobs)
    if one.zoom is not None:
        session.project.zooms[number] = one.zoom
    if not session.panes[number].is_cut:
        sources.show_frame(session, jobs, number, one.index)
        return
    if one.plane != "slices":
        _turn_later(session, jobs, one)
    planes.show_plane(session, jobs, number, one.index)


def _turn_later(session: Session, jobs: Jobs, one: PaneState) -> None:
    """Planes are counted once the volume is there; then it is the one that was seen."""

    def follow(changes: Changes) -> None:
        pane = session.panes[one.number]
        left = (pane.source_id, pane.plane) != (one.source_id, one.plane)
        if left or pane.stack is not None:
            session.changed.disconnect(follow)
        if not left and pane.stack is not None and pane.index != one.index:
            planes.show_plane(session, jobs, one.number, one.index)

    session.changed.connect(follow)


def _say_changed(session: Session, wanted: set[str]) -> None:
    """A file in the old place with other bytes is another scan, without these labels."""
    entries = [session.project.entries[one] for one in wanted]
    if not entries:
        return
    hint = "Their labels belong to what was there before; find that again to see them."
    if len(entries) == 1:
        text = f"“{entries[0].title}” is not what it was: its files were changed or replaced."
        hint = "Its labels belong to what was there before; find that again to see them."
    else:
        text = f"{len(entries)} scans are not what they were: their files were changed or replaced."
    session.say(text, hint)
    session.edit_project(lambda book: book.lose(wanted))
