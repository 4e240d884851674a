"""What a model saw of a frame: every stage of one pass, from the stored pixels to the scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explain.one_pass import Pass, pass_once
from explain.stage_records import Stage, StagePlane, Stages, StageScore, StagesRequest
from inference.prepare import meant_values
from inference.records import Frame
from inference.task import Task
from inference.tasks.answer import ACTIVATIONS
from inference.tasks.table import TASKS

STRONGEST = 16
"""So many channels of a layer are shown: more than anybody compares at a glance."""

COLOURS = ("red", "green", "blue")

NOTHING = "background"
"""The label that is shown after all others."""

NOT_SEEN = "The model sees nothing of this slice: it lies outside its input."


def stages(request: StagesRequest, task: Task) -> Stages:
    """The stages of one pass, with the pictures that belong to `frames[index]`.

    Raises UserError (usage) for an unknown layer, NumbersError where the model's answer is none.
    """
    made = pass_once(request, task)
    found = (_source(made), _values(made), _input(made), _layer(made), _output(made))
    name = None if made.layer is None else made.layer.name
    return Stages(found, name, made.prepared.warnings)


def _source(made: Pass) -> Stage:
    frame = made.frames[made.index]
    if frame.colour:
        plane = StagePlane("Colours", frame.stored, *_range(frame.stored))
        words, unit = "The picture as it is stored: red, green and blue.", "level"
    else:
        plane = _plane("Stored values", frame.stored.astype(np.float32))
        words, unit = "The pixels as they are stored in the file, before any rescaling.", "stored"
    return Stage("source", "Source", words, _size(frame.stored.shape), unit, (plane,))


def _values(made: Pass) -> Stage:
    """What the card means by a value: rescaled, or grey as displayed; clipped, in its channels."""
    card, frame = made.card, made.frames[made.index]
    displayed = card.input == "displayed"
    channels = 1 if len(card.size) == 3 else card.channels
    values = meant_values(frame, card, channels)
    if displayed:
        words = "As displayed: this model takes grey levels, not measurements."
    else:
        words = _rescaling(frame)
    if card.clip is not None:
        words += f" Clipped to {card.clip[0]:g}…{card.clip[1]:g}, as the card says."
    planes = tuple(
        _plane(name, plane) for name, plane in zip(_channels(len(values)), values, strict=True)
    )
    title = "Windowed" if displayed else "Rescaled"
    return Stage("values", title, words, _size(values.shape), _unit(made), planes)


def _input(made: Pass) -> Stage:
    prepared = made.prepared
    tensor = prepared.tensor[0].numpy()
    planes = []
    for number, name in enumerate(_channels(len(tensor))):
        found = made.plane(tensor[number])
        if found is not None:
            mean, scale = float(prepared.mean[0, number]), float(prepared.scale[0, number])
            planes.append(_plane(name, found, mean, scale))
    sentence = f"The very numbers that the network gets: {prepared.words}."
    return Stage(
        "input",
        "Prepared",
        sentence if planes else NOT_SEEN,
        _size(prepared.tensor.shape),
        "normalised",
        tuple(planes),
        before_unit=_unit(made),
    )


def _layer(made: Pass) -> Stage:
    """The channels with the largest mean magnitude over the whole input, strongest first."""
    if made.layer is None or made.given is None:
        return Stage("layer", "Layer", _why_none(made), "", "")
    strength = np.abs(made.given).mean(axis=tuple(range(1, made.given.ndim)))
    order = np.argsort(-strength, kind="stable")[:STRONGEST].tolist()
    found = [(number, made.plane(made.given[number])) for number in order]
    planes = tuple(
        _plane(f"Channel {number}", plane) for number, plane in found if plane is not None
    )
    which = f"the {len(order)} of its {len(strength)} channels with the largest mean magnitude"
    if len(strength) == len(order):
        which = f"all {len(order)} channels, the strongest first" if len(order) > 1 else "1 channel"
    sentence = f"What {made.layer.name} ({made.layer.kind}) gives: {which}."
    shape = _size(made.given.shape)
    return Stage("layer", "Layer", sentence if planes else NOT_SEEN, shape, "activation", planes)


def _why_none(made: Pass) -> str:
    if made.compiled:
        return "This model is a compiled program: its layers cannot be looked at."
    return "This model has no layer whose output lies over its input."


def _output(made: Pass) -> Stage:
    """Logits and scores; of a network that answers at each place also that, a picture a label."""
    card, dense = made.card, made.output.ndim > 2
    answers = TASKS[card.task](made.output, made.prepared, card)
    answer = answers[made.index] if len(answers) > 1 else answers[0]
    scores = tuple(
        StageScore(label, float(logit), float(score))
        for label, logit, score in zip(card.labels, answer.logits, answer.scores, strict=True)
    )
    if dense:
        words = (
            f"The probability of each label at each place, after {card.activation}. Below: the "
            "label's mean logit over all that the network saw, and its share of this picture."
        )
        names = ("Mean logit", "Share of the picture")
    else:
        words = f"A logit for each label, and what {card.activation} makes of it."
        names = ("Logit", f"After {card.activation}")
    planes = _probabilities(made) if dense else ()
    unit = "probability" if dense else "logit"
    return Stage("output", "Output", words, _size(made.output.shape), unit, planes, scores, names)


def _probabilities(made: Pass) -> tuple[StagePlane, ...]:
    shown = ACTIVATIONS[made.card.activation](made.output)[0]
    pairs = sorted(zip(made.card.labels, shown, strict=True), key=lambda one: one[0] == NOTHING)
    found = [(label, made.plane(one)) for label, one in pairs]
    return tuple(_plane(label, plane) for label, plane in found if plane is not None)


def _rescaling(frame: Frame) -> str:
    """How stored values became measurements (PS3.3 C.11.1.1.2), as a sentence."""
    step = "" if frame.slope == 1 else f" × {frame.slope:g}"
    sign = "−" if frame.intercept < 0 else "+"
    shift = "" if frame.intercept == 0 else f" {sign} {abs(frame.intercept):g}"
    return f"Rescaled: stored{step}{shift}." if step or shift else "Nothing to rescale."


def _unit(made: Pass) -> str:
    """The unit of what the card means by a value."""
    if made.card.input == "displayed":
        return "level"
    return made.frames[made.index].unit or "file's own unit"


def _plane(title: str, values: np.ndarray, mean: float = 0.0, scale: float = 1.0) -> StagePlane:
    own = np.ascontiguousarray(values, dtype=np.float32)
    return StagePlane(title, own, *_range(own), mean, scale)


def _range(values: np.ndarray) -> tuple[float, float]:
    numbers = values[np.isfinite(values)]
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)


def _channels(count: int) -> tuple[str, ...]:
    """What channels are called: colours where there are three of them."""
    if count == len(COLOURS):
        return tuple(f"Channel {number}, {name}" for number, name in enumerate(COLOURS))
    return tuple(f"Channel {number}" for number in range(count))


def _size(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))
