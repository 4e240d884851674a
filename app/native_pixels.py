"""What the pixels lane reads: native pixels, straight into the window's arrays (decision 10).

No decoder runs here and nothing is believed: the file has to be the one that was opened, and as
long as its header said.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app import own_pages
from inference.display import stored_bits
from inference.errors import UserError
from inference.records import FrameRef, NativePixels, Source
from inference.sources.files import open_regular, unreadable
from inference.task import Task


@dataclass(frozen=True, eq=False)
class NativeRequest:
    """Frames of one source by index, and the arrays [rows, columns] that they are read into."""

    indices: tuple[int, ...]
    refs: tuple[FrameRef, ...]
    native: tuple[NativePixels, ...]
    into: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class NativeRead:
    """Which frames have come, in which arrays, and why others have not."""

    indices: tuple[int, ...]
    arrays: tuple[np.ndarray, ...]
    troubles: tuple[tuple[int, UserError], ...]


def native_request(
    source: Source, indices: tuple[int, ...], volume: np.ndarray | None
) -> NativeRequest:
    """What reading these frames needs; without a volume each gets an array of its own."""
    native = tuple(source.native[index] for index in indices)
    into = tuple(
        own_pages.empty(source.shape, np.dtype(one.dtype)) if volume is None else volume[index]
        for index, one in zip(indices, native, strict=True)
    )
    return NativeRequest(indices, tuple(source.refs[index] for index in indices), native, into)


def read_native(request: NativeRequest, task: Task) -> NativeRead:
    """Read each frame into its array; one that cannot be read does not hold up the others."""
    indices, arrays, troubles = [], [], []
    asked = zip(request.indices, request.refs, request.native, request.into, strict=True)
    for index, ref, native, into in asked:
        task.check()
        try:
            _read(Path(ref.path), native, into)
        except UserError as error:
            troubles.append((index, error))
        else:
            indices.append(index)
            arrays.append(into)
    return NativeRead(tuple(indices), tuple(arrays), tuple(troubles))


def _read(path: Path, native: NativePixels, into: np.ndarray) -> None:
    try:
        with open_regular(path) as file:
            about = os.fstat(file.fileno())
            if (about.st_size, about.st_mtime_ns) != (native.file_bytes, native.changed_ns):
                raise changed(path)
            file.seek(native.offset)
            rest = into.reshape(-1).view(np.uint8).data
            while rest:
                count = file.readinto(rest)
                if not count:
                    raise changed(path)
                rest = rest[count:]
    except OSError as error:
        raise unreadable(path, error) from error
    if native.bits:
        np.copyto(into, stored_bits(into, native.bits, native.bits - 1))


def changed(path: Path) -> UserError:
    """The sentence for a file that is no longer the one that was opened."""
    return UserError(
        f"{path.name} has been changed since it was opened.", "Open it again.", path=str(path)
    )
