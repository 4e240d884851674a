"""What a layer gives for an input, and how the score changes with it: one guarded pass."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explain.layouts import cells
from explain.question import Facts, Judgement, Question, needs_gradients
from explain.records import InputKind, LayerStatus
from explain.taps import Leaf, slope, tapped

COARSE = 4
"""A map that is fewer cells wide says little about where; Lepton's own rule."""

SEEN: frozenset[InputKind] = frozenset({"image", "volume", "clip", "tokens"})
"""What a method is right for that reads a layer and leaves the input as it is."""


def layer_of(question: Question) -> LayerStatus:
    """The layer that a question is about."""
    if question.layer is None:
        raise TypeError("a method that looks at a layer is asked without one")
    return question.layer


def tap(question: Question) -> dict[str, nn.Module]:
    """The layer as `tapped` takes it."""
    name = layer_of(question).name
    return {name: question.model.get_submodule(name)}


def features(question: Question, batch: Tensor) -> tuple[Tensor, Tensor]:
    """What the layer gives for N inputs, [N, C, *native], and their scores, [N]."""
    found, scores = _passed(question, batch, gradients=False)
    return cells(found.detach(), layer_of(question)), scores.detach()


def features_and_slopes(question: Question, batch: Tensor) -> tuple[Tensor, Tensor]:
    """What the layer gives for N inputs, and the gradient of the score there, [N, C, *native]."""
    found, gradient = as_given(question, batch)
    layer = layer_of(question)
    return cells(found, layer), cells(gradient, layer)


def as_given(question: Question, batch: Tensor) -> tuple[Tensor, Tensor]:
    """The same as the layer gives it, in its own layout, with its special tokens."""
    found, scores = _passed(question, batch, gradients=True)
    return found.detach(), slope(scores, found)


def _passed(question: Question, batch: Tensor, *, gradients: bool) -> tuple[Tensor, Tensor]:
    """What the layer gives, and the scores; the pass before the question serves where it can."""
    first = question.first
    made = None if first is None else first.take(question.model, batch, question.layer)
    if made is not None:
        question.task.check()
        output, found = made
        with torch.set_grad_enabled(gradients):
            return found, question.guard.took(question.score(output))
    leaf = Leaf()
    with torch.set_grad_enabled(gradients), tapped(tap(question), leaf):
        scores = question.forward(batch)
    return leaf.found, scores


def needs_layer(facts: Facts) -> Judgement:
    """The word of every method that reads a layer: one must be there, and not be too coarse."""
    if not facts.layers:
        return Judgement(
            "red", _why_none(facts), instead="saliency" if facts.differentiable else "occlusion"
        )
    chosen = next(layer for layer in facts.layers if layer.default)
    if max(chosen.shape) < COARSE:
        size = " × ".join(str(length) for length in chosen.shape)
        return Judgement(
            "amber", f"The layer {chosen.name} is only {size} cells: the map is very coarse."
        )
    return Judgement("green")


def needs_layer_and_gradients(facts: Facts) -> Judgement:
    """The word of those that follow the gradient to the layer as well."""
    if facts.layers and not facts.differentiable:
        return needs_gradients(facts)
    return needs_layer(facts)


def _why_none(facts: Facts) -> str:
    if facts.compiled:
        return "This model is a compiled program: its layers cannot be looked at."
    return "This model has no layer whose output lies over its input."
