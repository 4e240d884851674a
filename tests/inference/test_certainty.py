"""How sure a model was, against SciPy's entropy and figures reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.certainty import certainty_of
from inference.records import Prediction, Provenance

MADE = Provenance("m", "0" * 64, "", "cpu", 0.1, "2026-11-21T00:00:00+00:00", ())


def prediction(
    *scores: float, activation: str = "softmax", mask: np.ndarray | None = None
) -> Prediction:
    labels = ("background", "organ", "lesion")[: len(scores)]
    found = np.array(scores, dtype=np.float32)
    return Prediction(("s" * 12, 0), labels, found, found, activation, mask, (), MADE)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.floats(0.0, 1.0), min_size=3, max_size=3).filter(lambda found: sum(found) > 0.1))
def test_entropy_is_that_of_scipy(raw: list[float]) -> None:
    scores = np.array(raw) / sum(raw)
    sure = certainty_of(prediction(*scores))
    assert sure.entropy == pytest.approx(scipy.stats.entropy(scores, base=3), abs=1e-6)
    assert sure.score == pytest.approx(scores.max(), abs=1e-6)


@pytest.mark.parametrize(
    ("scores", "activation", "entropy", "margin"),
    [
        ((0.5, 0.5), "softmax", 1.0, 0.0),
        ((1.0, 0.0), "softmax", 0.0, 1.0),
        ((0.6, 0.3, 0.1), "softmax", 0.8173, 0.3),
        ((0.99, 0.5), "sigmoid", 1.0, 0.0),
        ((0.9, 0.2), "sigmoid", 0.7219, 0.6),
        ((1.0,), "softmax", 0.0, 1.0),
    ],
)
def test_by_hand(scores: tuple[float, ...], activation: str, entropy: float, margin: float) -> None:
    sure = certainty_of(prediction(*scores, activation=activation))
    assert sure.label == "background"
    assert sure.entropy == pytest.approx(entropy, abs=1e-4)
    assert sure.margin == pytest.approx(margin, abs=1e-6)


def test_a_segmentation_is_named_by_its_largest_region_and_has_no_entropy() -> None:
    sure = certainty_of(prediction(0.9, 0.02, 0.08, mask=np.zeros((2, 2), np.uint8)))
    assert (sure.label, sure.entropy, sure.margin) == ("lesion", None, None)
    assert sure.score == pytest.approx(0.08)
