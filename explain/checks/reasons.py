"""Right for the right reason: how much of the map lies where a person says the reason is."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter

from explain.case import Case, Check
from explain.faithfulness import TOP_SHARE, best, verdict
from explain.regions import Shares, shares
from inference.records import Figure, Region, Verdict


def reasons(case: Case) -> tuple[Figure, ...]:
    """The map's mass and its top inside the marked region, over all frames, in source pixels.

    The verdict is on the share of mass against the region's share of the area. A map points no
    more finely than its cells, so the shares within one cell of the region are told as well.
    """
    region = marked(case)
    if region is None or not region.any():
        words = "The marked region lies on none of these frames, so nothing is said about it."
        return (Figure("inside_ratio", RATIO_TITLE, None, None, words),)
    if region.all():
        words = "The marked region is all of the picture, so no map could lie anywhere else."
        return (Figure("inside_ratio", RATIO_TITLE, None, None, words),)
    maps = np.stack([one.map for one in case.attributions])
    found, near = shares(maps, region), shares(maps, within_a_cell(case, region))
    if found.blank:
        return (Figure("inside_ratio", RATIO_TITLE, None, None, BLANK),)
    return _figures(found, near)


def _figures(found: Shares, near: Shares) -> tuple[Figure, ...]:
    """The ratio with its verdict, and beside it the shares of the mass and of the top."""
    details = (
        ("mass", found.mass),
        ("top", found.top),
        ("area", found.area),
        ("most", found.most),
        ("near_mass", near.mass),
        ("near_top", near.top),
        ("near_area", near.area),
    )
    return (
        Figure(
            "inside_ratio",
            RATIO_TITLE,
            found.ratio,
            _colour(found),
            _ratio_sentence(found, near),
            details,
        ),
        Figure(
            "inside_share",
            "Attribution inside the marked region",
            found.mass,
            None,
            f"{found.mass:.1%} of what speaks for the target lies inside the marked region, which "
            f"covers {found.area:.1%} of the area.",
        ),
        Figure(
            "top_inside",
            "Strongest places inside the marked region",
            found.top,
            None,
            f"Of the strongest {TOP_SHARE:.0%} of the map {found.top:.1%} lie inside the marked "
            f"region, of {found.most:.1%} that find room in it; {near.top:.1%} of "
            f"{near.most:.1%} within one cell of it.",
        ),
    )


def marked(case: Case) -> np.ndarray | None:
    """The marked region on the attributions' frames, bool [frames, rows, columns].

    None where none was marked, or where it was marked on another source.
    """
    truth: Region | None = case.truth
    keys = [one.key for one in case.attributions]
    if truth is None or any(source != truth.source_id for source, _ in keys):
        return None
    return np.stack(
        [
            truth.at(one.key[1], (int(one.map.shape[0]), int(one.map.shape[1])))
            for one in case.attributions
        ]
    )


def within_a_cell(case: Case, region: np.ndarray) -> np.ndarray:
    """The region grown by one cell of the map on all sides, bool like `region`.

    Grown where cells are squares of the model's input, and brought back.
    """
    size, native = case.question.size, case.answer.map.shape[1:]
    reach = [round(length / cells) for length, cells in zip(size, native, strict=True)]
    inside = case.prepared.forth(region.astype(np.float32))
    widths = (1, *(2 * cell + 1 for cell in reach))
    grown = maximum_filter((inside > 0.0).astype(np.float32), widths, mode="constant")
    near: np.ndarray = (case.prepared.back(grown) >= 0.5) | region
    return near


def _colour(found: Shares) -> Verdict | None:
    """By the ratio; a large region, which no map can exceed by much, by how much it exceeds it."""
    excess = (found.mass - found.area) / (1.0 - found.area) if found.area < 1.0 else 1.0
    return best(verdict("inside_ratio", found.ratio), verdict("inside_excess", excess))


def _ratio_sentence(found: Shares, near: Shares) -> str:
    meaning = {
        "green": "The model looks where the reason is.",
        "amber": "The model looks there in part: see what else the map shows.",
        "red": "The model answers for another reason than the marked one.",
        None: "",
    }
    if not found.mass and not near.mass:
        return "Nothing of what speaks for the target lies inside the marked region or beside it."
    return (
        f"The marked region holds {found.ratio:.1f} times the attribution that chance would put "
        f"there. {meaning[_colour(found)]}"
    )


BLANK = "The map shows nothing that speaks for the target, so nothing is said about its place."
RATIO_TITLE = "Right for the right reason"

REASONS = Check(
    "reasons",
    RATIO_TITLE,
    reasons,
    passes=lambda case: 0,
    cheap=True,
    asks=lambda case: marked(case) is not None,
)
