"""Small networks, and a way to put a question about them to one method."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from explain.guard import Score
from explain.methods import METHODS, settle
from explain.question import Answer, Question, size_of
from explain.records import InputKind, LayerStatus
from inference.records import Scalar
from inference.task import Task

PICTURES = [
    name
    for name, method in METHODS.items()
    if "image" in method.seen and method.family != "attention"
]
"""The methods that fit a network of convolutions."""


class SmallCnn(nn.Module):
    """Two convolutions with batch norm between them, a mean, a line; in 2 or 3 dimensions."""

    def __init__(self, dimensions: int, channels: int = 2, labels: int = 3) -> None:
        super().__init__()
        convolution: Any = nn.Conv2d if dimensions == 2 else nn.Conv3d
        norm: Any = nn.BatchNorm2d if dimensions == 2 else nn.BatchNorm3d
        self.first = convolution(channels, 5, 3, padding=1)
        self.norm = norm(5)
        self.relu = nn.ReLU()
        self.second = convolution(5, 6, 3, stride=2)
        self.tanh = nn.Tanh()
        self.flatten = nn.Flatten(2)
        self.line = nn.Linear(6, labels)

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.tanh(self.second(self.relu(self.norm(self.first(inputs)))))
        answer: Tensor = self.line(self.flatten(features).mean(dim=2))
        return answer


def small_cnn(size: tuple[int, ...], channels: int = 2) -> tuple[nn.Module, Tensor]:
    """A network with fixed random weights and an input [1, channels, *size] for it."""
    generator = torch.Generator().manual_seed(len(size))
    model = SmallCnn(len(size), channels).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.5)
        model.norm.running_mean.copy_(torch.randn(5, generator=generator))
        model.norm.running_var.copy_(torch.rand(5, generator=generator) + 0.5)
    model.requires_grad_(requires_grad=False)
    return model, torch.randn(1, channels, *size, generator=generator)


def first_output(output: Tensor) -> Tensor:
    """The score of most tests: the first label's logit."""
    return output[:, 0]


def ask(
    method: str,
    model: nn.Module,
    inputs: Tensor,
    *,
    baseline: float = 0.0,
    layer: str | LayerStatus | None = None,
    seed: int = 0,
    task: Task | None = None,
    show: Callable[[Callable[[], Answer | None]], None] = lambda make: None,
    score: Score = first_output,
    kind: InputKind = "image",
    background: Tensor | None = None,
    **options: Scalar,
) -> Answer:
    """Run one method of the table on a plain module."""
    chosen = METHODS[method]
    settled = settle(chosen, tuple(options.items()), size_of(inputs))
    with torch.no_grad():
        value = float(score(model(inputs)))
    question = Question(
        model,
        inputs,
        torch.full_like(inputs, baseline),
        score,
        value,
        dict(settled),
        _layer(layer) if isinstance(layer, str) else layer,
        task or Task(),
        show,
        kind=kind,
        seed=seed,
        total=chosen.passes(dict(settled), size_of(inputs)),
        background=background,
    )
    return chosen.run(question)


def _layer(name: str) -> LayerStatus:
    return LayerStatus(name, "", (), default=False)
