"""The layers of a model whose output lies over its input, and which one a person means.

Offered are all parts with weights of their own, single ones and the blocks and stages that hold
them: what a block gives comes after normalisation and activation, where Grad-CAM's paper looks
(Selvaraju et al. 2016). A single batch norm is left out: its block gives the same.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from explain.first_pass import FirstPass
from explain.layouts import cells
from explain.recording import Recording, record
from explain.records import LayerStatus
from explain.taps import Leaf, detached, slope, tapped, tensors
from inference.errors import UserError
from inference.predict import is_exhausted

_Key = tuple[tuple[int, ...], torch.dtype, str | None]
_known: WeakKeyDictionary[nn.Module, dict[_Key, tuple[LayerStatus, ...]]] = WeakKeyDictionary()


def observe(
    model: nn.Module,
    inputs: Tensor,
    named: str | None = None,
    score: Callable[[Any], Tensor] | None = None,
) -> tuple[Any, tuple[LayerStatus, ...]]:
    """The model's output for `inputs`, and its layers that lie over them, in the order they end.

    One recording pass; the layers of a model are remembered for inputs of that shape. Marked as
    default is the layer `named` (a card's), else the last one at whose cells the score has a
    gradient and that does not repeat the answer. `score` takes the output to [N] values; without
    it the largest value of the output stands for it. `inputs` are [N, C, *size] or token ids
    [N, length]; compiled programs have no layers.
    """
    remembered = _remembered(model, inputs, named)
    if remembered is not None:
        with torch.no_grad():
            return model(inputs), remembered
    recording, layers = _look(model, inputs, named, score or largest)
    return detached(recording.output), layers


def first_pass(
    model: nn.Module, inputs: Tensor, named: str | None = None, asked: str | None = None
) -> FirstPass:
    """A pass from which a method can read the layer `asked`, or the default one (see observe).

    Where the layers are not known yet, the same pass finds them. Raises UserError (usage) where
    there is no such layer.
    """
    layers = _remembered(model, inputs, named)
    if layers is None:
        recording, layers = _look(model, inputs, named, largest)
        layer = choose_layer(layers, asked)
        if recording.is_bound(layer.name):
            return FirstPass(model, inputs, layer, recording.output, recording.given[layer.name])
    layer = choose_layer(layers, asked)
    leaf = Leaf()
    with torch.enable_grad(), tapped({layer.name: model.get_submodule(layer.name)}, leaf):
        output = model(inputs.detach().clone())
    return FirstPass(model, inputs, layer, output, leaf.found)


def _remembered(
    model: nn.Module, inputs: Tensor, named: str | None
) -> tuple[LayerStatus, ...] | None:
    return _known.get(model, {}).get((tuple(inputs.shape), inputs.dtype, named))


def _look(
    model: nn.Module, inputs: Tensor, named: str | None, score: Callable[[Any], Tensor]
) -> tuple[Recording, tuple[LayerStatus, ...]]:
    """A recording pass, and the layers with the default among them, remembered from now on."""
    try:
        recording = record(model, inputs, gradients=True, start=named)
        if named is not None and named not in recording.places:  # look for another
            recording = record(model, inputs, gradients=True)
        default = _by_gradient(recording, model, named, score)
    except RuntimeError as error:
        if is_exhausted(error):
            raise
        recording, default = record(model, inputs, gradients=False), None
    layers = recording.layers(model)
    # What no gradient decides, the order does; another input may have one.
    chosen = default or next((layer.name for layer in reversed(_inner(recording, layers))), None)
    layers = tuple(replace(layer, default=layer.name == chosen) for layer in layers)
    if default is not None or not layers:
        _known.setdefault(model, {})[tuple(inputs.shape), inputs.dtype, named] = layers
    return recording, layers


def _by_gradient(
    recording: Recording, model: nn.Module, named: str | None, score: Callable[[Any], Tensor]
) -> str | None:
    """The last layer at whose cells the score has a gradient, and that says more than the output.

    A class token goes on alone from the last block of a transformer, so that nothing comes back to
    the other tokens there. In a segmentation the layers after the last mixing of channels repeat
    the answer: only one channel of theirs has a gradient. None where there is no gradient.
    """
    if named in recording.places:
        return named
    layers = recording.layers(model)
    dense = _is_dense(recording.output, layers)
    value = score(recording.output)
    for layer in reversed(_inner(recording, layers)):
        gradient = cells(slope(value, recording.given[layer.name]), layer)
        channels = int(gradient.flatten(2).abs().sum(dim=(0, 2)).count_nonzero())
        if channels > (1 if dense else 0):
            return layer.name
    return None


def _inner(recording: Recording, layers: tuple[LayerStatus, ...]) -> tuple[LayerStatus, ...]:
    """The layers without a last one that gives the output itself."""
    output = recording.output
    shape = output.shape if isinstance(output, Tensor) else None
    repeats = len(layers) > 1 and recording.given[layers[-1].name].shape == shape
    return layers[:-1] if repeats else layers


def _is_dense(output: Any, layers: tuple[LayerStatus, ...]) -> bool:
    """Whether the output is a picture itself, or holds one."""
    first = next(iter(tensors(output)), None)
    return bool(layers) and first is not None and first.ndim == len(layers[-1].shape) + 2


def choose_layer(layers: tuple[LayerStatus, ...], asked: str | None) -> LayerStatus:
    """The layer asked for, or the default one; raises UserError (usage)."""
    if not layers:
        raise UserError(
            "This model has no layer whose output lies over its input.",
            "Choose a method that does not look at a layer.",
            fault="usage",
        )
    if asked is None:
        return next(layer for layer in layers if layer.default)
    names = [layer.name for layer in layers]
    if asked in names:
        return layers[names.index(asked)]
    near = difflib.get_close_matches(asked, names, n=3, cutoff=0.4) or names[-3:]
    raise UserError(
        f"This model has no layer named {asked} whose output lies over its input.",
        f"Among its {len(names)} are {', '.join(near)}.",
        fault="usage",
    )


def largest(output: Any) -> Tensor:
    """The largest value of an output, [1]: of a detection's scores, else of its first tensor.

    A tensor without a gradient counts only where none has one.
    """
    found = output if isinstance(output, (tuple, list)) else ()
    detections = [one["scores"] for one in found if isinstance(one, Mapping) and "scores" in one]
    several = detections or list(tensors(output))
    several = [one for one in several if one.is_floating_point() and one.numel()]
    bound = [one for one in several if one.requires_grad] or several
    return bound[0].max()[None] if bound else torch.zeros(1)
