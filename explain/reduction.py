"""Takes whatever a model answers with to one number an input, which has a gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor

from explain.guard import Score
from inference.errors import NumbersError, UserError

Form = Literal["values", "tokens", "maps", "detections"]
"""What an output is: [N] or [N, outputs] of a classification or regression; [N, length,
vocabulary] of a language model; [N, labels, *size] of a segmentation; one {"boxes", "labels",
"scores"} for each input of a detection, as torchvision gives it."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixel edges of the model's input."""

Way = tuple[int | str, ...]
"""Keys and places that lead to the one tensor that matters in a nested output."""

MAIN = ("out", "logits")
"""What the main output is called in torchvision's dicts, and in those of transformers."""


@dataclass(frozen=True, eq=False)
class Part:
    """What of an output is meant.

    `label` is an output, a label or an entry of the vocabulary. `region` weighs the places of
    maps, [*size]; None counts all alike. `position` is a place in a sequence. `box` is the
    detection that is followed, at the unperturbed input.
    """

    label: int
    region: Tensor | None = None
    position: int = -1
    box: Box | None = None


def unchanged(output: Tensor) -> Tensor:
    """The values as they are: what stands for an activation where logits are asked about."""
    return output


def form_of(output: object) -> Form:
    """What an output is; raises NumbersError where no single number can be made of it."""
    if isinstance(output, (list, tuple)) and output and all(map(_is_detection, output)):
        return "detections"
    return _FORMS[tensor_of(output).ndim]


def tensor_of(output: object) -> Tensor:
    """The main tensor of an output; raises NumbersError where there is none to be reduced."""
    return _taken(output, way_to(output))


def way_to(output: object) -> Way:
    """Where the main tensor lies in an output: by its usual name, else the first one.

    Raises NumbersError where the output holds no tensor of 1 to 5 axes that counts inputs.
    """
    found = _search(output)
    if found is None:
        raise NumbersError(
            f"The model answers with {_words(output)}, of which no single number can be explained.",
            "Choose a model that gives values, maps, tokens or detections.",
        )
    return found


def part_score(output: object, part: Part, values: Score = unchanged) -> Score:
    """The score that stands for `part` of outputs like `output`, the unperturbed one.

    `values` turns logits [N, labels, …] into what is asked about; detections have probabilities
    already. Raises UserError (usage) where there is no such part.
    """
    return _REDUCTIONS[form_of(output)].score(output, part, values)


def top_part(output: object) -> Part:
    """The strongest part of the first input's answer.

    That is the largest value; the label that most places have, over these places; the likeliest
    token at the end; the best detection. Raises UserError where nothing was detected.
    """
    return _REDUCTIONS[form_of(output)].top(output)


def contrast(score: Score, against: Score) -> Score:
    """How far one score is above another: why the one and not the other."""
    return lambda output: score(output) - against(output)


def _search(output: object) -> Way | None:
    if isinstance(output, Tensor):
        return () if output.ndim in _FORMS and output.is_floating_point() else None
    items: list[tuple[int | str, object]] = []
    if isinstance(output, Mapping):
        main = [name for name in MAIN if name in output]
        items = [(name, output[name]) for name in dict.fromkeys((*main, *output))]
    elif isinstance(output, (list, tuple)):
        items = list(enumerate(output))
    for key, inner in items:
        deeper = _search(inner)
        if deeper is not None:
            return (key, *deeper)
    return None


def _taken(output: Any, way: Way) -> Tensor:
    """Only steps that torch.fx can follow: a method may trace the score with the network."""
    for key in way:
        output = output[key]
    found: Tensor = output
    return found


def _is_detection(one: object) -> bool:
    return isinstance(one, Mapping) and {"boxes", "labels", "scores"} <= one.keys()


def _words(output: object) -> str:
    if isinstance(output, Tensor):
        shape = " × ".join(map(str, output.shape)) or "one value for all inputs"
        return f"{str(output.dtype).removeprefix('torch.')} numbers ({shape})"
    return "nothing" if output is None else f"a {type(output).__name__} without usable numbers"


def _checked(index: int, length: int, what: str) -> int:
    if not 0 <= index < length:
        raise UserError(
            f"The model has {length} {what}s; there is no {what} {index}.",
            f"Choose one from 0 to {length - 1}.",
            fault="usage",
        )
    return index


def _value_score(output: object, part: Part, values: Score) -> Score:
    way, found = way_to(output), tensor_of(output)
    if found.ndim == 1:
        _checked(part.label, 1, "output")
        return lambda answer: values(_taken(answer, way)[:, None])[:, 0]
    label = _checked(part.label, found.shape[1], "output")
    return lambda answer: values(_taken(answer, way))[:, label]


def _map_score(output: object, part: Part, values: Score) -> Score:
    way, found = way_to(output), tensor_of(output)
    label = _checked(part.label, found.shape[1], "label")
    if part.region is None:
        return lambda answer: values(_taken(answer, way))[:, label].flatten(1).sum(dim=1)
    region = part.region.to(found)
    return lambda answer: (values(_taken(answer, way))[:, label] * region).flatten(1).sum(dim=1)


def _token_score(output: object, part: Part, values: Score) -> Score:
    way, found = way_to(output), tensor_of(output)
    length = found.shape[1]
    at = part.position + length if part.position < 0 else part.position
    position = _checked(at, length, "position")
    label = _checked(part.label, found.shape[2], "token")
    return lambda answer: values(_taken(answer, way)[:, position])[:, label]


def _detection_score(output: object, part: Part, values: Score) -> Score:
    """The best score × overlap with the box among detections of its label, 0 where there is none.

    The likeness of D-RISE (Petsiuk et al. 2021, arXiv 2006.03204) without the class vector, which
    torchvision does not give. The gradient is that of the score alone: how well a box lies is
    weighed, but not what would move it.
    """
    if part.box is None:
        raise TypeError("a detection is followed by its box")
    box, label = torch.tensor([part.box]), part.label
    return lambda answers: torch.stack([_likeness(one, box, label) for one in answers])


def _likeness(found: Any, box: Tensor, label: int) -> Tensor:
    from torchvision.ops import box_iou  # only where something is detected

    scores: Tensor = found["scores"]
    same = found["labels"] == label
    if not bool(same.any()):
        return scores.sum() * 0
    overlap = box_iou(box.to(scores), found["boxes"].detach())[0]
    best: Tensor = (scores * overlap)[same].max()
    return best


def _top_value(output: object) -> Part:
    found = tensor_of(output)
    return Part(0 if found.ndim == 1 else int(found[0].argmax()))


def _top_map(output: object) -> Part:
    winner = tensor_of(output)[0].argmax(dim=0)
    label = int(winner.flatten().bincount().argmax())
    return Part(label, winner == label)


def _top_token(output: object) -> Part:
    return Part(int(tensor_of(output)[0, -1].argmax()))


def _top_detection(output: Any) -> Part:
    first = output[0]
    if not len(first["scores"]):
        raise UserError(
            "The model detects nothing here, so there is no detection to explain.",
            "Choose another frame.",
        )
    best = int(first["scores"].argmax())
    x0, y0, x1, y1 = first["boxes"][best].tolist()
    return Part(int(first["labels"][best]), box=(x0, y0, x1, y1))


@dataclass(frozen=True)
class _Reduction:
    """How one form of output is reduced."""

    score: Callable[[object, Part, Score], Score]
    top: Callable[[object], Part]


_REDUCTIONS: dict[Form, _Reduction] = {
    "values": _Reduction(_value_score, _top_value),
    "tokens": _Reduction(_token_score, _top_token),
    "maps": _Reduction(_map_score, _top_map),
    "detections": _Reduction(_detection_score, _top_detection),
}

_FORMS: dict[int, Form] = {1: "values", 2: "values", 3: "tokens", 4: "maps", 5: "maps"}
"""By the number of axes of the main tensor."""
