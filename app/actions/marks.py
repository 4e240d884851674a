"""Measures, key images and calibrations: made, changed, kept at once, and brought back."""

from __future__ import annotations

import uuid
from dataclasses import replace

from app.actions.acting import act
from app.acts import Mark, of_mark
from app.jobs import Jobs
from app.marks import CALIBRATION, OWN_SLICES, key_image_mark, measure_mark, source_of
from app.session import Session
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
    before = session.marks.as_kept(measure.measure_id)
    words = WORDS[measure.kind] if before is None else f"Move the {measure.kind}"
    old = measure_mark(before) if before is not None else None
    act(session, jobs, words, (of_mark(old, measure_mark(measure)),), measure.key)


def delete_measure(session: Session, jobs: Jobs, measure_id: str) -> None:
    measure = session.marks.as_kept(measure_id)
    if measure is not None:
        gone = of_mark(measure_mark(measure), None)
        act(session, jobs, f"Delete the {measure.kind}", (gone,), measure.key)


def toggle_key_image(session: Session, jobs: Jobs) -> None:
    """Mark the frame of the active viewport as one to be found again, or no longer."""
    frame = session.panes[session.active].frame
    if frame is not None:
        mark, on = key_image_mark(frame.key), frame.key in session.marks.key_images
        change = of_mark(mark, None) if on else of_mark(None, mark)
        act(session, jobs, "Key image", (change,), frame.key)


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
    kept = session.marks.calibrations.get(source_id)
    before, after = (
        Mark(source_id, CALIBRATION, one) if one is not None else None
        for one in (kept, calibration)
    )
    act(session, jobs, "Calibration", (of_mark(before, after),), None)


WORDS = {
    "length": "Length",
    "angle": "Angle",
    "rectangle": "Rectangle",
    "ellipse": "Ellipse",
    "polygon": "Polygon",
}
