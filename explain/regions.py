"""How much of a map lies inside a region: shares of mass, of its top, and of the area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explain.faithfulness import TOP_SHARE
from explain.similarity import top_weights


@dataclass(frozen=True)
class Shares:
    """What lies inside a region, each from 0 to 1.

    `mass` is the share of the map's values above zero, `top` the share of its strongest part,
    `area` the region's share of all pixels: what a map that knows nothing gives for both. `most`
    is the largest share that `top` can be: a small region does not hold a whole top.
    """

    mass: float
    top: float
    area: float
    most: float

    @property
    def blank(self) -> bool:
        """Whether the map shows nothing that speaks for the target, neither inside nor outside."""
        return self.most == 0.0 and self.area > 0.0

    @property
    def ratio(self) -> float:
        """How many times more mass lies inside than chance would put there; 0 without a region."""
        return self.mass / self.area if self.area > 0.0 else 0.0


def shares(maps: np.ndarray, region: np.ndarray, top: float = TOP_SHARE) -> Shares:
    """How much of `maps` lies inside `region`, bool, both [frames, rows, columns] or any shape.

    All frames are one whole. What speaks for the target counts: of a signed map the positive part.
    A map without any such value has no mass anywhere: mass and top are 0.
    """
    if maps.shape != region.shape:
        raise ValueError(f"a map of {maps.shape} and a region of {region.shape}")
    evidence = np.maximum(maps, 0.0)
    total = float(evidence.sum(dtype=np.float64))
    if not total > 0.0:
        return Shares(0.0, 0.0, float(region.mean()), 0.0)
    weights = top_weights(evidence, top)
    return Shares(
        float(evidence[region].sum(dtype=np.float64)) / total,
        float(weights[region].sum() / weights.sum()),
        float(region.mean()),
        min(1.0, float(region.sum() / weights.sum())),
    )
