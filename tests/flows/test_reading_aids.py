"""Tags, reports, windows on keys, other keys and saved pictures in the real window."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QTextBrowser,
    QTreeView,
    QWidget,
)

from inference.records import Window
from tests.flows.conftest import Flow
from tests.flows.pointing import canvas_of
from tests.inference.sources.dicom_writer import write_slice
from widgets.key_row import KeyRow
from widgets.preset_editor import PresetEditor
from widgets.shortcuts_page import ShortcutsPage
from widgets.study_rows import ROW_ROLE
from widgets.study_view import StudyView
from widgets.tag_browser import TagBrowser
from widgets.text_page import TextPage

Start = Callable[[], AbstractContextManager[Flow]]
Page = TypeVar("Page", bound=QWidget)

# The offscreen platform says this of every dialog with a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def scan(folder: Path, count: int = 3, **changes: str) -> Path:
    for index in range(count):
        who = {"PatientName": "Doe^Jane", "PatientID": "4711", **changes}
        write_slice(
            folder / f"{index}.dcm",
            np.arange(64 * 64, dtype=np.int16).reshape(64, 64),
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0.0, 0.0, 3.0 * index],
            RescaleIntercept="-1024",
            RescaleSlope="1",
            **who,
        )
    return folder


def run(flow: Flow, name: str) -> None:
    flow.window.run_command(next(one for one in flow.window.commands if one.name == name))


def the_page(flow: Flow, kind: type[Page]) -> Page:
    """The dialog of this kind that is open."""
    found = [one for one in QApplication.topLevelWidgets() if isinstance(one, kind)]
    (page,) = [one for one in found if one.isVisible()]
    return page


def rows_of(tree: QTreeView) -> list[str]:
    model = tree.model()
    return [
        " ".join(str(model.index(row, column).data()) for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def test_tags_are_searched_and_copied_and_files_gone_through(flow: Flow, tmp_path: Path) -> None:
    flow.open(scan(tmp_path))
    flow.press("Ctrl+T")
    browser = the_page(flow, TagBrowser)
    tree, field = browser.findChild(QTreeView), browser.findChild(QLineEdit)
    files = browser.findChild(QComboBox)
    assert tree is not None
    assert field is not None
    assert files is not None
    flow.wait(lambda: tree.model().rowCount() > 10)
    assert files.currentText().endswith("1.dcm"), "the file of the slice in sight"
    QTest.keyClicks(field, "patient's name")
    assert [row for row in rows_of(tree) if "Doe^Jane" in row]
    assert tree.model().rowCount() == 1
    buttons = browser.findChildren(QAbstractButton)
    next(one for one in buttons if one.accessibleName() == "Copy all found").click()
    assert "Doe^Jane" in QGuiApplication.clipboard().text()
    field.clear()
    QTest.keyClicks(field, "0020,0032")
    QTest.keySequence(browser, "Ctrl+PgDown")
    flow.wait(lambda: any("6.0" in row for row in rows_of(tree)))
    browser.close()


def test_a_tag_window_closed_while_it_reads_leaves_nothing(flow: Flow, tmp_path: Path) -> None:
    flow.open(scan(tmp_path))
    flow.press("Ctrl+T")
    the_page(flow, TagBrowser).close()
    flow.wait(lambda: not any(job.call.name == "read_tags" for job in flow.window.jobs.running))
    flow.press("Down")
    assert flow.pane.index == 2


def test_tags_of_a_file_that_is_gone_are_a_sentence(flow: Flow, tmp_path: Path) -> None:
    flow.open(scan(tmp_path))
    (tmp_path / "1.dcm").unlink()
    run(flow, "tags")
    browser = the_page(flow, TagBrowser)
    flow.wait(lambda: any("1.dcm" in one.text() for one in browser.findChildren(QLabel)))
    browser.close()


def test_a_real_report_opens_as_text(flow: Flow, shared_data: Path) -> None:
    flow.drop(shared_data / "dicom" / "QIICR+dcmqi" / "data" / "sr-example" / "sr.dcm")
    flow.wait(lambda: bool(flow.session.objects))
    (found,) = flow.session.objects
    flow.window.review.studies.object_opened.emit(found)
    page = the_page(flow, TextPage)
    text = page.findChild(QTextBrowser)
    assert text is not None
    flow.wait(lambda: "Imaging Measurements" in text.toPlainText())
    page.close()


def test_what_is_neither_scan_nor_report_opens_as_tags(flow: Flow, shared_data: Path) -> None:
    folder = shared_data / "dicom" / "pydicom+pydicom" / "src" / "pydicom" / "data" / "test_files"
    flow.drop(folder / "rtplan.dcm")
    flow.wait(lambda: bool(flow.session.objects))
    (found,) = flow.session.objects
    flow.window.review.studies.object_opened.emit(found)
    tree = the_page(flow, TagBrowser).findChild(QTreeView)
    assert tree is not None
    flow.wait(lambda: any("Beam Sequence" in row for row in rows_of(tree)))
    the_page(flow, TagBrowser).close()


def test_a_window_is_put_on_a_key_and_kept(start: Start, sample_model: str, tmp_path: Path) -> None:
    with start() as flow:
        flow.open(scan(tmp_path))
        flow.press("3")
        assert isinstance(flow.pane.window, Window)
        assert (flow.pane.window.center, flow.pane.window.width) == (-600, 1500)
        run(flow, "presets")
        editor = the_page(flow, PresetEditor)
        names = {one.accessibleName(): one for one in editor.findChildren(QLineEdit)}
        names["Centre"].selectAll()
        QTest.keyClicks(names["Centre"], "55")
        buttons = editor.findChildren(QAbstractButton)
        next(one for one in buttons if one.accessibleName() == "Apply").click()
        flow.press("2")
        assert isinstance(flow.pane.window, Window)
        assert flow.pane.window.center == 55
        flow.press("1")
        assert flow.pane.window is None
        flow.press("9")
        assert flow.pane.window is not None
    with start() as flow:
        flow.open(scan(tmp_path))
        flow.press("2")
        assert isinstance(flow.pane.window, Window)
        assert flow.pane.window.center == 55


def test_a_key_acts_at_once_and_after_a_restart(
    start: Start, sample_model: str, tmp_path: Path
) -> None:
    with start() as flow:
        flow.open(scan(tmp_path))
        run(flow, "shortcuts")
        page = the_page(flow, ShortcutsPage)
        rows = {one.row.name: one for one in page.findChildren(KeyRow)}
        rows["key_image"].listen()
        QTest.keyClick(rows["key_image"], Qt.Key.Key_F7)
        rows["invert"].listen()
        QTest.keyClick(rows["invert"], Qt.Key.Key_H)
        said = " ".join(one.text() for one in page.findChildren(QLabel))
        assert "H belongs to “Corner texts on or off”" in said
        page.close()
        flow.press("K")
        assert not flow.session.marks.key_images
        flow.press("F7", "I")
        assert flow.session.marks.key_images
        assert flow.pane.inverted, "a clash that was not confirmed changes nothing"
        flow.wait(lambda: flow.session.saved_at is not None)
    with start() as flow:
        flow.open(scan(tmp_path))
        flow.wait(lambda: bool(flow.session.marks.key_images))
        flow.press("F7")
        assert not flow.session.marks.key_images


def saved(flow: Flow, monkeypatch: pytest.MonkeyPatch, command: str, answer: str) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_given: (answer, ""))
    run(flow, command)


def wait_for_height(flow: Flow, height: int) -> None:
    flow.wait(lambda: canvas_of(flow).height() == height)


def test_a_saved_picture_names_nobody_unless_asked(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same scan of two people gives the same picture, unless names are asked for."""
    pictures: dict[str, list[QImage]] = {"save_picture": [], "save_named_picture": []}
    for number, name in enumerate(("Doe^Jane", "Roe^Richard")):
        flow.open(scan(tmp_path / name, PatientName=name, SeriesInstanceUID=f"1.2.{number}"))
        height = canvas_of(flow).height()
        for command, taken in pictures.items():
            place = tmp_path / f"{command}-{number}"
            saved(flow, monkeypatch, command, str(place))
            note = flow.session.notes[-1]
            assert note.text == f"The picture was saved as {place.name}.png."
            flow.session.dismiss(note.number)
            # The message above the picture made it smaller.
            wait_for_height(flow, height)
            taken.append(QImage(f"{place}.png"))
    one, other = pictures["save_picture"]
    assert not one.isNull()
    assert one == other
    one, other = pictures["save_named_picture"]
    assert one != other


def test_a_dialog_that_was_left_saves_nothing(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.open(scan(tmp_path / "scan"))
    saved(flow, monkeypatch, "save_picture", "")
    assert not flow.session.notes


def test_a_picture_that_cannot_be_saved_is_a_sentence(
    flow: Flow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.open(scan(tmp_path / "scan"))
    saved(flow, monkeypatch, "save_picture", str(tmp_path / "scan" / "0.dcm" / "x.png"))
    flow.wait(lambda: bool(flow.session.notes))
    assert flow.session.notes[-1].severity == "bad"


def test_two_patients_stand_apart_in_the_list(flow: Flow, tmp_path: Path) -> None:
    write_slice(tmp_path / "one.dcm", PatientName="Doe^Jane", StudyInstanceUID="1.2.1")
    write_slice(tmp_path / "two.dcm", PatientName="Roe^Richard", StudyInstanceUID="1.2.2")
    flow.open(tmp_path)
    flow.wait(lambda: len(flow.session.sources) == 2)
    view = flow.window.review.studies.findChild(StudyView)
    assert view is not None
    model = view.model()
    rows = [model.index(row, 0).data(ROW_ROLE) for row in range(model.rowCount())]
    names = [row.title.partition(" · ")[0] for row in rows if row.kind == "patient"]
    assert names == ["Doe, Jane", "Roe, Richard"]
    assert [row.kind for row in rows] == ["patient", "study", "source"] * 2


def test_what_is_off_about_a_scan_is_said_beside_it(flow: Flow, shared_data: Path) -> None:
    """A head CT with a tilted gantry, 28 slices 1.08 to 7 mm apart."""
    flow.open(shared_data / "dicom" / "neurolabusc+dcm_qa_ct" / "In" / "GE")
    uneven = next(one for one in flow.session.sources.values() if one.warnings)
    flow.window.review.show_source(0, uneven.source_id)
    said = flow.window.review.panel.notes.text()
    assert "The 28 slices are ordered by position." in said
    assert "The gantry was tilted by 18.5°" in said
    assert "not evenly spaced" in said
