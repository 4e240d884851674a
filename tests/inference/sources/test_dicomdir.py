"""DICOMDIR: opens what it names, whatever the case of the names, and says what is missing."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, MediaStorageDirectoryStorage

from inference.records import Opened
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.dicom_writer import write, write_slice

FOLDER = Path("dicom/pydicom+pydicom/src/pydicom/data/test_files/dicomdirtests")


def _open(*paths: Path) -> Opened:
    return open_sources(OpenRequest(tuple(map(str, paths))), Task())


def _directory(path: Path, *names: list[str], in_use: int = 0xFFFF) -> Path:
    """A DICOMDIR with one record a file, as PS3.3 F.3 has it."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = MediaStorageDirectoryStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.FileSetID = "TEST"
    records = []
    for name in names:
        record = Dataset()
        record.RecordInUseFlag = in_use
        record.DirectoryRecordType = "IMAGE"
        record.ReferencedFileID = name
        records.append(record)
    dataset.DirectoryRecordSequence = records
    return write(path, dataset)


def _slices(folder: Path, *names: str) -> None:
    for number, name in enumerate(names):
        write_slice(
            folder / name,
            np.full((3, 4), number, np.int16),
            SOPInstanceUID=f"1.2.{number + 1}",
            ImagePositionPatient=[0, 0, number],
        )


def test_it_opens_the_files_that_it_names_and_no_others(tmp_path: Path) -> None:
    _slices(tmp_path / "dicom" / "pat1", "im1", "im2", "other")
    path = _directory(tmp_path / "renamed.bin", ["DICOM", "PAT1", "IM1"], ["DICOM", "PAT1", "IM2"])
    opened = _open(path)
    assert opened.refused == ()
    assert [Path(ref.path).name for ref in opened.sources[0].refs] == ["im1", "im2"]


def test_in_a_folder_it_adds_nothing_and_is_not_refused(tmp_path: Path) -> None:
    _slices(tmp_path, "IM1", "IM2", "IM3")
    _directory(tmp_path / "DICOMDIR", ["IM1"], ["IM2"])
    opened = _open(tmp_path)
    assert [source.frames for source in opened.sources] == [3]
    assert opened.refused == ()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (1, "DICOMDIR names 1 file that is not here: GONE/IM0."),
        (3, "DICOMDIR names 3 of the 4 files that are not here; the first is GONE/IM0."),
    ],
)
def test_missing_files_are_said_in_one_sentence(
    tmp_path: Path, missing: int, sentence: str
) -> None:
    _slices(tmp_path, "IM1")
    gone = [["GONE", f"IM{number}"] for number in range(missing)]
    path = _directory(tmp_path / "DICOMDIR", ["IM1"], *gone)
    for opened in (_open(path), _open(tmp_path)):
        assert len(opened.sources) == 1
        assert [(one.path, one.reason) for one in opened.refused] == [(str(path), sentence)]


def test_no_path_leaves_its_folder(tmp_path: Path) -> None:
    _slices(tmp_path, "OUTSIDE")
    _slices(tmp_path / "set", "IM1")
    path = _directory(
        tmp_path / "set" / "DICOMDIR",
        ["..", "OUTSIDE"],
        [str(tmp_path / "OUTSIDE")],
        [".", "..", "OUTSIDE"],
    )
    opened = _open(path)
    assert opened.sources == ()
    assert "names 3 of the 3 files that are not here" in opened.refused[0].reason


def test_a_directory_deep_in_a_set_may_name_its_files_from_the_top(tmp_path: Path) -> None:
    _slices(tmp_path / "s21570" / "S2010", "I10", "I20")
    path = _directory(
        tmp_path / "s21570" / "S2010" / "DIRFILE",
        ["S21570", "S2010", "I10"],
        ["S2010", "I20"],
        ["S21570", "S2011", "I30"],
    )
    opened = _open(path)
    assert [source.frames for source in opened.sources] == [2]
    assert "S21570/S2011/I30" in opened.refused[0].reason


def test_records_out_of_use_and_empty_sets_name_no_files(tmp_path: Path) -> None:
    _slices(tmp_path / "a", "IM1")
    for path in (
        _directory(tmp_path / "a" / "DICOMDIR", ["IM1"], in_use=0),
        _directory(tmp_path / "b" / "DICOMDIR"),
    ):
        opened = _open(path)
        assert opened.sources == ()
        assert [one.reason for one in opened.refused] == ["DICOMDIR names no files."]


def test_in_an_archive(tmp_path: Path) -> None:
    _slices(tmp_path / "set", "IM1", "IM2")
    _directory(tmp_path / "set" / "DICOMDIR", ["IM1"], ["IM2"], ["IM3"])
    with zipfile.ZipFile(tmp_path / "cd.zip", "w") as file:
        for path in (tmp_path / "set").iterdir():
            file.write(path, path.name)
    opened = _open(tmp_path / "cd.zip")
    assert [source.frames for source in opened.sources] == [2]
    assert [(one.path, one.reason) for one in opened.refused] == [
        (f"{tmp_path / 'cd.zip'}/DICOMDIR", "DICOMDIR names 1 file that is not here: IM3.")
    ]


def test_a_damaged_one_is_refused(tmp_path: Path) -> None:
    path = _directory(tmp_path / "DICOMDIR", ["IM1"])
    path.write_bytes(path.read_bytes()[:300])
    opened = _open(path)
    assert opened.sources == ()
    assert len(opened.refused) == 1


@pytest.mark.parametrize(
    "name", ["DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-bigEnd", "DICOMDIR-reordered"]
)
def test_a_real_set_in_every_encoding(shared_data: Path, tmp_path: Path, name: str) -> None:
    """`dcmdump DICOMDIR | grep -c ReferencedFileID` counts 31 files, all of which are here."""
    folder = shared_data / FOLDER
    named = _open(folder / name)
    assert named.refused == ()
    paths = {ref.path for source in named.sources for ref in source.refs}
    assert len(paths) == 31
    assert sum("77654033" in path for path in paths) == 7
    shutil.copytree(folder / "98892001", tmp_path / "98892001")
    shutil.copy(folder / name, tmp_path / "DICOMDIR")
    part = _open(tmp_path / "DICOMDIR")
    assert sum(source.frames for source in part.sources) == 7
    assert part.refused[0].reason.startswith(
        "DICOMDIR names 24 of the 31 files that are not here; the first is 77654033/CR"
    )
