"""Guided backpropagation and deconvolution: by hand, against Captum, and where they say nothing."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from captum.attr import Deconvolution, GuidedBackprop
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models as nets

from explain.guided import DECONVOLUTION, GUIDED_BACKPROP
from explain.methods import find_method
from explain.question import Judgement, Method, Question
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn

METHODS = {"guided_backprop": GuidedBackprop, "deconvolution": Deconvolution}


def captum(method: str, model: nn.Module, inputs: Tensor) -> Tensor:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Setting backward hooks on ReLU")
        found: Tensor = METHODS[method](model).attribute(inputs.clone().requires_grad_(), target=0)
    return found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [(13, 17), (5, 9, 7)], ids=["picture", "volume"])
def test_equal_to_captum_on_modules(method: str, size: tuple[int, ...]) -> None:
    model, inputs = small_cnn(size)
    theirs = captum(method, model, inputs)
    found = ask(method, model, inputs)
    assert float((found.values - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())
    assert found.map.shape == (1, *size)
    assert torch.equal(found.map.abs(), found.values.abs().amax(dim=1))
    assert found.prepared


@pytest.mark.parametrize("method", METHODS)
def test_equal_to_captum_on_a_residual_network(method: str) -> None:
    torch.manual_seed(0)
    model = nets.resnet18(num_classes=3).eval().requires_grad_(requires_grad=False)
    inputs = torch.randn(1, 3, 48, 48)
    found = ask(method, model, inputs).values
    theirs = captum(method, model, inputs)
    assert float((found - theirs).abs().max()) <= 1e-5 * float(theirs.abs().max())


@pytest.mark.parametrize("method", METHODS)
def test_several_inputs_are_each_answered_as_alone(method: str) -> None:
    model, _ = small_cnn((9, 9))
    inputs = torch.randn(3, 2, 9, 9, generator=torch.Generator().manual_seed(0))

    def values(some: Tensor) -> Tensor:
        asked = Question(
            model, some, some * 0, first_output, 0.0, {}, None, Task(), lambda make: None
        )
        return chosen.run(asked).values

    chosen = find_method(method)
    assert chosen.several
    alone = torch.cat([values(one[None]) for one in inputs])
    assert torch.allclose(values(inputs), alone, rtol=1e-5, atol=1e-6)


class Functional(nn.Module):
    """relu(a) − relu(b) twice over, by functions alone."""

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(x)
        return functional.relu(inner[:, :1] - inner[:, 1:] + 5)


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # Only what is positive on its way, and at an open ReLU: the first input, where it is open.
        ("guided_backprop", [[1.0, 0.0]]),
        ("deconvolution", [[1.0, 0.0]]),
        ("saliency", [[1.0, -1.0]]),
    ],
)
def test_functions_take_the_rule_by_hand(method: str, expected: list[list[float]]) -> None:
    options: dict[str, Any] = {"abs": False} if method == "saliency" else {}
    found = ask(method, Functional(), torch.tensor([[1.0, 2.0]]), **options)
    assert found.values.tolist() == expected


def test_deconvolution_passes_a_shut_rectifier() -> None:
    inputs = torch.tensor([[-1.0, -2.0]])
    assert ask("deconvolution", Functional(), inputs).values.tolist() == [[1.0, 0.0]]
    assert ask("guided_backprop", Functional(), inputs).values.tolist() == [[0.0, 0.0]]


def line(*activations: nn.Module) -> nn.Module:
    model = nn.Sequential()
    for activation in activations:
        model.extend([nn.Linear(9, 9), activation])
    return model.append(nn.Linear(9, 9))


class Beside(nn.Module):
    """A rectifier that the answer does not depend on."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.relu(x.detach())


TWO = "1 of this network's 2 activations are other functions than ReLU: at those it is the plain"


@pytest.mark.parametrize("method", [GUIDED_BACKPROP, DECONVOLUTION], ids=lambda one: one.name)
@pytest.mark.parametrize(
    ("make", "status", "words"),
    [
        (lambda: line(nn.ReLU(), nn.ReLU()), "green", ""),
        (lambda: line(nn.ReLU(), nn.Sigmoid()), "green", ""),
        (lambda: line(nn.ReLU(), nn.GELU()), "amber", TWO),
        (lambda: line(nn.SiLU(), nn.SiLU()), "red", "This network has no ReLU"),
        (lambda: line(Beside()), "red", "The rule changes nothing"),
    ],
)
def test_a_network_without_rectifiers_is_refused(
    method: Method, make: Callable[[], nn.Module], status: str, words: str
) -> None:
    torch.manual_seed(0)
    model, inputs = make().requires_grad_(requires_grad=False), torch.randn(1, 9)
    assert method.trial is not None
    found: Judgement = method.trial(
        Question(model, inputs, inputs * 0, first_output, 0.0, {}, None, Task(), lambda make: None)
    )
    assert found.status == status
    assert found.reason.startswith(words)
    assert found.instead == ("saliency" if status == "red" else None)
