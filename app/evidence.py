"""What counterfactuals and the truth of a phantom say about a model and its map; no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Verdict = Literal["good", "doubtful", "bad"]
MOVED = 0.2
"""A change of the probability from which on what was erased counts as the reason."""


@dataclass(frozen=True)
class Evidence:
    """One model on one phantom: probabilities of a nodule, and where its map points."""

    whole: float
    without_nodule: float
    without_marker: float
    map_in_nodule: float
    map_in_marker: float
    """Shares of the positive attribution within one patch of the two boxes, 0 to 1."""

    @property
    def verdict(self) -> Verdict:
        """Good if the nodule alone is the reason, bad if the marker is."""
        by_nodule = self.whole - self.without_nodule
        by_marker = self.whole - self.without_marker
        if abs(by_marker) >= MOVED:
            return "bad"
        return "good" if by_nodule >= MOVED else "doubtful"

    @property
    def sentence(self) -> str:
        """The figures in words."""
        moves = (
            f"Nodule erased: {self.whole:.2f} → {self.without_nodule:.2f}. "
            f"Marker erased: {self.whole:.2f} → {self.without_marker:.2f}."
        )
        shares = (
            f"Of the positive attribution {self.map_in_nodule:.0%} lies at the nodule, "
            f"{self.map_in_marker:.0%} at the marker."
        ).replace("%", " %")
        words = {
            "good": "It answers from the nodule.",
            "doubtful": "Neither changes its answer much.",
            "bad": "It answers from the marker, not from the patient.",
        }
        return f"{words[self.verdict]} {moves} {shares}"


def share_inside(found: np.ndarray, box: tuple[int, int, int, int], reach: int = 0) -> float:
    """Share of the positive values of a map [rows, columns] up to `reach` pixels from a box.

    The box is in pixel edges. A map made by hiding patches is blurred by as much as a patch.
    """
    positive = np.clip(found, 0.0, None)
    total = float(positive.sum())
    if total <= 0.0:
        return 0.0
    left, top, right, bottom = box
    inside = positive[max(top - reach, 0) : bottom + reach, max(left - reach, 0) : right + reach]
    return float(inside.sum()) / total
