"""The attention of one pass: read beside the answer, which stays as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from explain.layouts import MOST_SPECIAL, Place, Surveyor
from explain.question import Question
from explain.taps import leaf_of, slope, tapped

ARGUMENTS = (
    *("query", "key", "value", "key_padding_mask", "need_weights", "attn_mask"),
    *("average_attn_weights", "is_causal"),
)
"""Those of nn.MultiheadAttention's forward, in their order."""

Attended = Callable[[nn.MultiheadAttention, Tensor, Tensor], Tensor]
"""Gets the weights of a call, [N, heads, tokens, tokens], and its output; its answer goes on."""


@dataclass(eq=False)
class Reading:
    """What one pass showed.

    `weights` are [1, heads, tokens, tokens] of each attention in the order of their calls, a row
    for each token that looks. `shape` is the grid of cells that the tokens stand for, after
    `special` others; () where they do not lie over the input. `rows` are the tokens from which the
    answer is read after the last attention.
    """

    weights: list[Tensor] = field(default_factory=list)
    shape: tuple[int, ...] = ()
    special: int = 0
    rows: list[int] = field(default_factory=list)

    @property
    def tokens(self) -> int:
        """How many tokens look at each other; 0 where it is not all at all, alike in all layers."""
        sizes = {(len(one), *one.shape[2:]) for one in self.weights}
        count, rows, columns = next(iter(sizes)) if len(sizes) == 1 else (0, 0, 0)
        return rows if count == 1 and rows == columns else 0


def read(question: Question) -> Reading:
    """The attention for the question's own input: one counted pass.

    Seen are the calls of nn.MultiheadAttention; models that attend by code of their own show none.
    """
    found, ends = Reading(), [torch.zeros(0)]
    surveyor = Surveyor(question.size)
    place: Place | None = None

    def attended(layer: nn.MultiheadAttention, weights: Tensor, output: Tensor) -> Tensor:
        nonlocal place
        found.weights.append(weights.detach())
        place = surveyor.place((1, weights.shape[-1], layer.embed_dim), layer)
        ends[0] = leaf_of(output)
        return ends[0].clone()

    with torch.enable_grad(), ExitStack() as stack:
        others = {}
        for name, part in question.model.named_modules():
            if isinstance(part, nn.MultiheadAttention):
                stack.enter_context(watched(part, attended))
            elif name:
                others[name] = part
        stack.enter_context(
            tapped(others, lambda name, output: _note(surveyor, others[name], output))
        )
        score = question.forward(question.inputs)
    if found.tokens:
        found.shape, found.special = _cells(place, question, found.tokens)
        found.rows = _rows(slope(score, ends[0]), found)
    return found


@contextmanager
def watched(layer: nn.MultiheadAttention, attended: Attended) -> Iterator[None]:
    """While it lasts, `attended` gets the weights of each call of `layer`."""
    asked: list[tuple[bool, bool]] = []

    def before(
        module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[Any, ...], dict[str, Any]]:
        given = dict(zip(ARGUMENTS, args, strict=False)) | kwargs
        asked.append((given.get("need_weights", True), given.get("average_attn_weights", True)))
        return (), given | {"need_weights": True, "average_attn_weights": False}

    def after(module: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        given, weights = output
        wanted, averaged = asked.pop()
        heads = weights if weights.ndim == 4 else weights[None]  # one input without its axis
        given = attended(layer, heads, given)
        if not wanted:
            return given, None
        return given, weights.mean(dim=-3) if averaged else weights

    handles = []
    try:
        handles.append(layer.register_forward_pre_hook(before, with_kwargs=True))
        handles.append(layer.register_forward_hook(after))
        yield
    finally:
        for handle in handles:
            handle.remove()


def _note(surveyor: Surveyor, layer: nn.Module, output: Tensor) -> None:
    """Pictures that come before tokens tell the grid that these stand for."""
    surveyor.place(tuple(output.shape), layer)


def _cells(place: Place | None, question: Question, tokens: int) -> tuple[tuple[int, ...], int]:
    """The grid that so many tokens stand for, and how many stand before it."""
    if place is not None:
        return place.shape, place.special
    special = tokens - question.size[0]
    if len(question.size) == 1 and 0 <= special <= MOST_SPECIAL:
        return question.size, special
    return (), 0


def _rows(gradient: Tensor, found: Reading) -> list[int]:
    """The tokens at which the score has a gradient; without any the special ones, else all."""
    each = gradient.reshape(found.tokens, -1).abs().sum(dim=1)
    read = each.nonzero().flatten().tolist()
    return read or list(range(found.special or found.tokens))
