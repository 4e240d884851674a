"""NIfTI masks against SimpleITK: geometry, pixels, and real label volumes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from inference.errors import UserError
from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport, Read, Written
from inference.exchange.table import FORMATS
from inference.mask_bits import mask_of, pack_mask
from inference.records import Annotation, SourceEntry
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.exchange.labelled import IMAGE, LABELS, NO_LABELS

ITK: Any = SimpleITK  # it has no types

SIZE = (5, 7, 9)
"""Slices, rows, columns."""

REAL = "images/udacity+nd320-c3-3d-imaging-starter/data/TrainingSet"


def entry_of(path: Path) -> SourceEntry:
    """The one source of a file, as a project knows it."""
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    return SourceEntry(
        *(source.source_id, source.kind, source.title, source.modality, source.frames),
        *(source.shape, (str(path),)),
    )


def oblique() -> Any:
    """A volume that lies askew in space."""
    turn = ITK.VersorTransform((1.0, 2.0, -0.5), 0.6).GetMatrix()
    found = ITK.GetImageFromArray(np.arange(np.prod(SIZE), dtype=np.int16).reshape(SIZE))
    found.SetSpacing((0.7, 0.9, 2.5))
    found.SetOrigin((-31.25, 12.5, 140.0))
    found.SetDirection(turn)
    return found


def scan_at(place: Path, picture: Any = None) -> SourceEntry:
    path = place / "scan.nii.gz"
    ITK.WriteImage(picture or oblique(), str(path))
    return entry_of(path)


def masks_of(entry: SourceEntry) -> list[Annotation]:
    """Two masks that overlap on slice 1, two of one label on slice 3."""
    found = []
    for frame, label, rows, columns in (
        (1, "lesion", slice(0, 4), slice(1, 5)),
        (1, "grade", slice(2, 6), slice(3, 8)),
        (3, "lesion", slice(0, 2), slice(0, 2)),
        (3, "lesion", slice(5, 7), slice(7, 9)),
    ):
        mask = np.zeros(entry.shape, dtype=bool)
        mask[rows, columns] = True
        found.append(Annotation("m", entry.source_id, frame, "mask", label, mask=pack_mask(mask)))
    return found


def write(entry: SourceEntry, masks: list[Annotation], path: Path) -> Written:
    request = LabelsExport(LABELS, (LabelledSource(entry, tuple(masks)),), str(path), True)
    return FORMATS["nifti"].write(request, Task())


def read(path: Path, *entries: SourceEntry) -> Read:
    return FORMATS["nifti"].read(LabelsImport(NO_LABELS, entries, str(path), "Reader"), Task())


def test_others_see_them_where_the_scan_is(tmp_path: Path) -> None:
    entry = scan_at(tmp_path)
    written = write(entry, masks_of(entry), tmp_path / "out")
    names = sorted(one.name for one in (tmp_path / "out").iterdir())
    assert names == ["labels.json", "scan.layer-2.nii.gz", "scan.nii.gz", "scan.parts.nii.gz"]
    assert (written.files, written.annotations, written.left_out) == (4, 4, ())
    scan = ITK.ReadImage(str(tmp_path / "scan.nii.gz"))
    for name in names[1:]:
        volume = ITK.ReadImage(str(tmp_path / "out" / name))
        assert volume.GetSize() == scan.GetSize()
        for corner in ((0, 0, 0), (8, 6, 4), (8, 0, 4)):
            here = volume.TransformIndexToPhysicalPoint(corner)
            assert here == pytest.approx(scan.TransformIndexToPhysicalPoint(corner), abs=1e-4)
    first = ITK.GetArrayFromImage(ITK.ReadImage(str(tmp_path / "out/scan.nii.gz")))
    expected = np.zeros(SIZE, int)
    expected[1, 0:4, 1:5] = expected[3, 0:2, 0:2] = expected[3, 5:7, 7:9] = 1
    assert np.array_equal(first, expected)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    entry = scan_at(tmp_path)
    write(entry, masks_of(entry), tmp_path / "out")
    found = read(tmp_path / "out", entry)
    told = {
        (one.frame, one.label, mask_of(one, entry.shape).tobytes()) for one in found.annotations
    }
    drawn = masks_of(entry)
    assert told == {(one.frame, one.label, mask_of(one, entry.shape).tobytes()) for one in drawn}
    assert len(found.annotations) == len(drawn)
    assert [one.colour for one in found.label_set.labels] == [one.colour for one in LABELS.labels]


@pytest.mark.parametrize("name", ["hippocampus_014.nii.gz", "hippocampus_025.nii.gz"])
def test_real_label_volumes_lie_on_their_scans(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    entry = entry_of(shared_data / REAL / "images" / name)
    labels = shared_data / REAL / "labels" / name
    found = read(labels, entry)
    theirs = ITK.GetArrayFromImage(ITK.ReadImage(str(labels)))
    ours = np.zeros(theirs.shape, int)
    for one in found.annotations:
        ours[one.frame][mask_of(one, entry.shape)] = int(one.label)
    assert np.array_equal(ours, theirs)
    assert np.unique(theirs).tolist() == [0, 1, 2]


def changed(volume: Any, kind: str) -> Any:
    """A label volume that does not belong to the scan."""
    if kind == "moved":
        volume.SetOrigin([part + 0.01 for part in volume.GetOrigin()])
    elif kind == "turned":
        volume.SetDirection((1, 0, 0, 0, 1, 0, 0, 0, 1))
    elif kind == "cropped":
        return volume[:, :, 1:]
    elif kind == "halves":
        return ITK.Cast(volume, ITK.sitkFloat32) + 0.5
    else:
        return volume - 1
    return volume


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("moved", "it lies 0.01732 mm beside its scan"),
        ("turned", "mm beside its scan"),
        ("cropped", "it is of 9 × 7 × 4 voxels, and its scan of 9 × 7 × 5"),
        ("halves", "slice 0 holds values that are no label numbers"),
        ("negative", "slice 0 holds values that are no label numbers"),
    ],
)
def test_a_volume_of_another_scan_is_refused(kind: str, reason: str, tmp_path: Path) -> None:
    entry = scan_at(tmp_path)
    (tmp_path / "labels").mkdir()
    volume = changed(oblique(), kind)
    ITK.WriteImage(volume, str(tmp_path / "labels" / "scan.nii.gz"))
    with pytest.raises(UserError, match=r"scan\.nii\.gz was not imported") as caught:
        read(tmp_path / "labels", entry)
    assert reason in str(caught.value)


@pytest.mark.parametrize("length", [0, 100, 400, 500])
def test_a_cut_volume_is_refused(length: int, tmp_path: Path) -> None:
    entry = scan_at(tmp_path)
    write(entry, masks_of(entry), tmp_path / "out")
    path = tmp_path / "out" / "scan.nii.gz"
    path.write_bytes(path.read_bytes()[: min(length, path.stat().st_size - 9)])
    with pytest.raises(UserError, match=r"scan\.nii\.gz was not imported"):
        read(tmp_path / "out", entry)


def test_what_has_no_place_is_left_out(tmp_path: Path) -> None:
    entry = scan_at(tmp_path)
    (tmp_path / "scan.nii.gz").unlink()
    written = write(entry, masks_of(entry), tmp_path / "out")
    assert written.annotations == 0
    assert written.left_out == (
        "4 annotations were left out: their scan is no longer where it was.",
    )
    assert json.loads((tmp_path / "out" / "labels.json").read_text())["labels"][0]["index"] == 1


def test_a_picture_has_no_place(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(np.zeros(IMAGE.shape, np.uint8)).save(tmp_path / "photo.png")
    entry = entry_of(tmp_path / "photo.png")
    mask = Annotation(
        "m", entry.source_id, 0, "mask", "lesion", mask=pack_mask(np.ones(entry.shape, dtype=bool))
    )
    written = write(entry, [mask], tmp_path / "out")
    assert "says nothing of where it lies" in written.left_out[0]


def test_a_dicom_series_takes_its_masks_back(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "dicom" / "neurolabusc+dcm_qa_decubitus"
    opened = open_sources(OpenRequest((str(folder),)), Task()).sources
    source = next(one for one in opened if one.frames > 10 and one.positions_mm is None)
    entry = SourceEntry(
        *(source.source_id, source.kind, source.title, source.modality, source.frames),
        *(source.shape, (str(folder),)),
    )
    mask = np.zeros(entry.shape, dtype=bool)
    mask[3:9, 20:31] = True
    drawn = [Annotation("m", entry.source_id, 4, "mask", "lesion", mask=pack_mask(mask))]
    request = LabelsExport(LABELS, (LabelledSource(entry, tuple(drawn)),), str(tmp_path / "out"))
    FORMATS["nifti"].write(request, Task())
    volume = ITK.ReadImage(str(tmp_path / "out" / f"{entry.source_id}.nii.gz"))
    assert source.affine is not None
    here = np.array(source.affine) @ (20, 3, 4, 1)
    assert volume.TransformIndexToPhysicalPoint((20, 3, 4)) == pytest.approx(here[:3], abs=1e-3)
    assert volume[20, 3, 4] == 1
    (found,) = read(tmp_path / "out", entry).annotations
    assert found.frame == 4
    assert np.array_equal(mask_of(found, entry.shape), mask)
