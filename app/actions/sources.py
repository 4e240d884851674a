"""Opening files and moving through their frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from app.actions.answers import recall
from app.actions.models import load_methods
from app.early import first_index
from app.jobs import Jobs
from app.messages import trouble
from app.session import Session
from inference.records import Frame, Opened, Source
from inference.requests import OpenRequest, ThumbnailRequest, read_request

PREFETCH = 3
"""Frames read ahead in the direction of travel."""
LATER, LAST = 5, 9
"""Priorities in the decode lane: what is looked at comes before reading ahead and thumbnails."""


def open_paths(session: Session, jobs: Jobs, paths: tuple[str, ...]) -> None:
    """Open files and folders; their first source shows as soon as it is known."""
    intake = Intake(session, jobs, choose_source)
    jobs.start(
        "open",
        "decode",
        "open_sources",
        OpenRequest(paths),
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

    def take(self, opened: Opened) -> None:
        """Add some sources, and ask for their thumbnails."""
        session = self._session
        new = [source for source in opened.sources if source.source_id not in session.sources]
        session.add_opened(opened)
        if opened.sources and not self._shown:
            self._shown = True
            self._show(session, self._jobs, opened.sources[0].source_id)
        for source in new:
            _read_thumbnail(session, self._jobs, source)

    def finish(self, opened: Opened) -> None:
        """Add what is left, and say what could not be opened."""
        self.take(opened)
        refused = opened.refused
        if refused and not opened.sources:
            more = len(refused) - 1
            hint = f"{more} more could not be opened either." if more else ""
            self._session.say(refused[0].reason, hint, "bad")
        elif refused:
            what = "1 file was" if len(refused) == 1 else f"{len(refused)} files were"
            hint = "The list of studies says which and why."
            self._session.say(f"{what} not opened; the rest is here.", hint, "plain")
        elif not opened.sources:
            self._session.say("There is nothing here that can be opened.", "", "bad")


def choose_source(session: Session, jobs: Jobs, source_id: str) -> None:
    """Show another source in the active viewport."""
    number = session.active
    turn_to(session, jobs, number, source_id)
    show_frame(session, jobs, number, session.panes[number].index)


def turn_to(session: Session, jobs: Jobs, number: int, source_id: str) -> None:
    """Turn a viewport to another source, whose first picture is still to come."""
    for what in ("predict", "explain", "methods", "layers"):
        jobs.cancel_slot(f"{what}-{number}")
    session.show_source(number, source_id, first_index(session.sources[source_id]))
    load_methods(session, jobs, number)


def show_frame(session: Session, jobs: Jobs, number: int, index: int) -> None:
    """Show another frame of the viewport's source; what is kept shows at once."""
    source = session.source_of(number)
    if source is None:
        return
    index = min(max(index, 0), source.frames - 1)
    forward = index >= session.panes[number].index
    session.choose_index(number, index)
    kept = session.frames.get(source.key(index))
    if kept is not None:
        jobs.cancel_slot(f"frame-{number}")
        take_frame(session, jobs, number, kept)
    else:
        jobs.start(
            f"frame-{number}",
            "decode",
            "read_frames",
            read_request(source, (index,)),
            done=lambda frames: take_frame(session, jobs, number, frames[0]),
            failed=lambda error: session.set_frame_trouble(number, trouble(error)),
        )
    _read_ahead(session, jobs, number, source, index, forward=forward)


def take_frame(session: Session, jobs: Jobs, number: int, frame: Frame) -> None:
    """Show a frame that has come, and look up what is known of it."""
    session.set_frame(number, frame)
    recall(session, jobs, number)


def step(session: Session, jobs: Jobs, frames: int) -> None:
    """Scroll the active viewport."""
    number = session.active
    show_frame(session, jobs, number, session.panes[number].index + frames)


def _read_ahead(
    session: Session, jobs: Jobs, number: int, source: Source, index: int, *, forward: bool
) -> None:
    steps = range(1, PREFETCH + 1) if forward else range(-1, -PREFETCH - 1, -1)
    wanted = tuple(
        index + offset
        for offset in steps
        if 0 <= index + offset < source.frames
        and session.frames.get(source.key(index + offset)) is None
    )
    if not wanted:
        return

    def done(frames: tuple[Frame, ...]) -> None:
        for frame in frames:
            session.frames.add(frame)

    jobs.start(
        f"ahead-{number}",
        "decode",
        "read_frames",
        read_request(source, wanted),
        done,
        failed=lambda error: None,  # said when the frame is asked for
        priority=LATER,
    )


def _read_thumbnail(session: Session, jobs: Jobs, source: Source) -> None:
    jobs.start(
        f"thumbnail-{source.source_id}",
        "decode",
        "thumbnail",
        ThumbnailRequest(source.source_id, source.refs[first_index(source)]),
        done=lambda picture: session.set_thumbnail(source.source_id, picture),
        failed=lambda error: None,  # the list shows the source without a picture
        priority=LAST,
    )
