"""Methods that read a layer inside the model: Grad-CAM on any convolutional layer."""

from __future__ import annotations

from captum.attr import LayerGradCam

from explain.question import Answer, Facts, Judgement, Method, Question, needs_gradients
from explain.records import Option


def grad_cam(question: Question) -> Answer:
    """Channels of a layer, weighted by their mean gradient (Selvaraju et al. 2016).

    The map has the layer's own resolution.
    """
    if question.layer is None:
        raise TypeError("Grad-CAM is asked without a layer")
    positive = question.flag("relu_attributions")
    captum = LayerGradCam(question.forward, question.model.get_submodule(question.layer.name))
    values = captum.attribute(question.leaf(), relu_attributions=positive).detach()
    return Answer(
        values,
        values[:, 0],
        signed=not positive,
        reduction="sum over the layer's channels, each weighted by its mean gradient",
        layer=question.layer.name,
    )


def _judge(facts: Facts) -> Judgement:
    if not facts.layers:
        return Judgement(
            "red",
            "This model has no convolution whose output is a picture.",
            instead="saliency" if facts.differentiable else "occlusion",
        )
    if not facts.differentiable:
        return needs_gradients(facts)
    chosen = next(layer for layer in facts.layers if layer.default)
    if max(chosen.shape) < 4:
        size = " × ".join(str(length) for length in chosen.shape)
        return Judgement(
            "amber", f"The layer {chosen.name} is only {size} cells: the map is very coarse."
        )
    return Judgement("green")


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    words = "Only what speaks for the target"
    return (Option("relu_attributions", "bool", True, None, None, words),)


GRAD_CAM = Method(
    "grad_cam",
    "Grad-CAM",
    "layer",
    options=_options,
    passes=lambda options, size: 1,
    judge=_judge,
    run=grad_cam,
    takes_layer=True,
)
