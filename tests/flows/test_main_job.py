"""A person's whole path: drop a folder, scroll, predict, explain, look, cancel, quit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.actions import answers, models, sources
from app.panes import Asked
from inference.records import Attribution, Window
from tests.flows.conftest import Flow
from tests.tour.broken_files import broken_folder

ROOT = Path(__file__).resolve().parents[2]


def pixels(image: QImage) -> np.ndarray:
    found = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(found.constBits(), np.uint8).reshape(found.height(), -1)
    return rows[:, : found.width() * 3].reshape(found.height(), found.width(), 3).astype(int)


def colour_at(flow: Flow, column: float, row: float) -> np.ndarray:
    canvas = flow.window.review.viewports[flow.session.active].canvas
    place = canvas.image_to_widget(column, row).toPoint()
    found: np.ndarray = pixels(canvas.grab().toImage())[place.y(), place.x()]
    return found


def hue(colour: np.ndarray) -> int:
    return int(colour.max() - colour.min())


def test_drop_scroll_predict_explain_look_cancel_quit(
    flow: Flow, case: Path, sample_model: str
) -> None:
    flow.begin()
    flow.open(case)
    assert flow.pane.frame is not None
    assert flow.pane.frame.key[1] == 1, "the middle slice shows first"
    flow.press("Down")
    flow.wait(lambda: flow.pane.frame is not None and flow.pane.frame.key[1] == 2)
    flow.press("Up", "Up")
    flow.wait(lambda: flow.pane.frame is not None and flow.pane.frame.key[1] == 0)
    flow.choose(sample_model)

    flow.press("P")
    flow.wait(lambda: flow.pane.prediction is not None)
    assert flow.pane.prediction is not None
    assert flow.pane.prediction.scores.sum() == pytest.approx(1.0, abs=1e-5)

    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained)
    found = flow.pane.attribution
    assert found is not None
    assert found.map.shape == flow.pane.frame.shape

    # The overlay is where the map is strong, and nowhere where it is nought.
    flow.session.edit_view(0, opacity=1.0)
    strongest = np.unravel_index(np.argmax(found.map), found.map.shape)
    flow.wait(lambda: hue(colour_at(flow, strongest[1] + 0.5, strongest[0] + 0.5)) > 40)
    flow.press("O")
    assert hue(colour_at(flow, strongest[1] + 0.5, strongest[0] + 0.5)) == 0

    models.ask(flow.session, 0, Asked("occlusion", 1, options=(("stride", 1), ("batch", 1))))
    flow.press("E")
    flow.wait(lambda: bool(flow.window.jobs.running))
    flow.press("Esc")
    assert flow.window.jobs.running == ()
    flow.window.close()  # at once, or as soon as the last result is on the disk
    flow.wait(lambda: not flow.window.isVisible())
    assert not flow.session.waiting.things


def test_the_overlay_lies_where_the_map_is(flow: Flow, case: Path, sample_model: str) -> None:
    """A map with one bright block: its pixels on the screen are coloured, others are grey."""
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    answers.predict_current(flow.session, flow.window.jobs)
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained)
    made = flow.pane.attribution
    assert made is not None
    block = np.zeros_like(made.map)
    block[100:140, 300:340] = 1.0
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    flow.session.add_attributions((Attribution(**{**fields, "map": block}),))
    flow.session.edit_view(0, opacity=1.0)
    QApplication.processEvents()
    for column, row, inside in (
        (320, 120, True),
        (302, 102, True),
        (337, 137, True),
        (297, 120, False),
        (343, 120, False),
        (320, 97, False),
        (320, 143, False),
        (120, 320, False),
    ):
        assert (hue(colour_at(flow, column + 0.5, row + 0.5)) > 40) is inside, (column, row)


def test_by_keyboard_alone(flow: Flow, case: Path, sample_model: str) -> None:
    flow.begin()
    flow.open(case)
    flow.qtbot.keySequence(flow.window, "Ctrl+K")
    palette = flow.window.palette_box
    assert palette.isVisible()
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClicks(focus, "side by side")
    QTest.keyClick(focus, Qt.Key.Key_Return)
    flow.wait(lambda: flow.session.layout == "1x2")
    flow.wait(lambda: flow.session.panes[1].frame is not None)
    flow.press("Tab")
    assert flow.session.active == 1
    flow.press("Down")
    flow.wait(lambda: [pane.index for pane in flow.session.panes[:2]] == [2, 2])
    flow.press("L", "Up")
    flow.wait(lambda: [pane.index for pane in flow.session.panes[:2]] == [2, 1])
    flow.press("I")
    assert [pane.inverted for pane in flow.session.panes[:2]] == [False, True]
    flow.press("3")
    window = flow.session.panes[1].window
    assert isinstance(window, Window)
    assert (window.center, window.width) == (-600, 1500)
    flow.press("]", "]")
    assert flow.session.panes[1].threshold == pytest.approx(0.1)


def test_a_late_result_is_kept_where_it_belongs(
    flow: Flow, case: Path, sample_model: str, tmp_path: Path
) -> None:
    """The frame is left while its prediction is under way; the answer waits there."""
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    asked_for = flow.pane.frame
    assert asked_for is not None
    answers.predict_current(flow.session, flow.window.jobs)
    sources.show_frame(flow.session, flow.window.jobs, 0, 0)
    flow.wait(lambda: flow.pane.frame is not None and flow.pane.frame.key[1] == 0)
    place = (asked_for.key, sample_model)
    flow.wait(lambda: place in flow.session.results.predictions)
    assert flow.pane.prediction is None
    sources.show_frame(flow.session, flow.window.jobs, 0, asked_for.key[1])
    flow.wait(lambda: flow.pane.prediction is not None)


def test_results_are_there_after_a_restart(
    start: Callable[[], AbstractContextManager[Flow]], case: Path, sample_model: str
) -> None:
    with start() as first:
        first.begin()
        first.open(case)
        first.choose(sample_model)
        models.ask(first.session, 0, Asked("saliency", 1))
        first.press("E")
        first.wait(lambda: first.explained and first.pane.prediction is not None)
        first.wait(lambda: first.session.saved_at is not None)
        first.qtbot.wait(200)
        assert first.pane.prediction is not None
        assert first.pane.attribution is not None
        score, drawn = first.pane.prediction.scores, first.pane.attribution.map
    with start() as second:
        second.begin()
        second.open(case)
        second.choose(sample_model)
        second.wait(lambda: second.explained and second.pane.prediction is not None)
        assert second.pane.prediction is not None
        assert second.pane.attribution is not None
        assert np.array_equal(second.pane.prediction.scores, score)
        assert np.array_equal(second.pane.attribution.map, drawn)


def test_what_cannot_be_opened_is_said_and_the_rest_opens(
    flow: Flow, case: Path, tmp_path: Path
) -> None:
    flow.drop(broken_folder(tmp_path))
    flow.wait(lambda: bool(flow.session.notes))
    assert len(flow.session.refused) == 3
    assert flow.session.sources == {}
    flow.drop(tmp_path)
    flow.wait(lambda: flow.pane.frame is not None)
    assert len(flow.session.sources) == 1


def test_a_cancelled_job_is_gone_within_half_a_second(
    flow: Flow, case: Path, sample_model: str
) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    models.ask(flow.session, 0, Asked("occlusion", 1, options=(("stride", 1), ("batch", 1))))
    flow.press("E")
    flow.wait(lambda: any(job.done for job in flow.window.jobs.running))
    began = time.monotonic()
    flow.press("Esc")
    flow.wait(lambda: not flow.window.jobs.running)
    assert time.monotonic() - began < 0.5
    flow.qtbot.wait(300)
    assert flow.pane.attribution is None


SCRIPT = """
import json, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from PySide6.QtCore import QEventLoop, QTimer
from app.actions import answers, models, sources
from app.lanes import make_lanes, user_store
from app.panes import Asked
from app.window import begin, opened_window

def wait(until):
    loop = QEventLoop()
    timer = QTimer()
    timer.timeout.connect(lambda: until() and loop.quit())
    timer.start(20)
    QTimer.singleShot(120000, loop.quit)
    loop.exec()
    timer.stop()
    assert until()

store = user_store()
with opened_window(make_lanes(store), store) as (_, window):
    window.show()
    begin(window)
    session, jobs = window.session, window.jobs
    wait(lambda: session.cards and session.devices)
    window.open_paths(({case!r},))
    wait(lambda: session.panes[0].frame is not None)
    models.choose_model(session, jobs, 0, "sample")
    models.ask(session, 0, Asked("saliency", 1))
    answers.explain_current(session, jobs, 0)
    wait(lambda: session.panes[0].attribution is not None and session.panes[0].prediction)
    answers.save_report(session, jobs, Path({out!r}))
    wait(lambda: Path({out!r}, "result.json").exists())
print(json.dumps(sorted(sys.modules)))
"""


def test_the_windows_process_imports_nothing_heavy(
    case: Path, sample_model: str, tmp_path: Path
) -> None:
    """After a study was opened, explained and reported."""
    code = SCRIPT.format(root=str(ROOT), case=str(case), out=str(tmp_path / "report"))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}
    heavy = {"torch", "torchvision", "captum", "cuda", "pydicom", "pypdfium2", "SimpleITK", "scipy"}
    assert loaded & heavy == set()
    assert "PySide6" in loaded


def test_a_cancelled_explanation_gives_the_earlier_map_back(
    flow: Flow, case: Path, sample_model: str
) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained and flow.session.saved_at is not None)
    earlier = flow.pane.attribution
    assert earlier is not None
    coarse = Attribution(
        **{name: getattr(earlier, name) for name in earlier.__dataclass_fields__} | {"coarse": True}
    )
    flow.qtbot.wait(100)  # until the map is saved, and not only the prediction
    flow.session.add_attributions((coarse,))
    assert not flow.explained
    flow.press("Esc")
    flow.wait(lambda: flow.explained)
    again = flow.pane.attribution
    assert again is not None
    assert np.array_equal(again.map, earlier.map)
