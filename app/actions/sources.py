"""Opening files and moving through their frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.actions.answers import recall
from app.actions.offering import load_methods
from app.actions.reading import read_ahead, read_frame
from app.actions.returning import leave
from app.early import first_index, opening_of
from app.jobs import Jobs
from app.messages import trouble
from app.object_places import own_pictures, scans_under
from app.session import Session
from inference.records import Frame, Opened, Preview, Source
from inference.requests import ThumbnailRequest

LAST = 9
"""Priority of thumbnails in the decode lane: after all that is looked at or read ahead."""


def open_paths(session: Session, jobs: Jobs, paths: tuple[str, ...]) -> None:
    """Open files and folders; their first source shows as soon as it is known."""
    intake = Intake(session, jobs, choose_source)
    jobs.start(
        "open",
        "decode",
        "open_sources",
        opening_of(paths),
        done=intake.finish,
        partial=intake.take,
        failed=session.say_error,
        title=f"Opening {Path(paths[0]).name}" + (" and more" if len(paths) > 1 else ""),
    )


class Intake:
    """Takes in what one opening brings, piece by piece; `show` is called for its first source."""

    def __init__(
        self, session: Session, jobs: Jobs, show: Callable[[Session, Jobs, str], None]
    ) -> None:
        self._session = session
        self._jobs = jobs
        self._show = show
        self._shown = False
        self._found = False
        self._first = ""
        """The first source that came."""
        self._pictures: list[str] = []
        """Sources that are only the pictures of an object."""
        self._objects: list[str] = []
        self._preview: Preview | None = None
        self._number = session.active

    def take(self, found: Opened | Preview) -> None:
        """Show a first picture, or add some sources and ask for their thumbnails."""
        if isinstance(found, Preview):
            self._preview = found
            leave(self._session, self._jobs)
            self._number = self._session.active
            self._session.set_preview(self._number, found)
            return
        session = self._session
        new = [source for source in found.sources if source.source_id not in session.sources]
        session.add_opened(found)
        self._found = self._found or bool(found.sources or found.objects)
        self._objects += [one.object_id for one in found.objects]
        own = own_pictures(session) if found.sources else frozenset()
        self._pictures += [one.source_id for one in found.sources if one.source_id in own]
        scans = tuple(one for one in found.sources if one.source_id not in own)
        if scans and not self._first:
            self._first = scans[0].source_id
        if not self._shown:
            self._show_one_of(scans)
        for source in new:
            read_thumbnail(session, self._jobs, source)

    def _show_one_of(self, sources: tuple[Source, ...]) -> None:
        """The source that the first picture belongs to; without a picture the first one."""
        preview = self._preview
        if preview is None:
            self._shown = bool(sources)
            if sources:
                self._show(self._session, self._jobs, sources[0].source_id)
            return
        source = next((source for source in sources if preview.ref in source.refs), None)
        if source is None:
            return
        self._shown = True
        if self._session.panes[self._number].preview is preview:
            index = source.refs.index(preview.ref)
            frame = replace(preview.frame, key=source.key(index), affine=source.frame_affine(index))
            turn_to(self._session, self._jobs, self._number, source.source_id, index)
            take_frame(self._session, self._jobs, self._number, frame)
            read_ahead(self._session, self._jobs, source, index, 1)

    def finish(self, opened: Opened) -> None:
        """Add what is left, and say what could not be opened."""
        self.take(opened)
        if not self._shown and self._preview is not None:
            self._drop_preview(self._preview)
        elif not self._shown:
            self._show_object()
        refused = opened.refused
        if refused and not self._found:
            more = len(refused) - 1
            hint = f"{more} more could not be opened either." if more else ""
            self._session.say(refused[0].reason, hint, "bad")
        elif refused:
            what = "1 file was" if len(refused) == 1 else f"{len(refused)} files were"
            hint = "The list of studies says which and why."
            self._session.say(f"{what} not opened; the rest is here.", hint, "plain")
        elif not self._found:
            self._session.say("There is nothing here that can be opened.", "", "bad")

    def _show_object(self) -> None:
        """Only objects came: the first that belongs over an open scan is drawn there."""
        session = self._session
        for object_id in self._objects:
            scans = scans_under(session, session.objects[object_id])
            if scans:
                seen = {session.panes[number].source_id for number in session.visible}
                session.show_object(object_id, on=True)
                if not any(scan.source_id in seen for scan in scans):
                    self._show(session, self._jobs, scans[0].source_id)
                return
        if self._pictures:
            self._show(session, self._jobs, self._pictures[0])

    def _drop_preview(self, preview: Preview) -> None:
        """The first picture belongs to no source after all: its file changed in between."""
        if self._session.panes[self._number].preview is not preview:
            return
        self._session.clear_pane(self._number)
        if self._first:
            self._show(self._session, self._jobs, self._first)


def choose_source(session: Session, jobs: Jobs, source_id: str) -> None:
    """Show another source in the active viewport; a comparison ends by it."""
    leave(session, jobs)
    number = session.active
    turn_to(session, jobs, number, source_id)
    show_frame(session, jobs, number, session.panes[number].index)


def turn_to(
    session: Session,
    jobs: Jobs,
    number: int,
    source_id: str,
    index: int | None = None,
) -> None:
    """Turn a viewport to another source, whose picture is still to come; None = its first one."""
    for what in ("predict", "explain", "methods", "layers"):
        jobs.cancel_slot(f"{what}-{number}")
    if index is None:
        index = first_index(session.sources[source_id])
    session.show_source(number, source_id, index)
    load_methods(session, jobs, number)


def show_frame(session: Session, jobs: Jobs, number: int, index: int) -> None:
    """Show another frame of the viewport's source; what is kept shows at once."""
    source = session.source_of(number)
    if source is None:
        return
    index = min(max(index, 0), source.frames - 1)
    step = 1 if index >= session.panes[number].index else -1
    kept = session.frames.get(source.key(index))
    if kept is not None:
        jobs.cancel_slot(f"frame-{number}")
        session.set_frame(number, kept, turned_to=True)
        recall(session, jobs, number)
    else:
        session.choose_index(number, index)
        read_frame(
            session,
            jobs,
            f"frame-{number}",
            source,
            index,
            take=lambda frame: take_frame(session, jobs, number, frame),
            fail=lambda error: session.set_frame_trouble(number, trouble(error)),
        )
    read_ahead(session, jobs, source, index, step)


def take_frame(session: Session, jobs: Jobs, number: int, frame: Frame) -> None:
    """Show a frame that has come, and look up what is known of it."""
    session.set_frame(number, frame)
    recall(session, jobs, number)


def read_thumbnail(session: Session, jobs: Jobs, source: Source) -> None:
    """Make the small picture of a source for the list, when there is time."""
    jobs.start(
        f"thumbnail-{source.source_id}",
        "decode",
        "thumbnail",
        ThumbnailRequest(source.source_id, source.refs[first_index(source)]),
        done=lambda picture: session.set_thumbnail(source.source_id, picture),
        failed=lambda error: None,  # the list shows the source without a picture
        priority=LAST,
    )
