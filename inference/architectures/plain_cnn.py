"""A plain convolutional classifier: every activation is a module of its own, used once."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import nn

from inference.architectures.arguments import Arguments


class LogSumExpPool(nn.Module):
    """Global pooling between mean and maximum (Pinheiro and Collobert, CVPR 2015, equation 6).

    [N, C, rows, columns] to [N, C, 1, 1]; the larger `sharpness`, the nearer to the maximum.
    """

    def __init__(self, sharpness: float) -> None:
        super().__init__()
        self.sharpness = sharpness

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        places = features.flatten(2)
        total = torch.logsumexp(self.sharpness * places, dim=2)
        pooled = (total - math.log(places.shape[2])) / self.sharpness
        return pooled[:, :, None, None]


POOLINGS: dict[str, Callable[[float], nn.Module]] = {
    "mean": lambda sharpness: nn.AdaptiveAvgPool2d(1),
    "max": lambda sharpness: nn.AdaptiveMaxPool2d(1),
    "logsumexp": LogSumExpPool,
}


class PlainCnn(nn.Module):
    """Stages of convolution, batch norm and ReLU, halved in between; global pooling; a line.

    Input [N, channels, rows, columns] of any size; output [N, labels] logits.
    """

    def __init__(
        self, channels: int, labels: int, widths: tuple[int, ...], depth: int, pool: nn.Module
    ) -> None:
        super().__init__()
        self.stages = nn.ModuleList()
        before = channels
        for number, width in enumerate(widths):
            stage = nn.Sequential()
            if number > 0:
                stage.append(nn.MaxPool2d(2))
            for _ in range(depth):
                stage.append(nn.Conv2d(before, width, 3, padding=1, bias=False))
                stage.append(nn.BatchNorm2d(width))
                stage.append(nn.ReLU())
                before = width
            self.stages.append(stage)
        self.pool = pool
        self.flatten = nn.Flatten()
        self.head = nn.Linear(before, labels)

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        features = picture
        for stage in self.stages:
            features = stage(features)
        answer: torch.Tensor = self.head(self.flatten(self.pool(features)))
        return answer


def build(arguments: Arguments, labels: int, channels: int) -> nn.Module:
    """Arguments: `widths` such as "16,32,64" (one a stage), `depth` convolutions a stage,
    `pooling` mean, max or logsumexp, `sharpness` of the last.
    """
    widths = arguments.integers("widths", (16, 32, 64, 128))
    depth = arguments.integer("depth", 1)
    pool = POOLINGS[arguments.choice("pooling", "mean", tuple(POOLINGS))](
        arguments.number("sharpness", 4.0)
    )
    arguments.all_known()
    return PlainCnn(channels, labels, widths, depth, pool)
