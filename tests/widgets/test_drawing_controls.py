"""Scale, lines and cells: what can be chosen, what is said, and that setters send nothing."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QPushButton
from pytestqt.qtbot import QtBot

from widgets.choosers import Chooser
from widgets.drawing_controls import DrawingControls
from widgets.overlay_controls import OverlayControls
from widgets.spin_boxes import RealSpin


@pytest.fixture
def controls(qtbot: QtBot) -> DrawingControls:
    made = DrawingControls()
    qtbot.addWidget(made)
    return made


def choosers(controls: DrawingControls) -> tuple[Chooser, Chooser]:
    scale, lines = controls.findChildren(Chooser)
    return scale, lines


def test_setters_send_nothing(controls: DrawingControls, qtbot: QtBot) -> None:
    with (
        qtbot.assertNotEmitted(controls.scale_chosen),
        qtbot.assertNotEmitted(controls.percent_changed),
        qtbot.assertNotEmitted(controls.contours_chosen),
        qtbot.assertNotEmitted(controls.cells_toggled),
    ):
        controls.set_scale("series", kept=True, shared=False)
        controls.set_percent(97.5)
        controls.set_contours(0.5)
        controls.set_cells(True, "7 × 7")
    scale, lines = choosers(controls)
    assert (scale.chosen_key(), lines.chosen_key()) == ("series", "50")
    assert controls.findChildren(RealSpin)[0].value() == 97.5
    assert controls.findChildren(QCheckBox)[0].text() == "Its own cells, 7 × 7"


def test_what_a_person_chooses_is_sent(controls: DrawingControls, qtbot: QtBot) -> None:
    scale, lines = choosers(controls)
    with qtbot.waitSignal(controls.scale_chosen, timeout=500) as mode:
        scale.activated.emit(1)
    with qtbot.waitSignal(controls.contours_chosen, timeout=500) as share:
        lines.activated.emit(3)
    with qtbot.waitSignal(controls.percent_changed, timeout=500) as percent:
        controls.findChildren(RealSpin)[0].setValue(95.0)
    with qtbot.waitSignal(controls.cells_toggled, timeout=500) as cells:
        controls.findChildren(QCheckBox)[0].click()
    assert (mode.args, share.args) == (["series"], [0.75])
    assert (percent.args, cells.args) == ([95.0], [True])


def test_a_kept_scale_can_be_chosen_only_where_there_is_one(controls: DrawingControls) -> None:
    scale, _ = choosers(controls)
    for kept in (False, True):
        controls.set_scale("image", kept=kept, shared=False)
        assert scale.model().index(2, 0).flags().value & 32 == (32 if kept else 0)
    controls.set_scale("kept", kept=True, shared=False)
    assert not controls.findChildren(RealSpin)[0].isEnabled(), "a kept scale has no percentile"
    controls.set_scale("image", kept=True, shared=True)
    assert not scale.isEnabled()
    assert "share one scale" in scale.toolTip()


def test_the_button_names_the_model(controls: DrawingControls) -> None:
    keep = controls.findChildren(QPushButton)[0]
    assert not keep.isEnabled()
    controls.set_keep("Nodule, made up")
    assert keep.isEnabled()
    assert keep.text() == "Keep this scale"
    assert "for Nodule, made up" in keep.toolTip()


def test_where_there_are_no_cells_it_says_why(controls: DrawingControls) -> None:
    controls.set_cells(False, "", "This map has a value for each pixel of the picture.")
    box = controls.findChildren(QCheckBox)[0]
    assert not box.isEnabled()
    assert box.toolTip() == "This map has a value for each pixel of the picture."


def test_they_are_folded_until_asked_for(qtbot: QtBot) -> None:
    overlay = OverlayControls()
    qtbot.addWidget(overlay)
    fold = next(one for one in overlay.findChildren(QPushButton) if "Scale and lines" in one.text())
    assert overlay.drawing.isHidden()
    fold.click()
    assert not overlay.drawing.isHidden()
    overlay.set_map_title("Saliency")
    assert overlay.drawing.isEnabled()
    overlay.set_shown_words("12 % of the pixels, 60 % of the attribution")
    fold.click()
    assert overlay.drawing.isHidden()
