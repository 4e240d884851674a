"""Labels out of the real window and in: previewed, taken as one act, undone, and said."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog

from app.actions import acting, labelling
from app.store.database import Database
from app.store.opening import Project
from inference.errors import UserError
from inference.records import Annotation, Label, LabelSet
from tests.flows.conftest import Flow
from tests.flows.viewing import open_all, run
from widgets.label_export_dialog import LabelExportDialog
from widgets.label_import_dialog import LabelImportDialog
from widgets.labels import SignLine

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
ROWS, COLUMNS = 40, 60


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    """Two pictures of 40 rows and 60 columns."""
    paths = [tmp_path / name for name in ("one.png", "two.png")]
    for level, path in enumerate(paths):
        Image.new("L", (COLUMNS, ROWS), 90 + level).save(path)
    return paths


def coco(path: Path, *names: str, width: int = 5) -> Path:
    """A COCO file with one box of "cell" on each picture."""
    numbered = list(enumerate(names, 1))
    content: dict[str, Any] = {
        "categories": [{"id": 1, "name": "cell"}],
        "images": [
            {"id": number, "file_name": name, "width": COLUMNS, "height": ROWS}
            for number, name in numbered
        ],
        "annotations": [
            {"id": number, "image_id": number, "category_id": 1, "bbox": [2, 1, width, 4]}
            for number, _ in numbered
        ],
    }
    path.write_text(json.dumps(content))
    return path


def import_dialog(flow: Flow) -> LabelImportDialog:
    flow.window.palette_box.chosen.emit("import_labels")
    dialog = flow.window.findChild(LabelImportDialog)
    assert dialog is not None
    return dialog


def choose(monkeypatch: pytest.MonkeyPatch, method: str, answer: object) -> None:
    monkeypatch.setattr(QFileDialog, method, lambda *_: answer)


def said(dialog: LabelImportDialog) -> list[str]:
    lines = dialog.findChildren(SignLine)
    return [str(one.words.text()) for one in lines if not one.isHidden()]


def kept(flow: Flow) -> bool:
    return not flow.session.waiting.things and flow.session.saved_at is not None


def test_labels_are_looked_at_then_taken_as_one_act(
    flow: Flow, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_all(flow, *pictures)
    path = coco(tmp_path / "ann.json", "one.png", "two.png", "three.png")
    dialog = import_dialog(flow)
    assert not dialog.take.isEnabled()
    choose(monkeypatch, "getOpenFileName", (str(path), ""))
    dialog._choose_file()
    flow.wait(dialog.take.isEnabled)
    assert said(dialog) == [
        "COCO: 2 annotations for 2 scans, 1 new label.",
        "New: cell.",
        "1 name matches no scan of the project: three.png.",
    ]
    book = flow.session.labels
    assert not book.label_set.labels
    dialog.take.click()
    flow.hear("2 annotations of 2 scans were imported.")
    assert [label.name for label in book.label_set.labels] == ["cell"]
    assert [one.points for one in book.of_source(second)] == [((2.0, 1.0), (7.0, 5.0))]
    act = book.history.find(1)
    assert act is not None
    assert act.words == "Import 2 annotations from COCO"
    run(flow, f"source:{first}")
    flow.wait(lambda: len(book.of_source(first)) == 1)
    acting.undo(flow.session, flow.window.jobs)
    assert (book.label_set.labels, book.of_source(first), book.of_source(second)) == ((), (), ())
    acting.redo(flow.session, flow.window.jobs)
    assert len(book.of_source(first)) == len(book.of_source(second)) == 1


def test_a_wrong_file_is_said_in_the_dialog_and_another_can_be_chosen(
    flow: Flow, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_all(flow, *pictures)
    wrong = coco(tmp_path / "wrong.json", "one.png", width=500)
    dialog = import_dialog(flow)
    choose(monkeypatch, "getOpenFileName", (str(wrong), ""))
    dialog._choose_file()
    flow.wait(lambda: "annotations[0]" in said(dialog)[0])
    assert not dialog.take.isEnabled()
    choose(monkeypatch, "getOpenFileName", (str(coco(tmp_path / "good.json", "one.png")), ""))
    dialog._choose_file()
    flow.wait(dialog.take.isEnabled)
    dialog.format.choose("csv")
    dialog.format.chosen.emit("csv")
    flow.wait(lambda: "good.json was not imported" in said(dialog)[0])
    dialog.reject()
    assert flow.session.labels.history.total == 0


def test_what_is_left_out_is_said_before_and_after(
    flow: Flow, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (first,) = open_all(flow, pictures[0])
    corners = ((3.0, 4.0), (11.0, 12.0))
    drawn = [Annotation("", first, 0, kind, "lesion", corners) for kind in ("box", "line")]
    label_set = LabelSet(labels=(Label("lesion", (200, 90, 10)),))
    labelling.set_label_set(flow.session, flow.window.jobs, "Labels", label_set)
    labelling.put(flow.session, flow.window.jobs, "Draw", drawn)
    flow.wait(lambda: kept(flow))
    out = tmp_path / "out.json"
    choose(monkeypatch, "getSaveFileName", (str(out.with_suffix("")), ""))
    flow.window.palette_box.chosen.emit("export_labels")
    dialog = flow.window.findChild(LabelExportDialog)
    assert dialog is not None
    flow.wait(dialog.take.isEnabled)
    words = {name: row[2].accessibleName() for name, row in dialog._rows.items()}
    assert words == {
        "coco": "1 of 2; without 1 line",
        "yolo": "1 of 2; without 1 line",
        "png": "Nothing: it holds masks",
        "nifti": "Nothing: it holds masks",
        "csv": "All of 2",
        "dicom_seg": "1 of 2; 1 box as pixels; without 1 line",
    }
    assert not dialog._rows["png"][0].isEnabled()
    dialog.choose_format("coco")
    dialog.take.click()
    flow.hear("1 annotation was written to 1 file.")
    assert flow.session.notes[-1].hint == "1 line was left out: COCO cannot hold lines."
    (written,) = json.loads(out.read_text())["annotations"]
    assert written["bbox"] == [3.0, 4.0, 8.0, 8.0]


def test_the_scan_in_view_alone(
    flow: Flow, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_all(flow, *pictures)
    label_set = LabelSet(labels=(Label("lesion", (200, 90, 10)),))
    labelling.set_label_set(flow.session, flow.window.jobs, "Labels", label_set)
    for name in (first, second):
        run(flow, f"source:{name}")
        box = Annotation("", name, 0, "box", "lesion", ((3.0, 4.0), (11.0, 12.0)))
        labelling.put(flow.session, flow.window.jobs, "Box", [box])
    flow.window.palette_box.chosen.emit("export_labels")
    dialog = flow.window.findChild(LabelExportDialog)
    assert dialog is not None
    flow.wait(lambda: dialog._rows["csv"][2].accessibleName() == "All of 2")
    dialog.scope.choose("scan")
    dialog.scope.chosen.emit("scan")
    assert dialog._rows["csv"][2].accessibleName() == "All of 1"
    dialog.choose_format("csv")
    dialog.identified.setChecked(True)
    choose(monkeypatch, "getSaveFileName", (str(tmp_path / "out.csv"), ""))
    dialog.take.click()
    flow.hear("1 annotation was written to 1 file.")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        assert [row["file"] for row in csv.DictReader(file)] == ["two.png"]


def test_scans_not_looked_at_get_their_labels_once_all_is_kept(
    flow: Flow, pictures: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = open_all(flow, *pictures)
    book = flow.session.labels
    book.recalled.discard(first)  # as if it had come into the project without being seen
    book.ready.discard(first)
    path = coco(tmp_path / "ann.json", "one.png", "two.png")
    dialog = import_dialog(flow)
    dialog.place_chosen.emit(str(path))
    flow.wait(dialog.take.isEnabled)

    def refuse(project: Project) -> Database:
        raise UserError("Changes could not be kept in the project x: the disk is full.")

    with monkeypatch.context() as disk:
        disk.setattr(Project, "use_to_keep", refuse)
        dialog.take.click()
        flow.hear("the disk is full")
        assert len(book.of_source(second)) == 1
        run(flow, f"source:{first}")
        own = Annotation("", first, 0, "box", "cell", ((20.0, 20.0), (30.0, 30.0)))
        labelling.put(flow.session, flow.window.jobs, "Box", [own])
        assert [one.points[0] for one in book.of_source(first)] == [(20.0, 20.0)]
        flow.window.palette_box.chosen.emit("export_labels")
        flow.hear("2 changes are not saved yet")
    flow.wait(lambda: len(book.of_source(first)) == 2)
    acting.undo(flow.session, flow.window.jobs)
    acting.undo(flow.session, flow.window.jobs)
    assert book.of_source(first) == book.of_source(second) == ()


def test_a_project_that_cannot_be_changed_is_not_imported_into(flow: Flow) -> None:
    flow.session.labels.read_only = "This project is open in another Lepton."
    command = next(one for one in flow.window.commands if one.name == "import_labels")
    with pytest.raises(UserError, match="open in another"):
        command.run()
    assert flow.window.findChild(LabelImportDialog) is None
