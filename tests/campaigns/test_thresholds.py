"""Where thresholds stand: the table on figures made by hand, and one phantom for real."""

from __future__ import annotations

import pytest

from inference.records import Verdict
from tests.campaigns import thresholds
from tests.campaigns.liar import HONEST, LIAR
from tests.campaigns.table import put_into
from tests.campaigns.thresholds import Measured


def _ratios(model: str, *colours: Verdict) -> list[Measured]:
    return [
        Measured("inside_ratio", "saliency", model, float(number), colour)
        for number, colour in enumerate(colours)
    ]


def test_shares_and_percentiles_of_a_figure() -> None:
    found = thresholds.rows(_ratios(LIAR, "red", "red", "red", "amber"))
    row = next(one for one in found if one["figure"] == "inside_ratio" and one["model"] == LIAR)
    assert (row["maps"], row["green"], row["amber"], row["red"]) == (4, 0.0, 0.25, 0.75)
    assert row["percentiles"] == [0.15, 1.5, 2.85]
    empty = next(one for one in found if one["model"] == HONEST)
    assert (empty["maps"], empty["percentiles"]) == (0, [])
    assert "| `inside_ratio` | `phantom-shortcut` | 4 | 0.15 / 1.5 / 2.85 | 0% | 25% | 75% |" in (
        thresholds.table(found)
    )


def test_each_range_of_seeds_has_a_place_of_its_own_in_the_document() -> None:
    text = "# Belief\n"
    for seed in (0, 1000, 0):
        made = {"cases": 100, "table": f"table of {seed}"}
        text = put_into(text, *thresholds.marks(seed), thresholds.block(seed, made))
    assert text.count("table of 0") == text.count("table of 1000") == 1
    assert text.index("table of 0") < text.index("table of 1000")


def test_a_threshold_that_mistakes_one_model_for_the_other_is_a_fault() -> None:
    right = _ratios(HONEST, "green") + _ratios(LIAR, "red")
    assert thresholds.faults(thresholds.rows(right)) == []
    deceived = _ratios(HONEST, "red") + _ratios(LIAR, "green", "red")
    assert thresholds.faults(thresholds.rows(deceived)) == [
        "50% of the liar's maps are green.",
        "100% of the honest model's maps are red.",
    ]


def test_one_phantom_tells_the_models_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thresholds, "METHODS", ("saliency", "grad_cam"))
    found = thresholds.measure(0)
    decisive = {
        (one.model, one.method): one.verdict for one in found if one.figure == "inside_ratio"
    }
    assert decisive == {
        (HONEST, "saliency"): "green",
        (HONEST, "grad_cam"): "green",
        (LIAR, "saliency"): "red",
        (LIAR, "grad_cam"): "red",
    }
