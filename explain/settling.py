"""Means over random samples: their spread, and when more samples would not change the picture."""

from __future__ import annotations

from math import sqrt

import torch
from torch import Tensor

from explain.faithfulness import SETTLED

LEAST = 8
"""Samples that are always taken: the spread of fewer says little."""


class Settling:
    """The running mean and spread of tensors of one shape, such as maps [1, *size].

    In float64 on the processor, after Welford 1962 (doi 10.1080/00401706.1962.10490022), which
    loses no digits where the spread is small beside the mean.
    """

    def __init__(self) -> None:
        self.count = 0
        self._mean = self._squares = torch.zeros(())

    def add(self, sample: Tensor) -> None:
        """Take in one more."""
        self.count += 1
        sample = sample.detach().cpu().double()
        off = sample - self._mean
        self._mean = self._mean + off / self.count
        self._squares = self._squares + off * (sample - self._mean)

    @property
    def mean(self) -> Tensor:
        """float64"""
        return self._mean

    @property
    def spread(self) -> Tensor:
        """The standard deviation over the samples, float64; zero of a single one."""
        return (self._squares / max(1, self.count - 1)).clamp(min=0).sqrt()

    @property
    def error(self) -> Tensor:
        """The standard error of the mean, float64: how far more samples would still move it."""
        return self.spread / sqrt(max(1, self.count))

    @property
    def variance(self) -> Tensor:
        """The mean square of the differences from the mean, float64."""
        return (self._squares / self.count).clamp(min=0)

    @property
    def settled(self) -> bool:
        """Whether the mean's standard error, over all of it, is small beside the mean.

        Both as root mean squares: single pixels never settle where a map is zero.
        """
        if self.count < LEAST:
            return False
        return float(self.error.norm()) <= SETTLED * float(self._mean.norm())
