"""Sensitivity and infidelity against Captum's own, and against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import Saliency
from captum.metrics import infidelity as captum_infidelity
from captum.metrics import sensitivity_max
from torch import Tensor

from explain.case import Check
from explain.checks import repeatability
from explain.checks.repeatability import INFIDELITY, SENSITIVITY, unexplained
from explain.methods import METHODS
from inference.records import Figure
from inference.task import Cancelled, Task
from tests.explain.checks.finished import Squares, Weighted, finished
from tests.explain.networks import ask, small_cnn


def chance(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def picture(*size: int) -> Tensor:
    return torch.randn(1, 1, *size, generator=chance(3))


def sensitivity(model: torch.nn.Module, inputs: Tensor, seed: int = 0) -> Figure:
    made = ask("saliency", model, inputs)
    case = finished(model, inputs, made.map[0], signed=made.signed, values=made.values, seed=seed)
    (only,) = SENSITIVITY.run(case)
    return only


def test_a_gradient_that_is_the_same_everywhere_is_not_sensitive() -> None:
    found = sensitivity(Weighted(picture(8, 8)[0, 0]), picture(8, 8))
    assert (found.value, found.verdict) == (0.0, "green")


def test_sensitivity_of_a_sum_of_squares() -> None:
    """The map is |2x|, so noise u changes it by |x + u| − |x| over |x|, at most u over x."""
    inputs = picture(8, 8) + 10  # Positive, so that the magnitude is the value.
    noise = chance(5)
    radius = 0.02 * float(inputs.max() - inputs.min())
    drawn = [radius * (2 * torch.rand(1, 1, 8, 8, generator=noise) - 1) for _ in range(5)]
    expected = max(float(one.norm()) for one in drawn) / float(inputs.norm())
    found = sensitivity(Squares(), inputs, seed=5)
    assert found.value == pytest.approx(expected, rel=1e-4)
    assert dict(found.details) == {"radius": pytest.approx(radius), "maps": 5}


def test_an_even_picture_says_nothing_of_noise() -> None:
    """Noise is a share of the picture's range, which is none: no change would be no merit."""
    found = sensitivity(Weighted(picture(8, 8)[0, 0]), torch.ones(1, 1, 8, 8))
    assert (found.value, found.verdict) == (None, None)
    assert found.sentence.startswith("Not measured")


def test_sensitivity_is_captum_s_own() -> None:
    model, inputs = small_cnn((9, 9), channels=1)
    noise, radius = chance(), 0.02 * float(inputs.max() - inputs.min())

    def disturbed(batch: Tensor) -> Tensor:
        return batch + radius * (2 * torch.rand(batch.shape, generator=noise) - 1)

    def explained(batch: Tensor | tuple[Tensor, ...], target: int) -> tuple[Tensor, ...]:
        (one,) = batch if isinstance(batch, tuple) else (batch,)
        with torch.enable_grad():
            return (Saliency(model).attribute(one.clone().requires_grad_(), target),)

    theirs = sensitivity_max(
        explained, inputs, disturbed, n_perturb_samples=5,
        max_examples_per_batch=1, target=0,
    )  # fmt: skip
    assert sensitivity(model, inputs).value == pytest.approx(float(theirs), rel=1e-5)


def test_slow_methods_get_fewer_maps_or_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    def case_of(method: str) -> tuple[int, Figure]:
        case = finished(Squares(), picture(8, 8), picture(8, 8)[0, 0], method=method)
        return SENSITIVITY.passes(case), SENSITIVITY.run(case)[0]

    one = METHODS["occlusion"].passes({"window": 2, "stride": 1}, (8, 8)) + 1
    monkeypatch.setattr(repeatability, "BUDGET", 3 * one)
    passes, found = case_of("occlusion")
    assert (passes, dict(found.details)["maps"]) == (3 * one, 3)
    monkeypatch.setattr(repeatability, "MOST_PASSES", one - 1)
    passes, found = case_of("occlusion")
    assert (passes, found.value, found.verdict) == (0, None, None)
    assert f"{one:,} passes" in found.sentence


def infidelity(found: Tensor, weights: Tensor, inputs: Tensor) -> Figure:
    (only,) = INFIDELITY.run(finished(Weighted(weights), inputs, found))
    return only


@pytest.mark.parametrize("size", [(16, 16), (6, 8, 10)])
def test_infidelity_of_perfect_and_inverted_maps(size: tuple[int, ...]) -> None:
    """Of a weighted sum, input times weight is what each place adds to the score."""
    weights, inputs = picture(*size)[0, 0], picture(*size) + 1
    perfect = weights * inputs[0, 0]
    found = infidelity(perfect, weights, inputs)
    assert found.value == pytest.approx(0.0, abs=1e-5)
    assert found.verdict == "green"
    assert float(dict(found.details)["captum"] or 0.0) == pytest.approx(0.0, abs=1e-6)
    assert infidelity(7 * perfect, weights, inputs).value == pytest.approx(0.0, abs=1e-5)
    inverted = infidelity(-perfect, weights, inputs)
    assert (inverted.value, inverted.verdict) == (1.0, "amber")
    assert infidelity(torch.zeros(size), weights, inputs).value == 1.0


def test_an_even_map_is_what_it_is_compared_with() -> None:
    weights, inputs = picture(16, 16)[0, 0], picture(16, 16) + 1
    found = infidelity(torch.ones(16, 16), weights, inputs)
    assert dict(found.details)["even_map"] == pytest.approx(found.value)
    unrelated = infidelity(picture(16, 16)[0, 0].flip(0), weights, inputs)
    assert unrelated.value is not None
    assert unrelated.value > 0.7


def test_infidelity_is_captum_s_own() -> None:
    model, inputs = small_cnn((12, 12), channels=2)
    found = picture(12, 12)[0, 0].abs()
    case = finished(model, inputs, found)
    (ours,) = INFIDELITY.run(case)
    again = repeatability._Covered(case)
    count = dict(ours.details)["patches"]
    assert isinstance(count, int)
    theirs = [
        captum_infidelity(
            lambda batch: model(batch)[:, 0], repeatability._Covered(case).cover, inputs,
            again.map, n_perturb_samples=count, normalize=normalize,
        )
        for normalize in (False, True)
    ]  # fmt: skip
    assert dict(ours.details)["captum"] == pytest.approx(float(theirs[0]), rel=1e-4)
    with torch.no_grad():
        _, covered = repeatability._Covered(case).cover(inputs.expand(count, -1, -1, -1))
        change = (model(inputs)[:, 0] - model(covered)[:, 0]).square().mean()
    assert ours.value == pytest.approx(float(theirs[1] / change), rel=1e-4)


@pytest.mark.parametrize(
    ("expected", "real", "share"),
    [
        ([1.0, 2.0], [2.0, 4.0], 0.0),
        ([1.0, 0.0], [0.0, 3.0], 1.0),
        ([1.0, 1.0], [1.0, 0.0], 0.5),
        ([-1.0, -2.0], [1.0, 2.0], 1.0),
        ([0.0, 0.0], [1.0, 2.0], 1.0),
        ([1.0, 2.0], [0.0, 0.0], None),
    ],
)
def test_what_is_left_unexplained(
    expected: list[float], real: list[float], share: float | None
) -> None:
    found = unexplained(np.array(expected), np.array(real))
    assert found == (share if share is None else pytest.approx(share))


def test_a_score_that_never_changes_is_not_judged() -> None:
    found = infidelity(torch.ones(8, 8), torch.zeros(8, 8), picture(8, 8))
    assert (found.value, found.verdict) == (None, None)


@pytest.mark.parametrize("check", [SENSITIVITY, INFIDELITY], ids=lambda check: check.name)
def test_every_pass_is_counted_beforehand(check: Check) -> None:
    model, inputs = small_cnn((9, 9), channels=1)
    case = finished(model, inputs, picture(9, 9)[0, 0])
    check.run(case)
    assert case.question.guard.passes == check.passes(case)


@pytest.mark.parametrize("check", [SENSITIVITY, INFIDELITY], ids=lambda check: check.name)
def test_torch_s_own_chance_is_left_alone_and_cancelling_ends_it(
    check: Check,
) -> None:
    model, inputs = small_cnn((9, 9), channels=1)
    task = Task()
    case = finished(model, inputs, picture(9, 9)[0, 0], task=task)
    before = torch.get_rng_state()
    first, again = (check.run(case)[0].value for _ in range(2))
    assert first == again
    assert torch.equal(torch.get_rng_state(), before)
    assert not inputs.requires_grad
    task.cancel()
    with pytest.raises(Cancelled):
        check.run(case)
