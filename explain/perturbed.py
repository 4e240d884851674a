"""Scores many changed versions of one input quickly: what all methods that hide things share."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor, fx, nn
from torch.utils.flop_counter import FlopCounterMode

from explain.fast_copy import fast_copy, in_order, order
from explain.features import Features, has_size
from explain.fused import fused
from explain.governor import inner_batch
from explain.locality import Locality, Place, localise
from explain.question import Question
from explain.records import Option

OPERATIONS = {"cuda": 4e12}
OPERATIONS_ELSEWHERE = 3e10
"""Floating-point operations of one pass at most, by kind of device; one input always passes.

A cancel is heard between passes. Two cores of a slow notebook take 0.3 s for this many, and a
processor gains nothing by more: ResNet-18 is fastest with 8 inputs, 2.9e10 operations.
"""

MOST = 64
"""Inputs in one pass, beyond which even the smallest network gains nothing."""

AS_GOOD = 1e-3
"""By how much of itself (or of 1) the fast copy may miss the score: rounding alone is 1e-5."""

BATCH = Option("batch", "int", 0, 0, 512, "Inputs in one pass; 0: chosen when it runs")


class Perturbed:
    """The score of inputs that differ from the question's own, several in one pass.

    Batch norms are folded away, the memory is in the order that convolutions like, and no
    gradient is kept. Where each input differs within one of `places` alone, the first layers run
    on that place only, if that saves anything. `value` is the score of the question's input by
    the same arithmetic; that is the first pass. `batch` is how many inputs go in one pass, from
    the option of this name or by size and work alone, so that equal questions get equal bytes.
    """

    def __init__(self, question: Question, places: Sequence[Place] = ()) -> None:
        self._question = question
        self.batch = question.whole("batch") or inner_batch(
            question, gradients=False, most=_most(question)
        )
        self.whole = question.inputs.contiguous(memory_format=order(question.inputs))
        self._local: Locality | None = None
        self._model = fast_copy(question.model)
        self._speed_up(places)
        self.value = float(self.score(self.whole, [()])[0])
        if abs(self.value - question.value) > AS_GOOD * max(1.0, abs(question.value)):
            # What torch.fx followed is not all that this network does.
            self._local = None
            self._model = in_order(copy.deepcopy(question.model))
            self.value = float(self.score(self.whole)[0])

    @torch.inference_mode()
    def _speed_up(self, places: Sequence[Place]) -> None:
        if isinstance(self._model, fx.GraphModule):
            self._question.task.check()
            self._local = localise(self._model, self.whole, places, self.batch) if places else None
            if self._local is None:
                self._model = fused(self._model, self.whole, self.batch)

    @torch.inference_mode()
    def score(self, changed: Tensor, places: Sequence[Place] = ()) -> np.ndarray:
        """The scores of inputs [N, C, *size] in one pass: float64 [N].

        `places` says where each differs from the whole, if it is known; () is nowhere. Raises
        Cancelled, and NumbersError where a score is no number.
        """
        question = self._question
        changed = changed.contiguous(memory_format=order(changed))
        if places and self._local is not None:
            question.task.check()
            scores = question.guard.took(question.score(self._local(places, changed)))
        else:
            scores = question.guard.run(self._model, changed)
        return np.asarray(scores.double().cpu().numpy())


class Hiding:
    """The score of the question's input with some of its features replaced by the baseline.

    `value` is the score with all of them there. `one_by_one` promises that at most one is hidden
    at a time, for which the first layers need not see the rest.
    """

    def __init__(self, question: Question, features: Features, *, one_by_one: bool = False) -> None:
        self._question = question
        self._places = features.places if one_by_one and has_size(question.size) else []
        self._perturbed = Perturbed(question, self._places)
        self._labels = torch.from_numpy(features.labels).long().to(question.inputs.device)
        self._baseline = question.baseline.contiguous(memory_format=order(question.baseline))

    @property
    def value(self) -> float:
        return self._perturbed.value

    def scores(self, kept: np.ndarray) -> Iterator[np.ndarray]:
        """Pass by pass the scores, float64, for rows of features that stay: bool [N, count].

        Ends early, but not before the first, where somebody wants what is known so far.
        """
        for first in range(0, len(kept), self._perturbed.batch):
            if first and self._question.task.stopped:
                return
            some = kept[first : first + self._perturbed.batch]
            there = torch.from_numpy(some).to(self._labels.device)[:, self._labels]
            if there.ndim < self._baseline.ndim:
                there = there[:, None]  # the same in all channels
            changed = torch.where(there, self._perturbed.whole, self._baseline)
            yield self._perturbed.score(changed, self._hidden(some))

    def _hidden(self, kept: np.ndarray) -> list[Place]:
        """The place that each row hides, where that is used; () for none."""
        if not self._places:
            return []
        numbers = [np.flatnonzero(~row) for row in kept]
        return [self._places[some[0]] if len(some) else () for some in numbers]


_work: WeakKeyDictionary[nn.Module, dict[torch.Size, int]] = WeakKeyDictionary()
"""Operations of one input's pass, by network and size: those of the network, not its weights."""


def _most(question: Question) -> int:
    """How many inputs are at most one pass's work."""
    known = _work.setdefault(question.model, {})
    size = question.inputs.shape
    if size not in known:
        question.task.check()
        with torch.no_grad(), FlopCounterMode(display=False) as counter:
            question.model(question.inputs)
        known[size] = counter.get_total_flops()
    allowed = OPERATIONS.get(question.inputs.device.type, OPERATIONS_ELSEWHERE)
    return max(1, min(MOST, int(allowed / max(known[size], 1))))


def stopped_after(done: int, total: int, what: str) -> tuple[str, ...]:
    """The warning of an answer that was asked for before all was done; none where all was."""
    return () if done >= total else (f"Stopped after {done:,} of {total:,} {what}.",)
