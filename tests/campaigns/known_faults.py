"""What plain Captum does, without a word, on the kinds of networks of the table: measured again."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import torch
from captum.attr import (
    LRP,
    Deconvolution,
    DeepLift,
    GuidedBackprop,
    IntegratedGradients,
    LayerGradCam,
    Saliency,
)
from torch import Tensor, nn

from explain.guard import Score
from explain.subject import Subject
from tests.explain.model_kinds import MODEL_KINDS
from tests.explain.networks import SmallCnn

BEGIN = "<!-- plain Captum: written by `./lepton campaign table` -->"
END = "<!-- end of plain Captum -->"

SAME = 1e-4
"""Two maps are the same up to this share of the larger one's length."""

Finding = str


class _Scored(nn.Module):
    """A network and its score, as Captum is usually given one; a copy of its own."""

    def __init__(self, model: nn.Module, score: Score) -> None:
        super().__init__()
        self.model = model
        self._score = score

    def forward(self, inputs: Tensor) -> Tensor:
        return self._score(self.model(inputs))


def block() -> str:
    """The measured facts as a table in Markdown."""
    versions = f"torch {torch.__version__.partition('+')[0]}, Captum 0.9.0"
    lines = [
        BEGIN,
        "",
        f"Measured with plain Captum on the same networks ({versions}); a name in brackets is what "
        "it raised.",
        "",
        "| what | on which networks: what came out |",
        "| --- | --- |",
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Captum warns of each hook it sets
        for title, measure, kinds in FACTS:
            found = "; ".join(
                f"{MODEL_KINDS[kind].title}: {_said(measure, kind)}" for kind in kinds
            )
            lines.append(f"| {title} | {found} |")
    return "\n".join([*lines, "", END])


def _said(measure: Callable[[Subject], Finding], kind: str) -> Finding:
    try:
        return measure(MODEL_KINDS[kind].subject())  # a fresh one: Captum may leave its hooks
    except Exception as error:  # noqa: BLE001 - that it raises, and what, is the finding
        return f"[{type(error).__name__}]"


def _against_gradient(method: type[GuidedBackprop] | type[Deconvolution], s: Subject) -> Finding:
    plain = _gradient(s)
    found = method(_Scored(s.model, s.score)).attribute(s.inputs.clone().requires_grad_())
    same = float((found - plain).norm()) <= SAME * float(plain.norm())
    return "the plain gradient" if same else "differs from the gradient"


def _gradient(s: Subject) -> Tensor:
    leaf = s.inputs.clone().requires_grad_()
    return torch.autograd.grad(s.score(s.model(leaf)).sum(), leaf)[0]


def _guided(s: Subject) -> Finding:
    return _against_gradient(GuidedBackprop, s)


def _incomplete(values: Tensor, s: Subject) -> Finding:
    with torch.no_grad():
        change = s.value - float(s.score(s.model(s.baseline)))
    off = abs(float(values.double().sum()) - change) / max(abs(change), 1e-6)
    return f"{off:.1g}"


def _deep_lift(s: Subject) -> Finding:
    leaf = s.inputs.clone().requires_grad_()
    return _incomplete(DeepLift(_Scored(s.model, s.score)).attribute(leaf, s.baseline), s)


def _lrp(s: Subject) -> Finding:
    return _incomplete(LRP(_Scored(s.model, s.score)).attribute(s.inputs.clone()), s)


def _cam(s: Subject) -> Finding:
    layer = next(one for one in s.facts.layers if one.default)
    part = s.model.get_submodule(layer.name)
    found = LayerGradCam(_Scored(s.model, s.score), part).attribute(s.inputs.clone())
    cells = " × ".join(str(length) for length in layer.shape)
    given = " × ".join(str(length) for length in found.shape[1:])
    return f"a map of {given} for {cells} cells"


def _any_layer(s: Subject) -> Finding:
    parts = [part for name, part in s.model.named_modules() if name]
    part = next((one for one in parts if isinstance(one, nn.LSTM)), parts[0])
    LayerGradCam(_Scored(s.model, s.score), part).attribute(s.inputs.clone())
    return "a map"


def _saliency(s: Subject) -> Finding:
    found = Saliency(_Scored(s.model, s.score)).attribute(s.inputs.clone())
    return "a map" if bool(found.any()) else "zero everywhere"


def _half_completeness(s: Subject) -> Finding:
    found = []
    for dtype in (torch.float32, torch.bfloat16):
        torch.manual_seed(3)
        model = SmallCnn(2, 3).eval().to(dtype)
        inputs, baseline = s.inputs.to(dtype), s.baseline.to(dtype)
        values = IntegratedGradients(lambda batch, model=model: model(batch)[:, 0]).attribute(
            inputs, baseline, n_steps=50
        )
        with torch.no_grad():
            there, none = float(model(inputs)[0, 0]), float(model(baseline)[0, 0])
        off = abs(float(values.double().sum()) - (there - none)) / max(abs(there - none), 1e-6)
        found.append(f"{off:.1%}")
    return f"{found[1]} in bfloat16, {found[0]} in float32"


_PICTURES = ("resnet", "densenet", "vgg", "mobilenet_v2", "mobilenet_v3", "convnext", "vit", "swin")

FACTS: tuple[tuple[str, Callable[[Subject], Finding], tuple[str, ...]], ...] = (
    ("Guided Backpropagation", _guided, (*_PICTURES, "functional", "smooth")),
    (
        "Deconvolution",
        lambda s: _against_gradient(Deconvolution, s),
        (*_PICTURES, "functional", "smooth"),
    ),
    ("DeepLift, relative completeness error", _deep_lift, (*_PICTURES, "functional", "smooth")),
    ("LRP, sum of relevance against the change of the score", _lrp, ("vgg", "resnet")),
    ("LayerGradCam", _cam, ("resnet", "vit", "swin")),
    ("Saliency", _saliency, ("transformer", "lstm", "int8")),
    (
        "LayerGradCam on the recurrent, or the first, layer",
        _any_layer,
        ("lstm", "script", "exported"),
    ),
    ("Integrated Gradients, relative completeness error", _half_completeness, ("half",)),
)
"""What was measured, how, and on which kinds."""
