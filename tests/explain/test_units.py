"""Every method's map says in which unit it is."""

from __future__ import annotations

import pytest

from explain.methods import METHODS
from explain.units import UNITS, unit_of


def test_every_method_has_a_unit() -> None:
    assert set(UNITS) == set(METHODS) - {"smoothgrad"}, "SmoothGrad has that of its base"


@pytest.mark.parametrize(
    ("method", "options", "volume", "words"),
    [
        ("integrated_gradients", {}, False, "logit per pixel"),
        ("integrated_gradients", {}, True, "logit per voxel"),
        ("occlusion", {}, False, "drop of logit when hidden"),
        (
            "smoothgrad",
            {"base": "saliency", "type": "smoothgrad"},
            False,
            "logit per unit of input",
        ),
        (
            "smoothgrad",
            {"base": "saliency", "type": "vargrad"},
            False,
            "variance of logit per unit of input",
        ),
        ("somebody's own", {}, False, ""),
    ],
)
def test_units(method: str, options: dict[str, str], volume: bool, words: str) -> None:
    assert unit_of(method, options, "logit", volume=volume) == words
