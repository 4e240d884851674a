"""Pixels of single bits, of 16-bit codecs, and what lossy compression is called."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, RLELossless

from inference.records import FrameRef
from inference.sources.dicom_frame import read_frame
from inference.sources.dicom_header import read_header
from inference.sources.dicom_words import lossy_of
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice


def _stored(path: Path, number: int = 0) -> np.ndarray:
    return read_frame(("", 0), FrameRef(str(path), number), None).stored


BITS = np.random.default_rng(5).integers(0, 2, (9, 3, 5)).astype(np.uint8)
ONE_BIT = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "Modality": "SEG"}


def test_native_frames_of_single_bits_begin_within_a_byte(tmp_path: Path) -> None:
    # 15 pixels a frame: frame 1 begins at bit 7 of the second byte and takes three bytes.
    packed = np.packbits(BITS.reshape(-1), bitorder="little").tobytes()
    path = write_slice(tmp_path / "x.dcm", BITS, **ONE_BIT, PixelData=packed + b"\0")
    for number, expected in enumerate(BITS):
        np.testing.assert_array_equal(_stored(path, number), expected)


def _literal_run(data: bytes) -> bytes:
    """One RLE segment (PS3.5 G.3): its header, a literal run, and a byte to make it even."""
    body = bytes([len(data) - 1]) + data
    return np.array([1, 64, *[0] * 14], "<u4").tobytes() + body + b"\x80" * (len(body) % 2)


def test_run_lengths_of_single_bits_hold_packed_bytes(tmp_path: Path) -> None:
    frames = [_literal_run(np.packbits(one, bitorder="little").tobytes()) for one in BITS]
    made = dataset_of(BITS, **ONE_BIT, PixelData=encapsulate(frames))
    made["PixelData"].VR = "OB"
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = RLELossless
    path = write(tmp_path / "x.dcm", made)
    for number, expected in enumerate(BITS):
        np.testing.assert_array_equal(_stored(path, number), expected)


@pytest.mark.parametrize(
    ("plain", "packed"),
    [
        ("liver.dcm", ("liver_rle.dcm", "liver_j2k.dcm", "liver_deflate.dcm")),
        (
            "liver_nonbyte_aligned.dcm",
            (
                "liver_nonbyte_aligned_rle.dcm",
                "liver_nonbyte_aligned_j2k.dcm",
                "liver_nonbyte_aligned_deflate.dcm",
            ),
        ),
    ],
)
def test_segments_are_the_same_in_every_encoding(
    shared_data: Path, plain: str, packed: tuple[str, ...]
) -> None:
    folder = shared_data / "dicom" / "pydicom+pydicom-data" / "data_store" / "data"
    for number in range(read_header(folder / plain).frames):
        expected = _stored(folder / plain, number)
        assert expected.max() == 1
        for name in packed:
            np.testing.assert_array_equal(_stored(folder / name, number), expected)


@pytest.mark.parametrize("kind", ["CT2", "NM1", "XA1"])
def test_grey_jpeg_2000_gives_the_values_of_the_lossless_original(
    shared_data: Path, kind: str
) -> None:
    folder = shared_data / "dicom" / "robyoung+dicom-test-files" / "data" / "WG04"
    original = _stored(folder / "JPLL" / f"{kind}_JPLL")  # DCMTK agrees on this one
    np.testing.assert_array_equal(_stored(folder / "J2KR" / f"{kind}_J2KR"), original)


J2K = "1.2.840.10008.1.2.4.91"
BASELINE = "1.2.840.10008.1.2.4.50"
PLAIN = "1.2.840.10008.1.2.1"


@pytest.mark.parametrize(
    ("syntax", "changes", "words"),
    [
        (PLAIN, {}, None),
        (J2K, {}, None),  # may be lossless
        (PLAIN, {"LossyImageCompression": "00"}, None),
        (PLAIN, {"LossyImageCompression": "01"}, "Lossy compression"),
        (
            PLAIN,
            {"LossyImageCompression": "01", "LossyImageCompressionRatio": 10},
            "Lossy compression, 10:1",
        ),
        (
            PLAIN,
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionMethod": "ISO_10918_1",
                "LossyImageCompressionRatio": "9.97",
            },
            "Lossy JPEG, 9.97:1",
        ),
        (
            J2K,
            {
                "LossyImageCompression": "01",
                "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"],
                "LossyImageCompressionRatio": [10, 4.5],
            },
            "Lossy JPEG, 10:1, then JPEG 2000, 4.5:1",
        ),
        # The header denies what the transfer syntax does: 64 × 64 × 2 bytes in 126 and the rest.
        (BASELINE, {"LossyImageCompression": "00"}, "Lossy JPEG, about 60:1"),
        (J2K, {"LossyImageCompression": "01"}, "Lossy JPEG 2000, about 60:1"),
        (BASELINE, {"LossyImageCompressionRatio": 12}, "Lossy JPEG, 12:1"),
    ],
)
def test_lossy_compression_in_words(
    tmp_path: Path, syntax: str, changes: dict[str, Any], words: str | None
) -> None:
    pixels = np.zeros((64, 64), np.uint16)
    made = dataset_of(pixels, **changes)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = UID(syntax)
    if syntax != PLAIN:
        # Offset table 8 bytes, item 8 + 112, delimiter 8: 136 bytes after the element's header.
        made.PixelData = encapsulate([bytes(112)], has_bot=False)
        made["PixelData"].VR = "OB"
    header = read_header(write(tmp_path / "x.dcm", made))
    assert lossy_of(header) == words
