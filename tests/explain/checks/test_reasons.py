"""Right for the right reason: figures of maps whose place is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from explain.case import Case
from explain.checks.reasons import REASONS, marked, reasons, within_a_cell
from inference.provenance import provenance
from inference.records import Attribution, Region
from tests.explain.checks.finished import Weighted, finished
from tests.sample_models import CARD

SOURCE = "0" * 12


def attribution(index: int, values: np.ndarray) -> Attribution:
    return Attribution(
        key=(SOURCE, index),
        target=0,
        target_label="a",
        output="logit",
        map=values.astype(np.float32),
        native=(1, 1),
        signed=True,
        layer=None,
        baseline=None,
        reduction="",
        completeness=None,
        warnings=(),
        provenance=provenance(CARD, "", "cpu", 0.0),
    )


def case_of(maps: np.ndarray, truth: Region | None, native: tuple[int, int] | None = None) -> Case:
    """Maps [frames, 16, 16] of a model that takes the picture as it is."""
    size = maps.shape[1:]
    found = np.zeros(native or size, dtype=np.float32)
    case = finished(Weighted(torch.ones(*size)), torch.zeros(1, 1, *size), found)
    made = tuple(attribution(index, one) for index, one in enumerate(maps))
    frame = case.frames[0]
    frames = tuple(replace(frame, key=one.key) for one in made)
    return replace(case, attributions=made, frames=frames, truth=truth)


def square(first: int = 0, source: str = SOURCE) -> Region:
    mask = np.zeros((1, 16, 16), dtype=bool)
    mask[0, 4:8, 4:8] = True
    return Region(source, first, mask, "drawn by hand")


def maps_with(inside: float, outside: float) -> np.ndarray:
    found = np.zeros((1, 16, 16))
    found[0, 5, 5], found[0, 12, 12], found[0, 0, 0] = inside, outside, -5.0
    return found


@pytest.mark.parametrize(
    ("inside", "outside", "share", "colour"),
    [(1.0, 0.0, 1.0, "green"), (1.0, 1.0, 0.5, "green"), (1, 4, 0.2, "amber"), (0, 3, 0, "red")],
)
def test_shares_ratio_and_colour(inside: float, outside: float, share: float, colour: str) -> None:
    ratio, mass, top = reasons(case_of(maps_with(inside, outside), square()))
    assert mass.value == pytest.approx(share)
    assert ratio.value == pytest.approx(share * 16)
    assert ratio.verdict == colour
    assert dict(ratio.details)["area"] == pytest.approx(1 / 16)
    # Two places show anything, so these are the top, one of them inside.
    assert top.value == pytest.approx(np.mean([inside > 0, *([False] * (outside > 0))]))


def test_a_large_region_is_judged_by_what_exceeds_it() -> None:
    mask = np.zeros((1, 16, 16), dtype=bool)
    mask[0, :, :8] = True
    region = Region(SOURCE, 0, mask, "drawn")
    (found, *_) = reasons(case_of(maps_with(9.0, 1.0), region))
    assert found.value == pytest.approx(1.8)
    assert found.verdict == "green"
    (even, *_) = reasons(case_of(np.ones((1, 16, 16)), region))
    assert even.value == pytest.approx(1.0)
    assert even.verdict == "red"


def test_all_frames_are_one_whole() -> None:
    maps = np.concatenate([maps_with(1.0, 1.0), maps_with(2.0, 4.0)])
    region = marked(case_of(maps, square(first=1)))
    assert region is not None
    assert region.sum(axis=(1, 2)).tolist() == [0, 16]
    (ratio, mass, _) = reasons(case_of(maps, square(first=1)))
    assert mass.value == pytest.approx(2 / 8)
    assert ratio.value == pytest.approx(2 / 8 * 32)


def test_without_a_region_nothing_is_asked() -> None:
    maps = maps_with(1.0, 1.0)
    assert not REASONS.asks(case_of(maps, None))
    assert not REASONS.asks(case_of(maps, square(source="f" * 12)))
    (found,) = reasons(case_of(maps, square(first=7)))
    assert found.value is None
    assert "none of these frames" in found.sentence


def test_a_region_that_is_everything_judges_nothing() -> None:
    whole = Region(SOURCE, 0, np.ones((1, 16, 16), dtype=bool), "drawn by hand")
    (only,) = reasons(case_of(maps_with(1.0, 1.0), whole))
    assert (only.value, only.verdict) == (None, None)
    assert "all of the picture" in only.sentence


def test_a_map_that_shows_nothing_is_not_judged() -> None:
    (found,) = reasons(case_of(-maps_with(1.0, 1.0).clip(0), square()))
    assert (found.value, found.verdict) == (None, None)
    assert "shows nothing" in found.sentence


def test_a_coarse_map_is_right_within_a_cell() -> None:
    case = case_of(maps_with(0.0, 1.0), square(), native=(4, 4))
    region = marked(case)
    assert region is not None
    near = within_a_cell(case, region)[0]
    assert near[0:12, 0:12].all()
    assert not near[13:, :].any()
    assert not near[:, 13:].any()
    close = np.zeros((1, 16, 16))
    close[0, 10, 10] = 1.0
    (found, *_) = reasons(replace(case, attributions=(attribution(0, close[0]),)))
    assert found.value == 0.0
    assert dict(found.details)["near_mass"] == pytest.approx(1.0)
