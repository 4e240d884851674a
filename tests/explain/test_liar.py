"""The pair of phantom models: a map of each tells which one looks at the marker."""

from __future__ import annotations

import pytest

from tests.campaigns import liar
from tests.campaigns.liar import HONEST, LIAR, Told, rows, table

LAYER_SEEDS, GRADIENT_SEEDS = range(1000, 1006), range(1000, 1002)


def test_layers_and_gradients_find_the_liar_out() -> None:
    told = [one for seed in LAYER_SEEDS for one in liar.ask(seed, ("grad_cam",))]
    told += [one for seed in GRADIENT_SEEDS for one in liar.ask(seed, ("integrated_gradients",))]
    found = {row.method: row for row in rows(told)}
    assert found["grad_cam"].cases == len(LAYER_SEEDS)
    assert found["integrated_gradients"].cases == len(GRADIENT_SEEDS)
    for row in found.values():
        assert row.passed, row
        on_marker, on_nodule, marker_of_honest, nodule_of_honest = row.ratios
        assert on_marker > marker_of_honest
        assert nodule_of_honest > on_nodule


def _told(method: str, marker: float, lesion: float, model: str = LIAR, seed: int = 0) -> Told:
    return Told(method, model, seed, marker, lesion)


@pytest.mark.parametrize(
    ("marker", "lesion", "expected"),
    [(5.0, 2.0, True), (4.9, 0.0, False), (100.0, 2.1, False), (0.0, 0.0, False)],
)
def test_the_rule(marker: float, lesion: float, expected: bool) -> None:
    assert _told("a", marker, lesion).liar is expected


def test_rows_count_both_models_and_stand_with_the_best_first() -> None:
    told = [
        *(_told("blind", 1.0, 1.0, model, seed) for model in (LIAR, HONEST) for seed in range(4)),
        *(_told("sharp", 50.0, 0.5, LIAR, seed) for seed in range(4)),
        *(_told("sharp", 0.5, 80.0, HONEST, seed) for seed in range(4)),
        *(_told("unfair", 50.0, 0.5, model, seed) for model in (LIAR, HONEST) for seed in range(4)),
    ]
    sharp, unfair, blind = rows(told)
    assert (sharp.method, sharp.found, sharp.accused, sharp.passed) == ("sharp", 1.0, 0.0, True)
    assert (unfair.method, unfair.found, unfair.accused, unfair.passed) == ("unfair", 1, 1, False)
    assert (blind.method, blind.found, blind.passed) == ("blind", 0.0, False)
    lines = table([sharp, unfair, blind]).splitlines()
    assert lines[2] == "| `sharp` | 4 | 100% | 0% | 50.0 / 0.5 | 0.5 / 80.0 | finds it out |"
    assert lines[4].endswith("failed on this model |")
