"""Methods along the way at a layer: against Captum, on paper, and in every layout."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import InternalInfluence, LayerActivation, LayerConductance
from captum.attr import LayerIntegratedGradients as CaptumIntegratedGradients
from torch import Tensor, nn

from explain.methods import METHODS
from explain.question import Answer
from inference.task import ReportKind, Task
from tests.explain.layered_networks import every_layout
from tests.explain.networks import ask, first_output, small_cnn

WAYS = {
    "layer_integrated_gradients": CaptumIntegratedGradients,
    "layer_conductance": LayerConductance,
    "internal_influence": InternalInfluence,
}


def close(found: Tensor, expected: Tensor, share: float = 1e-5) -> None:
    assert found.shape == expected.shape
    assert float((found - expected).abs().max()) <= share * float(expected.abs().max())


@pytest.mark.parametrize("layer", ["first", "second"])
@pytest.mark.parametrize("size", [(13, 17), (5, 9, 7)], ids=["picture", "volume"])
@pytest.mark.parametrize("method", WAYS)
def test_as_captum(method: str, size: tuple[int, ...], layer: str) -> None:
    model, inputs = small_cnn(size)
    captum = WAYS[method](lambda batch: first_output(model(batch)), model.get_submodule(layer))
    options: dict[str, Any] = {"n_steps": 12}
    there = torch.full_like(inputs, 0.25)
    theirs = captum.attribute(inputs, there, **options)
    delta = None
    if captum.has_convergence_delta():
        _, delta = captum.attribute(inputs, there, return_convergence_delta=True, **options)
    for batch in (0, 1, 5, 12):
        ours = ask(
            method, model, inputs, layer=layer, baseline=0.25, internal_batch_size=batch, **options
        )
        close(ours.values, theirs.detach())
        assert ours.layer == layer
        assert ours.uses_baseline
        assert (ours.completeness is None) == (delta is None)
        if ours.completeness is not None and delta is not None:
            off = ours.completeness.sum - ours.completeness.difference
            assert off == pytest.approx(float(delta), abs=1e-5)


@pytest.mark.parametrize("layout", ["last", "tokens"])
@pytest.mark.parametrize("method", WAYS)
def test_the_same_cells_in_every_layout(method: str, layout: str) -> None:
    model, inputs, layers = every_layout()
    captum = WAYS[method](lambda batch: first_output(model(batch)), model.get_submodule("first"))
    theirs = captum.attribute(inputs, torch.zeros_like(inputs), n_steps=20).detach()
    ours = ask(method, model, inputs, layer=layers[layout], n_steps=20)
    close(ours.values, theirs)
    assert ours.map.shape == (1, 3, 5)


def test_layer_activation_is_captums() -> None:
    model, inputs, layers = every_layout()
    theirs = LayerActivation(model, model.get_submodule("first")).attribute(inputs)
    for layer in layers.values():
        found = ask("layer_activation", model, inputs, layer=layer)
        close(found.values, theirs)
        close(found.map, theirs.mean(dim=1))


class Doubled(nn.Module):
    """Twice its input."""

    def forward(self, inputs: Tensor) -> Tensor:
        return 2 * inputs


class CalledTwice(nn.Module):
    """The sum over all pixels of 2 · 2 x + 3 · 2 x, by one module that is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = Doubled()

    def forward(self, inputs: Tensor) -> Tensor:
        once = self.shared(inputs)
        twice = self.shared(once)
        answer: Tensor = (twice + 3 * once).flatten(1).sum(dim=1, keepdim=True)
        return answer


def test_of_a_module_called_twice_the_last_call_counts() -> None:
    """What it gives last is 4 x, at a gradient of 1; the 6 x of the first call go another way."""
    picture = torch.tensor([[[[1.0, 2.0], [3.0, 5.0]]]])
    found = ask("layer_integrated_gradients", CalledTwice(), picture, layer="shared")
    close(found.map, 4 * picture[0])
    assert found.completeness is not None
    assert found.completeness.difference == pytest.approx(44.0)
    assert found.completeness.relative < 1e-5
    # Conductance of that call alone does not add up to the change of the score, which is 110.
    conductance = ask("layer_conductance", CalledTwice(), picture, layer="shared", n_steps=500)
    close(conductance.map, 4 * picture[0], share=1e-3)
    assert conductance.completeness is None
    influence = ask("internal_influence", CalledTwice(), picture, layer="shared")
    close(influence.map, torch.ones(1, 2, 2))
    gradcam = ask("grad_cam", CalledTwice(), picture, layer="shared")
    close(gradcam.map, 4 * picture[0])


class Squares(nn.Module):
    """The sum of squares of the pixels of a layer that triples them."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 1, 1, bias=False)
        self.layer.weight = nn.Parameter(torch.full((1, 1, 1, 1), 3.0))

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = (self.layer(inputs) ** 2).flatten(1).sum(dim=1, keepdim=True)
        return answer


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        # From 0 to 3 x the square grows by 9 x²; both ways of adding up give that.
        ("layer_integrated_gradients", [9.0, 36.0]),
        ("layer_conductance", [9.0, 36.0]),
        # The gradient 2 · 3 x is on the mean half of that.
        ("internal_influence", [3.0, 6.0]),
    ],
)
def test_on_paper(method: str, expected: list[float]) -> None:
    picture = torch.tensor([[[[1.0, 2.0]]]])
    found = ask(method, Squares(), picture, layer="layer", n_steps=500)
    # Conductance takes each gradient at the beginning of its step: it comes near only.
    share = 1e-2 if method == "layer_conductance" else 1e-5
    close(found.map, torch.tensor([[expected]]), share=share)


def test_contributions_of_tokens_without_a_place_are_said() -> None:
    """The class token, moved between baseline and input, carries a part of the change."""

    model, inputs, layers = every_layout()
    quiet = ask("layer_integrated_gradients", model, inputs, layer=layers["tokens"])
    assert quiet.warnings[0].startswith("0% of the contributions")
    # Now what the tokens are depends on the picture, the special ones too.
    handle = model.get_submodule("tokens").register_forward_hook(
        lambda module, given, output: output + output.mean(dim=1, keepdim=True)
    )
    loud = ask("layer_integrated_gradients", model, inputs, layer=layers["tokens"], n_steps=100)
    handle.remove()
    assert not loud.warnings[0].startswith("0%")
    assert loud.completeness is not None
    assert loud.completeness.relative < 1e-3
    shown = float(loud.map.sum())
    assert abs(shown - loud.completeness.difference) > 0.01 * abs(loud.completeness.difference)


@pytest.mark.parametrize("method", WAYS)
def test_passes_are_counted_and_the_map_sharpens(method: str) -> None:
    model, inputs = small_cnn((12, 12))
    steps: list[Any] = []
    shown: list[Answer | None] = []

    def report(kind: ReportKind, value: object) -> None:
        if kind == "progress":
            steps.append(value)

    ask(
        method,
        model,
        inputs,
        layer="second",
        task=Task(report),
        show=lambda make: shown.append(make()),
        n_steps=20,
        internal_batch_size=4,
    )
    total = METHODS[method].passes({"n_steps": 20}, (12, 12))
    assert steps[-1] == (total, total)
    assert [made for made, _ in steps] == sorted(made for made, _ in steps)
    assert len(shown) == (0 if method == "layer_conductance" else 5)
