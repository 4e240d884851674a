"""Maps side by side, set against each other: blinking, and maps and figures made of several."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.actions import comparing, exporting, models
from app.actions.blinking import Blinking
from app.comparison import Offer, Way
from app.panes import Asked
from explain.similarity import normalised
from inference.errors import UserError
from inference.records import Attribution
from tests.flows.conftest import Flow
from tests.flows.viewing import run
from widgets.canvas import Canvas
from widgets.matrix_dialog import MatrixDialog

DIALOG = pytest.mark.qt_log_ignore("propagateSizeHints")


def compare(flow: Flow, case: Path, model_id: str, *methods: str) -> None:
    """Maps of several methods for one target, side by side."""
    flow.begin()
    flow.open(case)
    flow.choose(model_id)
    pane, card = flow.pane, flow.session.card_of(0)
    assert card is not None
    ways = [Way(model_id, name, 1, None) for name in methods]
    comparing.begin(flow.session, flow.window.jobs, ways, (Offer(card, pane.methods, pane.layers),))
    flow.wait(lambda: all(whole(flow, number) for number in range(len(methods))))


def whole(flow: Flow, number: int) -> bool:
    pane = flow.session.panes[number]
    made = pane.attribution
    return made is not None and not made.coarse and pane.frame is not None


def made(flow: Flow, number: int) -> Attribution:
    found = flow.session.panes[number].attribution
    assert found is not None
    return found


def canvas(flow: Flow, number: int) -> Canvas:
    return flow.window.review.viewports[number].canvas


def drawn(flow: Flow, number: int) -> Attribution | None:
    return canvas(flow, number)._layers.overlay.attribution


def shows(flow: Flow, number: int) -> bool:
    """Whether the first viewport draws the map of this one."""
    return drawn(flow, 0) is made(flow, number)


def legend(flow: Flow, number: int) -> str:
    return canvas(flow, number)._layers.overlay.style.title


def made_of_others(flow: Flow, number: int) -> Attribution:
    """The map made of others, once it is there."""
    flow.wait(lambda: whole(flow, number))
    return made(flow, number)


def test_a_held_key_and_a_blink_show_other_maps_and_change_nothing(
    flow: Flow, case: Path, sample_model: str
) -> None:
    compare(flow, case, sample_model, "saliency", "input_x_gradient", "occlusion")
    before = [one.attribution for one in flow.session.panes], flow.session.results.version
    own, other, seen = made(flow, 0), made(flow, 1), canvas(flow, 0)
    assert (drawn(flow, 0), legend(flow, 0)) == (own, "Saliency")
    QTest.keyPress(seen, Qt.Key.Key_J)
    assert (drawn(flow, 0), legend(flow, 0)) == (other, "Now: Input × Gradient")
    QTest.keyPress(seen, Qt.Key.Key_J)  # as the keyboard repeats it
    QTest.keyRelease(seen, Qt.Key.Key_J)
    assert (drawn(flow, 0), legend(flow, 0)) == (own, "Saliency")
    QTest.keyPress(seen, Qt.Key.Key_J)
    canvas(flow, 1).setFocus()
    assert drawn(flow, 0) is own, "whoever leaves the viewport no longer holds its key"

    flow.session.set_active(0)
    flow.window.review.focus_viewport()
    blinking = flow.window.findChild(Blinking)
    assert blinking is not None
    assert blinking._timer.interval() == 1000
    blinking._timer.setInterval(20)
    run(flow, "blink")
    for number in (1, 2, 0, 1):
        flow.wait(partial(shows, flow, number))
    flow.press("Esc")
    assert not blinking.active
    assert drawn(flow, 0) is own
    flow.press("Shift+J", "Shift+J")
    assert not blinking.active
    now = [one.attribution for one in flow.session.panes], flow.session.results.version
    assert before == now

    run(flow, "next")
    flow.wait(lambda: all(one.index == flow.pane.index for one in flow.session.panes[:3]))
    run(flow, "peek")
    flow.hear("no other map")
    run(flow, "explain_compared")
    flow.wait(lambda: all(whole(flow, number) for number in range(3)))
    QTest.keyPress(seen, Qt.Key.Key_J)
    assert drawn(flow, 0) is made(flow, 1)
    run(flow, "previous")
    assert flow.pane.frame is not None
    assert drawn(flow, 0) is other, "the first slice's, as soon as both show it"
    QTest.keyRelease(seen, Qt.Key.Key_J)

    run(flow, "blink", "end_comparison")
    assert not blinking.active
    assert not blinking._timer.isActive()
    assert all(one.blinked is None for one in flow.session.panes)


@DIALOG
def test_a_difference_stands_beside_its_maps_and_follows_the_slice(
    flow: Flow, case: Path, sample_model: str, tmp_path: Path
) -> None:
    compare(flow, case, sample_model, "saliency", "input_x_gradient")
    run(flow, "difference")
    assert flow.session.layout == "1x3"
    found = made_of_others(flow, 2)
    expected = normalised(made(flow, 0).map) - normalised(made(flow, 1).map)
    assert found.map == pytest.approx(expected, abs=1e-6)
    title = "Saliency − Input × Gradient, each on its own scale"
    assert legend(flow, 2) == title
    assert flow.window.review.viewports[2]._name.text() == title
    assert comparing.compared(flow.session) == (0, 1)
    run(flow, "difference")
    assert flow.session.layout == "1x3", "the same once more is no further viewport"
    for name in ("explain", "check", "predict"):
        run(flow, name)
    flow.hear("nothing to explain")
    assert not any(flow.window.jobs.is_running(f"{one}-2") for one in ("explain", "predict"))
    exporting.export_maps(
        flow.session, flow.window.jobs, tmp_path / "a.npy", "npy", series=False, identified=False
    )
    flow.hear("exported: a.npy")
    assert np.array_equal(np.load(tmp_path / "a.npy"), found.map)
    with pytest.raises(UserError, match="made of others"):
        exporting.export_maps(
            flow.session, flow.window.jobs, tmp_path / "a", "dicom", series=False, identified=False
        )

    run(flow, "next")
    flow.wait(lambda: flow.session.panes[2].attribution is None)
    assert "as soon as" in flow.session.panes[2].caption
    run(flow, "explain_compared")
    assert made_of_others(flow, 2).key[1] == flow.pane.index
    assert flow.session.panes[2].caption.startswith("Each map is divided")

    run(flow, "matrix")
    flow.wait(lambda: flow.window.findChild(MatrixDialog) is not None)
    dialog = flow.window.findChild(MatrixDialog)
    assert dialog is not None
    view = dialog.views[0]
    view.setCurrentIndex(view.model().index(1, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    other = flow.session.panes[3].made
    assert other is not None
    assert other.title.startswith("Input × Gradient − Saliency")
    assert made_of_others(flow, 3).map == pytest.approx(-made(flow, 2).map, abs=1e-6)


def test_the_error_of_a_sampled_map_is_a_map_with_its_unit(
    flow: Flow, case: Path, sample_model: str
) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: whole(flow, 0))
    run(flow, "map_error")
    flow.hear("no mean over samples")
    models.ask(flow.session, 0, Asked("smoothgrad", 1))
    flow.press("E")
    flow.wait(lambda: whole(flow, 0) and made(flow, 0).provenance.method == "smoothgrad")
    run(flow, "map_error")
    assert flow.session.layout == "1x2"
    found, first = made_of_others(flow, 1), made(flow, 0)
    assert first.spread is not None
    assert np.array_equal(found.map, first.spread)
    assert found.unit == f"standard error of {first.unit}"
    assert legend(flow, 1) == "Standard error of SmoothGrad"
