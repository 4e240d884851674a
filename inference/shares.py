"""What a soft map says above a threshold; free of torch, for the window."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from inference.records import SoftMap

FULL = 255
"""What stands for a share of 1."""

BACKGROUND = "background"
"""How models call what is none of their labels; nobody is offered a region of it."""


def foreground(labels: Sequence[str]) -> tuple[int, ...]:
    """The places of the labels that are more than background."""
    return tuple(place for place, name in enumerate(labels) if name.casefold() != BACKGROUND)


def least_step(threshold: float) -> int:
    """The smallest value of a soft map that counts as a share of `threshold` or more.

    It is 1 or more: where the model saw nothing there is no region, whatever the threshold.
    """
    return max(math.ceil(threshold * FULL - 1e-9), 1)


def region_above(found: SoftMap, label: int, threshold: float) -> np.ndarray:
    """The pixels of which a label has at least this share, bool [rows, columns]."""
    region: np.ndarray = found.shares[label] >= least_step(threshold)
    return region


def mean_share(found: SoftMap, label: int, region: np.ndarray) -> float:
    """How sure the model is of a region: the mean share over its pixels, 0 for none of them."""
    values = found.shares[label][region]
    return float(values.mean()) / FULL if values.size else 0.0
