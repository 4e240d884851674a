"""DICOM objects: laid over the scans that they belong to, or opened to be read."""

from __future__ import annotations

from collections.abc import Callable

from app.jobs import Error, Job, Jobs
from app.session import Session
from inference.records import DicomObject, ReportText, Source
from inference.requests import ObjectRequest, ReportRequest

DRAWN = frozenset({"segmentation", "structure_set", "parametric_map"})
"""Kinds of objects that draw something over a scan."""


def belongs(found: DicomObject, source: Source) -> bool:
    """Whether an object lies over a source: by the series it names, or by its space."""
    if found.kind not in DRAWN or any(ref.path == found.path for ref in source.refs[:1]):
        return False
    if source.series_uid and source.series_uid in found.series_uids:
        return True
    return bool(found.frame_of_reference) and found.frame_of_reference == source.frame_of_reference


def toggle_object(session: Session, jobs: Jobs, object_id: str, on: bool) -> None:
    """Draw an object over what is open, or no longer."""
    found = session.objects[object_id]
    session.show_object(object_id, on=on)
    if not on:
        return
    if not any(belongs(found, source) for source in session.sources.values()):
        session.show_object(object_id, on=False)
        session.say(
            f"“{found.title}” belongs to a series that is not open.",
            "Open the folder that holds that series as well.",
            "plain",
        )
        return
    load_overlays(session, jobs)


def load_overlays(session: Session, jobs: Jobs) -> None:
    """Read what the objects that are on draw over the sources in sight."""
    for number in session.visible:
        source = session.source_of(number)
        if source is None:
            continue
        for object_id in session.shown_objects:
            found = session.objects[object_id]
            slot = f"overlay-{object_id}-{source.source_id}"
            known = (object_id, source.source_id) in session.overlays or jobs.is_running(slot)
            if not known and belongs(found, source):
                jobs.start(
                    slot,
                    "decode",
                    "read_overlay",
                    ObjectRequest(found, source),
                    done=session.add_overlay,
                    failed=session.say_error,
                    title=f"Laying “{found.title}” over the scan",
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
