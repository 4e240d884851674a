"""What cannot be kept is said at once, waits in its order, and is kept when it can be again."""

from __future__ import annotations

import errno
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from app.actions import acting, keeping, labelling
from app.places import personal_folder
from app.store import backups
from app.waiting import STATE
from inference.records import Annotation
from tests.flows.conftest import Flow


@pytest.fixture
def labelled(flow: Flow, case: Path) -> Flow:
    """A window with a scan in view, and a first box that is saved."""
    flow.open(case)
    flow.wait(lambda: flow.pane.source_id in flow.session.labels.ready)
    put(flow, "first")
    flow.wait(lambda: flow.session.saved_at is not None and not flow.session.waiting.things)
    return flow


def put(flow: Flow, name: str) -> None:
    source_id = flow.pane.source_id
    assert source_id is not None
    corners = ((1.0, 2.0), (30.0, 40.0))
    made = Annotation(name, source_id, 0, "box", "nodule", corners)
    labelling.put(flow.session, flow.window.jobs, "Box", (made,))


def kept() -> tuple[list[str], int, int]:
    """The annotations that hold, how many versions there are, and how many acts."""
    with closing(sqlite3.connect(personal_folder() / "project.sqlite")) as database:
        rows = database.execute(
            "SELECT thing FROM head WHERE sort = 'annotation' AND live ORDER BY thing"
        ).fetchall()
        versions = database.execute("SELECT count(*) FROM version").fetchone()[0]
        acts = database.execute("SELECT count(*) FROM act").fetchone()[0]
    return [row[0] for row in rows], versions, acts


def work_on(flow: Flow) -> None:
    """Two boxes, one of them taken back and another made in its place."""
    put(flow, "second")
    put(flow, "third")
    acting.undo(flow.session, flow.window.jobs)
    put(flow, "fourth")


def test_a_renamed_folder_is_said_and_work_goes_on_when_it_is_back(labelled: Flow) -> None:
    flow, place = labelled, personal_folder()
    away = place.with_name("elsewhere")
    place.rename(away)
    began = time.monotonic()
    work_on(flow)
    flow.hear("is not where it was")
    assert time.monotonic() - began < 2.0
    assert len(flow.session.waiting.things) == 4
    flow.wait(lambda: time.monotonic() - began > 2.5)  # it was tried once more
    assert len([note for note in flow.session.notes if "not where" in note.text]) == 1
    assert not place.exists()
    away.rename(place)
    flow.wait(lambda: not flow.session.waiting.things)
    assert flow.session.waiting.trouble == ""
    assert kept() == (["first", "fourth", "second"], 4, 3)


def test_what_the_window_keeps_of_itself_is_not_said_to_be_lost(labelled: Flow) -> None:
    flow, place = labelled, personal_folder()
    place.rename(place.with_name("elsewhere"))
    keeping.keep(flow.session, flow.window.jobs, STATE, ("test", 1))
    flow.wait(lambda: flow.session.waiting.again)
    assert not [note for note in flow.session.notes if "not where" in note.text]
    put(flow, "second")
    flow.hear("is not where it was")
    assert flow.session.saved_at is None
    place.with_name("elsewhere").rename(place)
    keeping.send(flow.session, flow.window.jobs)
    flow.wait(lambda: flow.session.saved_at is not None)
    assert kept() == (["first", "second"], 2, 2)


def test_a_file_that_another_program_holds_is_said_and_waited_for(labelled: Flow) -> None:
    flow = labelled
    with closing(sqlite3.connect(personal_folder() / "project.sqlite")) as stranger:
        stranger.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        work_on(flow)
        flow.hear("another program is using the file")
        assert time.monotonic() - began < 2.0
        stranger.rollback()
    flow.wait(lambda: not flow.session.waiting.things)
    assert kept() == (["first", "fourth", "second"], 4, 3)


def test_a_backup_that_cannot_be_made_is_said_once_and_work_is_saved(
    labelled: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(backups, "make_backup", full)
    monkeypatch.setattr(backups, "AFTER_S", 0.0)
    for number in range(6):
        put(labelled, f"box {number}")
        labelled.wait(lambda: not labelled.session.waiting.things)
    labelled.hear("No backup of the project personal could be made: the disk is full.")
    assert len([one for one in labelled.session.notes if "No backup" in one.text]) == 1
    assert len(kept()[0]) == 7
