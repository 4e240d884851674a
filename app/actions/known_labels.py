"""The nodules of a generated scan as annotations: drawn regions that are known to be right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np

from app.actions import labelling
from app.actions.acting import act
from app.acts import of_annotation, of_label_set
from app.jobs import Jobs
from app.label_sets import next_colour, with_labels
from app.session import Session
from inference.painting.outlines import outline
from inference.phantom.known_truth import NODULE, phantom_in
from inference.records import Annotation, Label, ObjectOverlay, SegmentPiece

WORDS = "Known truth of the phantom"
AUTHOR = "Lepton phantom"
LABEL = "nodule"


def label_known(session: Session, jobs: Jobs, source_id: str) -> None:
    """Draw the nodules of a phantom on its slices, as one act, unless some are drawn there.

    Nothing happens to other scans, or where the project cannot be changed.
    """
    request = phantom_in(session.sources[source_id])
    if request is None or not request.nodule or session.labels.read_only:
        return
    slot = f"known-labels-{source_id}"

    def compare(found: ObjectOverlay) -> None:
        def take(kept: tuple[Annotation, ...]) -> None:
            there = (*kept, *session.labels.of_source(source_id))
            if not any(one.author == AUTHOR or one.label == LABEL for one in there):
                _draw(session, jobs, found)

        jobs.start(
            slot, "store", "load_annotations", source_id, take, failed=lambda error: None
        )  # without them nothing is drawn: it could be there twice

    jobs.start(slot, "decode", "known_truth", request, done=compare)


def _draw(session: Session, jobs: Jobs, truth: ObjectOverlay) -> None:
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    made = [
        Annotation(
            labelling.new_id(),
            truth.source_id,
            piece.frame,
            "polygon",
            LABEL,
            points,
            author=AUTHOR,
            made_at=made_at,
        )
        for piece in truth.pieces
        if truth.segments[piece.segment] == NODULE
        for points in _outlines(piece)
    ]
    if not made or session.labels.read_only:
        return
    before = session.labels.label_set
    changes = [of_annotation(None, one) for one in made]
    if before.find(LABEL) is None:
        colour = next_colour([one.colour for one in before.labels])
        after = with_labels(before, (Label(LABEL, colour),))
        changes.insert(0, of_label_set(before, after))
    act(session, jobs, WORDS, changes, made[0].key)


def _outlines(piece: SegmentPiece) -> Iterator[tuple[tuple[float, float], ...]]:
    """The outlines of a piece on its frame, along the edges of its pixels; nodules are solid."""
    for polygon in outline(piece.mask > 0):
        points = np.add(polygon, (piece.column, piece.row))
        yield tuple((float(column), float(row)) for column, row in points)
