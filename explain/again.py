"""A question put once more with one thing changed: what checks of belief compare a map with."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explain.question import Answer, Method, Question
from explain.records import LayerStatus


def ask_again(
    question: Question,
    asked: Method,
    *,
    model: nn.Module | None = None,
    inputs: Tensor | None = None,
    baseline: Tensor | None = None,
    seed: int | None = None,
    method: Method | None = None,
    layer: LayerStatus | None = None,
) -> Answer:
    """The answer of `asked`, or of `method` with its defaults, to the question with that changed.

    `model` must be a module that nobody else uses. The target stays the one asked about. The
    question's value is measured again where model or inputs are others.
    """
    chosen = method or asked
    options = question.options
    if method is not None:
        options = {option.name: option.default for option in chosen.options(question.size)}
    changed = question.part(
        model=model or question.model,
        inputs=question.inputs if inputs is None else inputs,
        baseline=question.baseline if baseline is None else baseline,
        seed=question.seed if seed is None else seed,
        options=options,
        layer=layer or question.layer,
        show=lambda make: None,
    )
    if model is not None or inputs is not None:
        with torch.no_grad():
            changed = changed.part(value=float(changed.forward(changed.inputs)))
    return chosen.run(changed)
