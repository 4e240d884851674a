"""The check that asks other methods, noise and other baselines."""

from __future__ import annotations

import pytest
import torch

from explain.case import Case
from explain.checks import agreement as module
from explain.checks.agreement import AGREEMENT, agreement, panel_of
from tests.explain.checks.finished import Weighted, finished
from tests.explain.networks import ask
from tests.explain.test_traces import fingerprint


def bright_spot() -> torch.Tensor:
    """Weights [32, 32] of a network that looks at one place."""
    rows, columns = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    return torch.exp(-((rows - 9) ** 2 + (columns - 20) ** 2) / 18)


def case_of(found: torch.Tensor, method: str = "saliency") -> Case:
    """All methods say the same of a weighted sum of ones."""
    return finished(
        Weighted(bright_spot()), torch.ones(1, 1, 32, 32), found, method=method, signed=False
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without SmoothGrad, which takes its time, and layers, which this network has none of."""
    monkeypatch.setattr(module, "PANEL", ("integrated_gradients", "occlusion"))


@pytest.mark.usefixtures("few")
def test_methods_that_say_the_same_agree() -> None:
    case = case_of(bright_spot())
    before = fingerprint(case.model)
    top, rank, steady = agreement(case)
    assert fingerprint(case.model) == before
    assert (top.name, rank.name, steady.name) == ("agreement", "agreement_rank", "steadiness")
    assert top.verdict == "green"
    assert top.value is not None
    assert top.value > 0.7
    assert {name for name, _ in top.details} == {"Integrated Gradients", "Occlusion"}
    assert rank.value is not None
    assert rank.value > 0.95
    assert steady.verdict == "green"
    assert dict(steady.details)["enough"] is True


@pytest.mark.usefixtures("few")
def test_a_map_that_points_elsewhere_is_told() -> None:
    top, _, _ = agreement(case_of(bright_spot().flip(0, 1)))
    assert top.value == 0.0
    assert top.verdict == "red"
    assert "elsewhere" in top.sentence


def test_a_map_of_what_speaks_against_the_target_points_at_no_place() -> None:
    (only,) = agreement(case_of(-bright_spot()))
    assert (only.value, only.verdict) == (None, None)
    assert "nothing that speaks for the target" in only.sentence


def test_the_same_again_gives_the_same() -> None:
    found = ask("saliency", Weighted(bright_spot()), torch.ones(1, 1, 32, 32)).map[0]
    one, other = (agreement(case_of(found)) for _ in range(2))
    assert [figure.value for figure in one] == [figure.value for figure in other]
    assert {name for name, _ in one[0].details} == {
        "SmoothGrad",
        "Integrated Gradients",
        "Occlusion",
    }


def test_nobody_to_compare_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PANEL", ("saliency",))
    found, steady = agreement(case_of(bright_spot()))
    assert found.value is None
    assert "nothing to compare" in found.sentence
    assert steady.value == pytest.approx(1.0, abs=0.2)


def test_the_panel_are_quick_methods_for_such_inputs() -> None:
    picture = panel_of("occlusion", "image", (32, 32))
    assert list(picture) == ["smoothgrad", "integrated_gradients", "grad_cam"]
    assert "occlusion" in panel_of("saliency", "volume", (30, 30, 30))
    assert all(passes <= module.MOST_PASSES for passes in picture.values())
    assert "occlusion" not in panel_of("saliency", "tokens", (12,))


def test_methods_that_do_not_fit_the_model_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this network can be followed back, and no layer lies over its input."""
    monkeypatch.setattr(module, "PANEL", ("integrated_gradients", "grad_cam"))

    class Counted(Weighted):
        def forward(self, inputs: torch.Tensor) -> torch.Tensor:
            with torch.no_grad():
                answer: torch.Tensor = super().forward(inputs)
            return answer

    ones = torch.ones(1, 1, 32, 32)
    case = finished(Counted(bright_spot()), ones, bright_spot(), method="occlusion")
    found, *_ = agreement(case)
    assert found.value is None


def test_passes_are_those_of_the_panel_and_of_the_variants() -> None:
    quick = AGREEMENT.passes(case_of(bright_spot()))
    slow = AGREEMENT.passes(case_of(bright_spot(), "occlusion"))
    assert slow > quick > 100
