"""How a map is drawn: what its title says while another is on its way."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QSlider
from pytestqt.qtbot import QtBot

from widgets.overlay_controls import OverlayControls


@pytest.fixture
def controls(qtbot: QtBot) -> OverlayControls:
    made = OverlayControls()
    qtbot.addWidget(made)
    return made


def words(controls: OverlayControls) -> list[str]:
    return [label.text() for label in controls.findChildren(QLabel)]


def test_before_there_is_a_map_nothing_can_be_driven(controls: OverlayControls) -> None:
    controls.set_old(True)
    assert "No map yet" in words(controls)
    assert not any(slider.isEnabled() for slider in controls.findChildren(QSlider))


def test_an_old_map_stays_old_until_the_newer_one_is_there(controls: OverlayControls) -> None:
    controls.set_map_title("Saliency for nodule")
    controls.set_old(True)
    controls.set_map_title("Saliency for nodule")  # drawn again, as a threshold was moved
    assert "Old map: Saliency for nodule" in words(controls)
    controls.set_map_title("Grad-CAM for nodule", coarse=True)
    assert "Coarse map: Grad-CAM for nodule" in words(controls)
    controls.set_map_title("Grad-CAM for nodule")
    controls.set_old(False)
    assert "Grad-CAM for nodule" in words(controls)
