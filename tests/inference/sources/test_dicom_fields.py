"""Header values that are malformed are none, wherever pydicom complains of them."""

from __future__ import annotations

from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from inference.sources.dicom_fields import element_of, is_given, number, word, words
from tests.inference.sources.dicom_writer import write_slice


def _unread(folder: Path) -> Dataset:
    """A header with an unknown value representation, its values left in the file (PS3.5 6.2)."""
    path = write_slice(folder / "x.dcm", PatientOrientation=["L", "P"])
    content = path.read_bytes()
    at = content.index(b"\x20\x00\x20\x00CS")
    path.write_bytes(content[: at + 4] + b"ZZ" + content[at + 6 :])
    return dcmread(path, defer_size=3)


def test_a_value_of_an_unknown_kind_that_was_not_yet_read_is_none(tmp_path: Path) -> None:
    dataset = _unread(tmp_path)
    assert element_of(dataset, "PatientOrientation") is None
    assert words(dataset, "PatientOrientation") == ()
    assert not is_given(dataset, "PatientOrientation")
    assert words(dataset, "PhotometricInterpretation") == ("MONOCHROME2",)


def test_a_value_that_cannot_be_fetched_any_more_is_none(tmp_path: Path) -> None:
    dataset = _unread(tmp_path)
    (tmp_path / "x.dcm").unlink()
    assert word(dataset, "PhotometricInterpretation") is None
    assert number(dataset, "SamplesPerPixel") == 1.0  # shorter, so it was read with the rest
