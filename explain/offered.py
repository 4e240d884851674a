"""Checks of belief and baselines as the window offers them, in plain words; no torch.

The checks themselves are in explain.checks.table and the baselines in explain.baselines; a test
holds both against what is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class CheckOffer:
    """A check that runs when it is asked for.

    `figure` is the first figure that it gives. `passes` says about how many inputs go through the
    model for a map that itself took so many; in some of them the map is made again, `maps` times.
    """

    name: str
    title: str
    words: str
    passes: Callable[[int], int]
    figure: str
    paper: str = ""
    maps: Callable[[int], int] = lambda passes: 0


def _repeats(passes: int) -> int:
    """Two to five maps more, as few as keep within 160 passes; none of a very slow method."""
    return max(2, min(5, 160 // (passes + 1))) if passes < 2000 else 0


def _randomised(passes: int) -> int:
    """The map of three shuffled models, and of a quick method after each stage of shuffling."""
    return 10 if passes <= 200 else 3


CHECKS: tuple[CheckOffer, ...] = (
    CheckOffer(
        "sensitivity",
        "Repeatability under noise",
        "Whether the map stays the same when the picture has a little more noise.",
        lambda passes: _repeats(passes) * (passes + 1),
        "sensitivity",
        "Yeh et al. 2019, arXiv 1901.09392",
        _repeats,
    ),
    CheckOffer(
        "infidelity",
        "Infidelity",
        "Whether the map foretells what happens to the score when patches are covered.",
        lambda passes: 48,
        "infidelity",
        "Yeh et al. 2019, arXiv 1901.09392",
    ),
    CheckOffer(
        "deletion",
        "Deletion",
        "Whether the score falls early when the strongest places are covered.",
        lambda passes: 88,
        "deletion",
        "Petsiuk et al. 2018, arXiv 1806.07421",
    ),
    CheckOffer(
        "insertion",
        "Insertion",
        "Whether the score rises early when the strongest places come back into a blur.",
        lambda passes: 88,
        "insertion",
        "Petsiuk et al. 2018, arXiv 1806.07421",
    ),
    CheckOffer(
        "road",
        "Deletion by imputation (ROAD)",
        "Whether the score falls early when the strongest places are filled from around them.",
        lambda passes: 52,
        "road",
        "Rong et al. 2022, arXiv 2202.00449",
    ),
    CheckOffer(
        "randomisation",
        "Follows the model",
        "Whether the map changes when the model's layers are shuffled so that it knows nothing.",
        lambda passes: _randomised(passes) * passes,
        "randomisation",
        "Adebayo et al. 2018, arXiv 1810.03292",
        _randomised,
    ),
    CheckOffer(
        "agreement",
        "Other methods agree",
        "Whether other methods, a little noise and other baselines give the same places.",
        lambda passes: 832 + 6 * passes,
        "agreement",
        maps=lambda passes: 6,
    ),
)
"""In the order in which their figures are shown."""

OF_THE_MODEL = frozenset({"inside_ratio", "inside_share", "top_inside"})
"""These judge whether the model is right for the right reason; the map may be true all the same."""

BASELINES: tuple[tuple[str, str], ...] = (
    ("card", "As the model's card says"),
    ("zero", "Zero"),
    ("blur", "The picture, blurred"),
    ("mean", "The picture's mean"),
    ("padding", "As outside the picture"),
    ("picture", "Another picture"),
)
"""Names and titles of what methods compare the picture with."""


def passes_of(checks: tuple[str, ...], passes: int) -> int:
    """About how many inputs go through the model for these checks; "all" means every one."""
    return sum(one.passes(passes) for one in _named(checks))


def seconds_of(
    checks: tuple[str, ...], passes: int, seconds: float, seconds_each: float | None
) -> float | None:
    """About how long these checks take for a map of so many passes and seconds.

    `seconds_each` is what a pass takes that no map is made by; None where that was not measured,
    as is then what is given for checks that need such passes.
    """
    maps = sum(one.maps(passes) for one in _named(checks))
    others = passes_of(checks, passes) - maps * passes
    if others and seconds_each is None:
        return None
    return maps * seconds + others * (seconds_each or 0.0)


def _named(checks: tuple[str, ...]) -> list[CheckOffer]:
    return [one for one in CHECKS if one.name in checks or "all" in checks]
