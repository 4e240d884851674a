"""Files beside each other: which are copies, which belong together, and how deep they may lie."""

from __future__ import annotations

import os
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.records import Opened
from inference.requests import OpenRequest
from inference.sources import files, registry
from inference.sources.files import examine, find_files
from inference.sources.registry import open_sources
from inference.task import Task

META = "ObjectType = Image\nNDims = 3\nDimSize = 4 4 4\nElementType = MET_UCHAR\n"
NRRD = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 4 4 4\nencoding: raw\n"
HEADERS = {"scan.mhd": META + "ElementDataFile = {}\n", "scan.nhdr": NRRD + "data file: {}\n\n"}
HALF_MEBIBYTE = 2**19


def _open(path: Path) -> Opened:
    return open_sources(OpenRequest((str(path),)), Task())


def _volume(folder: Path, header: str, fill: int, name: str = "values.raw") -> None:
    folder.mkdir()
    (folder / header).write_text(HEADERS[header].format(name))
    (folder / "values.raw").write_bytes(bytes([fill]) * 64)


@pytest.mark.parametrize("header", HEADERS)
def test_volumes_of_one_size_are_no_copies_of_each_other(tmp_path: Path, header: str) -> None:
    """Though their headers are the same byte for byte."""
    for name, fill in (("one", 1), ("other", 2), ("copy", 2)):
        _volume(tmp_path / name, header, fill)
    opened = _open(tmp_path)
    assert len({source.source_id for source in opened.sources}) == 2
    # Folders are searched in the order of their names: copy, one, other.
    reasons = [(Path(refused.path).parent.name, refused.reason) for refused in opened.refused]
    assert reasons == [("other", f"{header} holds the same bytes as {header}.")]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("name", ["x" * 5000, "a\0b", "../values.raw", "none.raw"])
def test_values_that_cannot_be_there_are_a_sentence(tmp_path: Path, header: str, name: str) -> None:
    _volume(tmp_path / "scan", header, 1, name)
    reasons = [refused.reason for refused in _open(tmp_path).refused]
    assert len(reasons) == 2, "the header, and values that belong to nothing"
    assert any(reason.startswith(header) for reason in reasons)


def _mask(path: Path, lesion: int) -> None:
    """A large mask, unpacked, with one voxel."""
    values = bytearray(3 * HALF_MEBIBYTE)
    values[lesion] = 1
    head = NRRD.replace("4 4 4", f"512 1024 {len(values) // HALF_MEBIBYTE}")
    path.write_bytes(head.encode() + b"\n" + values)


def test_large_files_whose_samples_agree_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (files, registry):
        monkeypatch.setattr(module, "WHOLE_DIGEST_BYTES", 2**20)
    monkeypatch.setattr(files, "_SAMPLE_BYTES", 16)
    for name, lesion in (("a.nrrd", 700_001), ("b.nrrd", 700_005), ("c.nrrd", 700_005)):
        _mask(tmp_path / name, lesion)
    assert examine(tmp_path / "a.nrrd").digest == examine(tmp_path / "b.nrrd").digest
    opened = _open(tmp_path)
    assert [source.title for source in opened.sources] == ["a.nrrd", "b.nrrd"]
    assert len({source.source_id for source in opened.sources}) == 2
    assert [one.reason for one in opened.refused] == ["c.nrrd holds the same bytes as b.nrrd."]


class _Slow(FileIO):
    """A file that hands over a few bytes at a time, as one on a network may."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(1000, size) if size is not None and size >= 0 else size)

    def readinto(self, buffer: Any, /) -> int:
        return super().readinto(buffer[:1000]) or 0


@pytest.mark.parametrize("limit", [2**26, 2**16])
def test_a_digest_does_not_depend_on_how_bytes_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    path = tmp_path / "file"
    path.write_bytes(np.random.default_rng(0).integers(0, 256, 100_000, np.uint8).tobytes())
    monkeypatch.setattr(files, "WHOLE_DIGEST_BYTES", limit)
    monkeypatch.setattr(files, "_SAMPLE_BYTES", 5000)
    at_once = examine(path)
    monkeypatch.setattr(files, "open_regular", lambda place: _Slow(str(place), "rb"))
    assert examine(path) == at_once


@pytest.mark.skipif(os.name == "nt", reason="Windows has no relative places to make these in")
def test_folders_may_lie_deeper_than_functions_may_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(1100):
        os.mkdir("a")
        os.chdir("a")
    Path("scan").write_bytes(b"x")
    try:
        (found,) = find_files([str(tmp_path)])
        assert isinstance(found, Path)
        assert found.parts.count("a") == 1100
    finally:  # what clears temporary folders away calls itself as well
        Path("scan").unlink()
        for _ in range(1100):
            os.chdir("..")
            os.rmdir("a")
