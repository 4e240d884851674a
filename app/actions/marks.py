"""Measures, key images and calibrations: made, changed, kept at once, and brought back."""

from __future__ import annotations

import uuid
from dataclasses import replace

from app.actions.keeping import keep
from app.jobs import Jobs
from app.marks import CALIBRATION, OWN_SLICES, key_image_mark, measure_mark, source_of
from app.session import Session
from app.store import Mark
from inference.errors import UserError
from inference.measures import calibration_by_hand
from inference.records import Calibration, Measure


def load_new(session: Session, jobs: Jobs) -> None:
    """Bring back what was marked before on the sources in sight, once for each."""
    for number in session.visible:
        source_id = session.panes[number].source_id
        if source_id is None or source_id in session.marks.recalled:
            continue
        session.marks.recalled.add(source_id)
        jobs.start(
            f"marks-{source_id}",
            "store",
            "load_marks",
            source_id,
            done=lambda found: session.edit_marks(lambda book: book.add(found)),
            failed=lambda error: None,  # the store says so when something is to be saved
        )


def keep_measure(session: Session, jobs: Jobs, measure: Measure) -> None:
    """A measure was drawn or changed; one without an id is new."""
    if not measure.measure_id:
        measure = replace(measure, measure_id=uuid.uuid4().hex[:12])
    session.edit_marks(lambda book: book.put(measure))
    keep(session, jobs, "save_mark", measure_mark(measure))


def delete_measure(session: Session, jobs: Jobs, measure_id: str) -> None:
    measure = session.marks.find(measure_id)
    if measure is not None:
        session.edit_marks(lambda book: book.remove(measure_id))
        keep(session, jobs, "save_mark", measure_mark(measure, kept=False))


def toggle_key_image(session: Session, jobs: Jobs) -> None:
    """Mark the frame of the active viewport as one to be found again, or no longer."""
    frame = session.panes[session.active].frame
    if frame is not None:
        key, on = frame.key, frame.key not in session.marks.key_images
        session.edit_marks(lambda book: book.set_key_image(key, on=on))
        keep(session, jobs, "save_mark", key_image_mark(key, on=on))


def calibrate(session: Session, jobs: Jobs, measure: Measure, length_mm: float) -> None:
    """Say how long a drawn length is in truth; all lengths of its source follow."""
    frame = session.panes[session.active].frame
    if frame is None or measure.kind != "length" or len(measure.points) != 2:
        raise UserError("There is no length to calibrate by.", "Draw one over a known distance.")
    source_id = source_of(measure.key)
    if measure.key[0] not in (source_id, f"{source_id}/{OWN_SLICES}"):
        raise UserError(
            "A plane through the scan cannot be calibrated.",
            "Draw a known distance on one of the scan's own slices.",
        )
    first, last = measure.points
    own = calibration_by_hand((first, last), frame, length_mm)
    _set_calibration(session, jobs, source_id, own)


def forget_calibration(session: Session, jobs: Jobs) -> None:
    """Go back to the calibration of the file."""
    source_id = session.panes[session.active].source_id
    if source_id in session.marks.calibrations:
        _set_calibration(session, jobs, source_id, None)


def _set_calibration(
    session: Session, jobs: Jobs, source_id: str, calibration: Calibration | None
) -> None:
    session.edit_marks(lambda book: book.set_calibration(source_id, calibration))
    keep(session, jobs, "save_mark", Mark(source_id, CALIBRATION, calibration))
