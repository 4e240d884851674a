"""Planes through real scans, as opened by us, against SimpleITK and against the stored slices."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from inference.mpr import Orientation, Volume, along, cut, planes, volume_of
from inference.records import Frame, Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

ITK: Any = SimpleITK  # it has no types


def opened(path: Path) -> list[tuple[Source, tuple[Frame, ...], Volume]]:
    """Every series of at least eight slices under a folder."""
    sources = open_sources(OpenRequest((str(path),)), Task()).sources
    found = []
    for source in sources:
        if source.frames >= 8 and source.samples == 1:
            indices = tuple(range(source.frames))
            frames = read_frames(read_request(source, indices), Task())
            stored = np.stack([frame.stored for frame in frames])
            found.append((source, frames, volume_of(source, stored, frames)))
    return found


def test_tilted_and_unevenly_spaced_ct_shows_its_slices_as_stored(shared_data: Path) -> None:
    (folder,) = (shared_data / "dicom").glob("neurolabusc+dcm_qa_ct*")
    scans = opened(folder)
    assert any(source.positions_mm is not None for source, _, _ in scans)
    for source, frames, volume in scans:
        stacks = [along(volume, one) for one in ("axial", "coronal", "sagittal")]
        same = [stack for stack in stacks if stack.count == source.frames]
        assert len(same) == 1
        for index, frame in enumerate(frames):
            shown = cut(volume, same[0], index)
            np.testing.assert_array_equal(shown.stored, frame.stored)
            place, wanted = np.array(shown.affine), np.array(source.frame_affine(index))
            # The third column is the step to the next slice, here on the average.
            np.testing.assert_allclose(place[:, [0, 1, 3]], wanted[:, [0, 1, 3]], atol=1e-6)


@pytest.mark.parametrize("orientation", ["axial", "coronal", "sagittal"])
def test_patients_lying_on_their_side_are_cut_as_simpleitk_cuts_them(
    shared_data: Path, orientation: Orientation
) -> None:
    folder = next((shared_data / "dicom").glob("neurolabusc+dcm_qa_decubitus*"))
    (directory,) = {path.parent for path in folder.rglob("*.dcm")}
    names = ITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(directory))
    image = ITK.ReadImage(names, ITK.sitkFloat32)
    ((_, frames, volume),) = opened(directory)
    stack = planes(volume, orientation)
    frame = cut(volume, stack, stack.count // 2)
    matrix = np.array(frame.affine)
    spacing = np.linalg.norm(matrix[:3, :3], axis=0)
    wanted = ITK.GetArrayFromImage(
        ITK.Resample(
            image,
            (stack.shape[1], stack.shape[0], 1),
            ITK.Transform(),
            ITK.sitkLinear,
            matrix[:3, 3].tolist(),
            spacing.tolist(),
            (matrix[:3, :3] / spacing).ravel().tolist(),
            -9999.0,
            image.GetPixelID(),
        )
    )[0]
    measured = frame.measured()
    both = (wanted != -9999) & (True if measured is None else measured)
    assert both.mean() > 0.5
    np.testing.assert_allclose(frame.values()[both], wanted[both], atol=0.6 * frames[0].slope)
