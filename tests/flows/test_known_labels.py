"""The demo's phantom gets its nodules drawn once, to judge by; a person takes them back at will."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.actions.known_labels import AUTHOR, WORDS, label_known
from app.truths import truths_of
from inference.label_regions import label_region
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from tests.flows.conftest import Flow


def test_the_nodules_of_a_phantom_are_drawn_once(flow: Flow, tmp_path: Path) -> None:
    phantom = generate(7, 1, "always")
    write_case(phantom, tmp_path / "marked")
    flow.open(tmp_path / "marked")
    session, jobs = flow.session, flow.window.jobs
    (source_id,) = session.sources
    flow.wait(lambda: source_id in session.labels.ready)
    label_known(session, jobs, source_id)
    flow.wait(lambda: bool(session.labels.of_source(source_id)))
    drawn = session.labels.of_source(source_id)
    assert {(one.kind, one.label, one.author) for one in drawn} == {("polygon", "nodule", AUTHOR)}
    found = label_region(drawn, range(3), (512, 512))
    assert np.array_equal(found, phantom.mask == 1)
    assert session.labels.label_set.find("nodule") is not None
    act = session.labels.history.find(1)
    assert act is not None
    assert act.words == WORDS
    assert "label nodule" in [one.key for one in truths_of(session, 0)]

    label_known(session, jobs, source_id)
    flow.wait(lambda: not jobs.is_running(f"known-labels-{source_id}"))
    assert session.labels.of_source(source_id) == drawn
    assert session.labels.history.total == 1
    flow.press("Ctrl+Z")
    flow.wait(lambda: not session.labels.of_source(source_id))
    assert session.labels.label_set.labels == ()


def test_other_scans_are_left_alone(flow: Flow, tmp_path: Path) -> None:
    phantom = generate(7, 0, "none")
    assert phantom.label == 0
    write_case(phantom, tmp_path / "healthy")
    flow.open(tmp_path / "healthy")
    (source_id,) = flow.session.sources
    label_known(flow.session, flow.window.jobs, source_id)
    assert not flow.window.jobs.is_running(f"known-labels-{source_id}")
