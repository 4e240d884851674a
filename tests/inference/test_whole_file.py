"""Files that appear whole or not at all, also where the work is interrupted at any line."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from inference.errors import UserError
from inference.whole_file import refuse_unwritable, write_bytes, writing


class InterruptAt:
    """Raises KeyboardInterrupt before the n-th line of the writing itself, as Ctrl+C may."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.raised = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_name not in ("writing", "write_bytes") or self.raised:
            return None
        if "whole_file" not in frame.f_code.co_filename:
            return None
        if event == "line":
            self.left -= 1
            if self.left < 0:
                self.raised = True
                raise KeyboardInterrupt
        return self


def interrupted(path: Path, number: int) -> bool:
    """Write a file, interrupted before the n-th line; whether there was such a line."""
    before, at = sys.gettrace(), InterruptAt(number)
    sys.settrace(at)
    try:
        write_bytes(path, b"new")
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)
    return at.raised


def test_an_interrupt_at_any_line_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    path, number = tmp_path / "map.npy", 0
    path.write_bytes(b"old")
    while interrupted(path, number):
        left = [one.name for one in tmp_path.iterdir()]
        assert left == ["map.npy"], f"line {number}"
        assert path.read_bytes() in (b"old", b"new")
        path.write_bytes(b"old")
        number += 1
    assert number > 8
    assert path.read_bytes() == b"new"


def test_what_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "map.npy"
    write_bytes(path, b"old")

    def fail() -> None:
        with writing(path) as temporary:
            temporary.write_bytes(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"old"
    assert [one.name for one in tmp_path.iterdir()] == ["map.npy"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights of POSIX")
def test_rights_are_the_users_usual_ones_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "map.npy"
    with writing(path) as temporary:
        assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
    usual = tmp_path / "usual"
    usual.touch()
    assert path.stat().st_mode == usual.stat().st_mode


def test_a_folder_that_is_a_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="was not written"):
        write_bytes(tmp_path / "file" / "map.npy", b"new")


def test_a_folder_that_can_be_made_is_not_refused_and_not_made(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "a" / "b")
    refuse_unwritable(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_a_folder_is_said_before_the_work(tmp_path: Path) -> None:
    place = tmp_path / "results"
    place.write_text("")
    for folder in (place, place / "deeper"):
        with pytest.raises(UserError, match="results is a file") as caught:
            refuse_unwritable(folder)
        assert caught.value.fault == "surroundings"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_is_said_before_the_work(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UserError, match="no permission"):
        refuse_unwritable(tmp_path / "out")
