"""Where a change in a corner of the input stays in a corner: the first layers, run on crops alone.

A window that hides 16 of 224 pixels changes a few cells of the first stages of a network. Their
output for the untouched input is kept; for each window they run on a crop just large enough to
be exact, and what changed is put into a copy of what was kept. Which outputs see which inputs
follows from the kernels alone (Araujo et al., "Computing Receptive Fields", Distill 2019).
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor, fx, nn

from explain.fused import fused
from explain.tracing import Shapes, called

WORTHWHILE = 0.1
"""Less saved arithmetic than this share of the whole is not worth the copies."""

KERNELS = (nn.Conv2d, nn.Conv3d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool2d, nn.AvgPool3d)
POINTWISE = (
    *(nn.BatchNorm2d, nn.BatchNorm3d, nn.Identity, nn.Dropout, nn.Dropout2d, nn.Dropout3d),
    *(nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Tanh),
    *(nn.Hardswish, nn.Hardsigmoid),
)
ADDITIONS = (operator.add, operator.iadd, torch.add)
ACTIVATIONS = (torch.relu, torch.relu_, nn.functional.relu)


@dataclass(frozen=True)
class Reach:
    """Along one axis, output p sees the inputs from p · jump + low to p · jump + high."""

    jump: int = 1
    low: int = 0
    high: int = 0

    def outputs(self, first: int, last: int, count: int) -> tuple[int, int]:
        """The first and last of `count` outputs that see any of these inputs.

        Where none does, the one before them, which is then unchanged.
        """
        lowest = max(-((self.high - first) // self.jump), 0)
        highest = min((last - self.low) // self.jump, count - 1)
        return min(lowest, highest), highest


Reaches = tuple[Reach, ...]


class Locality:
    """The first layers of a model on crops, and the rest on what they give."""

    def __init__(
        self,
        parts: tuple[fx.GraphModule, fx.GraphModule],
        reaches: Reaches,
        whole: Tensor,
        crop: Size,
        batch: int,
    ) -> None:
        first, rest = parts
        corner = tuple(slice(0, length) for length in crop)
        self._first = fused(first, _part(whole[0], corner)[None], batch)
        self._reaches = reaches
        self._whole = whole
        self._crop = crop
        self._order = torch.channels_last if len(crop) == 2 else torch.channels_last_3d
        self._kept: Tensor = self._first(whole)
        self._rest = fused(rest, self._kept, batch)

    def __call__(self, places: Sequence[Place], changed: Tensor) -> Tensor:
        """The model's output for inputs [N, C, *size], each like the whole but for its place.

        An input with the place () is the whole.
        """
        several = self._kept.expand(len(places), *[-1] * (self._kept.ndim - 1))
        features = several.clone(memory_format=self._order)
        sizes = self._whole.shape[2:]
        covered = {number: _inside(place, sizes) for number, place in enumerate(places) if place}
        if covered:
            corners = [self._corner(place) for place in covered.values()]
            found = self._first(self._crops(changed, list(covered), corners))
            for row, corner, (number, place) in zip(found, corners, covered.items(), strict=True):
                there, here = self._seen(place, corner)
                _part(features[number], there).copy_(_part(row, here))
        output: Tensor = self._rest(features)
        return output

    def _crops(self, changed: Tensor, numbers: Sequence[int], corners: Sequence[Corner]) -> Tensor:
        made = []
        for number, corner in zip(numbers, corners, strict=True):
            area = tuple(
                slice(start, start + length)
                for start, length in zip(corner, self._crop, strict=True)
            )
            made.append(_part(changed[number], area))
        return torch.stack(made).contiguous(memory_format=self._order)

    def _corner(self, place: Place) -> Corner:
        """Where the crop begins: in step with the layers, with all that the outputs see."""
        sizes = zip(
            place, self._reaches, self._crop, self._whole.shape[2:], self._kept.shape[2:],
            strict=True,
        )  # fmt: skip
        return tuple(
            min(_needed(part, reach, size, count)[0], size - length)
            for part, reach, length, size, count in sizes
        )

    def _seen(self, place: Place, corner: Corner) -> tuple[Place, Place]:
        """The outputs that see `place`: where they lie in the whole, and in the crop's output."""
        there, here = [], []
        for part, reach, start, count in zip(
            place, self._reaches, corner, self._kept.shape[2:], strict=True
        ):
            first, last = reach.outputs(part.start, part.stop - 1, count)
            there.append(slice(first, last + 1))
            here.append(slice(first - start // reach.jump, last + 1 - start // reach.jump))
        return tuple(there), tuple(here)


Place = tuple[slice, ...]
Size = tuple[int, ...]
Corner = tuple[int, ...]


def localise(
    model: nn.Module, whole: Tensor, places: Sequence[Place], batch: int = 1
) -> Locality | None:
    """The model in two parts for windows at `places` of the input `whole` [1, C, *size].

    It is made for `batch` of them in a pass, and answers any number.

    None where the model was not traced, or where little would be saved.
    """
    if not isinstance(model, fx.GraphModule):
        return None
    places = [_inside(place, whole.shape[2:]) for place in places]
    shapes = Shapes(model)
    shapes.run(whole)
    area = prod(whole.shape[2:])
    best, best_saving = None, WORTHWHILE * max(_work(model, shapes), 1)
    done = 0
    for cut, reaches, work in _cuts(model, shapes, len(whole.shape) - 2):
        done += work
        if reaches is None:
            continue
        crop = _crop(reaches, whole.shape[2:], shapes.of[cut][2:], places)
        saving = done * (1 - prod(crop) / area)
        if saving > best_saving:
            best, best_saving = (cut, reaches, crop), saving
    if best is None:
        return None
    cut, reaches, crop = best
    return Locality(_split(model, cut), reaches, whole, crop, batch)


def _work(model: fx.GraphModule, shapes: Shapes, only: fx.Node | None = None) -> int:
    """Multiplications of all convolutions, or of one node."""
    total = 0
    for node in [only] if only is not None else list(model.graph.nodes):
        module = called(model, node)
        if isinstance(module, (nn.Conv2d, nn.Conv3d)) and node in shapes.of:
            total += prod(shapes.of[node][2:]) * module.weight.numel()
    return total


def _cuts(
    model: fx.GraphModule, shapes: Shapes, dimensions: int
) -> Iterator[tuple[fx.Node, Reaches | None, int]]:
    """Each node of the local beginning with its work; with its reaches where one may cut there.

    One may cut where all that comes later needs nothing but this node's output.
    """
    nodes = list(model.graph.nodes)
    place = {node: index for index, node in enumerate(nodes)}
    last_use = {node: max((place[user] for user in node.users), default=-1) for node in nodes}
    known: dict[fx.Node, Reaches] = {}
    for index, node in enumerate(nodes):
        reaches = _reaches(model, node, known, dimensions)
        if reaches is None:
            return
        known[node] = reaches
        alone = all(last_use[before] <= index for before in nodes[:index])
        usable = alone and node.op != "placeholder"
        yield node, reaches if usable else None, _work(model, shapes, node)


def _reaches(
    model: fx.GraphModule, node: fx.Node, known: dict[fx.Node, Reaches], dimensions: int
) -> Reaches | None:
    """What the outputs of a node see of the input; None for what is not known to be local."""
    if node.op == "placeholder":
        return (Reach(),) * dimensions
    before = [known[one] for one in node.all_input_nodes if one in known]
    if not before or len(before) != len(node.all_input_nodes):
        return None
    module = called(model, node)
    if isinstance(module, POINTWISE) or (node.op, node.target) in _POINTWISE_CALLS:
        return before[0]
    if isinstance(module, KERNELS):
        return _through(module, before[0])
    if node.op == "call_function" and node.target in ADDITIONS:
        return _together(before)
    return None


_POINTWISE_CALLS = {("call_function", one) for one in ACTIVATIONS} | {
    ("call_method", "relu"),
    ("call_method", "relu_"),
}


def _through(module: Any, before: Reaches) -> Reaches | None:
    """One kernel further. Paddings in words or modes, and rounding up, are not followed."""
    plain = getattr(module, "padding_mode", "zeros") == "zeros"
    if not plain or isinstance(module.padding, str) or getattr(module, "ceil_mode", False):
        return None
    count = len(before)
    settings = zip(
        before,
        _each(module.kernel_size, count),
        _each(module.stride, count),
        _each(module.padding, count),
        _each(getattr(module, "dilation", 1), count),
        strict=True,
    )
    return tuple(
        Reach(
            reach.jump * stride,
            reach.low - padding * reach.jump,
            reach.high + (dilation * (kernel - 1) - padding) * reach.jump,
        )
        for reach, kernel, stride, padding, dilation in settings
    )


def _together(before: list[Reaches]) -> Reaches | None:
    """What a sum of several sees: all that any of them sees, if they are in step."""
    found = []
    for axis in zip(*before, strict=True):
        if len({reach.jump for reach in axis}) != 1:
            return None
        lows, highs = [reach.low for reach in axis], [reach.high for reach in axis]
        found.append(Reach(axis[0].jump, min(lows), max(highs)))
    return tuple(found)


def _inside(place: Place, sizes: Sequence[int]) -> Place:
    """The part of a window that lies on the input: the last ones may jut out."""
    return tuple(
        slice(part.start, min(part.stop, size)) for part, size in zip(place, sizes, strict=True)
    )


def _part(features: Tensor, place: Place) -> Tensor:
    """A view of all channels at a place: [channels, *size] → [channels, *place]."""
    for axis, span in enumerate(place, start=1):
        features = features.narrow(axis, span.start, span.stop - span.start)
    return features


def _each(value: Any, count: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, tuple) else (int(value),) * count


def _needed(part: slice, reach: Reach, size: int, count: int) -> tuple[int, int]:
    """First (in step with the layers) and one past the last input for the outputs that see it."""
    first, last = reach.outputs(part.start, part.stop - 1, count)
    start = (first * reach.jump + reach.low) // reach.jump * reach.jump
    return max(start, 0), min(last * reach.jump + reach.high + 1, size)


def _crop(reaches: Reaches, sizes: Sequence[int], counts: Sequence[int], places: Any) -> Size:
    """The size of crop that serves every place, such that it also fits the far border in step."""
    found = []
    for axis, (reach, size, count) in enumerate(zip(reaches, sizes, counts, strict=True)):
        ends = [_needed(place[axis], reach, size, count) for place in places]
        length = max(stop - start for start, stop in ends)
        found.append(min(length + (size - length) % reach.jump, size))
    return tuple(found)


def _split(model: fx.GraphModule, cut: fx.Node) -> tuple[fx.GraphModule, fx.GraphModule]:
    """The model up to and with `cut`, and the model from there on."""
    nodes = list(model.graph.nodes)
    place = nodes.index(cut)
    first, rest = fx.Graph(), fx.Graph()
    made: dict[fx.Node, fx.Node] = {}
    for node in nodes[: place + 1]:
        made[node] = first.node_copy(node, lambda one: made[one])
    first.output(made[cut])
    later: dict[fx.Node, fx.Node] = {cut: rest.placeholder("features")}
    for node in nodes[place + 1 :]:
        later[node] = rest.node_copy(node, lambda one: later[one])
    return fx.GraphModule(model, first), fx.GraphModule(model, rest)
