"""How what a layer gives lies over the model's input: told by shape arithmetic alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from math import ceil, log, prod

from torch import Tensor, nn

from explain.records import LayerStatus, Layout

MOST_SPECIAL = 8
"""A class token, one of distillation and four registers are the most that is used (Darcet et al.
2023, arXiv 2309.16588); more tokens over a grid are another grid, or no grid."""

HALVINGS = 4
"""How often tokens may have been merged two by two along each axis since the last picture."""

_FIRST = (nn.modules.conv._ConvNd, nn.modules.batchnorm._NormBase, nn.GroupNorm)
_LAST = (nn.Linear, nn.LayerNorm, nn.Embedding, nn.MultiheadAttention)


@dataclass(frozen=True)
class Place:
    """A layer's layout, the size of its grid of cells, and its tokens before the first cell."""

    layout: Layout
    shape: tuple[int, ...]
    special: int = 0


@dataclass
class Surveyor:
    """Places the outputs of one pass over an input of `size`, in the order they are given.

    What came before decides where a shape alone leaves it open. `count` is the number of inputs.
    """

    size: tuple[int, ...]
    count: int = 1
    _before: Layout = "channels first"
    _pictures: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    """Channels and cells of the pictures so far."""
    _lengths: set[int] = field(default_factory=set)
    """Numbers of tokens so far: attention gives [N, heads, tokens, tokens], which is no picture."""

    def place(self, shape: tuple[int, ...], layer: nn.Module) -> Place | None:
        """Where an output of `shape` lies; None where it does not lie over the input."""
        if not shape or shape[0] != self.count or not self.size:
            return None
        if len(self.size) == 1:
            return self._sequence(shape, layer)
        if len(shape) == len(self.size) + 2:
            return self._picture(shape, layer)
        return self._tokens(shape) if len(shape) == 3 else None

    def _picture(self, shape: tuple[int, ...], layer: nn.Module) -> Place | None:
        if len(set(shape[2:])) == 1 and shape[-1] in self._lengths:
            return None
        cells: dict[Layout, tuple[int, ...]] = {
            "channels first": shape[2:],
            "channels last": shape[1:-1],
        }
        fitting = [layout for layout, some in cells.items() if _lies_over(some, self.size)]
        if not fitting:
            return None
        found = self._likeliest(fitting, cells, layer)
        self._before = found
        channels = shape[1] if found == "channels first" else shape[-1]
        self._pictures.append((channels, cells[found]))
        return Place(found, cells[found])

    def _likeliest(
        self, fitting: list[Layout], cells: dict[Layout, tuple[int, ...]], layer: nn.Module
    ) -> Layout:
        """One of the layouts that are possible: by the layer's class, by proportion, as before."""
        if len(fitting) == 1:
            return fitting[0]
        if isinstance(layer, _FIRST):
            return "channels first"
        if type(layer) in _LAST:  # what is made of them may turn its axes round
            return "channels last"
        even = [layout for layout in fitting if _in_proportion(cells[layout], self.size)]
        if len(even) == 2:
            return self._before
        return min(fitting, key=lambda layout: _unevenness(cells[layout], self.size))

    def _tokens(self, shape: tuple[int, ...]) -> Place | None:
        _, length, channels = shape
        if any(length == first and channels == prod(grid) for first, grid in self._pictures):
            return None  # a picture whose cells were put into one row, channels first
        grid = self._grid(length)
        if grid is None:
            return None
        self._lengths.add(length)
        return Place("tokens", grid, length - prod(grid))

    def _grid(self, length: int) -> tuple[int, ...] | None:
        """The grid of cells that so many tokens stand for."""
        grids = [grid for _, grid in reversed(self._pictures)]
        known = [grid for grid in grids if 0 <= length - prod(grid) <= MOST_SPECIAL]
        if known:
            return min(known, key=lambda grid: length - prod(grid))
        merged = [
            tuple(ceil(cells / 2**times) for cells in grid)
            for grid, times in product(grids, range(1, HALVINGS + 1))
        ]
        merged = [grid for grid in merged if prod(grid) == length]
        if grids:
            return next(iter(merged), None)
        # No picture before: patches were cut out of the input, whole ones and square.
        return next((grid for grid in _patches(self.size) if 0 <= length - prod(grid) <= 2), None)

    def _sequence(self, shape: tuple[int, ...], layer: nn.Module) -> Place | None:
        """Over a row of tokens: [N, length, C], or [N, C, cells] of a convolution."""
        if len(shape) != 3:
            return None
        (length,) = self.size
        first = isinstance(layer, _FIRST) or (
            type(layer) not in _LAST and self._before == "channels first" and shape[1] != length
        )
        if first and 1 < shape[2] <= length + 2:
            self._before = "channels first"
            return Place("channels first", (shape[2],))
        if not first and shape[1] == length:
            self._before = "tokens"
            return Place("tokens", (length,))
        return None


def cells(output: Tensor, layer: LayerStatus) -> Tensor:
    """What a layer gave, or a gradient there, as [N, C, *native] whatever its layout."""
    if layer.layout == "channels first":
        return output
    if layer.layout == "channels last":
        return output.movedim(-1, 1)
    some = output[:, layer.special : layer.special + prod(layer.shape)]
    return some.transpose(1, 2).reshape(len(output), -1, *layer.shape)


def _lies_over(some: tuple[int, ...], size: tuple[int, ...]) -> bool:
    """Whether a grid of more than one cell can be a smaller picture of the input.

    Volumes and clips may shrink along some axes only; flat pictures keep their proportions.
    """
    if max(some) <= 1:
        return False
    if len(size) == 2:
        return _in_proportion(some, size)
    return all(1 <= cells <= length + 2 for cells, length in zip(some, size, strict=True))


def _in_proportion(some: tuple[int, ...], size: tuple[int, ...]) -> bool:
    # Halving rounds up or down at each stage, so proportions agree to a cell and a half.
    return all(
        abs(cells * size[0] - some[0] * length) <= 1.5 * max(length, size[0])
        for cells, length in zip(some, size, strict=True)
    )


def _unevenness(some: tuple[int, ...], size: tuple[int, ...]) -> float:
    """How much more the input shrank along one axis than along another, as a logarithm."""
    steps = [log(length / cells) for cells, length in zip(some, size, strict=True)]
    return max(steps) - min(steps)


def _patches(size: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Grids of at least four cells along each axis, of patches as long one way as the other."""
    return [
        tuple(length // patch for length in size)
        for patch in range(1, min(size) // 4 + 1)
        if all(length % patch == 0 for length in size)
    ]
