"""What is asked of the store, and what it holds."""

from __future__ import annotations

from dataclasses import dataclass

from app.panes import Asked
from inference.records import Attribution, FrameKey, Prediction

Result = Prediction | Attribution


@dataclass(frozen=True)
class Wanted:
    """The results of one frame by one model, the weights of which have this digest.

    `asked` is the question that the map is to answer; None wants the latest map.
    """

    key: FrameKey
    model_id: str
    sha256: str
    asked: Asked | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """What the store holds of it; `attribution` is the latest one that fits."""

    wanted: Wanted
    prediction: Prediction | None
    attribution: Attribution | None
