"""Explains one answer of a model as maps over the frames it was given."""

from __future__ import annotations

import time

from explain.attempt import Attempt, Explanation
from explain.baselines import make_baseline
from explain.checks.table import refuse_unknown
from explain.methods import find_method, settle
from explain.preflight import KINDS, seen_by
from explain.question import Method
from explain.records import InputKind
from inference.cards import ModelCard
from inference.devices import choose
from inference.errors import UserError
from inference.predict import is_exhausted
from inference.prepare import prepare
from inference.records import Attribution
from inference.requests import ExplainRequest
from inference.task import Task

SEEDS = 2**32
"""How many seeds there are: torch's generator on the processor goes by the lowest 32 bits."""


def explain(request: ExplainRequest, task: Task) -> tuple[Attribution, ...]:
    """One attribution, or one a frame where the model takes a volume.

    Unfinished maps of the frame asked for go to `task.partial` with `coarse` set. Where memory
    runs out, batches are halved, then the processor takes over; both are said by `task.note`.
    Raises UserError (usage) for an unknown method, target, layer, option, baseline or check, for
    a seed out of range and a method made for other inputs, UserError (input) where a segmentation
    found nothing to explain or a region belongs to another scan, NumbersError where the map is
    no numbers.
    """
    return explain_with_tensors(request, task).attributions


def explain_with_tensors(request: ExplainRequest, task: Task) -> Explanation:
    """As `explain`, with what the model saw and what the method gave."""
    began = time.perf_counter()
    method = find_method(request.method)
    options = settle(method, request.options, request.card.size)
    refuse_unknown(request.checks)
    refuse_unfitting(method, request.card, request.seed)
    if request.layer is not None and not method.looks_at_layer(dict(options)):
        raise UserError(
            f"{method.title} does not look at a layer.",
            "Leave the layer out, or choose Grad-CAM.",
            fault="usage",
        )
    device = choose(request.device)
    volume = len(request.card.size) == 3
    frames = request.frames if volume else (request.frames[request.index],)
    prepared = prepare(frames, request.card)
    baseline = make_baseline(request.baseline, request.card, prepared, frames, request.reference)
    attempt = Attempt(request, frames, method, options, device, prepared, began, task, *baseline)
    while True:
        try:
            return attempt.run()
        except (RuntimeError, MemoryError) as error:
            if not is_exhausted(error):
                raise
            attempt = attempt.smaller(error)


def refuse_unfitting(method: Method, card: ModelCard, seed: int) -> None:
    """Raises UserError (usage) for a method made for other inputs, and a seed out of range."""
    kind: InputKind = "image" if len(card.size) == 2 else "volume"
    if kind not in method.seen:
        raise UserError(
            f"{method.title} is made for {seen_by(method)}; {card.title} takes {KINDS[kind]}.",
            "Choose another method.",
            fault="usage",
        )
    if not 0 <= seed < SEEDS:
        raise UserError(
            f"A seed is a whole number from 0 to {SEEDS - 1}, not {seed}.", fault="usage"
        )
