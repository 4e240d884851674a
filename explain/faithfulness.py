"""All thresholds of belief in one place, each with its source, and the verdict that follows."""

from __future__ import annotations

from dataclasses import dataclass

from inference.records import Verdict


@dataclass(frozen=True)
class Threshold:
    """Up to `green` a figure is good, up to `amber` doubtful; beyond, the map is not believed.

    Where `higher` is better, "up to" reads "down to". `source` says who set it, or how.
    """

    green: float
    amber: float
    higher: bool
    source: str

    def verdict(self, value: float) -> Verdict:
        """The colour of a value; a value that is no number is red."""
        sign = 1.0 if self.higher else -1.0
        if sign * value >= sign * self.green:
            return "green"
        return "amber" if sign * value >= sign * self.amber else "red"


THRESHOLDS: dict[str, Threshold] = {
    "completeness": Threshold(0.05, 0.20, higher=False, source="Lepton's own rule"),
}
"""By the name of the figure."""

TOP_SHARE = 0.05
"""The strongest part of a map that "top" means in overlaps and contours, as a share of its area."""


def verdict(name: str, value: float | None) -> Verdict | None:
    """The colour of a figure by its name; None for one without a threshold or without a value."""
    found = THRESHOLDS.get(name)
    return None if found is None or value is None else found.verdict(value)
