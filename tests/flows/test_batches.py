"""Many cases through the window: a selection explained, a set judged, the table, its files."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QFileDialog, QLineEdit, QListView, QPushButton

from app import batch_acts
from app.actions import batches, models
from app.panes import Asked
from app.views.batch_view import BatchView
from inference.phantom.case import generate
from inference.phantom.dicom_files import truth, write_case
from tests.flows.conftest import Flow
from widgets.batch_dialog import BatchDialog
from widgets.batch_table import CaseList
from widgets.choosers import Chooser

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints", "raise\\(\\)")
# said where windows are not managed: of dialogs of a least size, and of what comes to the front


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Two phantoms, one with a nodule and a marker, and their list, as `lepton phantom` writes."""
    folder = tmp_path / "set"
    made = [generate(7, number, "correlated") for number in range(2)]
    assert [case.label for case in made] == [0, 1]
    for number, case in enumerate(made):
        write_case(case, folder / f"case-{number:04d}")
    (folder / "truth.json").write_text(json.dumps([truth(case) for case in made]))
    return folder


def ready(flow: Flow, cases: Path, model_id: str, asked: Asked) -> None:
    """All is open, and the model is asked in this way."""
    flow.begin()
    flow.open(cases)
    flow.wait(lambda: not flow.window.jobs.is_running("open"))
    flow.choose(model_id)
    models.ask(flow.session, flow.session.active, asked)


def visible(flow: Flow, kind: type[QDialog]) -> QDialog:
    flow.wait(lambda: any(one.isVisible() for one in flow.window.findChildren(kind)))
    return next(one for one in flow.window.findChildren(kind) if one.isVisible())


def press(of: QDialog, words: str) -> None:
    found = [one for one in of.findChildren(QPushButton) if one.accessibleName() == words]
    found[-1].click()


def start(flow: Flow, which: str, key: str = "") -> None:
    """Ask for a batch over these cases as a person does, and start it."""
    dialog = visible(flow, BatchDialog)
    for chooser in dialog.findChildren(Chooser):
        if chooser.accessibleName() == "Cases":
            chooser.choose(which)
            chooser.chosen.emit(which)
        if key and chooser.accessibleName() == "Truth":
            chooser.choose(key)
    press(dialog, "Explain")


def table(flow: Flow) -> BatchView:
    flow.wait(lambda: flow.window.findChild(BatchView) is not None)
    found = flow.window.findChild(BatchView)
    assert isinstance(found, BatchView)
    return found


def settle(flow: Flow, count: int) -> None:
    """Wait until so many cases are done and the batch is over."""
    book = flow.session.cases
    flow.wait(lambda: not book.running and book.done == count)


def test_a_selection_finds_the_case_that_is_right_for_a_wrong_reason(
    flow: Flow, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Asked("integrated_gradients", 0, options=(("n_steps", 16),))
    ready(flow, cases, "phantom-shortcut", asked)
    flow.qtbot.keySequence(flow.window, "Ctrl+Shift+E")
    start(flow, "open")
    settle(flow, 2)
    normal, nodule = flow.session.cases.rows
    assert (normal.answer, normal.label, normal.wrong_reason) == ("normal", "normal", False)
    assert (nodule.answer, nodule.label, nodule.reason) == ("nodule", "nodule", "red")
    assert nodule.wrong_reason
    assert nodule.target == "nodule", "each case is asked about its own answer"
    made = flow.session.results.attributions[((nodule.source_id, nodule.frame), nodule.model_id)]
    inside = next(one for one in made[-1].figures if one.name == "inside_ratio")
    assert nodule.ratio == inside.value

    shown = table(flow)
    shown.findChildren(QCheckBox)[0].setChecked(True)
    assert shown.rows_in_sight() == (nodule,)
    rows = shown.findChildren(CaseList)[0]
    rows.clicked.emit(rows.model().index(0, 0))
    flow.wait(lambda: flow.pane.source_id == nodule.source_id and flow.explained)
    assert flow.pane.index == nodule.frame
    assert flow.pane.model_id == "phantom-shortcut"

    place = tmp_path / "cases.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    for identified in (False, True):
        shown.export_requested.emit(shown.rows_in_sight(), identified)
        flow.wait(lambda: place.exists() and not flow.window.jobs.is_running("export-cases"))
        text = place.read_text()
        (row,) = csv.DictReader(text.splitlines())
        assert row["right_for_a_wrong_reason"] == "yes"
        assert float(row["inside_ratio"]) == pytest.approx(nodule.ratio, rel=1e-5)
        assert ("PHANTOM-7" in text) == identified, "no patient is named unasked"
        place.unlink()
    sign = flow.window.review.studies.findChildren(QListView)[0].model()
    tips = [sign.data(sign.index(at, 0), Qt.ItemDataRole.ToolTipRole) for at in range(20)]
    assert any("Newest map:" in (tip or "") for tip in tips)


def test_a_failure_ends_nothing_e_goes_first_and_cancel_keeps_what_is_done(
    flow: Flow, cases: Path, sample_model: str
) -> None:
    ready(flow, cases, sample_model, Asked("saliency", 1))
    book, jobs = flow.session.cases, flow.window.jobs
    broken = list(flow.session.sources.values())[1]
    whole = {ref.path: Path(ref.path).read_bytes() for ref in broken.refs}
    for path, data in whole.items():
        Path(path).write_bytes(data[:2000])
    flow.window.review.studies.explain_requested.emit((broken.source_id,))
    start(flow, "open")
    settle(flow, 2)
    assert [row.failed for row in book.rows] == [False, True]
    assert book.rows[0].label == "normal"
    assert book.rows[1].sentence
    for path, data in whole.items():
        Path(path).write_bytes(data)

    models.ask(flow.session, 0, Asked("rise", 1, options=(("masks", 1000),)))
    batch_acts.ask_for_batch(flow.window)
    start(flow, "open")
    flow.wait(lambda: jobs.running_in("batch") is not None)
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: not jobs.is_running("explain-0"))
    assert flow.explained
    assert book.running, "the single map waited for one case, not for the batch"
    began = time.monotonic()
    done = book.done
    (job,) = (one for one in jobs.running if one.slot == "batch")
    assert "of 2" in job.title
    flow.window.job_list.cancel_requested.emit(str(job.call.number))
    assert not book.running
    assert not jobs.is_running("batch")
    assert time.monotonic() - began < 0.5
    assert len(book.rows) == done


def test_a_labelled_set_is_judged_and_its_cases_open(flow: Flow, cases: Path) -> None:
    flow.begin()
    card = flow.session.card("phantom-shortcut")
    assert card is not None
    batches.judge_set(flow.session, flow.window.jobs, cases, card, ("saliency",))
    batch_acts.show_table(flow.window)
    settle(flow, 2)
    rows = flow.session.cases.rows
    assert [(row.title, row.label, row.right) for row in rows] == [
        ("case-0000", "normal", True),
        ("case-0001", "nodule", True),
    ]
    assert rows[1].source_id not in flow.session.sources
    table(flow).row_opened.emit(rows[1])
    flow.wait(lambda: flow.pane.source_id == rows[1].source_id and flow.explained)
    assert flow.pane.index == rows[1].frame
    made = flow.pane.attribution
    assert made is not None
    assert made.provenance.method == rows[1].method


def test_a_result_opens_in_the_table_and_a_bad_one_says_so(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "result.json"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    path.write_text("{}")
    flow.window.palette_box.chosen.emit("open_belief_set")
    flow.hear("result.json is not the result of a belief set")
    figures = {"inside_ratio": {"value": 0.4, "verdict": "red"}}
    why = {"inside_ratio": 0.4, "verdict": "red", "decoy_ratio": None, "belief": figures}
    case = {"case": "a", "source": "0" * 12, "frame": 3, "label": "yes", "answer": "yes"}
    body = {
        "schema": "lepton.belief/1",
        "model": {"id": "some-model", "sha256": ""},
        "cases": [{**case, "score": 0.9, "methods": {"grad_cam": why}, "failed": []}],
        "refused": [{"case": "b", "reason": "It is no scan."}],
    }
    path.write_text(json.dumps(body))
    flow.window.palette_box.chosen.emit("open_belief_set")
    flow.wait(lambda: len(flow.session.cases.rows) == 2)
    first, second = flow.session.cases.rows
    assert first.wrong_reason
    assert (second.failed, second.sentence) == (True, "It is no scan.")
    shown = table(flow)
    shown.findChildren(QLineEdit)[0].setText("no scan")
    assert shown.rows_in_sight() == (second,)
    shown.row_opened.emit(first)
    flow.hear("the table does not say where it lies")
