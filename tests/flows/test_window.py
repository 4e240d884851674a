"""What else a person does in the window: entries, own models, reports, trouble with places."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
)

from app.actions import answers, models
from app.actions.entries import open_entry
from app.demo import open_demo
from app.dialogs import AddModelDialog
from app.key_map import acting
from app.keys import shown
from app.machine import default_budget_bytes
from app.panes import Asked, Place
from inference.errors import UserError
from tests.flows.conftest import Flow
from widgets.memory_dialog import MemoryDialog
from widgets.message_bar import MessageHistory

# The offscreen platform says this of every dialog with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def test_the_demo_shows_which_of_two_maps_lies(flow: Flow) -> None:
    flow.begin()
    demo = open_demo(flow.session, flow.window.jobs)
    evidence, ended = demo.evidence, list[bool]()
    demo.finished.connect(ended.append)
    flow.wait(lambda: bool(ended))
    assert ended == [True]
    honest, liar = evidence["phantom-nodule"], evidence["phantom-shortcut"]
    assert (honest.verdict, liar.verdict) == ("good", "bad")
    assert honest.whole - honest.without_nodule >= 0.5
    assert abs(honest.whole - honest.without_marker) <= 0.05
    assert liar.whole - liar.without_marker >= 0.5
    assert honest.map_in_nodule > 0.5 > honest.map_in_marker
    assert liar.map_in_marker > 2 * liar.map_in_nodule
    captions = [pane.caption for pane in flow.session.panes]
    assert "answers from the nodule" in captions[0]
    assert "answers from the marker" in captions[1]
    assert len(flow.session.sources) == 6


def test_an_entry_is_opened_answered_and_explained(flow: Flow, shared_data: Path) -> None:
    flow.begin()
    flow.wait(lambda: bool(flow.session.entries))
    names = {entry.name for entry in flow.session.entries}
    assert names == {"chest-radiograph", "hippocampus", "label-organ", "phantom-pair"}
    flow.window.show_review()
    open_entry(flow.session, flow.window.jobs, "hippocampus")
    flow.wait(lambda: flow.explained and flow.pane.prediction is not None)
    assert flow.pane.prediction is not None
    assert flow.pane.prediction.mask is not None
    assert set(np.unique(flow.pane.prediction.mask)) > {0}
    # A volume's answer covers all its slices: scrolling needs no further pass.
    flow.press("Down")
    flow.wait(lambda: flow.pane.frame is not None and flow.pane.frame.key[1] == flow.pane.index)
    assert flow.pane.attribution is not None


def test_ones_own_model_comes_in_by_the_window(flow: Flow, tmp_path: Path) -> None:
    import torch
    import torchvision

    torch.manual_seed(0)
    network = torchvision.models.get_model("squeezenet1_1", weights=None, num_classes=2)
    torch.save(network.state_dict(), tmp_path / "mine.pth")
    flow.begin()
    flow.window.ask_for_model()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, AddModelDialog)
    buttons = dialog.findChild(QDialogButtonBox)
    assert buttons is not None
    accept = buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not accept.isEnabled()
    dialog.fill_in(str(tmp_path / "mine.pth"), "squeezenet1_1", "clear, cloudy")
    assert accept.isEnabled()
    before = {card.model_id for card in flow.session.cards}
    accept.click()
    flow.wait(lambda: bool(flow.session.notes))
    assert flow.session.notes[-1].severity == "good", flow.session.notes
    flow.wait(lambda: len(flow.session.cards) == len(before) + 1)
    (new,) = (card for card in flow.session.cards if card.model_id not in before)
    assert new.labels == ("clear", "cloudy")


def test_wrong_weights_are_refused_with_a_sentence(flow: Flow, tmp_path: Path) -> None:
    (tmp_path / "mine.pth").write_bytes(b"not weights")
    flow.begin()
    flow.window.ask_for_model()
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, AddModelDialog)
    dialog.fill_in(str(tmp_path / "mine.pth"), "resnet18", "a, b")
    dialog.accept()
    flow.wait(lambda: bool(flow.session.notes))
    assert flow.session.notes[-1].severity == "bad"
    assert "mine.pth" in flow.session.notes[-1].text


def test_the_report_of_a_view_is_saved(
    flow: Flow, case: Path, sample_model: str, tmp_path: Path
) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    with pytest.raises(UserError, match="no explanation to save"):
        answers.save_report(flow.session, flow.window.jobs, tmp_path / "report")
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained and flow.pane.prediction is not None)
    answers.save_report(flow.session, flow.window.jobs, tmp_path / "report")
    flow.hear("The report is in")
    result = json.loads((tmp_path / "report" / "result.json").read_text())
    assert result["model"]["id"] == sample_model
    assert flow.pane.attribution is not None
    assert np.array_equal(np.load(tmp_path / "report" / "map.npy"), flow.pane.attribution.map)
    html = (tmp_path / "report" / "report.html").read_text()
    assert "Not a medical device" in html
    assert "Phantom^" not in html
    assert "PHANTOM-" not in html


def test_a_store_that_cannot_be_written_costs_a_sentence(
    start: Callable[[], AbstractContextManager[Flow]],
    case: Path,
    sample_model: str,
    own_data_folder: Path,
) -> None:
    (own_data_folder / "personal" / "project.sqlite").mkdir(parents=True)
    with start() as flow:
        flow.begin()
        flow.open(case)
        flow.choose(sample_model)
        answers.predict_current(flow.session, flow.window.jobs)
        flow.hear("could not be kept")
        flow.wait(lambda: flow.pane.prediction is not None)


def test_every_command_has_words_and_keys_do_not_clash(flow: Flow) -> None:
    commands = flow.window.commands
    for place in get_args(Place):
        keys = [key for command in acting(commands, place) for key in command.keys]
        assert len(keys) == len(set(keys))
    assert all(command.text and command.group for command in commands)
    flow.window.show_palette()
    line = flow.window.palette_box.findChild(QLineEdit)
    assert line is not None
    flow.window.palette_box.dismiss()
    assert shown(commands[0]) == "Ctrl+O"


def test_the_window_is_closed_in_the_middle_of_everything(
    flow: Flow, case: Path, sample_model: str
) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(sample_model)
    models.ask(flow.session, 0, Asked("occlusion", 1, options=(("stride", 1), ("batch", 1))))
    flow.press("E")
    flow.wait(lambda: bool(flow.window.jobs.running))
    assert flow.window.close()  # the leak checks look for what is left


def test_what_was_dismissed_can_be_read_again(flow: Flow) -> None:
    flow.session.say("The first thing.")
    flow.session.say("The second thing.")
    bar = flow.window.messages
    dismiss = next(b for b in bar.findChildren(QToolButton) if b.accessibleName() == "Dismiss")
    for _ in range(2):
        dismiss.click()
    assert bar.isHidden()
    flow.window.job_list.messages_requested.emit()
    history = next(iter(flow.window.findChildren(MessageHistory)))
    said = {label.text() for label in history.findChildren(QLabel)}
    assert {"The first thing.", "The second thing."} <= said
    history.close()


def test_the_menu_dims_what_cannot_be_done_now(flow: Flow, case: Path) -> None:
    def can_show_tags() -> bool:
        menu = next(b.menu() for b in flow.window.top.findChildren(QToolButton) if b.menu())
        menu.aboutToShow.emit()
        return next(a for a in menu.actions() if "DICOM tags" in a.text()).isEnabled()

    assert not can_show_tags()
    flow.open(case)
    assert can_show_tags()


def memory_field(flow: Flow) -> QSpinBox:
    flow.window.palette_box.chosen.emit("memory")
    dialog = QApplication.activeModalWidget()
    assert isinstance(dialog, MemoryDialog)
    field = dialog.findChild(QSpinBox)
    assert field is not None
    return field


def apply_memory(field: QSpinBox) -> None:
    buttons = field.window().findChildren(QPushButton)
    next(button for button in buttons if button.accessibleName() == "Apply").click()


def test_memory_for_scans_counts_at_once_and_after_a_restart(
    start: Callable[[], AbstractContextManager[Flow]], own_data_folder: Path, case: Path
) -> None:
    with start() as flow:
        flow.session.frames.set_budget(1)
        flow.open(case)
        source = flow.session.sources[flow.pane.source_id or ""]
        assert flow.session.frames.share(source) < 1.0
        field = memory_field(flow)
        assert field.text() == f"Automatic ({default_budget_bytes() >> 20:,} MiB)"
        field.selectAll()
        QTest.keyClicks(field, "300")
        apply_memory(field)
        assert flow.session.frames.budget_bytes == 300 << 20
        flow.wait(lambda: flow.session.frames.volume(source) is not None)
    with start() as flow:
        assert flow.session.frames.budget_bytes == 300 << 20
        field = memory_field(flow)
        assert field.value() == 300
        field.setValue(0)
        apply_memory(field)
        assert flow.session.frames.budget_bytes == default_budget_bytes()
