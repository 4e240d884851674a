"""A small 3D U-Net for volumes (after Çiçek et al., MICCAI 2016), three levels deep."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from inference.architectures.arguments import Arguments

LEVELS = 3
MULTIPLE = 2 ** (LEVELS - 1)
"""Every side of the input is a multiple of this."""


def _transposed(deep: int, shallow: int) -> nn.Module:
    return nn.ConvTranspose3d(deep, shallow, kernel_size=2, stride=2)


def _trilinear(deep: int, shallow: int) -> nn.Module:
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="trilinear", align_corners=False),
        nn.Conv3d(deep, shallow, kernel_size=1),
    )


UPS: dict[str, Callable[[int, int], nn.Module]] = {
    "trilinear": _trilinear,
    "transposed": _transposed,
}


class UNet3d(nn.Module):
    """Two convolutions a level, each with batch norm and a ReLU of its own.

    Batch norm, since instance norm answers a faint copy of a scan like the scan itself: there
    Integrated Gradients finds nothing on its way from the baseline and is 100 % off.

    Input [N, channels, slices, rows, columns], each side a multiple of 4; output
    [N, labels, slices, rows, columns] logits.
    """

    def __init__(self, channels: int, labels: int, base: int, up: str) -> None:
        super().__init__()
        widths = [base * 2**level for level in range(LEVELS)]
        self.down = nn.ModuleList()
        before = channels
        for width in widths:
            self.down.append(_level(before, width))
            before = width
        self.pools = nn.ModuleList(nn.MaxPool3d(2) for _ in widths[1:])
        steps = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.ups = nn.ModuleList(UPS[up](deep, shallow) for deep, shallow in steps)
        self.merge = nn.ModuleList(_level(2 * shallow, shallow) for _, shallow in steps)
        self.head = nn.Conv3d(base, labels, kernel_size=1)

    def forward(self, volume: torch.Tensor) -> torch.Tensor:
        if any(side % MULTIPLE for side in volume.shape[2:]):
            raise ValueError(f"each side is a multiple of {MULTIPLE}, not {tuple(volume.shape)}")
        features = self.down[0](volume)
        kept = []
        for pool, level in zip(self.pools, self.down[1:], strict=True):
            kept.append(features)
            features = level(pool(features))
        for up, merge in zip(self.ups, self.merge, strict=True):
            features = merge(torch.cat([kept.pop(), up(features)], dim=1))
        answer: torch.Tensor = self.head(features)
        return answer


def build(arguments: Arguments, labels: int, channels: int) -> nn.Module:
    """Arguments: `base` width of the first level, `up` trilinear or transposed."""
    base = arguments.integer("base", 12)
    up = arguments.choice("up", "trilinear", tuple(UPS))
    arguments.all_known()
    return UNet3d(channels, labels, base, up)


def _level(before: int, width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv3d(before, width, 3, padding=1, bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(),
        nn.Conv3d(width, width, 3, padding=1, bias=False),
        nn.BatchNorm3d(width),
        nn.ReLU(),
    )
