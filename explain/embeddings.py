"""Where a model turns token ids into numbers: its embedding, found by watching one pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from explain.question import Question
from explain.records import LayerStatus
from inference.errors import UserError


def embedding_name(model: nn.Module, inputs: Tensor, run: Callable[[], object]) -> str | None:
    """The dotted name of the first nn.Embedding that is given the ids themselves, [N, length].

    `run` sends `inputs` through the model once. None where there is no such part.
    """
    found: list[str] = []
    handles = []

    def put_on(name: str, part: nn.Module) -> None:
        def hook(module: nn.Module, given: tuple[Any, ...]) -> None:
            if given and isinstance(given[0], Tensor) and torch.equal(given[0], inputs):
                found.append(name)

        handles.append(part.register_forward_pre_hook(hook))

    try:
        for name, part in model.named_modules():
            if isinstance(part, nn.Embedding):
                put_on(name, part)
        with torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    return next(iter(found), None)


def at_embedding(question: Question) -> Question:
    """The same question about the layer that embeds the question's tokens; one counted pass.

    Raises UserError (usage) where the model has no such layer.
    """
    name = embedding_name(
        question.model, question.inputs, lambda: question.forward(question.inputs)
    )
    if name is None:
        raise UserError(
            "This model does not turn token ids into numbers by an embedding that can be seen.",
            "Choose a method that hides tokens.",
            fault="usage",
        )
    layer = LayerStatus(name, "Embedding", question.size, default=False, layout="tokens")
    return question.part(layer=layer)
