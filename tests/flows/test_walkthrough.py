"""The walk through labelling in the real window: each step is ticked once it is done."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.actions import exchanging, labelling, models
from app.actions.label_sets import choose, take_from_model
from app.walkthrough import Walking, steps_of
from inference.entry import LabelWalk
from inference.exchange.table import FORMATS
from inference.mask_bits import pack_mask
from inference.records import Annotation, MadeFrom
from tests.flows.conftest import Flow

WALK = LabelWalk("", "anterior", 1, (9, 13), 0.9)


def ticked(flow: Flow) -> list[bool]:
    return [done for _, done in flow.window.review.labels.walk.steps]


def painted(source_id: str, frame: int, made_from: MadeFrom | None = None) -> Annotation:
    mask = np.zeros((48, 35), dtype=bool)
    mask[10:20, 10:20] = True
    return Annotation(
        *("", source_id, frame, "mask", "anterior"), mask=pack_mask(mask), made_from=made_from
    )


def test_each_step_is_ticked_once_it_is_done(flow: Flow, shared_data: Path, tmp_path: Path) -> None:
    session, jobs = flow.session, flow.window.jobs
    flow.begin()
    models.load_entries(session, jobs)
    flow.wait(lambda: bool(session.entries))
    flow.window.start.entry_chosen.emit("label-organ")
    flow.wait(lambda: flow.pane.frame is not None and session.walk is not None)
    assert session.place == "label"
    source_id = flow.pane.source_id
    assert source_id is not None
    flow.wait(lambda: source_id in session.labels.ready)
    shown = flow.window.review.labels.walk
    assert shown.isVisibleTo(flow.window)
    assert ticked(flow) == [False] * 6

    card = session.card_of(0)
    assert card is not None
    assert card.model_id == "hippocampus-mr"
    take_from_model(session, jobs, card)
    choose(session, "anterior")
    assert ticked(flow) == [True, *[False] * 5]
    for frame in (9, 13):
        labelling.put(session, jobs, "Brush", [painted(source_id, frame)])
    assert ticked(flow) == [True, True, True, False, False, False]
    labelling.put(session, jobs, "Interpolate", [painted(source_id, n) for n in (10, 11, 12)])
    assert ticked(flow)[3]
    made = MadeFrom(card.model_id, card.sha256, "anterior", 0.9, "2026-01-01T00:00:00+00:00")
    labelling.put(session, jobs, "Accept", [painted(source_id, 15, made)])
    flow.wait(lambda: not session.waiting.things)
    place = tmp_path / "out"
    exchanging.export_labels(session, jobs, FORMATS["nifti"], place, (source_id,), named=False)
    flow.wait(lambda: ticked(flow) == [True] * 6)
    flow.press("Ctrl+Z")
    flow.wait(lambda: not ticked(flow)[4])
    shown.closed.emit()
    assert session.walk is None
    assert not shown.isVisibleTo(flow.window)


def test_what_a_model_made_is_no_painting(flow: Flow) -> None:
    made = MadeFrom("m", "", "anterior", 0.9, "")
    book = flow.session.labels
    book.add("s", [painted("s", frame, made) for frame in range(9, 14)])
    walking = Walking("Walk", "s", WALK)
    done = [one.done for one in steps_of(walking, book)]
    assert done == [True, False, False, False, True, False]
