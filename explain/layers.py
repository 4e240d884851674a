"""The convolutional layers of a model as one pass shows them, and which one a person means.

Besides single convolutions these are the blocks and stages that hold some: what they give comes
after normalisation and activation, where Grad-CAM's paper looks (Selvaraju et al. 2016).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn

from explain.records import LayerStatus
from inference.cards import ModelCard
from inference.errors import UserError
from inference.models import CONVOLUTIONS


def observe(
    model: nn.Module, inputs: Tensor, card: ModelCard
) -> tuple[Tensor, tuple[LayerStatus, ...]]:
    """The model's output for `inputs`, and its layers whose output is a picture, in order.

    Marked as default is the card's layer; else the last one, or the one before it where the last
    gives the output itself, since Grad-CAM there would only repeat the answer.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    with _recording(model, shapes):
        output: Tensor = model(inputs)
    pictures = {name: shape for name, shape in shapes.items() if _is_picture(shape, inputs.shape)}
    names = list(pictures)
    repeats = len(names) > 1 and pictures[names[-1]] == tuple(output.shape)
    inner = names[:-1] if repeats else names
    default = card.layer if card.layer in pictures else next(reversed(inner), None)
    return output, tuple(
        LayerStatus(name, type(model.get_submodule(name)).__name__, shape[2:], name == default)
        for name, shape in pictures.items()
    )


def _is_picture(shape: tuple[int, ...], whole: tuple[int, ...]) -> bool:
    """Whether an output is a smaller picture of the input: [N, channels, *size] in proportion.

    Swin keeps channels last; its outputs have as many dimensions and are no pictures all the same.
    """
    sizes, wholes = shape[2:], whole[2:]
    if len(sizes) != len(wholes) or max(sizes, default=1) <= 1:
        return False
    # Halving rounds up or down at each stage, so proportions agree to a cell and a half.
    return all(
        abs(size * wholes[0] - sizes[0] * length) <= 1.5 * max(length, wholes[0])
        for size, length in zip(sizes, wholes, strict=True)
    )


def choose_layer(layers: tuple[LayerStatus, ...], asked: str | None) -> LayerStatus:
    """The layer asked for, or the default one; raises UserError (usage)."""
    if not layers:
        raise UserError(
            "This model has no convolution whose output is a picture.",
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
        f"This model has no convolutional layer named {asked} whose output is a picture.",
        f"Among its {len(names)} are {', '.join(near)}.",
        fault="usage",
    )


@contextmanager
def _recording(model: nn.Module, shapes: dict[str, tuple[int, ...]]) -> Iterator[None]:
    """Writes the output shape of each such layer into `shapes`; leaves no hook behind."""
    handles = []

    def record(name: str, module: nn.Module) -> None:
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: object) -> None:
            if isinstance(output, Tensor):  # a stage may give several
                shapes[name] = tuple(output.shape)

        handles.append(module.register_forward_hook(hook))

    try:
        for name, module in model.named_modules():
            if name and any(isinstance(part, CONVOLUTIONS) for part in module.modules()):
                record(name, module)
        yield
    finally:
        for handle in handles:
            handle.remove()
