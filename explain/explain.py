"""Explains one answer of a model as maps over the frames it was given."""

from __future__ import annotations

import time

from explain.attempt import Attempt, Explanation
from explain.baselines import make_baseline
from explain.checks.table import refuse_unknown
from explain.methods import find_method, settle
from inference.devices import choose
from inference.errors import UserError
from inference.predict import is_exhausted
from inference.prepare import prepare
from inference.records import Attribution
from inference.requests import ExplainRequest
from inference.task import Task


def explain(request: ExplainRequest, task: Task) -> tuple[Attribution, ...]:
    """One attribution, or one a frame where the model takes a volume.

    Unfinished maps of the frame asked for go to `task.partial` with `coarse` set. Where memory
    runs out, batches are halved, then the processor takes over; both are said by `task.note`.
    Raises UserError (usage) for an unknown method, target, layer, option, baseline or check,
    UserError (input) where a segmentation found nothing to explain or a region belongs to another
    scan, NumbersError where the map is no numbers.
    """
    return explain_with_tensors(request, task).attributions


def explain_with_tensors(request: ExplainRequest, task: Task) -> Explanation:
    """As `explain`, with what the model saw and what the method gave."""
    began = time.perf_counter()
    method = find_method(request.method)
    options = settle(method, request.options, request.card.size)
    refuse_unknown(request.checks)
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
