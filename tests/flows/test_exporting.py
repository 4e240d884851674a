"""Maps exported from the window: asked where and as what, written in a child, and opened again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtWidgets import QFileDialog

from app.actions import models
from app.panes import Asked
from tests.flows.conftest import Flow

NAMELESS = "DICOM parametric map, without the patient (*.dcm)"


def _explained(flow: Flow, case: Path, sample_model: str) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained)


def _answer(monkeypatch: pytest.MonkeyPatch, path: Path, chosen: str) -> list[str]:
    """The file dialog answers with this place and this format; the formats that it offered."""
    offered: list[str] = []

    def ask(_parent: object, _title: str, _name: str, formats: str) -> tuple[str, str]:
        offered.extend(formats.split(";;"))
        return str(path), chosen

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return offered


def test_a_map_comes_back_over_its_scan(
    flow: Flow,
    case: Path,
    sample_model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _explained(flow, case, sample_model)
    made, source_id = flow.pane.attribution, flow.pane.source_id
    assert made is not None
    offered = _answer(monkeypatch, tmp_path / "map.dcm", NAMELESS)
    flow.window.palette_box.chosen.emit("export_map")
    flow.hear("The map is exported: map.dcm.")
    assert NAMELESS in offered
    assert any("names the patient" in one for one in offered)
    written = pydicom.dcmread(tmp_path / "map.dcm")
    assert not written.PatientName
    np.testing.assert_array_equal(np.asarray(written.pixel_array).reshape(made.map.shape), made.map)

    flow.drop(tmp_path / "map.dcm")
    flow.wait(lambda: bool(flow.session.objects))
    (object_id,) = flow.session.objects
    flow.session.show_object(object_id, on=True)
    assert source_id is not None
    place = (object_id, source_id)
    flow.wait(lambda: place in flow.session.overlays)
    overlay = flow.session.overlays[place]
    (piece,) = overlay.values
    assert piece.frame == made.key[1]
    np.testing.assert_array_equal(piece.values, made.map)
    assert (
        flow.session.objects[object_id].title
        == f"Saliency for {made.target_label} · {sample_model}"
    )


def test_a_place_that_cannot_be_written_is_said(
    flow: Flow,
    case: Path,
    sample_model: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _explained(flow, case, sample_model)
    (tmp_path / "taken").write_text("")
    _answer(monkeypatch, tmp_path / "taken" / "map", "NumPy array (*.npy)")
    flow.press("Ctrl+E")
    flow.hear("map.npy was not written")
    _answer(monkeypatch, tmp_path / "maps", "Pictures (*.png)")
    flow.window.palette_box.chosen.emit("export_maps")
    flow.hear("is exported: maps.png.")
    assert (tmp_path / "maps-alone.png").exists()
