"""Ways to take places out of an input, and the plain maps that a map should beat at it."""

from __future__ import annotations

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, sobel
from torch import Tensor

from explain.baselines import BLUR_SHARE
from explain.case import Case

SMOOTHING = 1 / 64
"""The deviation of the bell that maps are smoothed by, as a share of the longest side.

Single pixels taken out here and there disturb a network more than any finding, and signed maps
change their sign from pixel to pixel; what a reader sees of a map is about this coarse.
"""


def is_picture(case: Case) -> bool:
    """Whether the input has places side by side, as pictures, volumes and clips have."""
    return case.question.kind in ("image", "volume", "clip")


def smoothed(values: np.ndarray) -> np.ndarray:
    """A map [*size] without grain, float64."""
    sigma = SMOOTHING * max(values.shape)
    found: np.ndarray = gaussian_filter(np.asarray(values, dtype=np.float64), sigma, mode="nearest")
    return found


def places(values: np.ndarray, generator: torch.Generator) -> np.ndarray:
    """Each place's rank, int64 like `values`: 0 for the largest; equals in an order of chance.

    A map that is zero over half of the picture must not be read from its upper left corner.
    """
    chance = torch.rand(values.size, generator=generator).numpy()
    order = np.lexsort((chance, -values.ravel()))
    ranks = np.empty(values.size, dtype=np.int64)
    ranks[order] = np.arange(values.size)
    return ranks.reshape(values.shape)


def blurred(inputs: Tensor) -> Tensor:
    """The input [1, C, *size] without its details: Gaussian along all axes but the channels."""
    size = inputs.shape[2:]
    sigma = (0.0, 0.0, *[BLUR_SHARE * max(size)] * len(size))
    found = gaussian_filter(inputs.detach().cpu().double().numpy(), sigma, mode="nearest")
    return torch.from_numpy(found).to(inputs)


def edges(inputs: Tensor) -> np.ndarray:
    """The magnitude of the input's slope by Sobel's filter, float64 [*size]; channels averaged."""
    channels = inputs[0].detach().cpu().double().numpy()
    slopes = [
        [sobel(channel, axis=axis, mode="nearest") for axis in range(channel.ndim)]
        for channel in channels
    ]
    found: np.ndarray = np.sqrt(np.square(slopes).sum(axis=1)).mean(axis=0)
    return found


def chance_map(values: np.ndarray, generator: torch.Generator) -> np.ndarray:
    """A random map as coarse and as smooth as `values`, of the same shape, that knows nothing.

    It has the same spectrum with other phases (Theiler et al. 1992, doi 10.1016/0167-2789(92)
    90102-S): single pixels that are taken out disturb a network more than spots, so a map is
    compared with random ones of its own texture.
    """
    noise = torch.randn(values.shape, generator=generator, dtype=torch.float64).numpy()
    phases = np.fft.rfftn(noise)
    phases /= np.maximum(np.abs(phases), np.finfo(np.float64).tiny)
    spectrum = np.abs(np.fft.rfftn(np.asarray(values, dtype=np.float64)))
    return np.fft.irfftn(spectrum * phases, s=values.shape, axes=range(values.ndim))
