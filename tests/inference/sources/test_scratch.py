"""Folders for what was unpacked: whole or not there, swept by how long they were not used."""

from __future__ import annotations

import os
from pathlib import Path

from inference.sources.scratch import Contents, fill, read_contents, sweep


def _folder(place: Path, name: str, size: int, age: float) -> Path:
    def work(beside: Path) -> Contents:
        (beside / "x").write_bytes(b"\0" * size)
        return Contents((("x", size),), ())

    fill(place / name, work)
    at = (place / name).stat().st_mtime - age
    os.utime(place / name, (at, at))
    return place / name


def test_sweeping_removes_what_was_not_used_for_longest(tmp_path: Path) -> None:
    old, mid, new = (
        _folder(tmp_path, name, 1000, age) for name, age in (("a", 300), ("b", 200), ("c", 100))
    )
    sweep(str(tmp_path), 10_000)
    assert old.exists()
    assert read_contents(old) is not None  # using it makes it the newest
    sweep(str(tmp_path), 2400)
    assert (old.exists(), mid.exists(), new.exists()) == (True, False, True)
    sweep(str(tmp_path), 0)
    assert list(tmp_path.iterdir()) == []


def test_sweeping_removes_abandoned_halves_and_leaves_fresh_ones(tmp_path: Path) -> None:
    for name, age in (("a.part-1", 7200.0), ("b.part-2", 60.0)):
        (tmp_path / name).mkdir()
        at = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (at, at))
    sweep(str(tmp_path), 0)
    assert [path.name for path in tmp_path.iterdir()] == ["b.part-2"]
    sweep(str(tmp_path / "nowhere"), 0)


def test_two_that_fill_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    def work(beside: Path) -> Contents:
        fill(tmp_path / "a", lambda other: Contents((), (("first", "x"),)))
        return Contents((), (("second", "x"),))

    fill(tmp_path / "a", work)
    found = read_contents(tmp_path / "a")
    assert found is not None
    assert found.refused == (("first", "x"),)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_place_that_is_no_folder_is_not_swept(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    for name in ("x", "none"):
        sweep(str(tmp_path / name), 0)
    assert (tmp_path / "x").read_bytes() == b"x"
