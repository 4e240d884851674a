"""A child that is killed in the middle of each kind of job costs that job and nothing else."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.uid import RLELossless

from app.actions import answers, models, sources
from app.panes import Asked
from tests.flows.conftest import Flow

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sends SIGSTOP and SIGKILL")


def kill_amid(flow: Flow, lane: str) -> None:
    """Kill the lane's children, and wait until the lane has noticed all of them."""
    killed = set(flow.lanes[lane].process_ids)
    for child in killed:
        os.kill(child, signal.SIGKILL)
    flow.wait(lambda: not killed & set(flow.lanes[lane].process_ids))


def hold(flow: Flow, lane: str) -> None:
    """Stop the lane's children, so that the job cannot end before they are killed."""
    for child in flow.lanes[lane].process_ids:
        os.kill(child, signal.SIGSTOP)


@pytest.mark.parametrize("what", ["predict", "explain"])
def test_the_engine(flow: Flow, case: Path, sample_model: str, what: str) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    models.ask(flow.session, 0, Asked("saliency", 1))
    ask = answers.predict_current if what == "predict" else answers.explain_current
    if what == "explain":
        answers.predict_current(flow.session, flow.window.jobs)
        flow.wait(lambda: flow.pane.prediction is not None)
    hold(flow, "engine")
    ask(flow.session, flow.window.jobs)
    flow.qtbot.wait(100)
    kill_amid(flow, "engine")
    flow.wait(lambda: getattr(flow.pane, f"{what}_trouble") is not None)
    trouble = getattr(flow.pane, f"{what}_trouble")
    assert "The engine was ended by signal 9" in trouble.message
    ask(flow.session, flow.window.jobs)
    flow.wait(lambda: flow.explained if what == "explain" else flow.pane.prediction is not None)
    assert getattr(flow.pane, f"{what}_trouble") is None


@pytest.mark.parametrize("what", ["open", "read"])
def test_the_decoder(flow: Flow, case: Path, what: str) -> None:
    if what == "read":
        for path in case.rglob("*.dcm"):  # compressed: what is not is read without a decoder
            dataset = dcmread(path)
            dataset.compress(RLELossless)
            dataset.save_as(path)
        flow.open(case)
        flow.wait(lambda: flow.session.frames.share(next(iter(flow.session.sources.values()))) == 1)
        flow.session.frames = type(flow.session.frames)()
    else:
        models.load_models(flow.session, flow.window.jobs)
        flow.wait(lambda: bool(flow.session.cards))
    hold(flow, "decode")
    if what == "read":
        sources.show_frame(flow.session, flow.window.jobs, 0, 2)
    else:
        flow.drop(case)
    flow.qtbot.wait(100)
    kill_amid(flow, "decode")
    if what == "read":
        flow.wait(lambda: flow.pane.frame_trouble is not None)
        sources.show_frame(flow.session, flow.window.jobs, 0, 2)
    else:
        flow.wait(lambda: bool(flow.session.notes))
        assert "The decoder was ended by signal 9" in flow.session.notes[0].text
        flow.drop(case)
    flow.wait(lambda: flow.pane.frame is not None)
    assert flow.pane.frame_trouble is None
