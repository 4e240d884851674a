"""From a frame and a card to an attribution at the frame's own pixels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from captum.attr import (
    Deconvolution,
    DeepLift,
    DeepLiftShap,
    GuidedBackprop,
    InputXGradient,
    IntegratedGradients,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from torch import Tensor, nn

from explain import attempt
from explain.deeplift import NOISE
from explain.explain import explain, explain_with_tensors
from explain.methods import METHODS
from explain.question import Answer, Question
from explain.records import LayerStatus
from inference.architectures.table import build
from inference.cards import ModelCard
from inference.errors import UserError
from inference.models import load_model
from inference.records import Attribution, Frame, Options
from inference.requests import ExplainRequest
from inference.task import Cancelled, ReportKind, Task
from tests.explain.networks import PICTURES
from tests.explain.test_traces import fingerprint
from tests.sample_models import CARD, install

PICTURE = replace(CARD, size=(16, 16), arguments=(("widths", "4,6"),), baseline=-0.5)


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    torch.manual_seed(1)
    return install(PICTURE, build("plain_cnn", PICTURE.arguments, 2, 1).state_dict(), tmp_path)


def frame(rows: int = 20, columns: int = 28, index: int = 3) -> Frame:
    rng = np.random.default_rng(rows)
    return Frame(("0123456789ab", index), rng.normal(size=(rows, columns)).astype(np.float32))


def request(card: ModelCard, method: str = "integrated_gradients", **more: Any) -> ExplainRequest:
    return ExplainRequest((frame(),), 0, card, method, **more)


def plain_module(card: ModelCard) -> nn.Module:
    """The network as anyone would build and load it."""
    import safetensors.torch

    module = build(card.architecture, card.arguments, len(card.labels), card.channels)
    module.load_state_dict(safetensors.torch.load_file(card.weights))
    return module.eval()


def captum_saliency(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    return Saliency(module).attribute(x.requires_grad_(), target=1)


def captum_input_x_gradient(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    return InputXGradient(module).attribute(x.requires_grad_(), target=1)


def captum_smoothgrad(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    chance = torch.Generator().manual_seed(0)
    noise = torch.cat([torch.randn(x.shape, generator=chance) for _ in range(4)])
    copies = x + 0.15 * (x.max() - x.min()) * noise
    each = Saliency(module).attribute(copies.requires_grad_(), target=1)
    return each.mean(dim=0, keepdim=True)


def captum_integrated(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    captum = IntegratedGradients(module)
    return captum.attribute(x, b, target=1, n_steps=50, internal_batch_size=8)


def captum_grad_cam(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    captum = LayerGradCam(module, module.get_submodule("stages.1"))
    return captum.attribute(x.requires_grad_(), target=1, relu_attributions=True)


def captum_occlusion(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    captum = Occlusion(module)
    return captum.attribute(
        x, baselines=b, target=1, sliding_window_shapes=(1, 4, 4), strides=(1, 3, 3)
    )


class Copied(nn.Module):
    def forward(self, values: Tensor) -> Tensor:
        return values.clone()


def apart(module: nn.Module) -> nn.Module:
    """The network with a copy before each pooling.

    Captum 0.9 gives a ReLU right before a pooling the gradient from before the pooling's rule.
    """
    for stage in module.get_submodule("stages").children():
        if isinstance(stage, nn.Sequential) and isinstance(stage[0], nn.MaxPool2d):
            stage.insert(0, Copied())
    return module


def captum_deep_lift(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
        return DeepLift(apart(module)).attribute(x.requires_grad_(), b, target=1)


def captum_deep_lift_shap(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    several = b.repeat(8, 1, 1, 1)
    noise = torch.randn(several[1:].shape, generator=torch.Generator().manual_seed(0))
    several[1:] += NOISE * (x.max() - x.min()) * noise
    with pytest.warns(UserWarning, match="Setting forward, backward hooks"):
        return DeepLiftShap(apart(module)).attribute(x.requires_grad_(), several, target=1)


def captum_guided_backprop(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    with pytest.warns(UserWarning, match="Setting backward hooks"):
        return GuidedBackprop(module).attribute(x.requires_grad_(), target=1)


def captum_deconvolution(module: nn.Module, x: Tensor, b: Tensor) -> Any:
    with pytest.warns(UserWarning, match="Setting backward hooks"):
        return Deconvolution(module).attribute(x.requires_grad_(), target=1)


REPEATED: dict[str, Callable[[nn.Module, Tensor, Tensor], Any]] = {
    "saliency": captum_saliency,
    "input_x_gradient": captum_input_x_gradient,
    "smoothgrad": captum_smoothgrad,
    "integrated_gradients": captum_integrated,
    "deep_lift": captum_deep_lift,
    "deep_lift_shap": captum_deep_lift_shap,
    "guided_backprop": captum_guided_backprop,
    "deconvolution": captum_deconvolution,
    "grad_cam": captum_grad_cam,
    "occlusion": captum_occlusion,
}


ASKED: dict[str, Options] = {
    "occlusion": (("window", 4), ("stride", 3)),
    "smoothgrad": (("samples", 4),),
}


@pytest.mark.parametrize("method", REPEATED)
def test_what_is_written_repeats_with_plain_captum(card: ModelCard, method: str) -> None:
    asked = request(card, method, target="nodule", options=ASKED.get(method, ()))
    explanation = explain_with_tensors(asked, Task())
    x, b = torch.from_numpy(explanation.input), torch.from_numpy(explanation.baseline)
    theirs = REPEATED[method](plain_module(card), x.clone(), b.clone()).detach().numpy()
    assert explanation.map_model.shape == theirs.shape
    assert np.abs(explanation.map_model - theirs).max() <= 1e-5 * np.abs(theirs).max()


@pytest.mark.parametrize("method", PICTURES)
def test_the_attribution_tells_what_it_is(card: ModelCard, method: str) -> None:
    (found,) = explain(request(card, method, target="nodule", warnings=("Off.",)), Task())
    assert found.key == ("0123456789ab", 3)
    assert found.map.shape == (20, 28)
    assert found.map.dtype == np.float32
    assert (found.target, found.target_label, found.output) == (1, "nodule", "logit")
    assert found.warnings[0] == "Off."
    assert not found.coarse
    assert found.provenance.method == method
    assert found.provenance.sha256 == card.sha256
    assert {name for name, _ in found.provenance.versions} >= {"lepton", "torch", "captum"}
    line = METHODS[method]
    assert found.layer == ("stages.1" if line.takes_layer else None)
    assert found.native in ([(8, 8), (16, 16)] if line.takes_layer else [(16, 16)])
    # SmoothGrad takes a baseline only where its base does, and its default base does not.
    starts_there = line.takes_baseline and method != "smoothgrad"
    assert found.baseline == ("constant -0.5 after normalisation" if starts_there else None)
    assert found.completeness is None or starts_there


@pytest.mark.parametrize("method", ["integrated_gradients", "gradient_shap", "deep_lift"])
def test_these_must_add_up(card: ModelCard, method: str) -> None:
    (found,) = explain(request(card, method), Task())
    assert found.completeness is not None


@pytest.mark.parametrize("method", PICTURES)
def test_equal_bytes_again(card: ModelCard, method: str) -> None:
    first, second = (explain(request(card, method), Task())[0].map for _ in range(2))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("method", PICTURES)
def test_the_model_that_predicts_is_not_touched(card: ModelCard, method: str) -> None:
    shared = load_model(card, torch.device("cpu"))
    before = fingerprint(shared)
    explain(request(card, method), Task())
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        explain(request(card, method), task)
    assert load_model(card, torch.device("cpu")) is shared
    assert fingerprint(shared) == before


def test_methods_get_the_plain_memory_layout(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Other layouts round otherwise, and Captum users have the plain one."""
    colour = replace(PICTURE, channels=3, mean=(0.0,) * 3, scale=(1.0,) * 3)
    colour = install(colour, build("plain_cnn", colour.arguments, 2, 3).state_dict(), tmp_path)
    seen: list[Tensor] = []
    first = LayerStatus("stages.0.0", "Conv2d", (32, 32), default=False)

    def spy(question: Question) -> Answer:
        seen.extend([question.inputs, question.baseline, *question.model.parameters()])
        return METHODS["grad_cam"].run(replace(question, layer=first))

    monkeypatch.setitem(METHODS, "spy", replace(METHODS["grad_cam"], run=spy))
    explain(request(colour, "spy"), Task())
    assert [one.stride() for one in seen] == [torch.empty(one.shape).stride() for one in seen]


def test_completeness_is_the_change_of_the_output(card: ModelCard) -> None:
    module = plain_module(card)
    for output, activate in (("logit", None), ("probability", nn.Softmax(dim=1))):
        explanation = explain_with_tensors(request(card, target=1, output=output), Task())
        completeness = explanation.attributions[0].completeness
        assert completeness is not None
        with torch.no_grad():
            both = module(
                torch.from_numpy(np.concatenate([explanation.input, explanation.baseline]))
            )
        both = both if activate is None else activate(both)
        assert completeness.difference == pytest.approx(float(both[0, 1] - both[1, 1]), abs=1e-5)
        assert completeness.sum == pytest.approx(float(explanation.map_model.sum()), abs=1e-5)


def test_the_top_label_is_the_target_unless_one_is_named(card: ModelCard) -> None:
    explanation = explain_with_tensors(request(card, "saliency"), Task())
    with torch.no_grad():
        top = int(plain_module(card)(torch.from_numpy(explanation.input)).argmax())
    assert explanation.attributions[0].target == top
    for name, index in (("normal", 0), ("nodule", 1), ("1", 1), (0, 0)):
        assert explain(request(card, "saliency", target=name), Task())[0].target == index


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"target": "tumour"}, "no target tumour"),
        ({"target": 2}, "no target 2"),
        ({"target": -1}, "no target -1"),
        ({"method": "salience"}, "no method named salience"),
        ({"layer": "stages.9"}, "does not look at a layer"),
        ({"method": "grad_cam", "layer": "stages.1.2"}, "no layer named stages.1.2"),
        ({"options": (("steps", 8),)}, "no option steps"),
        ({"options": (("n_steps", 7),)}, "from 8 to 500, not 7"),
        ({"options": (("n_steps", "many"),)}, "not many"),
        ({"method": "saliency", "options": (("abs", "maybe"),)}, "true or false"),
        ({"method": "occlusion", "options": (("window", 2), ("stride", 3))}, "leave gaps"),
        ({"device": "abacus"}, "no device named abacus"),
        ({"seed": -1}, "from 0 to 4294967295, not -1"),
        ({"seed": 2**32}, "not 4294967296"),
        ({"method": "token_occlusion"}, "made for token ids"),
        ({"method": "feature_permutation"}, "made for rows of a table; .* takes pictures"),
    ],
)
def test_wrong_use_is_said(card: ModelCard, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        explain(request(card, **{"method": "integrated_gradients", **wrong}), Task())
    assert caught.value.fault == "usage"


EIGHT: dict[str, Options] = {
    "integrated_gradients": (("internal_batch_size", 0),),  # it then chooses 8 on a processor
    "occlusion": (("batch", 8),),
}


@pytest.mark.parametrize("method", EIGHT)
def test_a_coarse_map_comes_early_and_sharpens(
    card: ModelCard, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempt, "PARTIAL_EVERY_S", 0.0)
    seen: list[Attribution] = []
    steps: list[tuple[int, int]] = []

    def report(kind: ReportKind, value: object) -> None:
        if isinstance(value, Attribution):
            seen.append(value)
        elif kind == "progress" and isinstance(value, tuple):
            steps.append(value)

    (final,) = explain(request(card, method, options=EIGHT[method]), Task(report))
    assert len(seen) >= 4
    assert all(one.coarse and one.map.shape == final.map.shape for one in seen)
    off = [float(np.abs(one.map - final.map).mean()) for one in seen]
    assert off[-1] < 0.5 * off[0]
    assert steps[-1][0] == steps[-1][1]
    assert sorted(steps) == steps


def test_coarse_maps_are_not_sent_too_often(card: ModelCard) -> None:
    seen: list[object] = []
    task = Task(lambda kind, value: seen.append(value) if kind == "partial" else None)
    explain(request(card, options=(("n_steps", 500), ("internal_batch_size", 10))), task)
    assert 1 <= len(seen) < 49


def test_a_large_map_is_shown_before_it_is_checked(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    task = Task(lambda kind, value: seen.append(value) if kind == "partial" else None)
    explain(request(card, "saliency"), task)
    assert seen == []
    monkeypatch.setattr(attempt, "QUICKLY_CHECKED", 20 * 28 - 1)
    (final,) = explain(request(card, "saliency"), task)
    (shown,) = seen
    assert isinstance(shown, Attribution)
    assert not shown.coarse
    assert final.figures
    assert not shown.figures
    np.testing.assert_array_equal(shown.map, final.map)
