"""Enhanced multi-frame DICOM data sets for tests: functional groups by macro and keyword."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.uid import EnhancedMRImageStorage

from tests.inference.sources.dicom_writer import dataset_of

Groups = dict[str, dict[str, Any]]
"""Keyword and value by the sequence of the functional group that holds them."""

SHARED: Groups = {
    "PlaneOrientationSequence": {"ImageOrientationPatient": [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]},
    "PixelMeasuresSequence": {"PixelSpacing": [2.0, 0.5], "SliceThickness": 3.0},
}


def item_of(values: dict[str, Any]) -> Dataset:
    """One item of a sequence."""
    found = Dataset()
    for keyword, value in values.items():
        setattr(found, keyword, value)
    return found


def groups_of(groups: Groups) -> Dataset:
    """One item of the shared or per-frame functional groups."""
    return item_of({name: [item_of(values)] for name, values in groups.items()})


def at_height(height: float, **content: Any) -> Groups:
    """The groups of a frame at z = `height`, with more values of its frame content."""
    groups: Groups = {"PlanePositionSequence": {"ImagePositionPatient": [-10.0, -20.0, height]}}
    if content:
        groups["FrameContentSequence"] = content
    return groups


def enhanced(frames: Sequence[Groups], shared: Groups | None = None, **changes: Any) -> Dataset:
    """An enhanced MR object whose frame n holds the value n; its groups say all the rest."""
    pixels = np.stack([np.full((3, 4), n, np.uint16) for n in range(len(frames))])
    top: dict[str, Any] = {
        "SOPClassUID": EnhancedMRImageStorage,
        "Modality": "MR",
        "NumberOfFrames": len(frames),
        "PixelSpacing": None,
        "ImageOrientationPatient": None,
        "ImagePositionPatient": None,
        "SharedFunctionalGroupsSequence": [groups_of(SHARED if shared is None else shared)],
        "PerFrameFunctionalGroupsSequence": [groups_of(groups) for groups in frames],
    }
    return dataset_of(pixels, **(top | changes))
