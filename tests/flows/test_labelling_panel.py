"""The work place Label in the real window: classes by one key, lists, attributes, label sets."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog, QInputDialog

from app.actions import label_sets, labelling, saying
from app.label_files import read_label_set
from inference.records import (
    WHOLE,
    Annotation,
    Attribute,
    FrameKey,
    Label,
    LabelSet,
    Prediction,
    Provenance,
)
from tests.flows.conftest import Flow
from tests.flows.test_marking import open_whole, scan
from widgets.label_history import LabelHistory
from widgets.label_set_editor import LabelSetEditor
from widgets.labels import ShortLabel

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # said offscreen of dialogs

Start = Callable[[], AbstractContextManager[Flow]]
UNDONE = [False, True, False]
RED, GREEN, BLUE = (240, 98, 146), (126, 217, 87), (64, 196, 255)
SIDE = Attribute("side", "choice", ("left", "right"), required=True)
NORMAL = Label("normal", GREEN, "1", ("class",))
NODULE = Label("nodule", RED, "2", ("class",))
LESION = Label("lesion", BLUE, "B", ("box",), (SIDE,))
GRADE = Label("grade", GREEN, "G", ("class",), scale=(1, 3))


def begin(flow: Flow, folder: Path, *labels: Label, whole: bool = False) -> str:
    """A scan in the work place Label with these labels; its source id."""
    open_whole(flow, scan(folder))
    flow.window.palette_box.chosen.emit("place_label")
    flow.press("Home")
    flow.wait(lambda: flow.pane.index == 0)
    labelling.set_label_set(
        flow.session, flow.window.jobs, "Labels", LabelSet("Chest", tuple(labels))
    )
    hand = replace(flow.session.labels.hand, whole=whole)
    flow.session.edit_labels(lambda book: setattr(book, "hand", hand))
    assert flow.pane.source_id is not None
    return flow.pane.source_id


def said(flow: Flow, key: FrameKey) -> list[str]:
    return [one.label for one in flow.session.labels.on(key) if one.kind == "class"]


def put_box(flow: Flow, source_id: str, frame: int, label: str = "lesion") -> str:
    box = Annotation("", source_id, frame, "box", label, ((5.0, 5.0), (15.0, 12.0)))
    return labelling.put(flow.session, flow.window.jobs, "Box", (box,))[0]


def editor(flow: Flow) -> LabelSetEditor:
    found = flow.window.findChild(LabelSetEditor)
    assert isinstance(found, LabelSetEditor)
    return found


def lines(history: LabelHistory) -> list[str]:
    found = history.findChildren(ShortLabel)
    return [one.accessibleName() for one in found if not one.isHidden()]


def settle(flow: Flow) -> None:
    flow.wait(lambda: not flow.session.waiting.things)


def test_a_class_costs_one_key_and_moves_on(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, NORMAL, NODULE)
    flow.press("1")
    flow.wait(lambda: flow.pane.index == 1)
    flow.press("2")
    flow.wait(lambda: flow.pane.index == 2)
    assert said(flow, (source_id, 0)) == ["normal"]
    assert said(flow, (source_id, 1)) == ["nodule"]
    flow.press("2", "1")  # the last slice stays; one class takes the place of the other
    assert flow.pane.index == 2
    assert said(flow, (source_id, 2)) == ["normal"]
    flow.press("1")
    assert said(flow, (source_id, 2)) == []


def test_label_keys_go_before_commands_in_this_place_alone(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, NORMAL, NODULE)
    window = flow.pane.window
    flow.window.palette_box.chosen.emit("moves_on")
    flow.press("2")
    assert (said(flow, (source_id, 0)), flow.pane.window) == (["nodule"], window)
    flow.window.palette_box.chosen.emit("place_review")
    flow.press("9")
    assert flow.pane.window != window  # all values, the window on this key
    flow.press("2")
    assert said(flow, (source_id, 0)) == ["nodule"]


def test_undo_takes_a_class_back_where_it_was_said(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, NORMAL, NODULE)
    flow.press("2")
    flow.wait(lambda: flow.pane.index == 1)
    flow.press("Ctrl+Z")
    assert said(flow, (source_id, 0)) == []
    flow.wait(lambda: flow.pane.index == 0)


def test_moving_on_is_remembered(start: Start, sample_model: str, tmp_path: Path) -> None:
    with start() as flow:
        begin(flow, tmp_path, NORMAL, whole=True)
        assert flow.session.labels.moves_on
        flow.window.review.labels.moves_on_toggled.emit(False)
        settle(flow)
    with start() as flow:
        assert not flow.session.labels.moves_on


def test_classes_of_the_whole_scan(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, NORMAL, NODULE, whole=True)
    flow.press("2")
    assert said(flow, (source_id, WHOLE)) == ["nodule"]
    assert flow.pane.index == 0  # there is no other scan to go on to


def test_a_graded_label_counts_up_and_is_taken_back(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, GRADE)
    found = []
    for _ in range(5):
        flow.press("G")
        now = flow.session.labels.on((source_id, 0))
        found.append(now[0].value if now else None)
    assert found == [1, 2, 3, None, 1]


def test_the_key_of_a_shape_takes_it_in_hand_or_relabels(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, LESION, Label("cyst", RED, "C", ("box",)))
    flow.press("C")
    assert flow.session.labels.label == "cyst"
    made = put_box(flow, source_id, 0, "cyst")
    labelling.select(flow.session, (made,))
    flow.press("B")
    found = flow.session.labels.find(made)
    assert found is not None
    assert found.label == "lesion"


def test_the_lists_select_and_go_there(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, LESION)
    first, third = put_box(flow, source_id, 0), put_box(flow, source_id, 2)
    panel = flow.window.review.labels
    panel.there.unfold(True)
    panel.there.selected.emit((third,))
    panel.there.chosen.emit(third)
    flow.wait(lambda: flow.pane.index == 2)
    assert panel.here.selection() == panel.there.selection() == (third,)
    panel.here.delete_requested.emit()
    assert flow.session.labels.find(third) is None
    assert flow.session.labels.find(first) is not None


def test_attributes_are_said_and_missed(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, LESION)
    made = put_box(flow, source_id, 0)
    put_box(flow, source_id, 1)
    view = flow.window.review.labelling
    labelling.select(flow.session, (made,))
    view.show()
    panel = flow.window.review.labels
    assert panel.remarks == ("", "2 annotations lack what is required.")
    panel.form.changed.emit("side", "left")
    found = flow.session.labels.find(made)
    assert found is not None
    assert found.attributes == (("side", "left"),)
    assert panel.remarks == ("", "1 annotation lacks what is required.")
    flow.press("Ctrl+Z")
    assert panel.remarks == ("", "2 annotations lack what is required.")


def test_who_changed_what_is_listed(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, LESION, Label("cyst", RED, "C", ("box",)))
    made = put_box(flow, source_id, 0)
    labelling.select(flow.session, (made,))
    flow.press("C")
    saying.relabel(flow.session, flow.window.jobs, "lesion")
    panel = flow.window.review.labels
    panel.history.unfold(True)
    flow.wait(lambda: len(lines(panel.history)) == 3)
    at, who, first = lines(panel.history)[-1].split(" · ")
    assert (who, first, len(at)) == (flow.session.author, "made as “lesion”", 5)
    assert lines(panel.history)[1].endswith("“lesion” became “cyst”")
    assert lines(panel.history)[0].endswith("“cyst” became “lesion” · holds now")
    flow.press("Ctrl+Z")
    flow.wait(lambda: [one.endswith("holds now") for one in lines(panel.history)] == UNDONE)


def test_a_model_that_says_otherwise_is_named(flow: Flow, tmp_path: Path) -> None:
    source_id = begin(flow, tmp_path, NORMAL, NODULE)
    flow.begin()
    model_id = flow.session.cards[0].model_id
    flow.session.choose_model(0, model_id)
    made = Provenance(model_id, "", "", "", 0.0, "2020-01-01T00:00:00+00:00", ())
    scores = np.array([0.07, 0.93], np.float32)
    key = (source_id, 0)
    prediction = Prediction(key, ("normal", "nodule"), scores, scores, "softmax", None, (), made)
    flow.session.add_predictions((prediction,))
    panel = flow.window.review.labels
    assert panel.remarks == ("", "")
    saying.say(flow.session, flow.window.jobs, "normal")
    assert panel.remarks == ("Model says nodule 0.93, labelled normal.", "")
    saying.say(flow.session, flow.window.jobs, "nodule")
    assert panel.remarks == ("", "")


def test_a_renamed_label_is_renamed_on_all_scans(
    start: Start, sample_model: str, tmp_path: Path
) -> None:
    with start() as flow:
        source_id = begin(flow, tmp_path / "scan", LESION)
        put_box(flow, source_id, 1)
        settle(flow)
    with start() as flow:  # this scan is not open now
        flow.wait(lambda: bool(flow.session.labels.label_set.labels))
        flow.window.palette_box.chosen.emit("edit_labels")
        dialog = editor(flow)
        dialog.fields.renamed.emit("tumour")
        dialog.accept_changes()
        flow.wait(lambda: flow.session.labels.label_set.find("tumour") is not None)
        flow.wait(lambda: flow.session.labels.history.total == 3)
        settle(flow)
        flow.open(tmp_path / "scan")
        flow.wait(lambda: source_id in flow.session.labels.ready)
        assert [one.label for one in flow.session.labels.of_source(source_id)] == ["tumour"]
        flow.window.palette_box.chosen.emit("undo")
        assert [one.label for one in flow.session.labels.of_source(source_id)] == ["lesion"]
        settle(flow)


def test_a_label_in_use_hands_its_annotations_on(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cyst = Label("cyst", RED, "C", ("box",))
    source_id = begin(flow, tmp_path, LESION, cyst)
    made = put_box(flow, source_id, 0)
    settle(flow)
    asked: list[str] = []

    def answer(*arguments: object) -> tuple[str, bool]:
        asked.append(str(arguments[2]))
        return "cyst", True

    monkeypatch.setattr(QInputDialog, "getItem", answer)
    flow.window.palette_box.chosen.emit("edit_labels")
    dialog = editor(flow)
    flow.wait(lambda: dialog.counts == {"lesion": 1})
    dialog.remove()
    dialog.accept_changes()
    flow.wait(lambda: flow.session.labels.label_set.find("lesion") is None)
    found = flow.session.labels.find(made)
    assert found is not None
    assert (found.label, found.author) == ("cyst", flow.session.author)
    assert asked == ["1 annotation has “lesion”. Give them another label?"]
    flow.window.palette_box.chosen.emit("undo")
    assert flow.session.labels.label_set.labels == (LESION, cyst)
    settle(flow)


def test_labels_of_the_model(flow: Flow, tmp_path: Path) -> None:
    flow.begin()
    begin(flow, tmp_path)
    flow.session.choose_model(0, "phantom-nodule")
    card = flow.session.card_of(0)
    assert card is not None
    flow.window.review.labels.model_requested.emit()
    made = flow.session.labels.label_set
    assert tuple(one.name for one in made.labels) == card.labels
    assert {one.kinds for one in made.labels} == {("class",)}
    assert len({one.colour for one in made.labels}) == len(made.labels)
    assert [one.key for one in made.labels] == ["1", "2"]
    with pytest.raises(Exception, match="are there already"):
        label_sets.take_from_model(flow.session, flow.window.jobs, card)


def test_label_sets_travel_as_files(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(flow, tmp_path / "scan", LESION, GRADE)
    place = tmp_path / "labels.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(place), ""))
    flow.window.palette_box.chosen.emit("export_label_set")
    assert read_label_set(place) == flow.session.labels.label_set
    labelling.set_label_set(flow.session, flow.window.jobs, "None", LabelSet())
    flow.window.palette_box.chosen.emit("import_label_set")
    assert flow.session.labels.label_set == LabelSet("Chest", (LESION, GRADE))
    place.write_text(json.dumps({"schema": "lepton.label-set/1", "labels": [{"name": "x"}]}))
    flow.window.palette_box.chosen.emit("import_label_set")
    flow.hear("labels.json is no label set: labels.0.colour: field required.")
