"""The stops of the tour at which an organ is labelled from the first slice to the planes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from app.actions import instances, labelling, painting, planes, sketching
from app.actions.label_sets import choose, take_from_model
from app.panes import Asked
from app.window_acts import choose_layout
from inference.mask_bits import pack_mask
from inference.painting.requests import SeedMethod
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from inference.records import Annotation, Label, LabelSet
from inference.sources.region_files import read_region
from inference.task import Task
from tests.tour.guide import Tour

METHODS: tuple[SeedMethod, ...] = ("grab_cut", "watershed", "random_walk")
VERTEBRA = (218.0, 296.0, 294.0, 362.0)
ENTRY = "label-organ"


def organ(tour: Tour) -> bool:
    """The steps of the walk, what is interpolated, and how it lies across the slices."""
    entry = next(one for one in tour.session.entries if one.name == ENTRY)
    if entry.walk is None or entry.status != "works":
        tour.skip("label-walk", entry.status)
        return True
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    before = session.labels.label_set
    window.start.entry_chosen.emit(ENTRY)
    reached = tour.wait(lambda: session.walk is not None and tour.all_shown())
    number, source = session.active, session.source_of(session.active)
    card = session.card_of(number)
    assert source is not None
    assert card is not None
    tour.take("label-walk")
    session.edit_labels(lambda book: book.use(LabelSet()))
    take_from_model(session, jobs, card)
    choose(session, entry.walk.label)
    known = tour.shared("label-walk", entry.walk.truth)
    assert known is not None
    truth = read_region(f"{known}#{entry.walk.value}", source, Task())
    for index in entry.walk.slices:
        mask = pack_mask(truth.mask[index - truth.first])
        one = Annotation("", source.source_id, index, "mask", entry.walk.label, mask=mask)
        labelling.put(session, jobs, "Brush", (one,))
    window.review.grid.scroll_to(number, entry.walk.slices[0] + 2)
    tour.settle(0.5)
    instances.interpolate(session, jobs)
    reached = tour.wait(lambda: len(session.labels.of_source(source.source_id)) == 5) and reached
    tour.run("tool_eraser")
    tour.take("label-interpolated")
    planes.toggle_mpr(session, jobs)
    crossed = (0, 2)  # the axial and the sagittal plane go through it
    reached = (
        tour.wait(lambda: all(session.panes[n].labels.annotations for n in crossed)) and reached
    )
    tour.take("label-planes")
    session.set_walk(None)
    planes.toggle_mpr(session, jobs)
    session.set_place("review")
    session.edit_labels(lambda book: book.use(before))
    return reached


def wand(tour: Tour) -> bool:
    """A box around a vertebra, made a region of in three ways; then it is what is judged by."""
    window, session, jobs = tour.window, tour.session, tour.window.jobs
    choose_layout(window, "1x1")
    before = session.labels.label_set
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "case"
        write_case(generate(37, 1, "none"), case)  # another than at other stops
        reached = tour.open(case)
        session.set_place("label")
        session.edit_labels(
            lambda book: book.use(LabelSet(labels=(Label("vertebra", (255, 167, 38)),)))
        )
        choose(session, "vertebra")
        tour.run("tool_wand")
        for method in METHODS:
            painting.edit_hand(session, method=method)
            sketching.surround(session, jobs, session.active, VERTEBRA)
            reached = tour.wait(lambda: _done(tour)) and reached
            tour.take(f"label-wand-{method.replace('_', '-')}")
            if method != METHODS[-1]:
                sketching.drop(session, jobs)
        sketching.take(session, jobs)
        session.set_place("review")
        window.review.panel.explaining.unfold(True)
        session.edit_question(session.active, asked=Asked("saliency", 0, truth="label vertebra"))
        tour.take("label-judged-by")
        painting.edit_hand(session, method="grab_cut")
        session.edit_labels(lambda book: book.use(before))
    return reached


def _done(tour: Tour) -> bool:
    sketch = tour.session.labels.sketch
    return sketch is not None and sketch.done


STOPS: tuple[Callable[[Tour], bool], ...] = (organ, wand)
