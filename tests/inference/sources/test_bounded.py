"""A damaged length asks for no memory, whatever it says."""

from __future__ import annotations

import struct
from io import FileIO
from pathlib import Path

import pytest

from inference.requests import OpenRequest, TagsRequest
from inference.sources.bounded import BoundedReader
from inference.sources.objects.tags import read_tags
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write_slice


@pytest.mark.parametrize("begin", [0, 3, 100])
@pytest.mark.parametrize("size", [1 << 44, -1, None])
def test_what_is_left_is_read_and_nothing_more(
    tmp_path: Path, begin: int, size: int | None
) -> None:
    (tmp_path / "x").write_bytes(bytes(range(100)))
    with BoundedReader(FileIO(str(tmp_path / "x"))) as file:
        file.seek(begin)
        assert file.read(size) == bytes(range(begin, 100))
        assert file.read(2) == b""


def test_reading_piece_by_piece_is_as_ever(tmp_path: Path) -> None:
    content = bytes(range(256)) * 20_000
    (tmp_path / "x").write_bytes(content)
    with BoundedReader(FileIO(str(tmp_path / "x"))) as file:
        assert b"".join(iter(lambda: file.read(2_000_000), b"")) == content
        file.seek(5)
        assert file.read(7) == content[5:12]


def test_an_element_of_four_gib_is_a_damaged_file(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm")
    content = path.read_bytes()
    at = content.index(struct.pack("<HH", 0x0020, 0x0032))
    huge = content[:at] + struct.pack("<HH2sHL", 0x0020, 0x0031, b"OB", 0, 0xFFFFFFF0)
    path.write_bytes(huge + content[at:])
    opened = open_sources(OpenRequest((str(path),)), Task())
    assert [one.path for one in opened.refused] == [str(path)]
    assert read_tags(TagsRequest(str(path)), Task()).rows
