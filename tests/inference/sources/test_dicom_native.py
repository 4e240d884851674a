"""Native pixels read at their offsets are those that the decoder gives, whatever the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian

from inference.records import Frame, Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice


def _source(path: Path) -> Source:
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    return source


def _raw(source: Source, index: int) -> np.ndarray:
    """The pixel words of a frame by plain NumPy."""
    native = source.native[index]
    rows, columns = source.shape
    content = Path(source.refs[index].path).read_bytes()
    words = np.frombuffer(content, native.dtype, rows * columns, native.offset)
    if native.bits:
        low = words & (1 << native.bits) - 1
        sign = words.dtype.kind == "i" and (low >> (native.bits - 1)) & 1
        words = np.where(sign, low.astype(np.int32) - (1 << native.bits), low).astype(words.dtype)
    return words.reshape(rows, columns)


_MEANING = (
    "slope", "intercept", "unit", "photometric", "inverted", "padding", "windows", "spacing_mm",
    "calibrations", "directions",
)  # fmt: skip


def _assert_means_the_same(head: Frame, frame: Frame) -> None:
    for name in _MEANING:
        assert getattr(head, name) == getattr(frame, name), name


def test_on_all_shared_files(shared_data: Path) -> None:
    opened = open_sources(OpenRequest((str(shared_data / "dicom"),)), Task())
    native = [source for source in opened.sources if source.native]
    compared = 0
    for source in native:
        assert len(source.native) == source.frames
        for index in {0, source.frames // 2, source.frames - 1}:
            (frame,) = read_frames(read_request(source, (index,)), Task())
            found = _raw(source, index)
            assert np.array_equal(found, frame.stored), source.refs[index].path
            assert found.dtype == frame.stored.dtype
            _assert_means_the_same(source.heads[source.native[index].head], frame)
            compared += 1
    assert len(native) >= 60
    assert compared >= 100


def test_slices_that_mean_the_same_share_a_head(tmp_path: Path) -> None:
    for index in range(6):
        slope = "2" if index > 3 else "1"
        write_slice(
            tmp_path / f"{index}",
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0, 0, index],
            RescaleSlope=slope,
            RescaleIntercept="0",
        )
    source = _source(tmp_path)
    assert [one.head for one in source.native] == [0, 0, 0, 0, 1, 1]
    assert [head.slope for head in source.heads] == [1.0, 2.0]


def test_frames_of_one_file_stand_one_behind_the_other(tmp_path: Path) -> None:
    pixels = np.arange(24, dtype=np.uint16).reshape(2, 3, 4)
    path = write_slice(tmp_path / "a", pixels, ImagePositionPatient=None)
    source = _source(path)
    assert source.native[1].offset - source.native[0].offset == 24
    assert np.array_equal(_raw(source, 1), pixels[1])


@pytest.mark.parametrize(
    "changes",
    [
        {"BitsStored": 12, "HighBit": 15},
        {"PhotometricInterpretation": "PALETTE COLOR"},
        {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31, "PixelData": b"\0" * 48},
    ],
)
def test_what_has_to_be_decoded_is_not_native(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert _source(write_slice(tmp_path / "a", **changes)).native == ()


def test_big_endian_is_not_native(tmp_path: Path) -> None:
    dataset = dataset_of(np.zeros((3, 4), np.int16))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    assert _source(write(tmp_path / "a", dataset)).native == ()


@pytest.mark.parametrize(("signed", "word", "value"), [(True, 0xFFFF, -1), (False, 0xF123, 0x123)])
def test_unused_bits_are_no_part_of_a_value(
    tmp_path: Path, signed: bool, word: int, value: int
) -> None:
    pixels = np.full((3, 4), word, np.uint16).view(np.int16 if signed else np.uint16)
    source = _source(write_slice(tmp_path / "a", pixels, BitsStored=12, HighBit=11))
    assert source.native[0].bits == 12
    (frame,) = read_frames(read_request(source, (0,)), Task())
    assert set(frame.stored.ravel().tolist()) == {value}
    assert np.array_equal(_raw(source, 0), frame.stored)
