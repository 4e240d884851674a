"""A bright ball in five slices, and the place Label with it, for the flows of labelling."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.actions import moving
from inference.mask_bits import mask_of
from inference.records import Annotation, Label, LabelSet
from tests.flows.conftest import Flow
from tests.inference.sources.dicom_writer import write_slice

ROWS, COLUMNS = 48, 64
DISC = (24.0, 32.0)
"""Where a bright disc lies, (row, column) of pixel edges."""


def radius(index: int) -> float:
    return 8.0 + index


def disc(index: int) -> np.ndarray:
    rows, columns = np.indices((ROWS, COLUMNS)) + 0.5
    return np.asarray(np.hypot(rows - DISC[0], columns - DISC[1]) <= radius(index))


def write_ball(folder: Path) -> Path:
    """Five slices of a bright ball that grows by a pixel a slice, in steps of 2 mm."""
    for index in range(5):
        pixels = np.where(disc(index), 300, 40).astype(np.int16)
        write_slice(
            folder / f"{index}.dcm",
            pixels,
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0.0, 0.0, 2.0 * index],
            PixelSpacing=[0.5, 0.5],
        )
    return folder


def begin(flow: Flow, scan: Path, *labels: Label) -> None:
    """The scan is open in the place Label, with these labels, and slice 1 in sight."""
    flow.open(scan)
    source = flow.session.source_of(0)
    assert source is not None
    flow.wait(lambda: flow.session.frames.share(source) == 1.0)
    flow.session.set_place("label")
    show(flow, 0)
    if labels:
        flow.session.edit_labels(lambda book: book.use(LabelSet(labels=labels)))
        flow.session.edit_labels(lambda book: setattr(book, "label", labels[0].name))
    flow.window.activateWindow()
    flow.wait(flow.window.isActiveWindow)


def show(flow: Flow, index: int) -> None:
    moving.scroll(flow.session, flow.window.jobs, 0, index)
    flow.wait(lambda: flow.pane.frame is not None and flow.pane.frame.key[1] == index)


def here(flow: Flow) -> tuple[Annotation, ...]:
    assert flow.pane.frame is not None
    return flow.session.labels.on(flow.pane.frame.key)


def mask_here(flow: Flow) -> np.ndarray:
    (only,) = here(flow)
    return mask_of(only, (ROWS, COLUMNS))


def hold(flow: Flow, key: str, tool: str) -> None:
    flow.press(key)
    assert flow.session.tool == tool


NODULE, ORGAN = Label("nodule", (64, 196, 255)), Label("organ", (255, 167, 38))
