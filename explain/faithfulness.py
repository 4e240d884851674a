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


ON_PHANTOMS = "Lepton's own rule, chosen on chest phantoms of the seeds 0–99"

THRESHOLDS: dict[str, Threshold] = {
    "contrast": Threshold(1e-2, 1e-5, higher=True, source="Lepton's own rule"),
    "gradient_likeness": Threshold(0.999, 1.0, higher=False, source="Lepton's own rule"),
    "resolution": Threshold(4, 1, higher=True, source="Lepton's own rule"),
    "completeness": Threshold(0.05, 0.20, higher=False, source="Lepton's own rule"),
    "sensitivity": Threshold(0.3, 1.0, higher=False, source="Lepton's own rule"),
    "infidelity": Threshold(0.5, 1.0, higher=False, source="Lepton's own rule"),
    "removal_gain": Threshold(0.05, 0.0, higher=True, source="Lepton's own rule"),
    "agreement": Threshold(0.4, 0.2, higher=True, source="Lepton's own rule; chance is 0.05"),
    "steadiness": Threshold(0.5, 0.25, higher=True, source="Lepton's own rule; chance is near 0"),
    "inside_ratio": Threshold(5.0, 2.0, higher=True, source=ON_PHANTOMS),
    "inside_excess": Threshold(0.5, 0.25, higher=True, source=ON_PHANTOMS),
    "outside_body": Threshold(0.05, 0.2, higher=False, source=ON_PHANTOMS),
    "outside_body_ratio": Threshold(0.5, 1.0, higher=False, source=ON_PHANTOMS),
    "on_padding": Threshold(0.02, 0.1, higher=False, source="Lepton's own rule"),
    "on_padding_ratio": Threshold(0.5, 1.0, higher=False, source="Lepton's own rule"),
    "on_marks": Threshold(0.05, 0.1, higher=False, source=ON_PHANTOMS),
    "on_marks_ratio": Threshold(1.0, 2.0, higher=False, source=ON_PHANTOMS),
    "randomisation": Threshold(
        0.5,
        0.5,
        higher=False,
        source="Lepton's own rule on the test of Adebayo et al. 2018, arXiv 1810.03292",
    ),
    "randomisation_ssim": Threshold(
        0.6,
        0.6,
        higher=False,
        source="Lepton's own rule on the test of Adebayo et al. 2018, arXiv 1810.03292",
    ),
}
"""By the name of the figure."""

TOP_SHARE = 0.05
"""The strongest part of a map that "top" means in overlaps and contours, as a share of its area."""

SETTLED = 0.1
"""A mean over samples is settled when its standard error, over the whole map, is this share of it.

Lepton's own rule: a tenth of the map's size is about a step that one still sees in a colour scale.
The error falls with the square root of the number of samples: half of it takes four times as many.
"""

ENOUGH_OVERLAP = 0.25
"""Maps whose tops have at least this in common (median Dice of all pairs) agree on a place."""

PINNED_RANK = 0.8
"""A pinned map is still the same one where its cells and today's have this rank correlation.

Lepton's own rule, as is the next; both can be set with each pin.
"""

PINNED_RATIO = 0.5
"""Of the ratio inside the marked region that was pinned, so much has to be left."""


def verdict(name: str, value: float | None) -> Verdict | None:
    """The colour of a figure by its name; None for one without a threshold or without a value."""
    found = THRESHOLDS.get(name)
    return None if found is None or value is None else found.verdict(value)


def worst(*found: Verdict | None) -> Verdict | None:
    """The worst of several verdicts; None where there is none."""
    return next((colour for colour in _FROM_WORST if colour in found), None)


def best(*found: Verdict | None) -> Verdict | None:
    """The best of several verdicts; None where there is none."""
    return next((colour for colour in reversed(_FROM_WORST) if colour in found), None)


_FROM_WORST: tuple[Verdict, ...] = ("red", "amber", "green")
