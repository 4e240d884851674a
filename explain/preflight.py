"""Tries each method once on a model before it is offered, on noise and as cheaply as it can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import torch

from explain.arithmetic import plain_arithmetic
from explain.noise import AS_IT_IS
from explain.question import Answer, Judgement, Method, Question
from explain.records import InputKind, Option, Status
from explain.subject import Subject, seconds_each, smooth_noise
from inference.errors import UserError
from inference.predict import is_exhausted
from inference.records import Scalar
from inference.task import Task

FEW = 3
"""Passes that a trial has left at least: of fewer a map is the same everywhere."""

TRIALS = 3
"""Inputs that a method's own trial is made with."""

_FROM_BEST: tuple[Status, ...] = ("green", "amber", "red")

KINDS: dict[InputKind, str] = {
    "image": "pictures",
    "volume": "volumes",
    "clip": "clips",
    "tokens": "token ids",
    "table": "rows of a table",
}


@dataclass(frozen=True)
class Word:
    """What is said of one method for one model.

    `seconds` is about how long it takes here with its defaults, `seconds_each` how long an input
    takes that goes through the model without a gradient; None where it was not tried.
    `lasting` is False for what may be otherwise the next time.
    """

    status: Status
    reason: str = ""
    instead: str | None = None
    seconds: float | None = None
    lasting: bool = True
    seconds_each: float | None = None


def preflight(method: Method, subject: Subject, task: Task) -> Word:
    """Whether `method` says something true of this model: its word on the facts, then a trial.

    A method's own trial decides where it has one. Else it runs once with its cheapest options,
    and what it gives must be numbers, lie over the input or the layer, and differ from place to
    place. Raises Cancelled.
    """
    task.check()
    facts = subject.facts
    if facts.kind not in method.seen:
        made_for, kind = seen_by(method), KINDS[facts.kind]
        return Word("red", f"It is made for {made_for}; this model takes {kind}.")
    judged = method.judge(facts)
    if judged.status == "red":
        return Word("red", judged.reason, judged.instead)
    usual = {option.name: option.default for option in method.options(facts.size)}
    question = subject.ask(method, cheapest(method, facts.size), task)
    found = _trial(method, question)
    if found is None:
        reason = "There is too little memory free to try it on this model."
        return Word("amber", reason, judged.instead, lasting=False)
    word = _worse(judged, found)
    if word.status == "green" and method.prepared:
        word = Judgement("amber", PREPARED)
    if word.status == "red":
        return Word("red", word.reason, word.instead)
    seconds = method.passes(usual, facts.size) * seconds_each(question.guard, subject)
    each, _ = subject.pace
    return Word(word.status, word.reason, word.instead, seconds, seconds_each=each)


def seen_by(method: Method) -> str:
    """The kinds of inputs that a method is right for, in words."""
    *others, last = [KINDS[kind] for kind in get_args(InputKind) if kind in method.seen]
    return f"{', '.join(others)} and {last}" if others else last


PREPARED = "It is asked of a rewritten copy of the network, which gives the same answers."


def cheapest(method: Method, size: tuple[int, ...]) -> dict[str, Scalar]:
    """Options with which the method needs few passes, but at least FEW where it takes more.

    Numbers are lowered, or raised, as far as that saves passes; switches that leave a part of the
    map out are off.
    """
    options = method.options(size)
    values = {option.name: option.default for option in options}
    least = min(FEW, method.passes(values, size))
    values |= {name: value for name, value in AS_IT_IS.items() if name in values}
    for option in options:
        if option.type == "bool":
            values[option.name] = False
        elif option.type == "int" and option.name not in AS_IT_IS:
            values = min(
                ({**values, option.name: number} for number in _numbers(option)),
                key=lambda chosen: _cost(method, chosen, size, least),
            )
    return values


def _numbers(option: Option) -> list[Scalar]:
    """The default, and whole numbers from the lowest to the highest, each twice the one before."""
    low, high = int(option.low or 0), int(option.high or 0)
    powers = [2**exponent for exponent in range(high.bit_length())]
    return [option.default, low, *(number for number in powers if low < number <= high)]


def _cost(method: Method, values: Mapping[str, Scalar], size: tuple[int, ...], least: int) -> float:
    """Passes; those that are too few, or that the method refuses, cost more than all others."""
    try:
        passes = method.passes(values, size)
    except UserError:
        return float("inf")
    return passes if passes >= least else 1e9 - passes


ENDED = "A trial of it on this model ended in a"
"""How the sentence begins for what nobody foresaw."""


def _trial(method: Method, question: Question) -> Judgement | None:
    """The method's own trial, else one run; None where memory ran out."""
    try:
        with plain_arithmetic(question.model):
            if method.trial is None:
                return look(method.run(question), question)
            # What hangs on a baseline is judged by sums, which may agree by chance.
            several = _variants(question) if method.takes_baseline else [question]
            found = [method.trial(one) for one in several]
    except UserError as error:
        return Judgement("red", error.message)
    except Exception as error:  # noqa: BLE001 - whatever a foreign network raises here, it would
        # raise after a click; it is said instead, with its kind.
        if is_exhausted(error):
            return None
        return Judgement("red", f"{ENDED} {type(error).__name__}.")
    return max(found, key=lambda word: _FROM_BEST.index(word.status))


def _variants(question: Question) -> Iterator[Question]:
    """The question, and of a picture also about other noise.

    DeepLIFT on a ConvNeXt is 0.5 % off its axiom for one noise and 81 % for another.
    """
    yield question
    if question.inputs.ndim > 2:
        for seed in range(1, TRIALS):
            inputs = smooth_noise(tuple(question.inputs.shape), seed).to(question.inputs)
            with torch.no_grad():
                value = float(question.forward(inputs))
            yield question.part(inputs=inputs, value=value)


def look(answer: Answer, question: Question) -> Judgement:
    """Whether an answer can be a map over the question's input at all."""
    over, cells = (1, *question.size), tuple(answer.map.shape)
    lies = len(cells) == len(over) and all(map(int.__le__, cells, (one + 2 for one in over)))
    if not lies or answer.values.shape[-len(question.size) :] != cells[1:]:
        return Judgement("red", "What it gives for this model does not lie over its input.")
    if not bool(torch.isfinite(answer.values).all() & torch.isfinite(answer.map).all()):
        return Judgement("red", "It gives values that are no numbers for this model.")
    if not bool(answer.map.any()):
        return Judgement("amber", "On noise its map of this model was zero everywhere.")
    if answer.map.numel() > 1 and bool((answer.map == answer.map.flatten()[0]).all()):
        return Judgement("amber", "On noise its map of this model was the same everywhere.")
    return Judgement("green")


def _worse(first: Judgement, second: Judgement) -> Judgement:
    """The worse of two words on one method; both reasons where they are equally bad."""
    one, other = sorted((first, second), key=lambda word: _FROM_BEST.index(word.status))
    if one.status != other.status or one.reason == other.reason:
        return other
    return replace(other, reason=f"{first.reason} {second.reason}".strip())


def with_instead(words: Mapping[str, Word]) -> dict[str, Word]:
    """The same words, each red one naming a method that is not red itself, where there is one."""
    fitting = [name for status in ("green", "amber") for name, word in words.items()
               if word.status == status]  # fmt: skip
    return {
        name: word
        if word.status != "red" or word.instead in fitting
        else replace(word, instead=next(iter(fitting), None))
        for name, word in words.items()
    }
