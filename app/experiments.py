"""What was tried on a scan: a part taken out, and what the model said before and after."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.records import Change, Fill
from inference.records import Frame, FrameKey, Region

PATCH_SHARE = 0.1
"""A patch is a tenth of the frame's shorter side wide unless a person says otherwise."""

PICTURES_KEPT = 8
"""Changed pictures that stay at hand; others are made once more when they are wanted."""


@dataclass(frozen=True, eq=False)
class Experiment:
    """One part that was taken out of one frame, and what it did to a model's answer.

    `change` holds frame, fill and scores, `target` the index of the label that was asked about.
    `mask` is bool [frames, rows, columns], no larger than what was taken out: its first pixel
    lies at (`first`, `row`, `column`). `width` is that of a patch in pixels, 0 for a region;
    `value` what the map had at the place pointed at, None where there was none.
    """

    experiment_id: str
    title: str
    model_id: str
    change: Change
    target: int
    first: int
    row: int
    column: int
    mask: np.ndarray
    width: int = 0
    value: float | None = None

    @property
    def key(self) -> FrameKey:
        return self.change.key


@dataclass(frozen=True, eq=False)
class Pointing:
    """The place under the hand, (row, column), and the last answer that came while it moved.

    `answered` is the place that `change` is about; it is another one while the next is awaited.
    `final` is whether the hand let go there, so that the answer is to be kept.
    """

    key: FrameKey
    model_id: str
    point: tuple[int, int]
    width: int
    final: bool
    answered: tuple[int, int] | None = None
    change: Change | None = None


class ExperimentBook:
    """The experiments of all open sources, and how the next one is to be made."""

    def __init__(self) -> None:
        self._kept: dict[str, Experiment] = {}
        self._pictures: dict[str, Frame] = {}
        self.fill: Fill = "in-paint"
        """What stands where a region was."""
        self.patch_fill: Fill = "baseline"
        """What stands where a place was pointed at."""
        self.width: int | None = None
        """How wide a patch is, in pixels; None goes by the frame."""
        self.region = ""
        """The key of the region that is chosen, in app.truths."""
        self.selected = ""
        """The experiment that is seen in full."""
        self.pointing: dict[int, Pointing] = {}
        """What is pointed at, by viewport."""
        self.shown: dict[int, str] = {}
        """Whose changed picture a viewport shows instead of the frame."""

    def put(self, experiment: Experiment, picture: Frame | None = None) -> None:
        """A new experiment, which is the one seen from now on."""
        self._kept[experiment.experiment_id] = experiment
        self.selected = experiment.experiment_id
        if not experiment.width:
            self.pointing.clear()
        if picture is not None:
            self.add_picture(experiment.experiment_id, picture)

    def add_older(self, experiment: Experiment) -> None:
        """One that was kept before; nothing is selected by it."""
        self._kept.setdefault(experiment.experiment_id, experiment)

    def add_picture(self, experiment_id: str, picture: Frame) -> None:
        """The changed picture of an experiment; the oldest ones give way."""
        self._pictures[experiment_id] = picture
        for oldest in list(self._pictures)[:-PICTURES_KEPT]:
            if oldest not in self.shown.values():
                del self._pictures[oldest]

    def remove(self, experiment_id: str) -> Experiment | None:
        """Forget an experiment and all that is seen of it."""
        self._pictures.pop(experiment_id, None)
        self.shown = {at: one for at, one in self.shown.items() if one != experiment_id}
        if self.selected == experiment_id:
            self.selected = ""
            self.pointing.clear()
        return self._kept.pop(experiment_id, None)

    def find(self, experiment_id: str) -> Experiment | None:
        return self._kept.get(experiment_id)

    def picture(self, experiment_id: str) -> Frame | None:
        return self._pictures.get(experiment_id)

    def shown_picture(self, number: int, key: FrameKey) -> tuple[Experiment, Frame] | None:
        """What a viewport shows instead of the frame of this key, if it does."""
        found = self._kept.get(self.shown.get(number, ""))
        picture = self._pictures.get(found.experiment_id) if found is not None else None
        if found is None or picture is None or found.key != key:
            return None
        return found, picture

    def of_source(self, source_id: str) -> tuple[Experiment, ...]:
        """Those on the frames of one source, the newest first."""
        found = [one for one in self._kept.values() if one.key[0] == source_id]
        return tuple(reversed(found))


def usual_width(shape: tuple[int, int]) -> int:
    """How wide a patch is on a frame of this shape, in pixels."""
    return max(1, round(min(shape) * PATCH_SHARE))


def cut_mask(region: Region) -> tuple[tuple[int, int, int], np.ndarray]:
    """What of a region is marked: the place of its first pixel, and bool [frames, rows, columns].

    An empty region gives an empty mask at its first frame.
    """
    mask = np.asarray(region.mask, dtype=bool)
    if not mask.any():
        return (region.first, 0, 0), np.zeros((0, 0, 0), dtype=bool)
    spans = []
    for axis in range(3):
        others = tuple(other for other in range(3) if other != axis)
        marked = np.flatnonzero(mask.any(axis=others))
        spans.append(slice(int(marked[0]), int(marked[-1]) + 1))
    first, row, column = (span.start for span in spans)
    return (region.first + first, row, column), np.ascontiguousarray(mask[tuple(spans)])


def region_again(experiment: Experiment, shape: tuple[int, int]) -> Region:
    """The region that was taken out, on frames of (rows, columns)."""
    frames, rows, columns = experiment.mask.shape
    whole = np.zeros((frames, *shape), dtype=bool)
    row, column = experiment.row, experiment.column
    whole[:, row : row + rows, column : column + columns] = experiment.mask
    return Region(experiment.key[0], experiment.first, whole, experiment.title)


def patch_mask(change: Change) -> tuple[tuple[int, int, int], np.ndarray]:
    """The same for a patch, on the frame that was pointed at alone."""
    x0, y0, x1, y1 = change.box
    return (change.key[1], y0, x0), np.ones((1, y1 - y0, x1 - x0), dtype=bool)
