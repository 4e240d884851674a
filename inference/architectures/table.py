"""The table of architectures: a name to the function that builds the network."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import TYPE_CHECKING

from inference.architectures import plain_cnn, torchvision_models, unet3d
from inference.architectures.arguments import Arguments
from inference.errors import UserError
from inference.records import Options

if TYPE_CHECKING:
    from torch import nn

Architecture = Callable[[Arguments, int, int], "nn.Module"]
"""Arguments from the card, number of labels, number of channels → an untrained module."""

ARCHITECTURES: dict[str, Architecture] = {
    "plain_cnn": plain_cnn.build,
    "unet3d": unet3d.build,
}
"""Our own; torchvision's names are asked of torchvision when none of these is meant."""


def build(name: str, options: Options, labels: int, channels: int) -> nn.Module:
    """An untrained network; raises UserError for a name or an argument nobody knows."""
    return find(name)(Arguments(name, options), labels, channels)


def find(name: str) -> Architecture:
    """The function behind a name; raises UserError, with the nearest names, where none has it."""
    if name in ARCHITECTURES:
        return ARCHITECTURES[name]
    known = torchvision_models.names()
    if name in known:
        return torchvision_models.build
    near = difflib.get_close_matches(name, [*ARCHITECTURES, *known], n=3)
    raise UserError(
        f"There is no architecture named {name}.",
        f"Did you mean {' or '.join(near)}?"
        if near
        else f"Known are {', '.join(ARCHITECTURES)} and torchvision's classification models.",
    )
