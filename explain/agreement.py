"""What several maps of one answer have in common, and where they do not know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from explain.faithfulness import ENOUGH_OVERLAP, TOP_SHARE
from explain.similarity import normalised, rank_correlation, top_overlap, top_weights

CELLS = 16
"""Maps are compared on so many cells a side at most: a place, not a pixel."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """How alike maps are, each with each: float64 [n, n], in the order of `names`, 1 with itself.

    `ranks` is Spearman's ρ; `overlaps` what their tops have in common, 0 to 1.
    """

    names: tuple[str, ...]
    ranks: np.ndarray
    overlaps: np.ndarray

    @property
    def rank(self) -> float:
        """The median rank correlation of all pairs."""
        return self._median(self.ranks)

    @property
    def overlap(self) -> float:
        """The median overlap of all pairs."""
        return self._median(self.overlaps)

    def with_first(self) -> tuple[tuple[str, float, float], ...]:
        """Each other map beside the first: its name, rank correlation and overlap."""
        return tuple(
            (name, float(self.ranks[0, place]), float(self.overlaps[0, place]))
            for place, name in enumerate(self.names)
            if place
        )

    def _median(self, table: np.ndarray) -> float:
        return float(np.median(table[np.triu_indices(len(table), 1)]))


@dataclass(frozen=True, eq=False)
class Consensus:
    """Several maps of one answer taken together, all float64 of the maps' shape.

    `mean` and `spread` are the mean and the standard deviation of the normalised maps. `votes` is
    the share of maps in whose top a place lies; `agreed`, bool, marks where it is more than half.
    Without `enough` the tops have too little in common for a picture of what they agree on:
    nothing should be drawn but the words.
    """

    mean: np.ndarray
    spread: np.ndarray
    votes: np.ndarray
    agreed: np.ndarray
    overlap: float
    enough: bool

    @property
    def words(self) -> str:
        """What to say beside the picture, or in its place."""
        if not self.enough:
            return (
                f"Not enough agreement: the strongest parts of the maps overlap by "
                f"{self.overlap:.0%} only, so there is no place that most of them point at."
            )
        return (
            f"Drawn only where more than half of the maps have their strongest {TOP_SHARE:.0%}; "
            f"these overlap by {self.overlap:.0%}."
        )


def agreement_matrix(maps: Mapping[str, np.ndarray], share: float = TOP_SHARE) -> Agreement:
    """How alike maps of one shape are, each with each; at least two.

    Larger values are stronger; only what is above zero belongs to a top. `share` is the part of the
    area that "top" means.
    """
    names = tuple(maps)
    ranks, overlaps = np.eye(len(names)), np.eye(len(names))
    for (one, left), (other, right) in combinations(enumerate(maps.values()), 2):
        ranks[one, other] = ranks[other, one] = rank_correlation(left, right)
        overlaps[one, other] = overlaps[other, one] = top_overlap(left, right, share)
    return Agreement(names, ranks, overlaps)


def consensus(maps: Sequence[np.ndarray], share: float = TOP_SHARE) -> Consensus:
    """Two or more maps of one shape taken together: maps of several methods, noises or baselines.

    Each is normalised by its own robust limit first, so that none is louder than another.
    """
    layers = np.stack([normalised(one) for one in maps])
    tops = np.stack([top_weights(one, share) for one in maps])
    votes = tops.mean(axis=0)
    overlap = agreement_matrix({str(place): one for place, one in enumerate(maps)}, share).overlap
    return Consensus(
        layers.mean(axis=0),
        layers.std(axis=0),
        votes,
        votes > 0.5,
        overlap,
        overlap >= ENOUGH_OVERLAP,
    )


def on_shared_cells(
    maps: Sequence[np.ndarray], natives: Sequence[tuple[int, int]]
) -> tuple[np.ndarray, ...]:
    """What speaks for the target in each cell of maps [rows, columns], float64, of one shape.

    The cells are those of the coarsest map, whose own resolutions are `natives`; at most CELLS a
    side.
    """
    grid = [min(CELLS, *lengths) for lengths in zip(*natives, strict=True)]
    return tuple(np.clip(coarsened(one, grid), 0.0, None) for one in maps)


def coarsened(values: np.ndarray, grid: Sequence[int]) -> np.ndarray:
    """The mean of a map [*size] over each cell of a coarser grid, float64 [*grid].

    A map of 7 × 7 cells says nothing within a cell, so finer ones are compared with it cell by
    cell. Neighbouring cells share the pixels that lie on their border; no axis is made finer.
    """
    found = np.asarray(values, dtype=np.float64)
    for axis, cells in enumerate(grid):
        length = found.shape[axis]
        if cells < length:
            found = np.moveaxis(np.tensordot(_covers(length, cells), found, (1, axis)), 0, axis)
    return found


def _covers(length: int, cells: int) -> np.ndarray:
    """How much of each cell each of `length` pixels makes up, [cells, length]; rows sum to 1."""
    edges = np.linspace(0.0, length, cells + 1)
    pixels = np.arange(length)
    ends = np.minimum(edges[1:, None], pixels + 1)
    begins = np.maximum(edges[:-1, None], pixels)
    covers: np.ndarray = np.clip(ends - begins, 0.0, None) * (cells / length)
    return covers
