"""What to label next in the real window: predicted, ordered, accepted by one key, gone through."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from app.actions import accepting, labelling, models, prelabels
from app.queue import QueueRow
from inference.mask_bits import mask_of
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import WHOLE, Annotation
from tests.flows.conftest import Flow
from tests.flows.viewing import run

Start = Callable[[], AbstractContextManager[Flow]]
MODEL = "phantom-nodule"
SEEDS = (7, 8, 9)
VOLUME = "dicom/udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3/11_HCropVolume"


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """Three generated series of three slices."""
    for seed in SEEDS:
        write_case(generate(seed, 1, "none"), tmp_path / "scans" / str(seed))
    return tmp_path / "scans"


def label_place(flow: Flow, path: Path) -> None:
    """Open scans, choose the model, go to the place Label and have the model see all of them."""
    flow.begin()
    flow.open(path)
    flow.wait(lambda: len(flow.session.sources) == len(SEEDS))
    models.choose_model(flow.session, flow.window.jobs, flow.session.active, MODEL)
    run(flow, "place_label")
    flow.wait(lambda: len(rows(flow)) == len(SEEDS))
    flow.window.review.queue.ask_requested.emit()
    flow.wait(lambda: all(row.answer for row in rows(flow)))


def rows(flow: Flow) -> tuple[QueueRow, ...]:
    return flow.session.queue.queue.rows


def said(flow: Flow) -> tuple[Annotation, ...]:
    book = flow.session.labels
    return tuple(one for source in flow.session.sources for one in book.on((source, WHOLE)))


def proposed(flow: Flow) -> tuple[str, ...]:
    found = prelabels.on_frame(flow.session, flow.session.active)
    return tuple(one.annotation.label for one in found)


def loaded(flow: Flow) -> tuple[Annotation, ...]:
    """What is said of all scans in the list, also of those that are not open."""
    book = flow.session.labels
    for row in rows(flow):
        if row.source_id not in book.recalled:
            labelling.load(flow.session, flow.window.jobs, row.source_id)
    flow.wait(lambda: all(row.source_id in book.ready for row in rows(flow)))
    return tuple(one for row in rows(flow) for one in book.on(row.key))


def settled(flow: Flow) -> None:
    """All is on the disk, and the queue says so."""
    flow.wait(lambda: not flow.session.waiting.things)
    count = len({one.source_id for one in said(flow)})
    flow.wait(lambda: flow.session.queue.queue.labelled == count)


def test_from_the_queue_to_labels_that_are_there_again(start: Start, scans: Path) -> None:
    with start() as flow:
        label_place(flow, scans)
        entropies = [row.entropy for row in rows(flow)]
        assert entropies == sorted(entropies, key=lambda one: -(one or 0.0))

        first = rows(flow)[0].source_id
        flow.window.review.queue.chosen.emit(rows(flow)[0].key)
        flow.wait(lambda: flow.pane.source_id == first and flow.pane.prediction is not None)
        answer = rows(flow)[0].answer
        assert proposed(flow) == (answer,)
        flow.press("Y")
        made = said(flow)[0]
        assert (made.source_id, made.label) == (first, answer)
        assert flow.session.labels.label_set.find(answer) is not None  # it came in the same act
        assert made.made_from is not None
        assert (made.made_from.model_id, made.made_from.label) == (MODEL, answer)
        assert made.made_from.score == pytest.approx(rows(flow)[0].score)
        flow.wait(lambda: flow.pane.source_id == rows(flow)[1].source_id)
        settled(flow)

        flow.press("Ctrl+Z")
        flow.wait(lambda: not said(flow) and flow.pane.source_id == first)
        flow.wait(lambda: proposed(flow) == (answer,))
        assert flow.session.labels.label_set.labels == ()
        flow.press("X")
        assert proposed(flow) == ()
        assert len(accepting.in_queue(flow.session)) == len(SEEDS)
        settled(flow)
        flow.wait(lambda: len(accepting.in_queue(flow.session)) == len(SEEDS) - 1)
        flow.press("Ctrl+Z")
        assert proposed(flow) == (answer,)

        prelabels.edit(flow.session, threshold=0.01)
        settled(flow)
        flow.wait(lambda: len(accepting.in_queue(flow.session)) == len(SEEDS))
        flow.window.review.proposals.all_accepted.emit("queue")
        assert accepting.in_queue(flow.session) == ()
        flow.wait(lambda: flow.session.queue.queue.labelled == len(SEEDS))
        kept = {one.annotation_id for one in loaded(flow)}

    with start() as again:
        run(again, "place_label")
        again.wait(lambda: again.session.queue.queue.labelled == len(SEEDS))
        found = loaded(again)
        assert {one.annotation_id for one in found} == kept
        assert all(one.made_from is not None for one in found)


def test_next_goes_round_what_is_labelled(start: Start, scans: Path) -> None:
    with start() as flow:
        label_place(flow, scans)
        flow.window.review.queue.order_chosen.emit("name")
        flow.wait(lambda: not flow.window.jobs.is_running("queue"))
        ids = [row.source_id for row in rows(flow)]
        flow.window.review.queue.chosen.emit((ids[0], WHOLE))
        flow.wait(lambda: flow.pane.source_id == ids[0])
        made = Annotation("", ids[1], WHOLE, "class", "normal")
        labelling.put(flow.session, flow.window.jobs, "Class", (made,))
        flow.press("N")
        flow.wait(lambda: flow.pane.source_id == ids[2])
        flow.press("Shift+N")
        flow.wait(lambda: flow.pane.source_id == ids[0])
        flow.window.review.queue.show_chosen.emit("show:unlabelled")
        flow.wait(lambda: [row.source_id for row in rows(flow)] == [ids[0], ids[2]])
        assert flow.session.queue.queue[1:] == (1, 3)
        flow.window.review.queue.show_chosen.emit("label:normal")
        flow.wait(lambda: {row.source_id for row in rows(flow)} == {ids[0], ids[1]})


def test_a_scan_that_cannot_be_asked_about_holds_up_no_other(start: Start, scans: Path) -> None:
    """Scans of the project that are not open are read for the model; one is gone meanwhile."""
    with start() as flow:
        flow.begin()
        flow.open(scans)
        flow.wait(lambda: len(flow.session.project.entries) == len(SEEDS))
        ids = tuple(flow.session.project.entries)
        flow.wait(lambda: not flow.session.waiting.things)
    with start() as flow:
        flow.begin()
        flow.wait(lambda: len(flow.session.project.entries) == len(SEEDS))
        flow.open(scans / str(SEEDS[0]))
        models.choose_model(flow.session, flow.window.jobs, flow.session.active, MODEL)
        run(flow, "place_label")
        flow.wait(lambda: len(rows(flow)) == len(SEEDS))
        gone = next(one for one in ids if one not in flow.session.sources)
        for path in flow.session.project.entries[gone].paths:
            Path(path).unlink()
        run(flow, "ask_all")
        flow.hear("1 of 3 scans could not be asked about.")
        flow.wait(lambda: sum(bool(row.answer) for row in rows(flow)) == len(SEEDS) - 1)
        assert len(flow.session.sources) == 1


def test_regions_follow_the_threshold_and_are_taken(start: Start, shared_data: Path) -> None:
    """The region of each threshold is that of the soft map, pixel for pixel; slices go together."""
    volume = shared_data / VOLUME
    with start() as flow:
        session = flow.session
        flow.begin()
        flow.open(volume)
        models.choose_model(session, flow.window.jobs, 0, "hippocampus-mr")
        run(flow, "place_label", "predict")
        flow.wait(lambda: bool(proposed(flow)))
        card, frame = session.card_of(0), flow.pane.frame
        assert card is not None
        assert frame is not None
        soft = session.prelabels.soft_map(frame.key, card)
        assert soft is not None
        areas = []
        for threshold in (0.2, 0.5, 0.8):
            prelabels.edit(session, threshold=threshold)
            (one, *_) = prelabels.on_frame(session, 0)
            at = soft.labels.index(one.made_from.label)
            expected = soft.shares[at] / 255 >= threshold
            assert (mask_of(one.annotation, frame.shape) == expected).all()
            areas.append(int(expected.sum()))
        assert areas == sorted(areas, reverse=True)
        flow.press("C")
        (made,) = session.labels.chosen
        assert made.made_from is not None
        assert made.made_from.threshold == 0.8
        assert session.tool == "brush"
        assert made.label not in proposed(flow)
        flow.press("Ctrl+Z")

        prelabels.edit(session, threshold=0.5)
        flow.window.review.proposals.all_accepted.emit("scan")
        flow.wait(lambda: len({one.frame for one in session.labels.of_source(frame.key[0])}) > 5)
        book = session.labels
        masks = [one for one in book.of_source(frame.key[0]) if one.label == made.label]
        assert len({one.instance for one in masks}) == 1
        flow.press("Ctrl+Z")
        assert not book.of_source(frame.key[0])
