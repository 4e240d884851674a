"""DeepLIFT and its mean over baselines: by hand, against Captum, and that they add up."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from captum.attr import DeepLift, DeepLiftShap
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models as nets

from explain.deeplift import DEEP_LIFT, DEEP_LIFT_SHAP, NOISE
from explain.guard import Score
from explain.question import Answer, Facts, Judgement, Question
from explain.reduction import Part, contrast, part_score, unchanged
from explain.target import ACTIVATIONS
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn


def question(
    model: nn.Module, inputs: Tensor, score: Score = first_output, **more: Any
) -> Question:
    with torch.no_grad():
        value = float(score(model(inputs)))
    baseline = more.pop("baseline", torch.zeros_like(inputs))
    return Question(
        model, inputs, baseline, score, value, more, None, Task(), lambda make: None, seed=3
    )


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(5))


class Reused(nn.Module):
    """One ReLU module called twice, and one that is a function."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        first = self.relu(x[:, :1] - 2 * x[:, 1:])
        second = self.relu(3 * first - 6)
        found: Tensor = second - functional.relu(x[:, 1:])
        return found


def test_reused_and_functional_activations_by_hand() -> None:
    """From (1, 1) to (5, 1): −1 → 3, then −6 → 3 of −6 → 3, and the last part stays.

    The first ReLU lets 3 of 4 through, the second 3 of 9, so the first input counts for
    4 · 3/4 · 3 · 3/9 = 3, all of the change.
    """
    inputs, baseline = torch.tensor([[5.0, 1.0]]), torch.tensor([[1.0, 1.0]])
    found = DEEP_LIFT.run(question(Reused(), inputs, baseline=baseline))
    assert found.values.tolist() == [[pytest.approx(3.0), 0.0]]
    assert found.completeness is not None
    assert found.completeness.sum == pytest.approx(3.0)
    assert found.completeness.difference == 3.0
    assert found.prepared
    assert found.uses_baseline


class LinearLayer(nn.Module):
    def __init__(self, *rows: list[float]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor(rows), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.weight.T


def test_a_probability_by_hand() -> None:
    """σ(2 a − b) of (1, 0) against (0, 1): the change of σ, shared out as 2 and 1 of 3."""
    inputs, baseline = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
    asked = question(
        LinearLayer([2.0, -1.0]),
        inputs,
        lambda output: torch.sigmoid(output)[:, 0],
        baseline=baseline,
    )
    change = 1 / (1 + math.exp(-2)) - 1 / (1 + math.exp(1))
    found = DEEP_LIFT.run(asked).values[0]
    assert found.tolist() == pytest.approx([change * 2 / 3, change / 3])


@pytest.mark.parametrize("size", [(13, 17), (5, 9, 7)], ids=["picture", "volume"])
def test_equal_to_captum_where_captum_is_right(size: tuple[int, ...]) -> None:
    model, inputs = small_cnn(size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks")
        theirs = (
            DeepLift(model)
            .attribute(inputs.clone().requires_grad_(), torch.full_like(inputs, 0.25), target=0)
            .detach()
        )
    found = ask("deep_lift", model, inputs, baseline=0.25)
    assert float((found.values - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())
    assert torch.equal(found.map, found.values.sum(dim=1))


def test_the_mean_over_baselines_is_captums() -> None:
    model, inputs = small_cnn((13, 17))
    generator = torch.Generator().manual_seed(3)
    baselines = torch.full((6, *inputs.shape[1:]), 0.25)
    size = NOISE * float(inputs.max() - inputs.min())
    baselines[1:] += size * torch.randn(baselines[1:].shape, generator=generator)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting forward, backward hooks")
        theirs = (
            DeepLiftShap(model)
            .attribute(inputs.clone().requires_grad_(), baselines, target=0)
            .detach()
        )
    for batch in (0, 1, 4):
        asked: dict[str, Any] = {"baseline": 0.25, "seed": 3, "baselines": 6, "batch": batch}
        found = ask("deep_lift_shap", model, inputs, **asked)
        assert float((found.values - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())
        with torch.no_grad():
            change = first_output(model(inputs)) - first_output(model(baselines)).mean()
        assert found.completeness is not None
        assert found.completeness.difference == pytest.approx(float(change), abs=1e-6)
        assert found.completeness.relative < 1e-5
        assert found.spread is not None
        assert found.spread.shape == found.map.shape


def test_a_coarse_map_is_the_mean_so_far() -> None:
    model, inputs = small_cnn((9, 9))
    seen: list[Answer | None] = []
    asked = replace(
        question(model, inputs, baselines=5, batch=1), show=lambda make: seen.append(make())
    )
    final = DEEP_LIFT_SHAP.run(asked)
    assert len(seen) == 4
    assert seen[0] is not None
    alone = DEEP_LIFT.run(question(model, inputs))
    assert torch.allclose(seen[0].values, alone.values, atol=1e-6)
    assert seen[0].spread is None
    assert final.reduction == (
        "sum over channels, mean over 5 baselines, all but the first with noise"
    )


def vgg11_bn() -> nn.Module:
    """Without the hidden layers of its head, which hold nine tenths of its parameters."""
    whole = nets.vgg.make_layers(nets.vgg.cfgs["A"], batch_norm=True)
    return nn.Sequential(whole, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


NETS: dict[str, Callable[[], nn.Module]] = {
    "vgg11_bn": vgg11_bn,
    "resnet18": nets.resnet18,
    "resnet50": nets.resnet50,
    "densenet121": nets.densenet121,
    "mobilenet_v2": nets.mobilenet_v2,
    "shufflenet_v2_x1_0": nets.shufflenet_v2_x1_0,
    # Gates, and a norm over what comes in: products and norms have rules as well.
    "mobilenet_v3_small": nets.mobilenet_v3_small,
    "efficientnet_b0": nets.efficientnet_b0,
    "convnext_tiny": nets.convnext_tiny,
}


def lively(make: Callable[[], nn.Module], size: int) -> nn.Module:
    """Random weights and offsets; batch norms with the statistics of noise: no layer dies."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        model = make().requires_grad_(requires_grad=False)
        for name, parameter in model.named_parameters():
            if name.endswith("bias"):
                parameter.add_(torch.randn(parameter.shape) * 0.1)
        for module in model.eval().modules():
            if isinstance(module, nn.BatchNorm2d):
                module.momentum = None
                module.train()
        model(torch.randn(4, 3, size, size))
    return model.eval()


@pytest.mark.parametrize("name", NETS)
def test_contributions_add_up_to_the_change(name: str) -> None:
    model, inputs = lively(NETS[name], 64), noise(1, 3, 64, 64)
    with torch.no_grad():
        change = (model(inputs) - model(torch.zeros_like(inputs)))[0]
    top = int(change.abs().argmax())

    for values in (unchanged, ACTIVATIONS["softmax"]):
        score = part_score(change[None], Part(top), values)
        found = DEEP_LIFT.run(question(model, inputs, score)).completeness
        assert found is not None
        assert found.relative <= 1e-5


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("part", [Part(1), Part(1, torch.ones(5, 6))], ids=["whole", "region"])
def test_the_probability_of_a_region_adds_up(part: Part, activation: str) -> None:
    torch.manual_seed(0)
    layers = (nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 3, 1))
    model, inputs = nn.Sequential(*layers).requires_grad_(requires_grad=False), noise(1, 1, 5, 6)
    score = part_score(model(inputs), part, ACTIVATIONS[activation])
    asked = question(model, inputs, contrast(score, part_score(model(inputs), Part(0))))
    found = DEEP_LIFT.run(asked).completeness
    assert found is not None
    assert found.relative <= 1e-5


class Overwriting(nn.Module):
    """Changes a value through a view of it, so that no rewritten copy answers the same."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = x * 1.5 + 0.5
        self.relu(x.flatten(1))
        return x.sum(dim=(2, 3))


class Attending(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.attention(x[:, 0], x[:, 0], x[:, 0] * 3)[0].mean(dim=1)
        return found


class Recurring(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.LSTM(6, 3, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.inner(x[:, 0] * 3)[0][:, -1]
        return found


def trial(model: nn.Module) -> Judgement:
    torch.manual_seed(0)
    for parameter in model.requires_grad_(requires_grad=False).parameters():
        nn.init.normal_(parameter)
    assert DEEP_LIFT.trial is not None
    assert DEEP_LIFT_SHAP.trial is DEEP_LIFT.trial
    return DEEP_LIFT.trial(question(model.eval(), noise(1, 1, 5, 6)))


def test_a_model_that_the_rules_cover_is_green() -> None:
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.GELU(), nn.Flatten(), nn.Linear(48, 2))
    assert trial(model) == Judgement("green")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (Attending, "its attention has no rule."),
        (Recurring, "its recurrent layer has no rule."),
        (Overwriting, "something that it computes has no rule."),
    ],
)
def test_what_has_no_rule_is_refused_with_the_reason(
    make: Callable[[], nn.Module], words: str
) -> None:
    found = trial(make())
    assert (found.status, found.instead) == ("red", "integrated_gradients")
    assert found.reason.startswith("Its contributions are ")
    assert found.reason.endswith(words)


def test_a_compiled_program_is_refused() -> None:
    facts = Facts((5, 6), differentiable=True, sudden=False, layers=(), compiled=True)
    assert DEEP_LIFT.judge(facts).status == "red"
    assert DEEP_LIFT.judge(replace(facts, compiled=False)).status == "green"
    assert DEEP_LIFT.judge(replace(facts, differentiable=False)).instead == "occlusion"
