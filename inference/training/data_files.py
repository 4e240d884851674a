"""Files of a data set as frames, read by the program's own loaders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from inference.errors import UserError
from inference.records import Frame
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task


def open_frames(path: Path) -> tuple[Frame, ...]:
    """All frames of the one source in a file or folder, in the displayed order.

    Raises UserError where it is no single source.
    """
    opened = open_sources(OpenRequest((str(path),)), Task())
    if len(opened.sources) != 1:
        why = opened.refused[0].reason if opened.refused else "It is not one source."
        raise UserError(f"{path.name} cannot be used. {why}", "Restore the data set's own files.")
    (source,) = opened.sources
    return read_frames(read_request(source, tuple(range(source.frames))), Task())


def with_geometry(labels: tuple[Frame, ...], picture: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """`labels` on the geometry of `picture`, which they were drawn on voxel by voxel."""
    if len(labels) != len(picture) or labels[0].shape != picture[0].shape:
        raise UserError(
            "The labels are not of the size of their volume.", "Restore the data set's own files."
        )
    return tuple(
        replace(label, affine=frame.affine) for label, frame in zip(labels, picture, strict=True)
    )
