"""Projects in the real window: left and come back to, moved, switched, read-only, unsaved."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QRadioButton
from pytestqt.qtbot import QtBot

from app.__main__ import open_window
from app.actions import acting, labelling
from app.child_lane import ChildLane
from app.lanes import child_lane, make_lanes, user_store
from app.palette import palette_rows
from app.places import is_project, scratch_path
from app.project_acts import await_project, open_folder
from app.window import opened_window
from inference.errors import UserError
from inference.records import Annotation
from tests.flows.conftest import Flow
from tests.flows.test_marking import scan
from tests.flows.viewing import open_all, run, settled
from widgets.canvas_transform import View
from widgets.project_questions import BackupsDialog, UnsavedDialog

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
ROOT = Path(__file__).resolve().parents[2]
HELD = """
import sys, time
from pathlib import Path
from app.store import Store
from inference.task import Task
Store(Path(sys.argv[1])).open_project(None, Task())
print("open", flush=True)
time.sleep(600)
"""
Start = Callable[..., AbstractContextManager[Flow]]


@pytest.fixture
def start_in(qtbot: QtBot, qapp: QApplication, own_data_folder: Path) -> Start:
    """Starts the program on a project (None: the personal one), as `lepton FOLDER` does."""

    @contextmanager
    def run_in(folder: Path | None, *, ready: bool = True) -> Iterator[Flow]:
        store = user_store(folder)
        children: dict[str, ChildLane] = {
            "decode": child_lane("decode", 2),
            "engine": child_lane("engine", 1),
        }
        with opened_window({**make_lanes(store), **children}, store) as (_, window):
            if folder is not None:
                await_project(window, folder, resume=True)
            window.resize(1280, 800)
            window.show()
            flow = Flow(qtbot, window, children)
            flow.wait(lambda: flow.session.project.ready or not ready)
            yield flow

    return run_in


def box(flow: Flow, left: float = 3.0) -> str:
    """Draw a box on the frame in view; its id."""
    pane = flow.pane
    assert pane.source_id is not None
    corners = ((left, 4.0), (left + 8.0, 12.0))
    drawn = Annotation("", pane.source_id, pane.index, "box", "lesion", corners)
    return labelling.put(flow.session, flow.window.jobs, "Box", (drawn,))[0]


def kept(flow: Flow) -> bool:
    return not flow.session.waiting.things and flow.session.saved_at is not None


def back_in_view(flow: Flow) -> bool:
    return flow.pane.frame is not None and settled(flow) and not flow.session.project.returning


def test_a_project_opens_as_it_was_left_and_undo_goes_on(start_in: Start, tmp_path: Path) -> None:
    project, case = tmp_path / "liver", scan(tmp_path / "case", 5)
    with start_in(project) as flow:
        flow.open(case)
        run(flow, "layout_1x2", "next", "next", "invert", "tool_length")
        flow.session.edit_view(flow.session.active, threshold=0.25, opacity=0.5)
        flow.window.review.viewports[0].canvas.turn(1)
        flow.window.review.viewports[0].canvas.set_view(View((20.0, 15.0), 2.0))
        ident = box(flow)
        left = flow.pane
        flow.wait(lambda: kept(flow))
    assert is_project(project)
    with start_in(project) as again:
        again.wait(lambda: back_in_view(again))
        session, pane = again.session, again.pane
        assert (session.layout, session.tool) == ("1x2", "length")
        assert (pane.source_id, pane.index, pane.inverted) == (left.source_id, left.index, True)
        assert (pane.threshold, pane.opacity) == (0.25, 0.5)
        view = again.window.review.viewports[0].canvas.view()
        assert (view.zoom, view.turns, view.center) == (2.0, 1, (20.0, 15.0))
        again.wait(lambda: session.labels.find(ident) is not None)
        again.wait(lambda: session.labels.history.to_undo is not None)
        acting.undo(session, again.window.jobs)
        again.wait(lambda: session.labels.find(ident) is None and kept(again))
    with start_in(project) as third:
        third.wait(lambda: back_in_view(third))
        third.wait(lambda: third.session.labels.history.to_redo is not None)
        acting.redo(third.session, third.window.jobs)
        third.wait(lambda: third.session.labels.find(ident) is not None)


def test_planes_come_back_where_they_were(start_in: Start, tmp_path: Path) -> None:
    project, case = tmp_path / "planes", scan(tmp_path / "case", 12)
    with start_in(project) as flow:
        flow.open(case)
        run(flow, "plane")
        flow.wait(lambda: flow.pane.stack is not None and settled(flow))
        run(flow, "next", "next", "slab")
        plane, index, slab = flow.pane.plane, flow.pane.index, flow.pane.slab
        assert plane == "axial"
        assert slab is not None
    with start_in(project) as again:
        again.wait(lambda: back_in_view(again) and again.pane.index == index)
        assert (again.pane.plane, again.pane.slab) == (plane, slab)


def test_the_personal_project_offers_to_go_on(start_in: Start, tmp_path: Path) -> None:
    case = scan(tmp_path / "case", 4)
    with start_in(None) as flow:
        assert flow.window.start.projects.go_on.isHidden()
        flow.open(case)
        run(flow, "next")
        index = flow.pane.index
    with start_in(None) as again:
        button = again.window.start.projects.go_on
        assert not button.isHidden()
        assert again.session.sources == {}
        assert again.window.start.focusProxy() is button
        QTest.keyClick(button, Qt.Key.Key_Return)
        again.wait(lambda: back_in_view(again))
        assert again.pane.index == index
        assert again.window.top.project.text().strip() == "Personal"


def test_scans_that_were_moved_are_found_again(
    start_in: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, case = tmp_path / "project", scan(tmp_path / "case")
    with start_in(project) as flow:
        flow.open(case)
        ident = box(flow)
        flow.wait(lambda: kept(flow))
    moved = tmp_path / "elsewhere" / "archive" / "case"
    moved.parent.mkdir(parents=True)
    shutil.move(case, moved)
    monkeypatch.setattr(
        "app.project_acts.QFileDialog.getExistingDirectory",
        lambda *_: str(tmp_path / "elsewhere"),
    )
    with start_in(project) as again:
        notice = again.window.project_bar._notices[0]
        assert notice.text == "1 scan is not where it was."
        again.window.project_bar.acted.emit("find_scans")
        again.wait(lambda: back_in_view(again))
        again.wait(lambda: again.session.labels.find(ident) is not None and kept(again))
        again.hear("1 scan was found; its labels are there again.")
        assert again.window.project_bar.isHidden()
    with start_in(project) as third:
        third.wait(lambda: back_in_view(third))
        assert not third.session.project.missing


def test_a_project_moved_with_its_scans_finds_them(start_in: Start, tmp_path: Path) -> None:
    before = tmp_path / "disk"
    case = scan(before / "scans" / "case")
    with start_in(before / "work" / "project") as flow:
        flow.open(case)
        flow.wait(lambda: kept(flow))
    shutil.move(before, tmp_path / "other")
    with start_in(tmp_path / "other" / "work" / "project") as again:
        again.wait(lambda: back_in_view(again))
        entry = again.session.project.entries[again.pane.source_id or ""]
        assert all(path.startswith(str(tmp_path / "other")) for path in entry.paths)


def test_other_bytes_in_the_old_place_are_another_scan(start_in: Start, tmp_path: Path) -> None:
    project, case = tmp_path / "project", scan(tmp_path / "case")
    with start_in(project) as flow:
        flow.open(case)
        flow.wait(lambda: kept(flow))
    scan(case, RescaleIntercept=7.0)
    with start_in(project) as again:
        again.hear("is not what it was")
        assert again.session.sources == {}


def test_a_scan_in_an_archive_comes_back(start_in: Start, tmp_path: Path) -> None:
    scan(tmp_path / "case", 4)
    archive = Path(shutil.make_archive(str(tmp_path / "scans"), "zip", tmp_path / "case"))
    with start_in(tmp_path / "project") as flow:
        flow.open(archive)
        run(flow, "next")
        index = flow.pane.index
        flow.wait(lambda: kept(flow))
    shutil.rmtree(scratch_path())
    with start_in(tmp_path / "project") as again:
        again.wait(lambda: back_in_view(again))
        assert again.pane.index == index
        assert again.session.project.entries[again.pane.source_id or ""].paths == (str(archive),)


def test_other_scans_of_the_project_are_a_word_away(start_in: Start, tmp_path: Path) -> None:
    first = scan(tmp_path / "first", 2)
    second = scan(tmp_path / "second", 3, SeriesInstanceUID="1.2.3.4", SeriesDescription="Second")
    with start_in(tmp_path / "project") as flow:
        seen = open_all(flow, first)[0]
        flow.wait(lambda: flow.session.project.left is not None)
        open_all(flow, second)
        assert flow.pane.source_id != seen  # a view that was kept is not gone back to by itself
        run(flow, f"source:{seen}")
        flow.wait(lambda: kept(flow))
    with start_in(tmp_path / "project") as again:
        again.wait(lambda: back_in_view(again))
        assert list(again.session.sources) == [seen]
        row = next(one for one in palette_rows(again.window) if one.command_id.startswith("entry:"))
        assert (row.text, row.group) == ("Second", "Scans of the project")
        again.window.palette_box.chosen.emit(row.command_id)
        again.wait(lambda: again.pane.source_id != seen and settled(again))
        assert again.pane.source_id == row.command_id.removeprefix("entry:")


def test_a_full_disk_is_said_and_quitting_asks(
    start_in: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = UserError("Changes could not be kept in the project project: the disk is full.")
    with start_in(tmp_path / "project") as flow:
        flow.open(scan(tmp_path / "case"))
        flow.wait(lambda: kept(flow))

        def refuse(*_: object) -> None:
            raise full

        with monkeypatch.context() as patched:
            patched.setattr("app.store.database.Database.writing", refuse)
            for left in (3.0, 20.0, 30.0):
                box(flow, left)
            flow.hear("the disk is full")
            saved = flow.window.job_list.saved
            flow.wait(lambda: not saved._trouble.isHidden())
            assert saved._trouble.text() == "3 changes are not saved yet: the disk is full"
            flow.window.close()
            dialog = flow.window.findChild(UnsavedDialog)
            assert dialog is not None
            assert dialog.leave.text() == "Quit without saving 3 changes"
            dialog.stay.click()
            assert flow.window.isVisible()
        saved.again_requested.emit()
        flow.wait(lambda: kept(flow) and saved._trouble.isHidden())
        assert saved._saved.text().startswith("saved ")


def test_try_again_in_the_question_closes_when_all_is_kept(
    start_in: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    with start_in(project) as flow:
        flow.open(scan(tmp_path / "case"))
        flow.wait(lambda: kept(flow))
        with monkeypatch.context() as patched:

            def refuse(*_: object) -> None:
                raise UserError("Changes could not be kept in the project p: the disk is full.")

            patched.setattr("app.store.database.Database.writing", refuse)
            ident = box(flow)
            flow.hear("the disk is full")
            flow.window.close()
        dialog = flow.window.findChild(UnsavedDialog)
        assert dialog is not None
        dialog.again.click()
        flow.wait(lambda: not flow.window.isVisible())
        assert not flow.session.waiting.things
    with sqlite3.connect(project / "project.sqlite") as rows:
        assert rows.execute("SELECT live FROM head WHERE thing = ?", (ident,)).fetchone() == (1,)
    rows.close()


def test_another_project_is_opened_after_this_one_in_order(
    start_in: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new one"
    monkeypatch.setattr("app.project_acts.QFileDialog.getSaveFileName", lambda *_: (str(new), ""))
    with start_in(None) as flow:
        flow.window.top.project.wished.emit("new_project")
        flow.wait(lambda: not flow.window.isVisible())
        assert flow.session.project.next == new
    with start_in(new) as other:
        assert other.window.top.project.text().strip() == "new one"
        assert other.window.windowTitle() == "new one – Lepton"
        assert other.window.settings.projects == (str(new),)
        open_folder(other.window, tmp_path)
        other.hear("There is no project in")
        assert other.window.isVisible()


def test_a_second_window_may_look_and_takes_over(start_in: Start, tmp_path: Path) -> None:
    project, case = tmp_path / "project", scan(tmp_path / "case")
    with start_in(project) as first:
        first.open(case)
        ident = box(first)
        first.wait(lambda: kept(first) and first.session.project.left is not None)
        with start_in(project) as second:
            second.wait(lambda: back_in_view(second))
            second.wait(lambda: second.session.labels.find(ident) is not None)
            notice = second.window.project_bar._notices[0]
            assert notice.text.startswith("Read-only: This project is open in another Lepton")
            with pytest.raises(UserError, match="open in another Lepton"):
                box(second, 30.0)
            second.window.project_bar.acted.emit("take_over")
            second.hear("This project is open in another Lepton")
            assert second.window.isVisible()


def test_what_the_other_program_has_left_is_taken_over(start_in: Start, tmp_path: Path) -> None:
    project, case = tmp_path / "project", scan(tmp_path / "case")
    with start_in(project) as flow:
        flow.open(case)
        flow.wait(lambda: kept(flow))
    with subprocess.Popen(
        [sys.executable, "-c", HELD, str(project)], stdout=subprocess.PIPE, cwd=ROOT
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with start_in(project) as second:
            second.wait(lambda: back_in_view(second))
            assert second.session.labels.read_only
            other.kill()
            other.wait()
            second.window.project_bar.acted.emit("take_over")
            second.wait(lambda: not second.window.isVisible())
            assert second.session.project.next == project  # all is read anew
    with start_in(project) as third:
        third.wait(lambda: back_in_view(third))
        assert box(third)
        third.wait(lambda: kept(third))


def test_a_damaged_project_offers_its_backup(start_in: Start, tmp_path: Path) -> None:
    project, case = tmp_path / "project", scan(tmp_path / "case")
    with start_in(project) as flow:
        flow.open(case)
        ident = box(flow)
        flow.wait(lambda: kept(flow))
    file = project / "project.sqlite"
    file.write_bytes(b"no database at all" * 400)
    with start_in(project, ready=False) as again:
        again.wait(lambda: again.window.findChild(BackupsDialog) is not None)
        dialog = again.window.findChild(BackupsDialog)
        assert isinstance(dialog, BackupsDialog)
        first = dialog.findChildren(QRadioButton)[0].text()
        assert first.startswith("The backup of ")
        assert first.endswith("with 1 annotation")
        with pytest.raises(UserError, match="damaged"):
            acting.refuse_read_only(again.session)
        dialog.backup_chosen.emit(dialog._paths[0])
        again.wait(lambda: back_in_view(again))
        again.wait(lambda: again.session.labels.find(ident) is not None)
        assert [one.name for one in project.glob("project.damaged-*")] != []


def test_a_command_line_of_two_projects_is_refused(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "project.sqlite").touch()
    assert open_window([str(tmp_path / "one"), str(tmp_path / "two")]) == 2
