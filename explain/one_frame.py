"""One frame of a source before one model: the question to ask of it, the answer, and the map."""

from __future__ import annotations

import numpy as np

from inference.cards import ModelCard, differences
from inference.errors import UserError
from inference.records import Attribution, Prediction, Region, Source
from inference.requests import ExplainRequest, PredictRequest, read_request
from inference.sources.registry import read_frames
from inference.task import Task


class Part(Task):
    """A piece of a longer work: it stops with the whole, and of what it says little goes on.

    That is its notes, and its progress where that is the whole's as well.
    """

    def __init__(self, whole: Task, *, with_progress: bool = False) -> None:
        super().__init__(self._tell)
        self._whole = whole
        self._with_progress = with_progress

    def check(self) -> None:
        self._whole.check()

    @property
    def cancelled(self) -> bool:
        return self._whole.cancelled

    @property
    def stopped(self) -> bool:
        return self._whole.stopped

    def _tell(self, kind: str, value: object) -> None:
        if kind == "note":
            self._whole.note(str(value))
        elif kind == "progress" and self._with_progress and isinstance(value, tuple):
            self._whole.progress(*value)


def question_about(
    source: Source, frame: int, card: ModelCard, method: str, task: Task
) -> ExplainRequest:
    """What to ask of one frame for the top label, with all else as it is by default.

    A model of volumes gets the whole source. Raises UserError (usage) where there is no such frame.
    """
    if not 0 <= frame < source.frames:
        raise UserError(
            f"There is no frame {frame}; the source has {source.frames}, counted from 0.",
            "Choose one of them.",
            fault="usage",
        )
    volume = len(card.size) == 3
    seen = tuple(range(source.frames)) if volume else (frame,)
    return ExplainRequest(
        read_frames(read_request(source, seen), task),
        index=frame if volume else 0,
        card=card,
        method=method,
        warnings=differences(source, card),
    )


def answer_to(request: ExplainRequest, task: Task) -> Prediction:
    """What the model says about the frame that was asked about."""
    from inference.predict import predict

    asked = PredictRequest(request.frames, request.card, request.device, warnings=request.warnings)
    return predict(asked, task)[request.index]


def map_of(request: ExplainRequest, task: Task) -> Attribution:
    """The map over the frame that was asked about; raises as `explain.explain.explain` does."""
    from explain.explain import explain

    maps = explain(request, task)
    return maps[request.index if len(maps) > 1 else 0]


def telling_frame(source: Source, region: Region | None) -> int:
    """The frame on which most is marked, the first of equals; without a region the middle one."""
    if region is None:
        return source.frames // 2
    return region.first + int(np.argmax(np.count_nonzero(region.mask, axis=(1, 2))))
