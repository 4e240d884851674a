"""Networks that have forgotten what they learned: their weights shuffled, from the output down."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn


def owners(model: nn.Module, run: Callable[[], object]) -> list[str]:
    """The names of modules that hold values of their own, in the order in which `run` meets them.

    `run` makes one pass. The network itself is named "". What the pass never meets stands first, as
    do all modules of a compiled program, which lets nobody watch, in the order they are kept in.
    """
    holding = {name: module for name, module in model.named_modules() if _own(module)}
    met: dict[str, None] = {}
    handles = []
    try:
        if not isinstance(model, torch.jit.ScriptModule):
            for name, module in holding.items():
                handles.append(module.register_forward_pre_hook(_noting(met, name)))
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    return [*(name for name in holding if name not in met), *met]


def shuffled(model: nn.Module, names: Sequence[str], seed: int) -> nn.Module:
    """A copy in which the modules of these names hold their own values in another order.

    Each tensor is shuffled by itself: its mean, spread and every single value stay, so the network
    goes on giving numbers of the same size, and only what it learned is gone. Statistics of a batch
    norm are shuffled as well. The order comes from `seed` and from the tensor's place in the
    network alone, so shuffling one more module leaves those before it as they were.
    """
    forgetful = copy.deepcopy(model)
    done: set[int] = set()
    with torch.no_grad():
        for number, (name, module) in enumerate(forgetful.named_modules()):
            for part, tensor in enumerate(_own(module)):
                if name in names and id(tensor) not in done:
                    done.add(id(tensor))
                    # torch takes the lowest 32 bits of a seed alone: the numbers are mixed first.
                    (mixed,) = np.random.SeedSequence((seed, number, part)).generate_state(1)
                    chance = torch.Generator().manual_seed(int(mixed))
                    order = torch.randperm(tensor.numel(), generator=chance).to(tensor.device)
                    tensor.copy_(tensor.flatten()[order].view(tensor.shape))
    return forgetful


def stages(names: Sequence[str], most: int) -> list[int]:
    """How many modules, counted from the output, are shuffled at each stage: evenly, all at last.

    At most `most` stages, each larger than the one before.
    """
    count = min(len(names), most)
    return [-(-len(names) * stage // count) for stage in range(1, count + 1)]


def _own(module: nn.Module) -> list[Tensor]:
    """The module's own floating-point values of which there are several."""
    found = [*module.parameters(recurse=False), *module.buffers(recurse=False)]
    return [one for one in found if one.is_floating_point() and one.numel() > 1]


def _noting(met: dict[str, None], name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def note(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        met.setdefault(name)

    return note
