"""How strong a map is where: the share of it beyond a level, and the scale of several maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.display_overlay import largest, sampled

LEAST_PERCENT, MOST_PERCENT = 90.0, 100.0
"""Between these the percentile of the magnitudes that gets the full colour can be set."""

POOLED = 1 << 13
"""Of each map of a series so many places are looked at for the scale that they share."""

_TOGETHER = 1 << 16
"""Of all of them: a percentile of more takes too long between two frames of a window."""


@dataclass(frozen=True, eq=False)
class Strengths:
    """The magnitudes that a map shows, weakest first, and how much of it lies from each on.

    `magnitudes` are those above zero, float32 [n]. `masses` are shares of their sum, float64
    [n + 1]: `masses[i]` is what `magnitudes[i:]` hold together. `places` counts all pixels that
    were looked at. Made once for a map, every question to it is a search of a sorted list.
    """

    magnitudes: np.ndarray
    masses: np.ndarray
    places: int

    def beyond(self, magnitude: float) -> tuple[float, float]:
        """The share of the pixels that are as strong as this, and of the attribution in them."""
        first = int(np.searchsorted(self.magnitudes, magnitude))
        return (len(self.magnitudes) - first) / max(self.places, 1), float(self.masses[first])

    def level(self, share: float) -> float | None:
        """The magnitude from which on the strongest pixels hold at least `share`, 0 to 1, of all.

        None for a map that shows nothing.
        """
        count = len(self.magnitudes)
        if count == 0:
            return None
        fewer = int(np.searchsorted(self.masses[::-1], share))  # of the masses that fall short
        return float(self.magnitudes[max(min(count - fewer, count - 1), 0)])


def strengths(values: np.ndarray, *, signed: bool) -> Strengths:
    """Of a map [rows, columns]; large ones are sampled on an even grid.

    A map without sign shows its positive values only, so only these count.
    """
    seen = sampled(values)
    shown = np.abs(seen).ravel() if signed else np.maximum(seen, 0.0).ravel()
    magnitudes = np.sort(shown[shown > 0])
    sums = np.concatenate([[0.0], np.cumsum(magnitudes[::-1], dtype=np.float64)])[::-1]
    masses = sums / sums[0] if len(magnitudes) else np.zeros(1)
    return Strengths(magnitudes, masses, shown.size)


@dataclass(frozen=True, eq=False)
class Sample:
    """Some magnitudes of one map on an even grid, and the largest of all."""

    magnitudes: np.ndarray
    largest: float


def sample(values: np.ndarray) -> Sample:
    """What a map [rows, columns] adds to the scale of its series."""
    return Sample(np.abs(sampled(values, POOLED)).ravel(), largest(values))


def pooled_limit(samples: Sequence[Sample], percent: float) -> float:
    """The magnitude that gets the full colour in all of these maps: a percentile over all.

    The maximum if that is 0, and 1.0 for maps of zeros. Of many maps fewer places are looked at.
    """
    most = max((one.largest for one in samples), default=0.0)
    if percent >= MOST_PERCENT or most == 0.0:
        return most or 1.0
    # An odd step, which does not walk down the columns of the samples' even grids.
    step = (len(samples) * POOLED // _TOGETHER) | 1
    found = np.concatenate([one.magnitudes[::step] for one in samples])
    return float(np.percentile(found, percent)) or most
