"""The quick way through a header finds what pydicom's own reader finds, or leaves it to that."""

from __future__ import annotations

import logging
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from inference.sources.base import START_BYTES
from inference.sources.dicom_fields import number, numbers, quietly, value_of, word, words
from inference.sources.dicom_header import read_header
from inference.sources.dicom_scan import scan
from tests.inference.sources.dicom_writer import dataset_of, write_slice

_FRAMES = np.zeros((3, 4), np.int16)


def _bytes(dataset: Dataset, syntax: UID = ExplicitVRLittleEndian) -> bytes:
    stream = BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def _by_pydicom(start: bytes) -> tuple[Dataset, int]:
    stream = BytesIO(start)
    return dcmread(stream, stop_before_pixels=True), stream.tell()


def test_all_shared_headers_are_those_that_pydicom_reads(shared_data: Path) -> None:
    logging.getLogger("pydicom").setLevel(logging.CRITICAL)
    compared = 0
    for path in sorted((shared_data / "dicom").rglob("*")):
        start = path.read_bytes()[:START_BYTES] if path.is_file() else b""
        found = scan(start)
        if found is None:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected, end = _by_pydicom(start)
            assert found.end == end, path.name
            assert found.dataset == expected, path.name
            assert found.dataset.original_encoding == expected.original_encoding
            assert found.dataset.file_meta.TransferSyntaxUID == expected.file_meta.TransferSyntaxUID
        compared += 1
    assert compared >= 250


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_plain_headers_are_scanned(syntax: UID) -> None:
    start = _bytes(
        dataset_of(_FRAMES, PatientName="Müller", SpecificCharacterSet="ISO_IR 192"), syntax
    )
    found = scan(start)
    assert found is not None
    assert found.dataset.PatientName == "Müller"
    assert start[found.end : found.end + 4] == b"\xe0\x7f\x10\x00"


@pytest.mark.parametrize("syntax", [ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian])
def test_other_encodings_are_left_to_pydicom(syntax: UID) -> None:
    assert scan(_bytes(dataset_of(_FRAMES), syntax)) is None


def test_a_header_longer_than_what_was_kept_is_left_to_pydicom(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "a", ImageComments="x" * 10_000)
    start = path.read_bytes()
    assert scan(start) is not None
    assert scan(start[:9_000]) is None
    assert read_header(path, start[:9_000], len(start)).rows == 3


@pytest.mark.parametrize(
    ("changes", "equal"),
    [
        ({"InstanceNumber": 7, "SliceLocation": "12.5"}, True),
        ({"ImagePositionPatient": [1, 2, 3.5], "SOPInstanceUID": "1.2.3"}, True),
        ({"RescaleSlope": "2"}, False),
        ({"WindowCenter": "41"}, False),
        ({"BitsStored": 12, "HighBit": 11}, False),
        ({"PixelSpacing": [1.0, 1.0]}, False),
        ({"Modality": "PT"}, False),
    ],
)
def test_likeness_leaves_out_what_is_the_instances_own(
    changes: dict[str, object], equal: bool
) -> None:
    one = scan(_bytes(dataset_of(_FRAMES, RescaleSlope="1", WindowCenter="40")))
    values = {"RescaleSlope": "1", "WindowCenter": "40"} | changes
    other = scan(_bytes(dataset_of(_FRAMES, **values)))
    assert one is not None
    assert other is not None
    assert (one.likeness == other.likeness) is equal


@settings(max_examples=150, deadline=None, derandomize=True)
@given(place=st.integers(132, 900), byte=st.integers(0, 255))
def test_a_damaged_byte_never_means_another_header(place: int, byte: int) -> None:
    """Either the scan steps aside, or it reads what pydicom reads."""
    start = bytearray(_bytes(dataset_of(_FRAMES, SOPInstanceUID="1.2.3")))
    start[min(place, len(start) - 1)] = byte
    found = scan(bytes(start))
    if found is None:
        return
    with quietly():
        try:
            expected, _ = _by_pydicom(bytes(start))
        except (InvalidDicomError, EOFError, ValueError, NotImplementedError):
            return
        assert found.dataset.keys() == expected.keys()


_READ = [
    ("ImagePositionPatient", "DS", [b"1\\2.5\\-3e2 ", b"1\\\\3", b"x", b" 1 \\2", b"nan", b"1\0"]),
    ("InstanceNumber", "IS", [b"12", b" 7 ", b"1.5", b"", b"99999999999", b"+3"]),
    ("Rows", "US", [b"\x02\x00", b"\x02\x00\x03\x00", b"\x02", b""]),
    ("ImageType", "CS", [b"ORIGINAL\\PRIMARY ", b"A\\\\B", b"  ", b"", b"\\", b"AXIAL\0"]),
    ("SOPInstanceUID", "UI", [b"1.2.3\0", b"1.2\\3.4", b""]),
    ("SeriesDescription", "LO", [b"a b ", b"M\xfcller", b"a\\b", b" lead"]),
]


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [(keyword, vr, value) for keyword, vr, values in _READ for value in values],
)
def test_raw_values_read_as_converted_ones(keyword: str, vr: str, value: bytes) -> None:
    """The short way to a number or word, against the same element converted by pydicom."""
    from pydicom.dataelem import RawDataElement
    from pydicom.tag import Tag

    tag = Tag(keyword)

    def dataset() -> Dataset:
        return Dataset({tag: RawDataElement(tag, vr, len(value), value, 0, False, True)})

    with quietly():
        short, converted = dataset(), dataset()
        value_of(converted, keyword)
        assert numbers(short, keyword) == numbers(converted, keyword)
        assert number(short, keyword) == number(converted, keyword)
        if vr not in ("DS", "IS", "US"):
            assert words(short, keyword) == words(converted, keyword)
            assert word(short, keyword) == word(converted, keyword)
