"""Methods that hide a part of the input and see what changes: occlusion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from math import prod

import numpy as np
import torch

from explain.fast_copy import order
from explain.features import has_size
from explain.perturbed import BATCH, Perturbed, stopped_after
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import Option
from explain.windows import Cell, Windows
from inference.records import Scalar


def occlusion(question: Question) -> Answer:
    """The change of the score where a window is covered by the baseline (Zeiler & Fergus 2013).

    The same windows and the same mean of overlaps as Captum's Occlusion, windows far apart first.
    Asked to stop, it gives those not yet done the change of a neighbour, once the coarsest
    lattice is done.
    """
    windows = Windows(question.size, question.whole("window"), question.whole("stride"))
    total = len(windows.cells)
    apart = [windows.place(cell) for cell in windows.cells] if has_size(question.size) else []
    perturbed = Perturbed(question, apart)
    changes = np.zeros(windows.counts)
    filled: np.ndarray | None = None
    done = 0
    while done < total and (filled is None or not question.task.stopped):
        cells = windows.cells[done : done + perturbed.batch]
        for cell, score in zip(cells, _scores(question, perturbed, windows, cells), strict=True):
            changes[cell] = perturbed.value - score
        done += len(cells)
        filled = windows.fill(changes, done)
        if filled is not None and done < total:
            question.show(partial(_answer, question, windows, filled))
    found = _answer(question, windows, changes if filled is None else filled)
    return replace(found, warnings=stopped_after(done, total, "windows"))


def _scores(
    question: Question, perturbed: Perturbed, windows: Windows, cells: Sequence[Cell]
) -> np.ndarray:
    """The score with each of some windows covered."""
    places = [windows.place(cell) for cell in cells]
    several = perturbed.whole.expand(len(cells), *[-1] * (perturbed.whole.ndim - 1))
    batch = several.clone(memory_format=order(perturbed.whole))
    for covered, place in zip(batch, places, strict=True):
        pixels = (*[slice(None)] * (covered.ndim - len(place)), *place)
        covered[pixels] = question.baseline[0][pixels]
    return perturbed.score(batch, places)


def _answer(question: Question, windows: Windows, changes: np.ndarray) -> Answer:
    found = windows.spread(changes).astype(np.float32)
    one_channel = torch.from_numpy(found)[None].to(question.inputs.device)
    if question.inputs.is_floating_point():
        one_channel = one_channel.to(question.inputs.dtype)
    has_channels = question.inputs.ndim > one_channel.ndim
    return Answer(
        one_channel[:, None].expand_as(question.inputs) if has_channels else one_channel,
        one_channel,
        signed=True,
        reduction="one value for all channels",
        uses_baseline=True,
    )


_SIDE_BY_SIDE = {2: (14, 2), 3: (8, 1)}
"""By dimensions: windows along the longest side, strides in a window.

A window is then as wide as what a person would call a detail, and the passes are bearable.
"""


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    window = stride = None
    if size is not None:
        along, strides = _SIDE_BY_SIDE[len(size)]
        window = max(2, round(max(size) / along))
        stride = window // strides
    return (
        Option("window", "int", window, 1, 512, "Width of the window in pixels of the input"),
        Option("stride", "int", stride, 1, 512, "Pixels from one window to the next"),
        BATCH,
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
    can_stop=True,
    takes_baseline=True,
    paper="Zeiler & Fergus 2013, arXiv 1311.2901",
)
