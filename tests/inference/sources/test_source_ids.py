"""Source ids: the same bytes give the same id in every place, under every name."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.requests import OpenRequest
from inference.sources import files
from inference.sources.files import digest_of, natural
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write_slice


def _id(path: Path) -> str:
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    return source.source_id


def _series(folder: Path, names: list[str], offset: int = 0) -> Path:
    for number, name in enumerate(names):
        write_slice(
            folder / name,
            np.full((3, 4), number + offset, np.int16),
            SOPInstanceUID=f"1.2.{number + 1}",
            ImagePositionPatient=[0, 0, number],
        )
    return folder


def test_place_name_and_order_do_not_matter(tmp_path: Path) -> None:
    one = _series(tmp_path / "here", ["a", "b", "c"])
    other = _series(tmp_path / "there" / "deeper", ["z.dcm", "y.dcm", "x.dcm"])
    assert _id(one) == _id(other)


def test_a_changed_or_missing_slice_does(tmp_path: Path) -> None:
    whole = _series(tmp_path / "whole", ["a", "b", "c"])
    fewer = _series(tmp_path / "fewer", ["a", "b"])
    changed = _series(tmp_path / "changed", ["a", "b", "c"], offset=1)
    assert len({_id(whole), _id(fewer), _id(changed)}) == 3


def test_the_id_by_hand(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "a", np.arange(700 * 900, dtype=np.int16).reshape(700, 900))
    content = path.read_bytes()
    begin, mebibyte = 16 * 1024, 1024 * 1024
    assert begin + mebibyte < len(content) < begin + 2 * mebibyte
    told = content[:begin]
    for block in (content[begin : begin + mebibyte], content[begin + mebibyte :]):
        told += zlib.crc32(block).to_bytes(4, "big")
    inner = hashlib.sha256(told + len(content).to_bytes(8, "big")).hexdigest()
    assert _id(path) == hashlib.sha256(f"{inner} 0".encode()).hexdigest()[:12]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(place=st.integers(0, 300_000), bit=st.integers(0, 7))
def test_no_changed_bit_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, place: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("bits") / "file"
    content = bytearray(300_001)
    path.write_bytes(content)
    before = digest_of(path)
    content[place] ^= 1 << bit
    path.write_bytes(content)
    assert digest_of(path) != before


def test_large_files_are_sampled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "WHOLE_DIGEST_BYTES", 1000)
    monkeypatch.setattr(files, "_SAMPLE_BYTES", 10)
    content = bytearray(range(256)) * 40
    path = tmp_path / "large"
    path.write_bytes(content)
    digest = digest_of(path)
    for place, seen in ((0, True), (len(content) - 1, True), (15, False)):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert (digest_of(path) != digest) == seen
    path.write_bytes(content + b"\0")
    assert digest_of(path) != digest


def test_names_sort_as_people_count() -> None:
    assert sorted(["I110", "I20", "I3", "A"], key=natural) == ["A", "I3", "I20", "I110"]
