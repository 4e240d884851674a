"""Methods that hide a part of the input and see what changes: occlusion."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial
from math import prod

import numpy as np
import torch
from torch import nn
from torch.fx.experimental.optimization import fuse

from explain.locality import localise
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import Option
from explain.windows import Cell, Windows
from inference.records import Scalar


def occlusion(question: Question) -> Answer:
    """The change of the score where a window is covered by the baseline (Zeiler & Fergus 2013).

    The same windows and the same mean of overlaps as Captum's Occlusion, but several windows in
    one pass, batch norms folded away, the memory order that convolutions like, the first layers
    only where a window changes them, and windows far apart first.
    """
    windows = Windows(question.size, question.whole("window"), question.whole("stride"))
    score = _Scorer(question, windows)
    total, batch = len(windows.cells) + 1, question.whole("batch")
    # The first window covers nothing: the whole input is scored by the same arithmetic.
    cells: list[Cell | None] = [None, *windows.cells]
    scores: list[float] = []
    changes = np.zeros(windows.counts)
    for first in range(0, total, batch):
        some = cells[first : first + batch]
        scores += score([() if cell is None else windows.place(cell) for cell in some])
        for cell, found in zip(some, scores[first:], strict=True):
            if cell is not None:
                changes[cell] = scores[0] - found
        if len(scores) < total:
            question.show(partial(_unfinished, question, windows, changes, len(scores) - 1))
    return _answer(question, windows.spread(changes))


def _answer(question: Question, found: np.ndarray) -> Answer:
    one_channel = torch.from_numpy(found.astype(np.float32)).to(question.inputs)[None]
    return Answer(
        one_channel[:, None].expand_as(question.inputs),
        one_channel,
        signed=True,
        reduction="one value for all channels",
        uses_baseline=True,
    )


def _unfinished(
    question: Question, windows: Windows, changes: np.ndarray, done: int
) -> Answer | None:
    filled = windows.fill(changes, done)
    return None if filled is None else _answer(question, windows.spread(filled))


class _Scorer:
    """Scores the input with one window after another covered."""

    def __init__(self, question: Question, windows: Windows) -> None:
        self._question = question
        self._layout = torch.channels_last if len(question.size) == 2 else torch.channels_last_3d
        self._model = _folded(question.model).to(memory_format=self._layout)
        self._whole = question.inputs.contiguous(memory_format=self._layout)
        with torch.inference_mode():
            places = [windows.place(cell) for cell in windows.cells]
            self._local = localise(self._model, self._whole, places)

    @torch.inference_mode()
    def __call__(self, places: Sequence[tuple[slice, ...]]) -> list[float]:
        """The score for each place covered by the baseline; an empty place covers nothing."""
        question = self._question
        question.task.check()
        if self._local is not None:
            output = self._local(places, question.baseline)
            near: list[float] = question.guard.took(question.score(output)).tolist()
            return near
        several = self._whole.expand(len(places), *[-1] * (self._whole.ndim - 1))
        batch = several.clone(memory_format=self._layout)
        for covered, place in zip(batch, places, strict=True):
            if place:
                pixels = (slice(None), *place)
                covered[pixels] = question.baseline[0][pixels]
        scores: list[float] = question.guard.run(self._model, batch).tolist()
        return scores


def _folded(model: nn.Module) -> nn.Module:
    """A copy with batch norms folded into the convolutions before them, where torch.fx can see.

    A model whose way depends on its input cannot be traced; it is copied as it is.
    """
    try:
        folded: nn.Module = fuse(model)
    except (ValueError, TypeError, RuntimeError, AttributeError):
        folded = copy.deepcopy(model)
    return folded


_SIDE_BY_SIDE = {2: (14, 2, 8), 3: (8, 1, 2)}
"""By dimensions: windows along the longest side, strides in a window, windows in one pass.

A window is then as wide as what a person would call a detail, and the passes are bearable.
"""


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    window = stride = batch = None
    if size is not None:
        along, strides, batch = _SIDE_BY_SIDE[len(size)]
        window = max(2, round(max(size) / along))
        stride = window // strides
    return (
        Option("window", "int", window, 1, 512, "Width of the window in pixels of the input"),
        Option("stride", "int", stride, 1, 512, "Pixels from one window to the next"),
        Option("batch", "int", batch, 1, 512, "Windows in one pass"),
    )


def _passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    windows = Windows(size, int(options["window"] or 1), int(options["stride"] or 1))
    return prod(windows.counts) + 1


def _judge(facts: Facts) -> Judgement:
    if len(facts.size) == 2:
        return Judgement("green")
    passes = _passes({option.name: option.default for option in _options(facts.size)}, facts.size)
    return Judgement(
        "amber",
        f"Slow: {passes:,} passes through a whole volume.",
        instead="saliency" if facts.differentiable else None,
    )


OCCLUSION = Method(
    "occlusion",
    "Occlusion",
    "perturbation",
    options=_options,
    passes=_passes,
    judge=_judge,
    run=occlusion,
    batch_option="batch",
)
