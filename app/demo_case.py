"""The scans of the demo: a phantom with its counterfactuals, and a real scan; no Qt, no torch."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inference.requests import OpenRequest
from inference.task import Task

if TYPE_CHECKING:
    from inference.phantom.case import PhantomCase

SEED, CASE = 20261, 1
"""A positive case that neither model was trained on."""

REAL_SCANS = ("examples_ybr_color.dcm", "CT_small.dcm", "MR_small.dcm")
"""An ultrasound cine, a CT and an MR slice that come inside pydicom's own package."""


@dataclass(frozen=True)
class DemoCase:
    """Where the demo's scans are, and what is true of the phantom; boxes in pixel edges.

    The three folders hold the same phantom: as it is, without its nodule, without its marker.
    """

    whole: str
    without_nodule: str
    without_marker: str
    real: tuple[str, ...]
    nodule_box: tuple[int, int, int, int]
    marker_box: tuple[int, int, int, int]


def make_demo(request: OpenRequest, task: Task) -> DemoCase:
    """Write the phantom in the folder that the request names; real scans stay where they are."""
    from inference.phantom import case as cases

    folder = Path(request.paths[0])
    whole = cases.generate(SEED, CASE, "always")
    variants = {
        "whole": (whole, "Phantom"),
        "without_nodule": (cases.without_nodule(whole), "The nodule erased"),
        "without_marker": (cases.without_marker(whole), "The marker erased"),
    }
    for number, (name, (case, title)) in enumerate(variants.items(), start=1):
        task.progress(number, len(variants))
        _write(case, whole, folder / name, title, number)
    assert whole.marker_box is not None
    return DemoCase(
        str(folder / "whole"),
        str(folder / "without_nodule"),
        str(folder / "without_marker"),
        real_scans(),
        whole.nodules[0].box,
        whole.marker_box,
    )


def real_scans() -> tuple[str, ...]:
    """The real scans inside pydicom's package that are there."""
    found = importlib.util.find_spec("pydicom")
    if found is None or found.origin is None:
        return ()
    folder = Path(found.origin).parent / "data" / "test_files"
    return tuple(str(folder / name) for name in REAL_SCANS if (folder / name).is_file())


def _write(case: PhantomCase, whole: PhantomCase, folder: Path, title: str, number: int) -> None:
    """Write one variant as a series of its own in the study of the whole phantom."""
    from inference.phantom.dicom_files import slice_dataset
    from inference.whole_file import writing

    study = slice_dataset(whole, 0)
    for index in range(len(case.volume)):
        slice_ = slice_dataset(case, index)
        slice_.StudyInstanceUID = study.StudyInstanceUID
        slice_.FrameOfReferenceUID = study.FrameOfReferenceUID
        slice_.SeriesDescription = title
        slice_.SeriesNumber = number
        with writing(folder / f"{index + 1:04d}.dcm") as temporary:
            slice_.save_as(temporary, enforce_file_format=True)
