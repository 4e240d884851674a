"""How far a map may be believed: figures with a verdict and a sentence, and regions to judge by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from inference.records.frames import Options

Verdict = Literal["green", "amber", "red"]


@dataclass(frozen=True, eq=False)
class Curve:
    """One line of a figure: `x` and `y` are float64 [n]."""

    name: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, eq=False)
class Figure:
    """What one check found about one map.

    `value` is None where the check could not say anything; `verdict` then is None too, as it is
    for figures that only inform. `sentence` stands by itself: the figure and what it means.
    `details` are further numbers by name, such as the floor of a random map.
    """

    name: str
    title: str
    value: float | None
    verdict: Verdict | None
    sentence: str
    details: Options = ()
    curves: tuple[Curve, ...] = ()


@dataclass(frozen=True, eq=False)
class Region:
    """A part of a source that somebody marked, in that source's pixels.

    `mask` is bool [frames, rows, columns] for the frames from `first` on; what lies in no frame of
    it is outside. `origin` says where it comes from, in words without a path.
    """

    source_id: str
    first: int
    mask: np.ndarray
    origin: str

    def at(self, index: int, shape: tuple[int, int]) -> np.ndarray:
        """The region on frame `index`, bool [rows, columns]."""
        if self.first <= index < self.first + len(self.mask):
            return np.asarray(self.mask[index - self.first], dtype=bool)
        return np.zeros(shape, dtype=bool)
