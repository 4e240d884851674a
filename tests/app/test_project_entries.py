"""What a project remembers of a scan, and where it finds it again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from app.project_entries import FILES_NAMED, LocateRequest, entry_of, locate, nameless_title
from inference.records import FrameRef, SourceEntry
from inference.task import Task
from tests.plain_source import plain_source

SCRATCH = Path("/scratch")
ENTRY = SourceEntry("id", "series", "Head", "CT", 1, (2, 2), ())


def _there(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.mark.parametrize(
    ("who", "title", "shown"),
    [
        ("", "Head 5.0", "Head 5.0"),
        ("Doe, Jane · 1970-01-01 · 4711", "Head 5.0", "Head 5.0"),
        ("Doe, Jane · 1970-01-01 · 4711", "JANE head", "0123456789ab"),
        ("Doe, Jane · 1970-01-01 · 4711", "Head of 4711", "0123456789ab"),
        ("Li, Bo", "Lithium phantom", "Lithium phantom"),  # too short to tell from other words
    ],
)
def test_a_title_that_repeats_the_patient_is_not_kept(who: str, title: str, shown: str) -> None:
    source = replace(plain_source(), source_id="0123456789ab", who=who, title=title)
    assert nameless_title(source) == shown


def test_a_scan_is_remembered_by_its_files_or_by_their_folders() -> None:
    few = tuple(FrameRef(f"/scans/{n // 2}.dcm", n % 2) for n in range(6))
    many = tuple(FrameRef(f"/scans/{n % 2}/{n}.dcm") for n in range(FILES_NAMED + 1))
    source = plain_source()
    assert entry_of(replace(source, refs=few), (), SCRATCH).paths == (
        "/scans/0.dcm",
        "/scans/1.dcm",
        "/scans/2.dcm",
    )
    assert entry_of(replace(source, refs=many), (), SCRATCH).paths == ("/scans/0", "/scans/1")


def test_what_was_unpacked_is_remembered_by_its_archive() -> None:
    source = replace(plain_source(), refs=(FrameRef("/scratch/3f/1.dcm"),))
    assert entry_of(source, ("/home/scans.zip",), SCRATCH).paths == ("/home/scans.zip",)


def test_scans_are_found_where_they_were_or_beside_the_project(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    stays = _there(tmp_path / "fixed" / "a.dcm")
    moves = _there(before / "scans" / "b.dcm")
    entries = tuple(
        replace(ENTRY, source_id=name, paths=(str(path),))
        for name, path in (("a", stays), ("b", moves), ("c", before / "gone.dcm"))
    )
    shutil.move(before, now)
    found = locate(LocateRequest(entries, str(now / "project"), str(before / "project")), Task())
    assert found.missing == ("c",)
    assert [(one.source_id, one.paths) for one in found.moved] == [
        ("b", (str(now / "scans" / "b.dcm"),))
    ]


def test_a_copy_that_moved_with_the_project_goes_before_the_old_place(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    old = _there(before / "scans" / "b.dcm")
    shutil.copytree(before, now)
    entry = replace(ENTRY, paths=(str(old),))
    found = locate(LocateRequest((entry,), str(now), str(before)), Task())
    assert found.moved[0].paths == (str(now / "scans" / "b.dcm"),)


def test_a_scan_that_lost_a_file_at_its_end_is_missing(tmp_path: Path) -> None:
    paths = tuple(str(_there(tmp_path / f"{number}.dcm")) for number in range(4))
    Path(paths[3]).unlink()
    entry = replace(ENTRY, paths=paths)
    assert locate(LocateRequest((entry,), str(tmp_path), ""), Task()).missing == ("id",)
