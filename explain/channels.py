"""One number for each place: how what a method says of several channels becomes a map."""

from __future__ import annotations

from torch import Tensor

SUM = "sum over channels"
LARGEST = "largest magnitude over channels"


def summed(values: Tensor) -> Tensor:
    """The sum over channels: [N, C, *size] → [N, *size]. Rows of a table, [N, columns], stay."""
    return values if is_row(values) else values.sum(dim=1)


def largest(values: Tensor) -> Tensor:
    """The value of the largest magnitude over the channels, with its sign: as `summed`."""
    if is_row(values):
        return values
    where = values.abs().argmax(dim=1, keepdim=True)
    return values.gather(1, where).squeeze(1)


def said(reduction: str, values: Tensor) -> str:
    """The words for what was done to `values`: a table has no channels to reduce."""
    return "one value for each column" if is_row(values) else reduction


def is_row(values: Tensor) -> bool:
    """Whether values are rows of a table, [N, columns], rather than [N, C, *size]."""
    return values.ndim == 2
