"""Preparation of real scans, as opened by us, against SimpleITK's own reading and turning."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import SimpleITK

from inference.prepare import prepare
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task
from tests.sample_models import VOLUME_CARD

ITK: Any = SimpleITK  # it has no types


def read_by_itk(path: Path) -> Any:
    if path.is_dir():
        return ITK.ReadImage(ITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(path)))
    return ITK.ReadImage(str(path))


@pytest.mark.parametrize(
    ("pattern", "letters"),
    [
        ("images/udacity*/**/images/hippocampus_0[12]?.nii.gz", "SAR"),
        ("images/udacity*/**/images/hippocampus_0[12]?.nii.gz", "LPI"),
        ("dicom/neurolabusc+dcm_qa_decubitus/In/**/*.dcm", "SAR"),
    ],
)
def test_real_volumes_lie_as_simpleitk_lays_them(
    shared_data: Path, pattern: str, letters: str
) -> None:
    found = sorted(shared_data.glob(pattern))
    assert found, "the shared data have changed"
    path = found[0].parent if found[0].suffix == ".dcm" else found[0]
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    frames = read_frames(read_request(source, tuple(range(source.frames))), Task())
    wanted = ITK.GetArrayFromImage(ITK.DICOMOrient(read_by_itk(path), letters[::-1]))
    card = replace(VOLUME_CARD, orientation=letters, size=wanted.shape)
    prepared = prepare(frames, card)
    seen = prepared.tensor[0, 0].numpy()
    np.testing.assert_array_equal(seen, wanted.astype(np.float32))
    stored = np.stack([frame.values() for frame in frames])
    np.testing.assert_array_equal(prepared.back(seen[None]), stored)
