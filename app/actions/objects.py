"""DICOM objects: laid over the scans that they belong to, or opened to be read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from app.actions import moving, sources, truths
from app.jobs import Error, Job, Jobs
from app.linking import index_at
from app.object_places import scans_under
from app.session import Session
from inference.mpr.lines import from_frame
from inference.records import DicomObject, ObjectOverlay, ReportText, Source
from inference.requests import ObjectRequest, ReportRequest


def toggle_object(session: Session, jobs: Jobs, object_id: str, on: bool) -> None:
    """Draw an object over what is open, or no longer; its scan comes into sight."""
    found = session.objects[object_id]
    scans = scans_under(session, found) if on else ()
    if on and not scans:
        session.say(
            f"“{found.title}” belongs to a series that is not open.",
            "Open the folder that holds that series as well.",
            "plain",
        )
        return
    session.show_object(object_id, on=on)
    shown = {session.panes[number].source_id for number in session.visible}
    if on and not any(scan.source_id in shown for scan in scans):
        sources.choose_source(session, jobs, scans[0].source_id)


def load_overlays(session: Session, jobs: Jobs) -> None:
    """Read what the objects that are on draw over the sources in sight, and what is true there."""
    for object_id in session.shown_objects:
        found = session.objects[object_id]
        scans = {scan.source_id: scan for scan in scans_under(session, found)}
        for number in session.visible:
            source = scans.get(session.panes[number].source_id or "")
            if source is not None:
                _load_overlay(session, jobs, found, source)
    truths.load_known(session, jobs)


def go_to_segment(session: Session, jobs: Jobs, object_id: str, segment: int) -> None:
    """Turn the active viewport to where a segment is largest."""
    number = session.active
    source, pane = session.source_of(number), session.panes[number]
    overlay = session.overlays.get((object_id, pane.source_id or ""))
    largest = None if overlay is None else _largest(overlay, segment)
    if source is None or largest is None:
        session.say("This segment does not lie on any slice of the scan in sight.", "", "plain")
        return
    index, column, row = largest
    if pane.is_cut:
        affine = source.frame_affine(index)
        there = None if affine is None else from_frame(affine, column, row)
        index = pane.index if there is None else index_at(pane, source, there) or 0
    moving.scroll(session, jobs, number, index)


def show_key_images(session: Session, jobs: Jobs, object_id: str) -> None:
    """Mark the frames that a key object selection names, and go to the first.

    They are marked as long as the program runs: the selection itself is what keeps them.
    """
    found = session.objects[object_id]
    scans = [one for one in session.sources.values() if one.series_uid in found.series_uids]
    if not scans:
        session.say(
            f"“{found.title}” names images of a series that is not open.",
            "Open the folder that holds that series as well.",
            "plain",
        )
    answers: dict[str, tuple[int, ...]] = {}

    def take(source_id: str, indices: tuple[int, ...]) -> None:
        answers[source_id] = indices
        if len(answers) == len(scans):
            _mark_key_images(session, jobs, found, answers)

    for scan in scans:
        jobs.start(
            f"key-frames-{object_id}-{scan.source_id}",
            "decode",
            "key_frames",
            ObjectRequest(found, scan),
            done=partial(take, scan.source_id),
            failed=session.say_error,
        )


def read_report(
    jobs: Jobs,
    found: DicomObject,
    show: Callable[[ReportText], None],
    fail: Callable[[Error], None],
) -> Job:
    """Fetch a structured report as lines to read."""
    return jobs.start(
        f"report-{found.object_id}",
        "decode",
        "read_report",
        ReportRequest(found.path),
        done=show,
        failed=fail,
    )


def _load_overlay(session: Session, jobs: Jobs, found: DicomObject, source: Source) -> None:
    slot = f"overlay-{found.object_id}-{source.source_id}"
    if (found.object_id, source.source_id) in session.overlays or jobs.is_running(slot):
        return

    def failed(error: Error) -> None:
        session.show_object(found.object_id, on=False)
        session.say_error(error)

    jobs.start(
        slot,
        "decode",
        "read_overlay",
        ObjectRequest(found, source),
        done=session.add_overlay,
        failed=failed,
        title=f"Laying “{found.title}” over the scan",
    )


def _largest(overlay: ObjectOverlay, segment: int) -> tuple[int, float, float] | None:
    """The frame on which a segment covers most, and its middle there as (column, row)."""
    areas: dict[int, list[tuple[float, float, float]]] = {}
    for piece in overlay.pieces:
        if piece.segment == segment:
            rows, columns = piece.mask.shape
            middle = (piece.column + columns / 2, piece.row + rows / 2)
            areas.setdefault(piece.frame, []).append((float(piece.mask.sum(dtype=float)), *middle))
    for contour in overlay.contours:
        if contour.segment == segment:
            x, y = contour.points[:, 0].astype(float), contour.points[:, 1].astype(float)
            area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
            middle = (float(x.mean()), float(y.mean()))
            areas.setdefault(contour.frame, []).append((area, *middle))
    if not areas:
        return None
    frame = max(areas, key=lambda index: sum(area for area, _, _ in areas[index]))
    _, column, row = max(areas[frame])
    return (frame, column, row)


def _mark_key_images(
    session: Session, jobs: Jobs, found: DicomObject, answers: dict[str, tuple[int, ...]]
) -> None:
    keys = [(source_id, index) for source_id, indices in answers.items() for index in indices]
    if not keys:
        session.say(
            f"The images that “{found.title}” names are not among those that are open.",
            "Open the folder that holds them as well.",
            "plain",
        )
        return
    session.edit_marks(lambda book: book.key_images.update(keys))
    here = session.panes[session.active].source_id
    source_id, index = next((key for key in keys if key[0] == here), keys[0])
    if source_id != here or session.panes[session.active].is_cut:
        sources.turn_to(session, jobs, session.active, source_id, index)
        sources.show_frame(session, jobs, session.active, index)
    else:
        moving.scroll(session, jobs, session.active, index)
    what = "1 key image is" if len(keys) == 1 else f"{len(keys)} key images are"
    hint = "“Next key image” goes on to the others." if len(keys) > 1 else ""
    session.say(f"{what} marked by “{found.title}”.", hint, "plain")
