"""The memory governor: how many inputs go through a network at once."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from explain.memory import free_bytes
from explain.question import Question

CAP = {"cuda": 4 << 30}
CAP_ELSEWHERE = 256 << 20
"""Bytes that a pass may hold at most, by kind of device.

On a processor larger passes are not faster: Integrated Gradients on ResNet-18 in passes of this
size took no longer than in one pass of all steps (tests/benchmarks/bench_explain_memory.py).
"""

SHARE = 0.5
"""Of the free memory, the part that a pass may take: other programs go on."""

WORKSPACE = 1.6
"""What a pass takes over its tensors, for buffers of convolutions and gaps in the heap.

Measured with ResNet-18 on a processor are 1.2 in a fresh process and up to 1.8 in later passes.
"""

MOST = {"cuda": 64}
MOST_ELSEWHERE = 8
"""Inputs in one pass, by kind of device, unless the caller wants another number.

On a processor pictures go fastest eight at a time, and several passes make a coarse map early.
"""


def inner_batch(
    question: Question,
    model: nn.Module | None = None,
    gradients: bool = True,
    most: int | None = None,
) -> int:
    """How many inputs [n, C, *size] of the question may go through the network in one pass, ≥ 1.

    `model` is a rewritten copy of the question's model, where one is asked instead; its output
    goes through the question's score. `gradients` says whether the input's gradient is taken.
    `most` is the largest number wanted; None takes what is sensible for the device.

    One pass of one input is made, the first time for this network, and what its tensors hold at
    once is counted. The number depends on that alone, not on time nor, unless memory is short,
    on what is free: equal questions get equal batches and so equal bytes. After an attempt that
    ran out of memory it is at most half of what it was.
    """
    device = question.inputs.device
    each = WORKSPACE * _bytes_of_one(question, model or question.model, gradients)
    allowed = min(CAP.get(device.type, CAP_ELSEWHERE), SHARE * free_bytes(device))
    wanted = most or MOST.get(device.type, MOST_ELSEWHERE)
    if question.room.limit is not None:
        wanted = min(wanted, question.room.limit)
    question.room.chosen = max(1, min(wanted, int(allowed / max(each, 1.0))))
    return question.room.chosen


_measured: WeakKeyDictionary[nn.Module, dict[object, int]] = WeakKeyDictionary()
"""Bytes of a pass of one input, by network and by what was asked."""


def _bytes_of_one(question: Question, model: nn.Module, gradients: bool) -> int:
    inputs = question.inputs[:1]
    known = _measured.setdefault(model, {})
    key = (inputs.shape, inputs.dtype, inputs.device, gradients)
    if key not in known:
        question.task.check()
        known[key] = _probe(question, model, inputs.detach().clone(), gradients)
    return known[key]


def _probe(question: Question, model: nn.Module, one: Tensor, gradients: bool) -> int:
    """One pass, forward and where asked backward, that nobody counts as one of the method's."""
    held = _Held([one, *model.parameters(), *model.buffers()])
    with torch.set_grad_enabled(gradients), held:
        if not gradients:
            question.score(model(one))
        elif one.is_floating_point():
            score = question.score(model(one.requires_grad_())).sum()
            if score.requires_grad:
                torch.autograd.grad(score, one, allow_unused=True)
        else:
            # Gradients begin at an embedding inside; at most all that is made is kept for them.
            question.score(model(one))
            return held.made
    return held.most


_Mode: Any = TorchDispatchMode  # torch does not say the types of its methods


class _Held(_Mode):
    """Counts the bytes of all tensors that operations make while it is on.

    `made` is their sum, `most` what there was of them at once. Storages of `known` tensors are not
    counted: the network's own weights come back as views of them.
    """

    def __init__(self, known: Iterable[Tensor]) -> None:
        super().__init__()
        self.made = self.most = self._now = 0
        self._there: dict[int, object] = {}
        for tensor in known:
            storage = tensor.untyped_storage()
            self._there[id(storage)] = storage

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        found = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(found):
            if isinstance(tensor, Tensor):
                self._add(tensor.untyped_storage())
        return found

    def _add(self, storage: torch.UntypedStorage) -> None:
        """Count it from now until nobody holds it any more; a view has the storage of its whole."""
        key, size = id(storage), storage.nbytes()
        if key not in self._there:
            self._there[key] = weakref.ref(storage, partial(self._gone, key, size))
            self.made += size
            self._now += size
            self.most = max(self.most, self._now)

    def _gone(self, key: int, size: int, reference: object) -> None:
        self._now -= size
        del self._there[key]
