"""Runs a model on frames: in batches, within the memory there is, one prediction a frame."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from inference.cards import ModelCard
from inference.devices import choose
from inference.errors import UserError
from inference.models import load_model
from inference.prepare import Prepared, prepare
from inference.provenance import provenance
from inference.records import Frame, Prediction
from inference.requests import PredictRequest
from inference.task import Task
from inference.tasks.table import TASKS

EXHAUSTED = ("out of memory", "not enough memory", "alloc_failed")
"""How RuntimeErrors of CUDA, MPS, cuDNN and the processor's allocator say it."""


def predict(request: PredictRequest, task: Task) -> tuple[Prediction, ...]:
    """One prediction for each frame of `request`, in their order.

    A model of volumes answers once, for all frames. Where memory runs out the batch is halved,
    then the processor takes over; both are said through `task.note`. Raises NumbersError where
    the network's answer is no answer, UserError where nothing can be run here.
    """
    network = Network(request.card, choose(request.device), request.batch, task)
    made: list[Prediction] = []
    waiting: _Running | None = None
    # A graphics processor works on one batch while the next is prepared and the last one decoded.
    for frames in batches(request):
        running = _Running(frames, *network.start(frames))
        if waiting is not None:
            made.extend(_finish(waiting, request))
            task.progress(len(made), len(request.frames))
        waiting = running
    if waiting is not None:
        made.extend(_finish(waiting, request))
        task.progress(len(made), len(request.frames))
    return tuple(made)


class Network:
    """A model on a device, with as many inputs at once as its memory takes."""

    def __init__(self, card: ModelCard, device: torch.device, batch: int, task: Task) -> None:
        self._card = card
        self._batch = batch
        self._task = task
        self.device = device
        try:
            self._module = load_model(card, device)
        except (RuntimeError, MemoryError) as error:
            if device.type == "cpu" or not is_exhausted(error):
                raise
            self._move_to_processor()

    def start(self, frames: Sequence[Frame]) -> tuple[Prepared, list[torch.Tensor], str, float]:
        """Prepare `frames` and start the network on them.

        Returns what it sees, its outputs in parts, on the device and perhaps still being
        computed, the device's name, and when this began.
        """
        began = time.perf_counter()
        prepared = prepare(frames, self._card)
        parts: list[torch.Tensor] = []
        done = 0
        while done < len(prepared.tensor):
            self._task.check()
            part = prepared.tensor[done : done + self._batch]
            try:
                parts.append(self._run(part))
            except (RuntimeError, MemoryError) as error:
                if not is_exhausted(error):
                    raise
                self._retreat(len(part), error)
            else:
                done += len(part)
        return prepared, parts, str(self.device), began

    def _run(self, part: torch.Tensor) -> torch.Tensor:
        layout = torch.channels_last if part.ndim == 4 else torch.contiguous_format
        with torch.inference_mode():
            output: torch.Tensor = self._module(part.to(self.device).to(memory_format=layout))
        return output

    def _retreat(self, tried: int, error: Exception) -> None:
        """Make the next attempt smaller; raises UserError where nothing smaller is left."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        if tried > 1:
            self._batch = tried // 2
            self._task.note(
                f"The memory of {self.device} was too small for {tried} inputs at once; "
                f"continuing with {self._batch}."
            )
        elif self.device.type != "cpu":
            self._move_to_processor()
        else:
            raise UserError(
                f"There is not enough memory to run {self._card.model_id}.",
                "Close other programs, or choose a smaller model.",
                fault="surroundings",
            ) from error

    def _move_to_processor(self) -> None:
        self._task.note(f"The memory of {self.device} was too small; continuing on the processor.")
        self.device = torch.device("cpu")
        self._module = load_model(self._card, self.device)


def is_exhausted(error: BaseException) -> bool:
    """Whether an error of torch or Python means that memory ran out."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and any(phrase in words for phrase in EXHAUSTED)


@dataclass(frozen=True, eq=False)
class _Running:
    """A batch under way."""

    frames: Sequence[Frame]
    prepared: Prepared
    parts: list[torch.Tensor]
    device: str
    began: float


def batches(request: PredictRequest) -> Iterator[Sequence[Frame]]:
    """A volume is one; frames that stand alone come as many at a time as were asked for."""
    frames = request.frames
    step = len(frames) if len(request.card.size) == 3 else request.batch
    for start in range(0, len(frames), max(step, 1)):
        yield frames[start : start + step]


def _finish(running: _Running, request: PredictRequest) -> list[Prediction]:
    """Wait for the outputs of a batch and read them."""
    card = request.card
    output = torch.cat([part.to("cpu", torch.float32) for part in running.parts]).numpy()
    answers = TASKS[card.task](output, running.prepared, card)
    if len(answers) == 1:
        answers *= len(running.frames)
    seconds = time.perf_counter() - running.began
    made = provenance(card, running.prepared.words, running.device, seconds)
    return [
        Prediction(
            key=frame.key,
            labels=card.labels,
            scores=answer.scores,
            logits=answer.logits,
            activation=card.activation,
            mask=answer.mask,
            warnings=(*request.warnings, *running.prepared.warnings),
            provenance=made,
        )
        for frame, answer in zip(running.frames, answers, strict=True)
    ]
