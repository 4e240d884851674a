"""Drives the real window through each job and state, and saves pictures to be looked at.

`./lepton tour DIR` leaves NAME-THEME-SIZE.png for every stop, dark and light, at both sizes.
Stops whose data are not here are named on standard error and left out.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.actions import answers, models, sources
from app.demo_case import real_scans
from app.lanes import child_lane, make_lanes
from app.panes import Asked
from app.store import Store
from app.window import begin, opened_window
from app.window_acts import choose_layout
from tests.tour.broken_files import broken_folder
from tests.tour.cases import STOPS as CASES
from tests.tour.combining import STOPS as COMBINING
from tests.tour.comparing import STOPS as COMPARING
from tests.tour.exchanging import STOPS as EXCHANGING
from tests.tour.experimenting import STOPS as EXPERIMENTING
from tests.tour.guide import SIZES, Tour
from tests.tour.label_tools import STOPS as LABEL_TOOLS
from tests.tour.label_walk import STOPS as LABEL_WALK
from tests.tour.labelling import STOPS as LABELLING
from tests.tour.network import network
from tests.tour.projects import STOPS as PROJECTS
from tests.tour.queueing import STOPS as QUEUEING
from tests.tour.reading import STOPS as READING


def take_pictures(folder: Path) -> int:
    """Take the tour; 0 if every stop was reached."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        os.environ["LEPTON_DATA_DIR"] = place
        store = Store(Path(place) / "project")
        children = {"decode": child_lane("decode", 2), "engine": child_lane("engine", 1)}
        with opened_window({**make_lanes(store), **children}, store) as (application, window):
            window.resize(*SIZES[0])
            window.show()
            tour = Tour(application, window, children, folder)
            reached = [stop(tour) for stop in STOPS]
    for stop, there in zip(STOPS, reached, strict=True):
        if not there:
            sys.stderr.write(f"not reached: {stop.__name__}\n")
    return 0 if all(reached) else 1


def start_page(tour: Tour) -> bool:
    """Empty, before anything was opened, and with the entries."""
    tour.settle(0.2)
    tour.take("start-empty")
    begin(tour.window)
    reached = tour.wait(lambda: bool(tour.window.session.cards and tour.window.session.devices))
    long = "a folder whose name is much longer than anybody would want it to be, 2026-11-20"
    tour.window.remember((f"/data/studies/{long}", "/data/studies/CT_head/0001.dcm"))
    tour.window.start.set_drop_active(True)
    tour.take("start-drop")
    tour.window.start.set_drop_active(False)
    tour.take("start")
    return reached


def review_empty(tour: Tour) -> bool:
    tour.window.show_review()
    tour.take("review-empty")
    return True


def refused(tour: Tour) -> bool:
    """A folder in which nothing, and then one in which something, can be opened."""
    with tempfile.TemporaryDirectory() as place:
        tour.window.open_paths((str(broken_folder(Path(place))),))
        reached = tour.wait(lambda: bool(tour.window.session.notes))
        tour.take("refused")
    for note in tour.window.session.notes:
        tour.window.session.dismiss(note.number)
    return reached


def demo_running(tour: Tour) -> bool:
    """The demo as its first coarse maps appear."""
    from app.demo import open_demo

    tour.window.show_review()
    demo = open_demo(tour.window.session, tour.window.jobs)
    ended: list[bool] = []
    demo.finished.connect(ended.append)
    session = tour.window.session
    tour.wait(lambda: session.panes[0].frame is not None and session.panes[1].frame is not None)
    tour.take("demo-running")
    reached = tour.wait(lambda: bool(ended)) and ended == [True]
    tour.take("demo")
    return reached


def demo_threshold(tour: Tour) -> bool:
    """The overlay with a threshold, and without any overlay."""
    session = tour.window.session
    for number in (0, 1):
        session.edit_view(number, threshold=0.4)
    tour.take("demo-threshold")
    for number in (0, 1):
        session.edit_view(number, threshold=0.0, overlay_visible=False)
    tour.take("demo-overlay-off")
    for number in (0, 1):
        session.edit_view(number, overlay_visible=True)
    return True


def every_method(tour: Tour) -> bool:
    """One viewport, each method."""
    window, session = tour.window, tour.window.session
    choose_layout(window, "1x1")
    reached = tour.wait(lambda: bool(session.panes[0].methods))
    for method in session.panes[0].methods:
        models.ask(session, 0, Asked(method.name, 1))
        answers.explain_current(session, window.jobs, 0)

        def done(name: str = method.name) -> bool:
            found = session.panes[0].attribution
            return found is not None and not found.coarse and found.provenance.method == name

        reached = tour.wait(done) and reached
        tour.take(f"method-{method.name}")
    return reached


def model_differs(tour: Tour) -> bool:
    """A real scan for which no model in the box was made."""
    window, session = tour.window, tour.window.session
    scans = real_scans()
    if not scans:
        tour.skip("model-differs", "pydicom has no scans with it")
        return True
    window.open_paths((scans[0],))
    reached = tour.wait(lambda: session.panes[0].frame is not None)
    tour.take("differs-before")
    answers.predict_current(session, window.jobs, 0)
    reached = tour.wait(lambda: session.panes[0].prediction is not None) and reached
    tour.take("differs-answer")
    return reached


def hippocampus(tour: Tour) -> bool:
    """A volume: segmentation and its explanation."""
    place = tour.shared(
        "hippocampus",
        "dicom/udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3/11_HCropVolume",
    )
    return place is None or _open_and_explain(tour, place, "hippocampus-mr", "hippocampus")


def chest(tour: Tour) -> bool:
    """A radiograph."""
    place = tour.shared("chest", "images/waliatushar+ai-pneumonia-detection/dataset/test/PNEUMONIA")
    if place is None:
        return True
    first = min(place.iterdir())
    return _open_and_explain(tour, first, "chest-xray-pneumonia", "chest")


def _open_and_explain(tour: Tour, place: Path, model_id: str, name: str) -> bool:
    window, session = tour.window, tour.window.session
    before = session.panes[0].source_id
    window.open_paths((str(place),))
    pane = tour.wait(
        lambda: session.panes[0].source_id != before and session.panes[0].frame is not None
    )
    models.choose_model(session, window.jobs, 0, model_id)
    answers.explain_current(session, window.jobs, 0)

    def done() -> bool:
        found = session.panes[0]
        return (
            found.prediction is not None
            and found.attribution is not None
            and not found.attribution.coarse
        )

    reached = tour.wait(done)
    tour.take(name)
    return pane and reached


def failure(tour: Tour) -> bool:
    """The engine is killed in the middle of an explanation."""
    window, session = tour.window, tour.window.session
    first = next(iter(session.sources))
    sources.choose_source(session, window.jobs, first)
    tour.wait(lambda: session.panes[0].frame is not None)
    models.choose_model(session, window.jobs, 0, "phantom-nodule")
    models.ask(session, 0, Asked("occlusion"))
    answers.explain_current(session, window.jobs, 0)
    tour.wait(lambda: any(job.done for job in window.jobs.running))
    for child in tour.lanes["engine"].process_ids:
        os.kill(child, signal.SIGSTOP)  # so that it cannot end while the pictures are taken
    tour.take("explaining")
    for child in tour.lanes["engine"].process_ids:
        os.kill(child, signal.SIGKILL)
    reached = tour.wait(lambda: session.panes[0].explain_trouble is not None)
    tour.take("failure")
    return reached


def palette(tour: Tour) -> bool:
    tour.window.show_palette()
    tour.settle(0.2)
    tour.take("palette")
    tour.window.palette_box.dismiss()
    return True


def dialogs(tour: Tour) -> bool:
    """All keys, about, and one's own model."""
    for name, show in (
        ("keys", tour.window.show_shortcuts),
        ("about", tour.window.show_about),
        ("add-model", tour.window.ask_for_model),
    ):
        show()
        tour.settle(0.2)
        dialog = tour.application.activeModalWidget()
        if dialog is None:
            return False
        tour.take(name, dialog)
        dialog.close()
    return True


STOPS: tuple[Callable[[Tour], bool], ...] = (
    start_page,
    *PROJECTS,
    review_empty,
    refused,
    demo_running,
    demo_threshold,
    every_method,
    model_differs,
    hippocampus,
    chest,
    network,
    *COMPARING,
    failure,
    *READING,
    *CASES,
    *COMBINING,
    *EXPERIMENTING,
    *LABELLING,
    *LABEL_WALK,
    *LABEL_TOOLS,
    *QUEUEING,
    *EXCHANGING,
    palette,
    dialogs,
)
