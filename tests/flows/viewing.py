"""What the tests of looking at scans share: where the scans are, and waiting for all viewports."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from inference.records import Frame
from tests.flows.conftest import Flow

TILTED = "dicom/neurolabusc+dcm_qa_ct/In/GE"
SAGITTAL = "dicom/neurolabusc+dcm_qa_decubitus/In/HFS/3_t1_fl2d_sag"
HEAD = "dicom/udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3"
T1, FLAIR = f"{HEAD}/11-T1post-18670", f"{HEAD}/36468-FLAIRreg-58706"
ABDOMEN = "dicom/okieraised+sample-dicom"
NIFTI = "images/udacity+nd320-c3-3d-imaging-starter/data/TrainingSet/images/hippocampus_025.nii.gz"
FO = "dicom/fo-dicom+fo-dicom/Tests/FO-DICOM.Tests/Test Data"
CINE = f"{FO}/HasFragmentSequence.dcm"
RADIOGRAPH = f"{FO}/CR-MONO1-10-chest"
SEGMENTATIONS = "dicom/QIICR+dcmqi/data/segmentations"


def settled(flow: Flow) -> bool:
    """Whether every visible viewport shows what it should."""
    session, jobs = flow.session, flow.window.jobs
    for number in session.visible:
        pane = session.panes[number]
        if pane.waiting or jobs.is_running(f"frame-{number}"):
            return False
        if pane.source_id is not None and pane.frame is None and pane.frame_trouble is None:
            return False
        if pane.frame is not None and pane.frame.key[1] != pane.index:
            return False
    return True


def run(flow: Flow, *names: str) -> None:
    """Run commands as the palette does, and wait for all viewports after each."""
    for name in names:
        flow.window.palette_box.chosen.emit(name)
        flow.wait(lambda: settled(flow))


def choose(flow: Flow, number: int, source_id: str) -> None:
    """Show a source in a viewport."""
    flow.session.set_active(number)
    run(flow, f"source:{source_id}")


def open_all(flow: Flow, *paths: Path) -> list[str]:
    """Drop paths one after the other; the ids of all open sources."""
    for path in paths:
        flow.drop(path)
        flow.wait(lambda: not flow.window.jobs.is_running("open") and settled(flow))
    return list(flow.session.sources)


def drag(flow: Flow, number: int, start: tuple[float, float], end: tuple[float, float]) -> None:
    """Drag with the left button from one (column, row) of a viewport's picture to another."""
    canvas = flow.window.review.viewports[number].canvas
    first, last = (canvas.image_to_widget(*place).toPoint() for place in (start, end))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=first)
    for step in (1, 2, 3):
        QTest.mouseMove(canvas, QPoint(first + (last - first) * step / 3))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=last)


def value_at(frame: Frame, point: tuple[float, float, float]) -> float:
    """The rescaled value of the pixel that holds a place in the patient."""
    column, row = place_on(frame, point)
    return float(frame.values()[round(row), round(column)])


def place_on(frame: Frame, point: tuple[float, float, float]) -> tuple[float, float]:
    """(column, row) of a place in the patient, counted from pixel centres."""
    assert frame.affine is not None
    matrix = np.array(frame.affine)
    matrix[:3, 2] = np.cross(matrix[:3, 0], matrix[:3, 1])
    column, row, _, _ = np.linalg.solve(matrix, (*point, 1.0))
    return float(column), float(row)


def off_plane_mm(frame: Frame, point: tuple[float, float, float]) -> float:
    """How far a place is from a frame's plane."""
    assert frame.affine is not None
    matrix = np.array(frame.affine)
    normal = np.cross(matrix[:3, 0], matrix[:3, 1])
    away = np.array(point) - matrix[:3, 3]
    return float(abs(normal @ away) / np.linalg.norm(normal))
