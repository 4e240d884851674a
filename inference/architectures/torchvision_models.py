"""Torchvision's classification architectures by their own names, untrained."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from inference.architectures.arguments import Arguments
from inference.errors import UserError
from inference.records import Options, Scalar

if TYPE_CHECKING:
    from torch import nn

AUXILIARY = {"inception_v3": "AuxLogits.", "googlenet": "aux1."}
"""Architectures with heads for training alone, and how the keys of the first one begin."""

FIXED_SIZE = "vit_"
"""Vision transformers are built for one input size; the others take any."""


def names() -> tuple[str, ...]:
    """All of torchvision's classification architectures."""
    import torchvision  # seconds to import: only when such a name is asked for

    found: list[str] = torchvision.models.list_models(module=torchvision.models)
    return tuple(found)


def build(arguments: Arguments, labels: int, channels: int) -> nn.Module:
    """The architecture `arguments.architecture` with one output a label.

    Raises UserError where torchvision does not take the arguments or the channels.
    """
    import torchvision

    name = arguments.architecture
    if channels != 3:
        raise UserError(
            f"The architecture {name} takes 3 channels; the model's card says {channels}.",
            "Set channels to 3 in the card; grey pictures are repeated.",
        )
    given: dict[str, Scalar] = arguments.rest()
    if name in AUXILIARY:
        # Otherwise torchvision draws a slow random start and warns that this will change.
        given.setdefault("init_weights", False)
    try:
        module: nn.Module = torchvision.models.get_model(
            name, weights=None, num_classes=labels, **given
        )
    except (TypeError, ValueError) as error:
        raise UserError(
            f"The architecture {name} does not take the arguments in the model's card: {error}.",
            "Correct the arguments in the card.",
        ) from error
    return module


def arguments_for(name: str, keys: Iterable[str], size: tuple[int, ...]) -> Options:
    """The arguments that fit weights with these keys and an input of this size."""
    if name in AUXILIARY:
        return (("aux_logits", any(key.startswith(AUXILIARY[name]) for key in keys)),)
    if name.startswith(FIXED_SIZE):
        return (("image_size", size[0]),)
    return ()
