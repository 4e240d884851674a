"""The verdict on a model, from counterfactuals worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from app.evidence import Evidence, share_inside


@pytest.mark.parametrize(
    ("whole", "no_nodule", "no_marker", "verdict"),
    [
        (0.97, 0.02, 0.97, "good"),
        (0.97, 0.96, 0.03, "bad"),
        (0.97, 0.05, 0.30, "bad"),
        (0.97, 0.90, 0.95, "doubtful"),
        (0.40, 0.05, 0.75, "bad"),
    ],
)
def test_verdicts(whole: float, no_nodule: float, no_marker: float, verdict: str) -> None:
    found = Evidence(whole, no_nodule, no_marker, 0.5, 0.25)
    assert found.verdict == verdict
    assert f"Nodule erased: {whole:.2f} → {no_nodule:.2f}" in found.sentence
    assert "50 % lies at the nodule, 25 % at the marker" in found.sentence


def test_share_counts_positive_values_inside_the_box() -> None:
    found = np.zeros((4, 6), np.float32)
    found[1, 2] = 3.0
    found[3, 5] = 1.0
    found[0, 0] = -8.0
    assert share_inside(found, (2, 1, 4, 2)) == 0.75
    assert share_inside(found, (0, 0, 1, 1)) == 0.0
    assert share_inside(found, (0, 0, 2, 2), 1) == 0.75
    assert share_inside(found, (0, 0, 2, 2), 4) == 1.0
    assert share_inside(np.zeros((4, 6), np.float32), (0, 0, 6, 4)) == 0.0
