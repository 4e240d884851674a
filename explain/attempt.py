"""One try at an explanation, on one device: from prepared frames to attributions over them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from explain.again import ask_again
from explain.arithmetic import plain_arithmetic
from explain.case import Case, spread_over
from explain.checks.table import run_checks
from explain.first_pass import FirstPass
from explain.layers import first_pass
from explain.memory import Room
from explain.question import Answer, Method, Question
from explain.records import LayerStatus
from explain.target import Target, Within, aim, marked_in_model
from explain.units import unit_of
from inference.cells import cells_over
from inference.errors import NumbersError, UserError
from inference.models import load_model, private_copy
from inference.prepare import Prepared, measured_in_model
from inference.provenance import provenance
from inference.records import (
    Attribution,
    Cells,
    Figure,
    Frame,
    FrameKey,
    Options,
    Provenance,
)
from inference.requests import ExplainRequest
from inference.task import Task

PARTIAL_EVERY_S = 0.2
"""Unfinished maps are shown no more often: each goes back through the preparation."""


QUICKLY_CHECKED = 1 << 20
"""Pixels up to which the checks that cost no passes take no time that a person would notice."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """Attributions with the very numbers behind them, so that anyone can repeat them.

    `input` and `baseline` are float32 [1, C, *size]. `map_model` is what Captum gives for them:
    [1, C, *size], or [1, 1, *native] of a layer, before it was reduced to one channel.
    """

    attributions: tuple[Attribution, ...]
    input: np.ndarray
    baseline: np.ndarray
    map_model: np.ndarray


_kept: dict[int, tuple[nn.Module, nn.Module]] = {}
"""The last private copy, beside the network it was made of, by that network's identity."""


@contextmanager
def own_copy(shared: nn.Module) -> Iterator[nn.Module]:
    """A copy of the network that nobody else uses meanwhile, in the plain memory layout.

    The shared one is laid out for speed. Gradients in the plain layout are those that anyone
    repeats with Captum: another order of sums tips over a ReLU that is almost shut. A copy is
    taken out of its place while it is in use, and kept for the next time only if all went well:
    what raised may have left its hooks.
    """
    kept = _kept.pop(id(shared), None)
    if kept is not None and kept[0] is shared:
        model = kept[1]
    else:
        model = private_copy(shared).to(memory_format=torch.contiguous_format)
    yield model
    _kept.clear()
    _kept[id(shared)] = (shared, model)


@dataclass(frozen=True, eq=False)
class Attempt:
    """One try at a request, on one device with one size of batches."""

    request: ExplainRequest
    frames: tuple[Frame, ...]
    method: Method
    options: Options
    device: torch.device
    prepared: Prepared
    began: float
    task: Task
    baseline: Tensor
    """[1, C, *size], on the processor."""
    baseline_words: str
    room: Room = field(default_factory=Room)

    def run(self) -> Explanation:
        """Put the question to the method, and lay what it answers over the frames."""
        card = self.request.card
        with own_copy(load_model(card, self.device)) as model:
            return self._ask(model)

    def _ask(self, model: nn.Module) -> Explanation:
        card = self.request.card
        inputs = self.prepared.tensor.clone(memory_format=torch.contiguous_format).to(self.device)
        baseline = self.baseline.clone(memory_format=torch.contiguous_format).to(self.device)
        with plain_arithmetic(model):
            output, layer, first = self._unperturbed(model, inputs)
            target = self._target(output)
            values = dict(self.options)
            question = Question(
                model,
                inputs,
                baseline,
                target.score,
                float(target.score(output)),
                values,
                layer,
                self.task,
                _Sparingly(lambda unfinished: self._publish(unfinished, target)),
                kind="image" if len(card.size) == 2 else "volume",
                seed=self.request.seed,
                total=self.method.passes(values, card.size),
                room=self.room,
                first=first,
            )
            answer = self.method.run(question)
            self._refuse_nonsense(answer)
            attributions = self._attributions(answer, target)
            figures = self._figures(question, answer, attributions)
        return Explanation(
            tuple(replace(one, figures=figures) for one in attributions),
            *(_array(tensor) for tensor in (inputs, baseline, answer.values)),
        )

    def _unperturbed(
        self, model: nn.Module, inputs: Tensor
    ) -> tuple[Tensor, LayerStatus | None, FirstPass | None]:
        """The model's answer, the layer in question, and the pass itself if it is the only one."""
        values, card = dict(self.options), self.request.card
        if not self.method.looks_at_layer(values):
            with torch.no_grad():
                return model(inputs), None, None
        first = first_pass(model, inputs, card.layer, self.request.layer)
        alone = self.method.passes(values, card.size) == 1
        return first.output, first.layer, first if alone else None

    def _target(self, output: Tensor) -> Target:
        request, within = self.request, None
        if request.within is not None:
            shares = marked_in_model(request.within, self.frames, self.prepared)
            within = Within(torch.from_numpy(shares).to(self.device), request.within.origin)
        return aim(
            request.card,
            output,
            request.target,
            request.output,
            against=request.against,
            within=within,
        )

    def _refuse_nonsense(self, answer: Answer) -> None:
        if not bool(torch.isfinite(answer.values).all()):
            raise NumbersError(
                f"{self.method.title} gave values that are no numbers for "
                f"{self.request.card.model_id}.",
                "No map is shown; choose another method.",
            )

    def _figures(
        self, question: Question, answer: Answer, attributions: tuple[Attribution, ...]
    ) -> tuple[Figure, ...]:
        """What the checks say of the map; it is shown before those that take their time."""
        index = self.request.index if len(self.frames) > 1 else 0
        if self.request.checks or sum(one.map.size for one in attributions) > QUICKLY_CHECKED:
            self.task.partial(attributions[index])
        case = Case(
            question,
            self.method,
            answer,
            _array(spread_over(answer.map, self.request.card.size))[0],
            self.frames,
            attributions,
            index,
            self.request.card,
            self.prepared,
            measured_in_model(self.frames, self.request.card, self.prepared)[0],
            partial(ask_again, question, self.method),
            self.request.truth,
        )
        return run_checks(case, self.request.checks)

    def smaller(self, error: BaseException) -> Attempt:
        """The next try when memory ran out; raises UserError where nothing smaller is left."""
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        name = self.method.batch_option
        asked = dict(self.options).get(name) if name else None
        # 0 where the method was to choose, None where it has no such option.
        batch = max(int(asked or 0), self.room.chosen)
        if batch > 1:
            self.task.note(
                f"The memory of {self.device} was too small for {batch} inputs at once; "
                f"starting again with {batch // 2}."
            )
            options = tuple(
                (key, min(int(asked or 0), batch // 2) if key == name else value)
                for key, value in self.options
            )
            return replace(self, options=options, room=Room(batch // 2))
        if self.device.type != "cpu":
            self.task.note(f"The memory of {self.device} was too small; going on on the processor.")
            return replace(self, device=torch.device("cpu"), room=Room())
        raise UserError(
            f"There is not enough memory to explain {self.request.card.model_id}.",
            "Close other programs, or choose a smaller model.",
            fault="surroundings",
        ) from error

    def _publish(self, unfinished: Answer, target: Target) -> None:
        index = self.request.index if len(self.frames) > 1 else 0
        self.task.partial(self._attributions(unfinished, target, coarse=True)[index])

    def _attributions(
        self, answer: Answer, target: Target, *, coarse: bool = False
    ) -> tuple[Attribution, ...]:
        """The answer at the pixels of each frame."""
        request, made, cells = self.request, self._provenance(answer), self._cells(answer)
        warnings = (*request.warnings, *self.prepared.warnings)
        spread = None if answer.spread is None else self._at_frames(answer.spread)
        return tuple(
            Attribution(
                key=frame.key,
                target=target.index,
                target_label=target.label,
                output=request.output,
                map=plane,
                native=_native(answer, cells[number]),
                signed=answer.signed,
                layer=answer.layer,
                baseline=self.baseline_words if answer.uses_baseline else None,
                reduction=answer.reduction,
                completeness=answer.completeness,
                warnings=warnings if coarse else (*warnings, *answer.warnings),
                provenance=made,
                coarse=coarse,
                spread=None if spread is None else spread[number],
                prepared=answer.prepared,
                against=target.against,
                against_index=self._place_of(target.against),
                baseline_name=request.baseline if answer.uses_baseline else "",
                reference=self._reference() if answer.uses_baseline else None,
                target_words=target.words,
                cells=cells[number],
                unit=self._unit(),
            )
            for number, (frame, plane) in enumerate(
                zip(self.frames, self._at_frames(answer.map), strict=True)
            )
        )

    def _provenance(self, answer: Answer) -> Provenance:
        return provenance(
            self.request.card,
            self.prepared.words,
            str(self.device),
            time.perf_counter() - self.began,
            method=self.method.name,
            options=tuple((dict(self.options) | dict(answer.taken)).items()),
            seed=self.request.seed,
            packages=("torch", "captum", "numpy"),
        )

    def _cells(self, answer: Answer) -> tuple[Cells | None, ...]:
        shape, count = self.frames[0].shape, len(self.frames)
        return cells_over(self.prepared.geometry, _array(answer.map), shape, count)

    def _place_of(self, label: str | None) -> int | None:
        return None if label is None else self.request.card.labels.index(label)

    def _reference(self) -> FrameKey | None:
        """The picture that stood for nothing, where it was one."""
        picture = self.request.reference
        return picture.key if picture and self.request.baseline == "picture" else None

    def _unit(self) -> str:
        volume = len(self.request.card.size) == 3
        return unit_of(self.method.name, dict(self.options), self.request.output, volume=volume)

    def _at_frames(self, values: Tensor) -> np.ndarray:
        """A map [1, *size] or [1, *native] at the frames' pixels, [frames, rows, columns]."""
        return self.prepared.back(_array(spread_over(values, self.request.card.size)))


class _Sparingly:
    """Lets an unfinished answer through when the last one was long enough ago."""

    def __init__(self, publish: Callable[[Answer], None]) -> None:
        self._publish = publish
        self._last_s = float("-inf")

    def __call__(self, make: Callable[[], Answer | None]) -> None:
        if time.monotonic() - self._last_s < PARTIAL_EVERY_S:
            return
        unfinished = make()
        if unfinished is not None:
            self._last_s = time.monotonic()
            self._publish(unfinished)


def _native(answer: Answer, cells: Cells | None) -> tuple[int, int]:
    """The rows and columns of the map's own grid, as they lie along the frame's."""
    rows, columns = answer.map.shape[-2:] if cells is None else cells.values.shape
    return int(rows), int(columns)


def _array(tensor: Tensor) -> np.ndarray:
    return np.ascontiguousarray(tensor.detach().cpu().numpy())
