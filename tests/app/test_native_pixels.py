"""Native pixels are read as they stand, or not at all: from the file that was opened, whole."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.calls import Call
from app.native_pixels import NativeRead, native_request, read_native
from app.source_volume import native_frame
from app.thread_lane import ThreadLane
from inference.records import Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Cancelled, Task
from tests.inference.sources.dicom_writer import write_slice


def series(folder: Path, count: int = 4, bits: int = 16) -> Source:
    """A series whose slice n is full of n − 1."""
    for index in range(count):
        write_slice(
            folder / f"{index}.dcm",
            np.full((3, 4), index - 1, np.int16),
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0, 0, index],
            BitsStored=bits,
            HighBit=bits - 1,
        )
    (source,) = open_sources(OpenRequest((str(folder),)), Task()).sources
    return source


def _read(source: Source, *indices: int) -> NativeRead:
    return read_native(native_request(source, indices, None), Task())


@pytest.mark.parametrize("bits", [16, 12])
def test_frames_are_those_that_the_decoder_gives(tmp_path: Path, bits: int) -> None:
    source = series(tmp_path, bits=bits)
    found = _read(source, 2, 0)
    expected = read_frames(read_request(source, (2, 0)), Task())
    for index, array, frame in zip((2, 0), found.arrays, expected, strict=True):
        native = native_frame(source, index, array)
        assert np.array_equal(native.stored, frame.stored)
        assert native.stored.dtype == frame.stored.dtype
        assert (native.key, native.affine) == (frame.key, frame.affine)
        assert (native.slope, native.unit) == (frame.slope, frame.unit)


def test_they_go_straight_into_the_volume(tmp_path: Path) -> None:
    source = series(tmp_path)
    volume = np.full((4, 3, 4), 77, np.int16)
    read_native(native_request(source, (1, 3), volume), Task())
    assert volume[:, 0, 0].tolist() == [77, 0, 77, 2]


def _truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def _rewrite(path: Path) -> None:
    about = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns + 1))


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        (Path.unlink, "1.dcm was not opened: there is no such file or folder."),
        (_truncate, "1.dcm has been changed since it was opened."),
        (_rewrite, "1.dcm has been changed since it was opened."),
        pytest.param(
            _pipe,
            "1.dcm is neither a file nor a folder.",
            marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here"),
        ),
    ],
)
def test_a_file_that_is_another_now_has_its_sentence(
    tmp_path: Path, harm: object, sentence: str
) -> None:
    assert callable(harm)
    source = series(tmp_path)
    harm(tmp_path / "1.dcm")
    found = _read(source, 0, 1, 2)
    assert found.indices == (0, 2)
    assert [(index, error.message) for index, error in found.troubles] == [(1, sentence)]


def test_a_file_that_ends_early_in_spite_of_its_size(tmp_path: Path) -> None:
    source = series(tmp_path)
    far = tuple(replace(one, offset=one.offset + 8) for one in source.native)
    found = _read(replace(source, native=far), 0)
    assert [index for index, _ in found.troubles] == [0]


def test_it_stops_between_frames(tmp_path: Path) -> None:
    source = series(tmp_path)
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        read_native(native_request(source, (0, 1), None), task)


def test_a_share_that_never_answers_does_not_hold_up_the_end() -> None:
    stuck = threading.Event()

    def read(request: None, task: Task) -> None:
        stuck.wait(20)

    lane = ThreadLane.of("pixels", {"read": read}, 1, patience_s=0.1)
    began = time.monotonic()
    lane.submit(Call("read", None, lambda *_: None, lambda _: None, lambda _: None))
    lane.close()
    assert time.monotonic() - began < 5
    stuck.set()
