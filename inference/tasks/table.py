"""The table of tasks: what a network is for, to the function that reads its output."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from inference.cards import ModelCard, TaskName
from inference.prepare import Prepared
from inference.tasks import classify, segment
from inference.tasks.answer import Answer

Decode = Callable[[np.ndarray, Prepared, ModelCard], tuple[Answer, ...]]
"""Output of the network, float32; what it saw; the card → one answer a frame, or one for all."""

TASKS: dict[TaskName, Decode] = {
    "classify": classify.decode,
    "segment": segment.decode,
}
