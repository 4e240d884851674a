"""What a person leaves on scans while reading: measures, key images, calibrations."""

from __future__ import annotations

from collections.abc import Iterable

from app.experiments import Experiment, ExperimentBook
from app.store import Mark
from inference.records import Calibration, FrameKey, Measure

CALIBRATION = "calibration"

OWN_SLICES = "slices"
"""How the cuts "source/…" are named whose pixels are those of the scan: slabs of its slices."""


class MarkBook:
    """The marks of all open sources; a frame of a cut belongs to the source that was cut."""

    def __init__(self) -> None:
        self._measures: dict[str, Measure] = {}
        self.key_images: set[FrameKey] = set()
        self.calibrations: dict[str, Calibration] = {}
        self.experiments = ExperimentBook()
        self.recalled: set[str] = set()
        """The sources whose marks the store was asked for."""

    def add(self, marks: Iterable[Mark]) -> None:
        """Take in what was kept; what was made in the meantime stays."""
        for mark in marks:
            if isinstance(mark.record, Measure):
                self._measures.setdefault(mark.name, mark.record)
            elif isinstance(mark.record, Calibration):
                self.calibrations.setdefault(mark.source_id, mark.record)
            elif isinstance(mark.record, Experiment):
                self.experiments.add_older(mark.record)
            elif isinstance(mark.record, tuple) and len(mark.record) == 2:
                self.key_images.add((str(mark.record[0]), int(mark.record[1])))

    def put(self, measure: Measure) -> None:
        """A new measure, or one that was moved."""
        self._measures[measure.measure_id] = measure

    def remove(self, measure_id: str) -> Measure | None:
        return self._measures.pop(measure_id, None)

    def set_key_image(self, key: FrameKey, *, on: bool) -> None:
        (self.key_images.add if on else self.key_images.discard)(key)

    def set_calibration(self, source_id: str, calibration: Calibration | None) -> None:
        """What lengths of a source are measured by; None goes back to what the file says."""
        self.calibrations.pop(source_id, None)
        if calibration is not None:
            self.calibrations[source_id] = calibration

    def calibration_on(self, key: FrameKey) -> Calibration | None:
        """What a person said that the pixels of a frame measure; None if nothing was said.

        It was said of the scan's own pixels: those of a plane through the scan are others, and
        measured by its geometry.
        """
        return self.calibrations.get(key[0].removesuffix(f"/{OWN_SLICES}"))

    def find(self, measure_id: str) -> Measure | None:
        return self._measures.get(measure_id)

    def on(self, key: FrameKey) -> tuple[Measure, ...]:
        """The measures on one frame, in the order they were made."""
        return tuple(one for one in self._measures.values() if one.key == key)

    def of_source(self, source_id: str) -> tuple[Measure, ...]:
        """The measures on the frames of one source, in the order they were made."""
        return tuple(one for one in self._measures.values() if one.key[0] == source_id)


def source_of(key: FrameKey) -> str:
    """The source that a frame, or a cut named "source/plane", belongs to."""
    return key[0].partition("/")[0]


def key_image_mark(key: FrameKey, *, on: bool) -> Mark:
    """A key image, to be kept or forgotten."""
    return Mark(source_of(key), f"key image {key[0]} {key[1]}", key if on else None)


def measure_mark(measure: Measure, *, kept: bool = True) -> Mark:
    """A measure, to be kept or forgotten."""
    return Mark(source_of(measure.key), measure.measure_id, measure if kept else None)
