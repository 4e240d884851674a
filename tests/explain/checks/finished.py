"""A finished map around a plain module: the case that checks of belief are given."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explain.again import ask_again
from explain.case import Case, spread_over
from explain.methods import METHODS, settle
from explain.question import Answer, Question
from inference.prepare import prepare
from inference.records import Frame
from inference.task import Task
from tests.explain.networks import first_output
from tests.sample_models import CARD


class Weighted(nn.Module):
    """The weighted sum of a picture or volume of one channel: what each place adds is known."""

    def __init__(self, weights: Tensor) -> None:
        super().__init__()
        self.weights = nn.Parameter(weights.clone())

    def forward(self, inputs: Tensor) -> Tensor:
        return (inputs[:, 0] * self.weights).flatten(1).sum(dim=1, keepdim=True)


class Squares(nn.Module):
    """The sum of squares: its gradient is twice the input."""

    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.square().flatten(1).sum(dim=1, keepdim=True)


def finished(
    model: nn.Module,
    inputs: Tensor,
    found: Tensor | np.ndarray,
    *,
    method: str = "saliency",
    signed: bool = True,
    baseline: float = 0.0,
    seed: int = 0,
    task: Task | None = None,
    frames: tuple[Frame, ...] | None = None,
    values: Tensor | None = None,
    card: dict[str, Any] | None = None,
    **answer: Any,
) -> Case:
    """The case of a map `found`, [*size] or [*native], that `method` is said to have made."""
    size = tuple(inputs.shape[2:])
    chosen = METHODS[method]
    with torch.no_grad():
        value = float(first_output(model(inputs)))
    question = Question(
        model,
        inputs,
        torch.full_like(inputs, baseline),
        first_output,
        value,
        dict(settle(chosen, (), size)),
        None,
        task or Task(),
        lambda make: None,
        kind="image" if len(size) == 2 else "volume",
        seed=seed,
    )
    one = torch.as_tensor(found, dtype=torch.float32)[None]
    whole = spread_over(one, size)
    values = (whole[:, None].expand_as(inputs)) if values is None else values
    made = Answer(values, one, signed=signed, reduction="as given", **answer)
    if frames is None:
        stored = np.zeros(size[-2:], dtype=np.float32)
        frames = tuple(Frame(("0" * 12, n), stored) for n in range(size[0] if len(size) > 2 else 1))
    described = replace(CARD, size=size, channels=int(inputs.shape[1]), **(card or {}))
    return Case(
        question,
        chosen,
        made,
        whole[0].numpy(),
        frames,
        (),
        0,
        described,
        prepare(frames, described),
        np.ones(size, dtype=bool),
        partial(ask_again, question, chosen),
    )
