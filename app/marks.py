"""What a person leaves on scans while reading: measures, key images, calibrations."""

from __future__ import annotations

from collections.abc import Iterable

from app.acts import Mark
from app.experiments import Experiment, ExperimentBook
from app.prelabels import REFUSED, Refusal
from inference.records import Calibration, FrameKey, Measure

CALIBRATION = "calibration"
KEY_IMAGE = "key image "
"""What the names of these marks are, or begin with; measures are named by their ids."""

OWN_SLICES = "slices"
"""How the cuts "source/…" are named whose pixels are those of the scan: slabs of its slices."""


class MarkBook:
    """The marks of all open sources; a frame of a cut belongs to the source that was cut."""

    def __init__(self) -> None:
        self._measures: dict[str, Measure] = {}
        self.key_images: set[FrameKey] = set()
        self.calibrations: dict[str, Calibration] = {}
        self.experiments = ExperimentBook()
        self.refusals: dict[str, Refusal] = {}
        """What was refused of models' proposals, by source and name of the mark."""
        self.recalled: set[str] = set()
        """The sources whose marks the store was asked for."""
        self._touched: set[tuple[str, str]] = set()
        """What acts changed: by source and name."""
        self._held: dict[str, Measure] = {}

    def add(self, marks: Iterable[Mark]) -> None:
        """Take in what was kept; what was made in the meantime stays."""
        for mark in marks:
            if (mark.source_id, mark.name) in self._touched:
                continue
            if isinstance(mark.record, Measure):
                self._measures.setdefault(mark.name, mark.record)
            elif isinstance(mark.record, Calibration):
                self.calibrations.setdefault(mark.source_id, mark.record)
            elif isinstance(mark.record, Experiment):
                self.experiments.add_older(mark.record)
            elif isinstance(mark.record, Refusal):
                self.refusals[f"{mark.source_id}/{mark.name}"] = mark.record
            elif isinstance(mark.record, tuple) and len(mark.record) == 2:
                self.key_images.add((str(mark.record[0]), int(mark.record[1])))

    def move(self, measure: Measure) -> None:
        """A measure is under the hand; it counts as it was until the hand lets go."""
        self._held.setdefault(measure.measure_id, self._measures[measure.measure_id])
        self._measures[measure.measure_id] = measure

    def as_kept(self, measure_id: str) -> Measure | None:
        """A measure as it was before the hand took it."""
        return self._held.pop(measure_id, None) or self.find(measure_id)

    def apply(self, mark: Mark) -> None:
        """Let the mark of this source and name be so; without a record it is taken away."""
        source_id, name, record = mark.source_id, mark.name, mark.record
        self._touched.add((source_id, name))
        if name == CALIBRATION:
            self.calibrations.pop(source_id, None)
            if isinstance(record, Calibration):
                self.calibrations[source_id] = record
        elif name.startswith(KEY_IMAGE):
            frame, _, index = name.removeprefix(KEY_IMAGE).rpartition(" ")
            act = self.key_images.add if record is not None else self.key_images.discard
            act((frame, int(index)))
        elif name.startswith(REFUSED):
            self.refusals.pop(f"{source_id}/{name}", None)
            if isinstance(record, Refusal):
                self.refusals[f"{source_id}/{name}"] = record
        elif isinstance(record, Measure):
            self._measures[name] = record
        else:
            self._measures.pop(name, None)

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


def key_image_mark(key: FrameKey) -> Mark:
    """A key image, to be kept."""
    return Mark(source_of(key), f"{KEY_IMAGE}{key[0]} {key[1]}", key)


def measure_mark(measure: Measure) -> Mark:
    """A measure, to be kept."""
    return Mark(source_of(measure.key), measure.measure_id, measure)
