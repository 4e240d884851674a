"""Methods that read one layer by itself: Grad-CAM on a layer of any layout, and its activation."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from explain.layer_features import (
    SEEN,
    features,
    features_and_slopes,
    layer_of,
    needs_layer,
    needs_layer_and_gradients,
)
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import Option


def grad_cam(question: Question) -> Answer:
    """Channels of a layer, weighted by their mean gradient (Selvaraju et al. 2016).

    The map has the layer's own resolution. Captum's LayerGradCam gives the same where channels
    come first; of tokens and of channels that come last it takes the mean along a wrong axis.
    """
    positive = question.flag("relu_attributions")
    found, gradients = features_and_slopes(question, question.inputs)
    weights = gradients.flatten(2).mean(dim=2)
    values = weighted(found, weights)
    return Answer(
        values.clamp(min=0) if positive else values,
        (values.clamp(min=0) if positive else values)[:, 0],
        signed=not positive,
        reduction="sum over the layer's channels, each weighted by its mean gradient",
        layer=layer_of(question).name,
    )


def layer_activation(question: Question) -> Answer:
    """What the layer gives, whatever the target (Erhan et al. 2009 look at units in this way)."""
    found, _ = features(question, question.inputs)
    word = question.word("over_channels")
    return Answer(
        found,
        _REDUCED[word](found),
        signed=True,
        reduction=f"{word} over the layer's channels",
        layer=layer_of(question).name,
        warnings=(NO_TARGET,),
    )


def weighted(found: Tensor, weights: Tensor) -> Tensor:
    """The sum over channels of features [N, C, *native] by weights [N, C], [N, 1, *native]."""
    return (found * weights.reshape(*weights.shape, *[1] * (found.ndim - 2))).sum(1, keepdim=True)


NO_TARGET = "The map shows what this layer answers to at all; it is the same for every target."


def without_target(facts: Facts) -> Judgement:
    """The word of methods that read a layer and know no target."""
    word = needs_layer(facts)
    return Judgement("amber", NO_TARGET) if word.status == "green" else word


_REDUCED: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda found: found.mean(dim=1),
    "largest": lambda found: found.amax(dim=1),
    "mean magnitude": lambda found: found.abs().mean(dim=1),
}


def positive_option(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    """The switch that leaves out what speaks against the target."""
    words = "Only what speaks for the target"
    return (Option("relu_attributions", "bool", True, None, None, words),)


def _activation_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    words = "What stands for all channels of a cell"
    return (Option("over_channels", "choice", "mean", None, None, words, tuple(_REDUCED)),)


GRAD_CAM = Method(
    "grad_cam",
    "Grad-CAM",
    "layer",
    options=positive_option,
    passes=lambda options, size: 1,
    judge=needs_layer_and_gradients,
    run=grad_cam,
    takes_layer=True,
    paper="Selvaraju et al. 2016, arXiv 1610.02391",
    seen=SEEN,
    several=True,
)

LAYER_ACTIVATION = Method(
    "layer_activation",
    "Layer activation",
    "layer",
    options=_activation_options,
    passes=lambda options, size: 1,
    judge=without_target,
    run=layer_activation,
    takes_layer=True,
    paper="Erhan et al. 2009, Visualizing Higher-Layer Features of a Deep Network",
    seen=SEEN,
    several=True,
)
