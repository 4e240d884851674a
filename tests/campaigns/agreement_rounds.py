"""Damaged DICOM headers, round after round, each read in the quick way and in the slow one."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from inference.requests import OpenRequest
from inference.sources.dicom_facts import FactFinder
from inference.sources.registry import open_sources
from inference.task import Task
from tests.campaigns.agreement import (
    DisagreementError,
    compare_alike,
    compare_native,
    compare_scan,
)
from tests.campaigns.dicom_mutations import DICOM, ELEMENTS
from tests.campaigns.mutations import damaged

_LARGEST_BYTES = 400_000
"""Headers are what is compared; the pixels of larger files would only be carried about."""


def document(data: Path, place: Path, seed: int, until_s: float) -> dict[str, Any]:
    """All shared files as they are, then damaged ones until some moment; what disagreed."""
    native, faults = native_frames(data)
    paths = small_files(data)
    draw = Random(seed)
    counts: Counter[str] = Counter()
    for name in _names(paths, draw, until_s):
        found, broken = variants(name, draw, place / "variant", 10)
        counts.update(found)
        faults += broken
    return {
        "native_frames": native,
        "headers": counts["headers"],
        "scanned": counts["scanned"],
        "pictures": counts["pictures"],
        "faults": faults,
    }


def small_files(data: Path) -> list[Path]:
    """The DICOM files whose headers are compared."""
    found = sorted((data / "dicom").rglob("*"))
    return [path for path in found if path.is_file() and path.stat().st_size <= _LARGEST_BYTES]


def _names(paths: list[Path], draw: Random, until_s: float) -> Iterator[Path]:
    while time.monotonic() < until_s:
        yield draw.choice(paths)


def variants(path: Path, draw: Random, place: Path, count: int) -> tuple[Counter[str], list[str]]:
    """Compare a file as it is and then so many damaged forms of it, written to `place` in turn.

    Returns how many headers there were, how many were scanned and gave pictures, and what
    disagreed. All are read one after another, as those of a series are.
    """
    counts: Counter[str] = Counter()
    faults = []
    whole = path.read_bytes()
    finder = FactFinder()
    for number in range(count + 1):
        damages = ELEMENTS if draw.random() < 0.7 else DICOM
        content = damaged(whole, draw, damages) if number else whole
        place.write_bytes(content)
        counts["headers"] += 1
        try:
            counts["scanned"] += compare_scan(content)
            counts["pictures"] += compare_alike(place, content, finder)
        except DisagreementError as error:
            faults.append(f"{path.name}, variant {number}: {error}")
    return counts, faults


def native_frames(data: Path) -> tuple[int, list[str]]:
    """How many frames of the shared data are native, and which of them decode to others."""
    count, faults = 0, []
    opened = open_sources(OpenRequest((str(data / "dicom"),)), Task())
    for source in opened.sources:
        try:
            count += compare_native(source)
        except DisagreementError as error:
            faults.append(str(error))
    return count, faults
