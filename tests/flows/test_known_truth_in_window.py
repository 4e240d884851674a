"""A generated scan in the window offers its nodule and its marker to judge maps by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.actions import models
from app.panes import Asked
from app.truths import truths_of
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from tests.flows.conftest import Flow


def test_a_phantom_is_judged_by_what_is_true_of_it(
    flow: Flow, tmp_path: Path, sample_model: str
) -> None:
    phantom = generate(7, 1, "always")
    write_case(phantom, tmp_path / "marked")
    flow.begin()
    flow.open(tmp_path / "marked")
    flow.choose(sample_model)
    flow.wait(lambda: bool(truths_of(flow.session, 0)))
    offered = {one.title: one.key for one in truths_of(flow.session, 0)}
    assert list(offered) == ["Nodule (known truth)", "Marker (known truth)"]
    assert not flow.session.shown_objects, "it is told, not drawn"
    panel = flow.window.review.panel.explaining
    panel.unfold(True)
    index = flow.pane.index
    for title, mask in (
        ("Nodule (known truth)", phantom.mask[index] == 1),
        ("Marker (known truth)", _box(phantom.marker_box)),
    ):
        models.ask(flow.session, 0, Asked("saliency", 1, truth=offered[title]))
        flow.press("E")
        flow.wait(lambda: flow.explained and not flow.window.jobs.is_running("explain-0"))
        made = flow.pane.attribution
        assert made is not None
        found = next(one for one in made.figures if one.name == "inside_ratio")
        area = dict(found.details)["area"]
        assert area == pytest.approx(float(mask.mean()), rel=1e-6)


def _box(box: tuple[int, int, int, int] | None) -> np.ndarray:
    assert box is not None
    x0, y0, x1, y1 = box
    found = np.zeros((512, 512), dtype=bool)
    found[y0:y1, x0:x1] = True
    return found
