"""Labels of slices on the planes through them, in the real window: exact, followed, undone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.actions import batches, labelling, models
from app.batches import Case
from app.label_book import LabelBook
from app.panes import Asked
from app.truths import truths_of
from inference.label_regions import label_region
from inference.mask_bits import mask_of, pack_mask
from inference.records import WHOLE, Annotation, Label, LabelSet
from tests.flows.conftest import Flow
from tests.flows.viewing import run, settled
from tests.inference.sources.dicom_writer import write_slice

ROWS, COLUMNS, SLICES = 20, 24, 10
SHAPE = (ROWS, COLUMNS)
LABELS = LabelSet(labels=(Label("nodule", (64, 196, 255)), Label("organ", (255, 167, 38))))
SAGITTAL = 2


def write_scan(folder: Path, depths: list[float]) -> Path:
    random = np.random.default_rng(5)
    for index, depth in enumerate(depths):
        write_slice(
            folder / f"{index}.dcm",
            random.integers(0, 400, SHAPE).astype(np.int16),
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0.0, 0.0, depth],
            PixelSpacing=[1.0, 1.0],
        )
    return folder


def ball(centre: tuple[int, int, int], radius: float) -> np.ndarray:
    places = np.indices((SLICES, *SHAPE)) - np.array(centre)[:, None, None, None]
    return np.asarray(np.linalg.norm(places, axis=0) <= radius)


def masks(source_id: str, volume: np.ndarray, label: str) -> tuple[Annotation, ...]:
    return tuple(
        Annotation(f"{label}{frame}", source_id, frame, "mask", label, mask=pack_mask(mask))
        for frame, mask in enumerate(volume)
        if mask.any()
    )


def begin(flow: Flow, scan: Path) -> str:
    flow.open(scan)
    source = flow.session.source_of(0)
    assert source is not None
    flow.wait(lambda: flow.session.frames.share(source) == 1.0)
    flow.session.edit_labels(lambda book: book.use(LABELS))
    run(flow, "mpr")
    return source.source_id


def shown(flow: Flow, number: int) -> dict[str, np.ndarray]:
    """The masks that a viewport's canvas draws, by label."""
    frame = flow.session.panes[number].frame
    assert frame is not None
    drawn = flow.session.panes[number].labels.annotations
    return {one.label: mask_of(one, frame.shape) for one in drawn}


def colours(flow: Flow, number: int) -> dict[tuple[int, int], int]:
    """What a viewport draws in the middle of each pixel below the words in its upper corners."""
    canvas = flow.window.review.viewports[number].canvas
    frame = flow.session.panes[number].frame
    assert frame is not None
    drawn = canvas.grab().toImage()
    found = {}
    for row in range(3, 8):
        for column in range(2, frame.shape[1] - 2):
            place = canvas.image_to_widget(column + 0.5, row + 0.5).toPoint()
            found[(row, column)] = drawn.pixel(place)
    return found


def seen(flow: Flow, number: int, volume: np.ndarray, label: str) -> bool:
    """Whether the sagittal plane shows just this; columns run to the left, slices to the head."""
    pane = flow.session.panes[number]
    if flow.window.jobs.is_running(f"frame-{number}") or pane.frame is None:
        return False
    wanted = volume[::-1, :, COLUMNS - 1 - pane.index]
    found = shown(flow, number).get(label, np.zeros(wanted.shape, bool))
    return np.array_equal(found, wanted)


def test_what_is_painted_on_slices_is_seen_across_them_and_followed(
    flow: Flow, tmp_path: Path
) -> None:
    source_id = begin(flow, write_scan(tmp_path / "scan", [float(n) for n in range(SLICES)]))
    nodule, organ = ball((4, 9, 11), 3.2), ball((5, 10, 12), 5.5)
    made = (*masks(source_id, nodule, "nodule"), *masks(source_id, organ, "organ"))
    labelling.put(flow.session, flow.window.jobs, "Brush", made)
    flow.wait(lambda: seen(flow, SAGITTAL, nodule, "nodule"))
    for index in (9, 11, 14):
        flow.window.review.grid.scroll_to(SAGITTAL, index)
        flow.wait(lambda: settled(flow))
        assert seen(flow, SAGITTAL, nodule, "nodule")
        assert seen(flow, SAGITTAL, organ, "organ")
    organ_here = shown(flow, SAGITTAL)["organ"] | shown(flow, SAGITTAL)["nodule"]
    tinted = colours(flow, SAGITTAL)
    flow.session.edit_labels(lambda book: setattr(book, "visible", False))
    plain = colours(flow, SAGITTAL)
    flow.session.edit_labels(lambda book: setattr(book, "visible", True))
    changed = {place for place, colour in tinted.items() if colour != plain[place]}
    wanted = {(int(row), int(column)) for row, column in np.argwhere(organ_here)}
    assert changed == wanted & set(tinted)
    wider = nodule.copy()
    wider[4] = ball((4, 9, 11), 6.0)[4]
    (change,) = (one for one in masks(source_id, wider, "nodule") if one.frame == 4)
    labelling.put(flow.session, flow.window.jobs, "Brush", (change,))
    flow.wait(lambda: seen(flow, SAGITTAL, wider, "nodule"))
    flow.press("Ctrl+Z")
    flow.wait(lambda: seen(flow, SAGITTAL, nodule, "nodule"))
    labelling.delete(flow.session, flow.window.jobs, [one.annotation_id for one in made])
    flow.wait(lambda: all(not flow.session.panes[n].labels.annotations for n in range(3)))


def test_uneven_slices_show_the_nearest_one(flow: Flow, tmp_path: Path) -> None:
    depths = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 9.0, 10.0, 11.0, 12.0]
    source_id = begin(flow, write_scan(tmp_path / "scan", depths))
    organ = ball((5, 10, 12), 4.0)
    labelling.put(flow.session, flow.window.jobs, "Brush", masks(source_id, organ, "organ"))
    pane = flow.session.panes[SAGITTAL]
    flow.wait(lambda: bool(flow.session.panes[SAGITTAL].labels.annotations) and settled(flow))
    pane = flow.session.panes[SAGITTAL]
    assert pane.stack is not None
    found = shown(flow, SAGITTAL)["organ"]
    places = pane.stack.origins[pane.index] + np.arange(len(found))[:, None] * pane.stack.row_mm
    away = np.abs(places[:, 2][:, None] - np.array(depths)[None, :])
    for row, distances in zip(found, away, strict=True):
        ties = np.flatnonzero(distances <= distances.min() + 1e-6)
        column = COLUMNS - 1 - pane.index
        assert any(np.array_equal(row, organ[deep, :, column]) for deep in ties)


def test_a_label_is_judged_by_and_taken_out(flow: Flow, case: Path, sample_model: str) -> None:
    flow.begin()
    flow.open(case)
    models.choose_model(flow.session, flow.window.jobs, 0, sample_model)
    frame = flow.pane.frame
    assert frame is not None
    flow.wait(lambda: frame.key[0] in flow.session.labels.ready)
    box = ((100.0, 140.0), (220.0, 260.0))
    drawn = Annotation("", *frame.key, "box", "nodule", box)
    labelling.put(flow.session, flow.window.jobs, "Box", (drawn,))
    (offered,) = (one for one in truths_of(flow.session, 0) if one.key == "label nodule")
    assert offered.title == "nodule, 1 slice"
    models.ask(flow.session, 0, Asked("saliency", 1, truth=offered.key))
    flow.press("E")
    flow.wait(lambda: flow.explained and not flow.window.jobs.is_running("explain-0"))
    made = flow.pane.attribution
    assert made is not None
    found = next(one for one in made.figures if one.name == "inside_ratio")
    area = label_region((drawn,), (frame.key[1],), frame.shape).mean()
    assert dict(found.details)["area"] == pytest.approx(float(area), rel=1e-6)


def test_a_batch_goes_by_the_labels_of_cases_nobody_looked_at(
    flow: Flow, case: Path, sample_model: str
) -> None:
    """The class is the truth of the case, and of two labels the region of its own is the reason."""
    flow.begin()
    flow.open(case)
    models.choose_model(flow.session, flow.window.jobs, 0, sample_model)
    card, frame = flow.session.card_of(0), flow.pane.frame
    assert card is not None
    assert frame is not None
    source_id = frame.key[0]
    flow.wait(lambda: source_id in flow.session.labels.ready)
    drawn = [
        Annotation("", source_id, 2, "box", "body", ((0.0, 0.0), (512.0, 512.0))),
        Annotation("", source_id, 0, "box", card.labels[1], ((100.0, 140.0), (220.0, 260.0))),
        Annotation("", source_id, WHOLE, "class", card.labels[1]),
    ]
    labelling.put(flow.session, flow.window.jobs, "Box", drawn)
    flow.wait(lambda: not flow.session.waiting.things)
    flow.session.labels = LabelBook()
    plan = batches.Plan(card, Asked("saliency"))
    batches.explain_cases(flow.session, flow.window.jobs, (Case(source_id),), plan)
    flow.wait(lambda: not flow.session.cases.running)
    (row,) = flow.session.cases.rows
    assert (row.label, row.frame, row.failed) == (card.labels[1], 0, False)
    place = ((source_id, 0), card.model_id)
    made = flow.session.results.attributions[place][-1]
    found = next(one for one in made.figures if one.name == "inside_ratio")
    assert dict(found.details)["area"] == pytest.approx(120 * 120 / 512**2, rel=1e-6)
