"""Scans that are not where they were: found again in another folder by what they are made of."""

from __future__ import annotations

from pathlib import Path

from app.actions import sources
from app.actions.going_on import go_on
from app.actions.projects import add_entries
from app.jobs import Jobs
from app.places import scratch_path
from app.project_entries import entry_of
from app.session import Session
from inference.records import Opened, Source
from inference.requests import OpenRequest


def find_missing(session: Session, jobs: Jobs, folder: str) -> None:
    """Look through a folder for the scans that are missing; the same bytes are the same scan."""
    missing, found = set(session.project.missing), list[Source]()

    def take(opened: Opened) -> None:
        new = [one for one in opened.sources if one.source_id in missing]
        missing.difference_update(one.source_id for one in new)
        found.extend(new)
        session.project.noted.update(one.source_id for one in new)
        if new:
            session.add_opened(Opened(tuple(new), ()))
        for source in new:
            sources.read_thumbnail(session, jobs, source)

    def finish(opened: Opened) -> None:
        take(opened)
        entries = tuple(entry_of(one, (folder,), scratch_path()) for one in found)
        if session.project.writable:
            add_entries(session, jobs, entries)
        else:
            session.edit_project(lambda book: book.take_entries(entries))
        _say_found(session, len(found), len(missing), Path(folder).name)
        if found and session.source_of(session.active) is None:
            _show(session, jobs, found[0].source_id)

    jobs.start(
        "relink",
        "decode",
        "open_sources",
        OpenRequest((folder,), str(scratch_path())),
        done=finish,
        partial=take,
        failed=session.say_error,
        title=f"Looking for scans in {Path(folder).name}",
    )


def _show(session: Session, jobs: Jobs, source_id: str) -> None:
    """Where nothing is in view: what was, if it was found, else the first that was."""
    left = session.project.left
    if left is not None and set(left.source_ids) & set(session.sources):
        go_on(session, jobs)
    else:
        sources.choose_source(session, jobs, source_id)


def _say_found(session: Session, found: int, missing: int, where: str) -> None:
    if not found:
        session.say(f"None of the missing scans is in “{where}”.", "Choose another folder.")
        return
    if found == 1:
        text = "1 scan was found; its labels are there again."
    else:
        text = f"{found} scans were found; their labels are there again."
    rest = "" if not missing else f"{missing} more {_are(missing)} still missing."
    session.say(text, rest, "doubtful" if missing else "good")


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
