"""Explains one answer of a model as maps over the frames it was given."""

from __future__ import annotations

import time

from explain.attempt import Attempt, Explanation
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
    Raises UserError (usage) for an unknown method, target, layer or option, UserError (input)
    where a segmentation found nothing to explain, NumbersError where the map is no numbers.
    """
    return explain_with_tensors(request, task).attributions


def explain_with_tensors(request: ExplainRequest, task: Task) -> Explanation:
    """As `explain`, with what the model saw and what the method gave."""
    began = time.perf_counter()
    method = find_method(request.method)
    options = settle(method, request.options, request.card.size)
    if request.layer is not None and not method.takes_layer:
        raise UserError(
            f"{method.title} does not look at a layer.",
            "Leave the layer out, or choose Grad-CAM.",
            fault="usage",
        )
    device = choose(request.device)
    volume = len(request.card.size) == 3
    frames = request.frames if volume else (request.frames[request.index],)
    prepared = prepare(frames, request.card)
    attempt = Attempt(request, frames, method, options, device, prepared, began, task)
    while True:
        try:
            return attempt.run()
        except (RuntimeError, MemoryError) as error:
            if not is_exhausted(error):
                raise
            attempt = attempt.smaller(error)
