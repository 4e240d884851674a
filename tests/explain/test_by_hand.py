"""Attributions of networks so small that they can be worked out on paper."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from tests.explain.networks import ask


class Line(nn.Module):
    """3 · the first pixel − 2 · the second."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.flatten(1)[:, :2] @ torch.tensor([[3.0], [-2.0]])


class OneRelu(nn.Module):
    """max(0, first pixel − second pixel − 1)."""

    def forward(self, inputs: Tensor) -> Tensor:
        pixels = inputs.flatten(1)
        return torch.relu(pixels[:, :1] - pixels[:, 1:2] - 1)


class OneConvolution(nn.Module):
    """One 2 × 2 convolution without padding, a ReLU, and the sum of what is left."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 1, 2, bias=False)
        self.convolution.weight = nn.Parameter(torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]]))

    def forward(self, inputs: Tensor) -> Tensor:
        return torch.relu(self.convolution(inputs)).flatten(1).sum(dim=1, keepdim=True)


def picture(*rows: list[float]) -> Tensor:
    return torch.tensor(rows)[None, None]


def test_saliency_of_a_line_is_its_weights() -> None:
    signed = ask("saliency", Line(), picture([5.0, 7.0]), abs=False)
    assert signed.map.tolist() == [[[3.0, -2.0]]]
    assert signed.signed
    absolute = ask("saliency", Line(), picture([5.0, 7.0]))
    assert absolute.map.tolist() == [[[3.0, 2.0]]]
    assert not absolute.signed


def test_saliency_takes_the_strongest_channel() -> None:
    class Channels(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return inputs.flatten(1) @ torch.tensor([[1.0], [2.0], [-4.0], [0.5]])

    # Two channels of two pixels: gradients (1, 2) and (-4, 0.5).
    answer = ask("saliency", Channels(), torch.ones(1, 2, 1, 2), abs=False)
    assert answer.map.tolist() == [[[-4.0, 2.0]]]


def test_integrated_gradients_of_a_line_is_weight_times_change() -> None:
    answer = ask("integrated_gradients", Line(), picture([5.0, 7.0]), baseline=1.0)
    # 3 · (5 − 1) and −2 · (7 − 1); the line changes from 1 to 1 by exactly their sum, 0.
    torch.testing.assert_close(answer.map, torch.tensor([[[12.0, -12.0]]]), atol=1e-5, rtol=0)
    assert answer.completeness is not None
    assert answer.completeness.difference == pytest.approx(0.0, abs=1e-6)


def test_integrated_gradients_through_a_relu() -> None:
    """From 0 to (4, 1) the ReLU opens after a third of the way: gradients (1, −1) for 2/3."""
    answer = ask("integrated_gradients", OneRelu(), picture([4.0, 1.0]), n_steps=500)
    torch.testing.assert_close(answer.map, torch.tensor([[[8 / 3, -2 / 3]]]), atol=0.02, rtol=0)
    assert answer.completeness is not None
    assert answer.completeness.difference == 2.0
    assert answer.completeness.relative < 0.01


def test_occlusion_of_a_line_pixel_by_pixel() -> None:
    answer = ask("occlusion", Line(), picture([5.0, 7.0]), window=1, stride=1, baseline=1.0)
    # 3·5 − 2·7 = 1; with the first pixel at 1 it is −11, with the second at 1 it is 13.
    assert answer.map.tolist() == [[[12.0, -12.0]]]


def test_occlusion_is_the_mean_of_the_windows_over_a_pixel() -> None:
    answer = ask("occlusion", Line(), picture([5.0, 7.0, 9.0]), window=2, stride=1)
    # The window over pixels 0, 1 changes the score by 1, that over 1, 2 by −14. (One row: the
    # windows are 1 × 2.)
    assert answer.map.tolist() == [[[1.0, -6.5, -14.0]]]


def test_grad_cam_of_one_convolution() -> None:
    pixels = picture([3.0, 1.0, 2.0], [0.0, 1.0, 1.0], [4.0, 2.0, 0.0])
    # Cells: 3 − 1, 1 − 1 | 0 − 2, 1 − 0. The ReLU is open for 2 and 1, so gradients are 1, 0 |
    # 0, 1, whose mean is 1/2.
    signed = ask("grad_cam", OneConvolution(), pixels, layer="convolution", relu_attributions=False)
    assert signed.map.tolist() == [[[1.0, 0.0], [-1.0, 0.5]]]
    assert signed.signed
    positive = ask("grad_cam", OneConvolution(), pixels, layer="convolution")
    assert positive.map.tolist() == [[[1.0, 0.0], [0.0, 0.5]]]
    assert not positive.signed
    assert positive.layer == "convolution"
