"""Grad-CAM and its relatives: on paper, and on layers of every layout against Captum."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from captum.attr import GuidedGradCam, LayerGradCam
from torch import Tensor, nn
from torch.nn import functional

from explain.methods import METHODS
from explain.question import Answer, Question
from explain.records import LayerStatus
from inference.task import ReportKind, Task
from tests.explain.layered_networks import every_layout, seeded, small_swin, small_vit
from tests.explain.networks import ask, first_output, small_cnn

PICTURE = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])


class TwoChannels(nn.Module):
    """A picture of 2 × 2 and its negative; the first weighed by (1, 0 | 0, 2) / 10, the second by
    (0.5, 0 | 0, −1) / 10, and all added up."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 2, 1, bias=False)
        self.layer.weight = nn.Parameter(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
        self.weights = torch.tensor([[[1.0, 0], [0, 2]], [[0.5, 0], [0, -1]]]) / 10

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = (self.layer(inputs) * self.weights).flatten(1).sum(dim=1, keepdim=True)
        return answer


def close(found: Tensor, expected: Tensor) -> None:
    assert found.shape == expected.shape
    assert float((found - expected).abs().max()) <= 1e-5 * float(expected.abs().max())


def test_grad_cam_on_paper() -> None:
    # Mean gradients: 3 / 40 and −0.5 / 40. The map is (0.075 + 0.0125) times the picture.
    close(ask("grad_cam", TwoChannels(), PICTURE, layer="layer").map, 0.0875 * PICTURE[0])


def test_grad_cam_plus_plus_on_paper() -> None:
    """Equation 19: g² over 2 g² + ΣA · g³, cell by cell; weights count g > 0 alone.

    First channel: ΣA is 10; shares are 0.01 / (0.02 + 0.01) and 0.04 / (0.08 + 0.08), of the
    gradients 0.1 and 0.2. Second channel: ΣA is −10; only 0.05 is positive, its share
    0.0025 / (0.005 − 0.00125).
    """
    first = 0.1 / 3 + 0.2 / 4
    second = 0.05 * 2 / 3
    found = ask("grad_cam_plus_plus", TwoChannels(), PICTURE, layer="layer")
    close(found.map, (first - second) * PICTURE[0])
    assert not found.signed


def test_grad_cam_plus_plus_where_nothing_flows() -> None:
    class Nothing(TwoChannels):
        def forward(self, inputs: Tensor) -> Tensor:
            return 0 * super().forward(inputs)

    assert not ask("grad_cam_plus_plus", Nothing(), PICTURE, layer="layer").map.any()


@pytest.mark.parametrize("batch", [0, 1, 2])
def test_score_cam_on_paper(batch: int) -> None:
    """The channels as masks are (0, 1 | 2, 3) / 3 and (3, 2 | 1, 0) / 3.

    Seen through them the picture is (0, 2/3 | 2, 4) and (1, 4/3 | 1, 0). The score is 0.05 of the
    first pixel and 0.3 of the last: 1.2 and 0.05, and 0 of the baseline. The softmax of both leaves
    tanh of half their difference for the first channel, which is the picture.
    """
    found = ask("score_cam", TwoChannels(), PICTURE, layer="layer", batch=batch)
    close(found.map, math.tanh(1.15 / 2) * PICTURE[0])
    assert found.uses_baseline
    assert dict(found.taken)["batch"] == (batch or 8)


def test_score_cam_covers_with_the_baseline() -> None:
    # (1, 5/3 | 7/3, 4) and (1, 4/3 | 1, 1) instead: 1.25 and 0.35, and 0.35 of the baseline.
    found = ask("score_cam", TwoChannels(), PICTURE, layer="layer", baseline=1.0)
    close(found.map, math.tanh(0.9 / 2) * PICTURE[0])


def test_score_cam_of_some_channels_takes_the_liveliest() -> None:
    model, inputs = small_cnn((12, 12))
    with torch.no_grad():
        layers = (model.get_submodule(name) for name in ("first", "norm", "relu", "second"))
        features = nn.Sequential(*layers)(inputs)[0]
        order = features.flatten(1).std(dim=1).argsort(descending=True)[:2]
        gains = []
        for channel in order:
            mask = functional.interpolate(
                features[None, channel, None], size=(12, 12), mode="bilinear"
            )
            mask = (mask - mask.min()) / (mask.max() - mask.min())
            gains.append(first_output(model(mask * inputs)) - first_output(model(0 * inputs)))
        weights = torch.cat(gains).softmax(dim=0)
        expected = torch.relu((weights[:, None, None] * features[order]).sum(dim=0))
    found = ask("score_cam", model, inputs, layer="second", channels=2)
    close(found.map[0], expected)
    assert "2 of the layer's 6 channels" in found.reduction


def test_score_cam_tells_how_far_it_is_and_shows_what_it_has() -> None:
    model, inputs = small_cnn((12, 12))
    steps: list[object] = []
    shown: list[Answer | None] = []

    def report(kind: ReportKind, value: object) -> None:
        if kind == "progress":
            steps.append(value)

    final = ask(
        "score_cam",
        model,
        inputs,
        layer="second",
        task=Task(report),
        show=lambda make: shown.append(make()),
        channels=0,
        batch=2,
    )
    # The features, the baseline, and 6 channels two by two; how many the first pass shows.
    assert steps[1:] == [(2, 8), (4, 8), (6, 8), (8, 8)]
    assert [one.map.shape for one in shown if one is not None] == [final.map.shape] * 2


@pytest.mark.parametrize(("cells", "channels"), [(12, 5), (6, 9)])
def test_eigen_cam_is_the_first_principal_direction(cells: int, channels: int) -> None:
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, channels, 1), nn.Flatten(), nn.Linear(cells * channels, 1))
    inputs = torch.randn(1, 1, 3, cells // 3)
    table = model[0](inputs).detach()[0].flatten(1).T.double().numpy()
    left, values, _ = np.linalg.svd(table, full_matrices=False)
    expected = left[:, 0] * values[0]
    expected *= np.sign(expected.sum())
    found = ask("eigen_cam", model, inputs, layer="0")
    close(found.map.flatten(), torch.from_numpy(expected).float())
    assert found.signed
    assert "same for every target" in found.warnings[0]


def test_eigen_cam_on_paper() -> None:
    # The features are the picture times (1, −1): √2 of it along (1, −1) / √2.
    close(ask("eigen_cam", TwoChannels(), PICTURE, layer="layer").map, math.sqrt(2) * PICTURE[0])


@pytest.mark.parametrize(
    ("word", "expected"),
    [("mean", 0 * PICTURE[0]), ("largest", PICTURE[0]), ("mean magnitude", PICTURE[0])],
)
def test_layer_activation(word: str, expected: Tensor) -> None:
    found = ask("layer_activation", TwoChannels(), PICTURE, layer="layer", over_channels=word)
    assert torch.equal(found.map, expected)
    assert torch.equal(found.values, torch.cat([PICTURE, -PICTURE], dim=1))
    assert word in found.reduction


MAPS = ["grad_cam", "grad_cam_plus_plus", "score_cam", "eigen_cam", "layer_activation"]


@pytest.mark.parametrize("layout", ["last", "tokens"])
@pytest.mark.parametrize("method", MAPS)
def test_the_same_map_in_every_layout(method: str, layout: str) -> None:
    model, inputs, layers = every_layout()
    first = ask(method, model, inputs, layer=layers["first"])
    other = ask(method, model, inputs, layer=layers[layout])
    assert first.map.shape == (1, 3, 5)
    assert first.map.any()
    close(other.map, first.map)
    close(other.values, first.values)


@pytest.mark.parametrize("positive", [True, False])
def test_grad_cam_is_captums_where_channels_come_first(positive: bool) -> None:
    model, inputs, layers = every_layout()
    captum = LayerGradCam(lambda batch: first_output(model(batch)), model.get_submodule("first"))
    expected = captum.attribute(inputs, relu_attributions=positive).detach()
    for layer in layers.values():
        found = ask("grad_cam", model, inputs, layer=layer, relu_attributions=positive)
        close(found.values, expected)


def test_captum_takes_the_mean_of_tokens_along_the_wrong_axis() -> None:
    """Measured again with each Captum: else there would be no need for an own Grad-CAM."""
    model, inputs, layers = every_layout()
    captum = LayerGradCam(lambda batch: first_output(model(batch)), model.get_submodule("last"))
    theirs = captum.attribute(inputs)
    assert theirs.shape == (1, 1, 5, 4)  # columns and channels
    ours = ask("grad_cam", model, inputs, layer=layers["last"], relu_attributions=False)
    assert ours.map.shape == (1, 3, 5)


@pytest.mark.parametrize(
    ("make", "layer"),
    [
        (
            small_vit,
            LayerStatus(
                "encoder.layers.encoder_layer_1.ln_1",
                "LayerNorm",
                (4, 4),
                default=True,
                layout="tokens",
                special=1,
            ),
        ),
        (small_swin, LayerStatus("norm", "LayerNorm", (4, 4), True, layout="channels last")),
    ],
)
def test_grad_cam_of_a_transformer_by_its_formula(make: type, layer: LayerStatus) -> None:
    model, inputs = seeded(make), torch.randn(1, 3, 32, 32)
    kept: list[Tensor] = []

    def keep(module: nn.Module, given: tuple[Tensor], output: Tensor) -> Tensor:
        kept.append(output.requires_grad_())
        return output.clone()

    handle = model.get_submodule(layer.name).register_forward_hook(keep)
    (slopes,) = torch.autograd.grad(first_output(model(inputs)).sum(), kept)
    handle.remove()
    features, slopes = (
        one.detach()[0].flatten(0, -2)[layer.special :] for one in (kept[0], slopes)
    )
    expected = torch.relu(features @ slopes.mean(dim=0)).reshape(1, 4, 4)
    close(ask("grad_cam", model, inputs, layer=layer).map, expected)


@pytest.mark.parametrize(
    "method", ["grad_cam", "grad_cam_plus_plus", "layer_activation", "eigen_cam"]
)
def test_several_inputs_are_answered_one_by_one(method: str) -> None:
    model, inputs, layers = every_layout()
    both = torch.cat([inputs, inputs.flip(3)])
    one_by_one = [ask(method, model, one[None], layer=layers["tokens"]) for one in both]
    line = METHODS[method]
    question = Question(
        model,
        both,
        0 * both,
        first_output,
        0.0,
        {option.name: option.default for option in line.options((12, 20))},
        layers["tokens"],
        Task(),
        lambda make: None,
    )
    answer = line.run(question)
    close(answer.map, torch.cat([one.map for one in one_by_one]))
    close(answer.values, torch.cat([one.values for one in one_by_one]))


@pytest.mark.parametrize(("smooth", "mode"), [(False, "nearest"), (True, "bilinear")])
def test_guided_grad_cam(smooth: bool, mode: str) -> None:
    torch.manual_seed(1)
    model = nn.Sequential(
        nn.Conv2d(2, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(4, 3, 3), nn.ReLU()
    )
    model = nn.Sequential(*model, nn.Flatten(), nn.Linear(27, 2)).eval()
    model.requires_grad_(requires_grad=False)
    inputs = torch.randn(1, 2, 10, 10)
    with pytest.warns(UserWarning, match="backward hooks"):
        theirs = GuidedGradCam(model, model[3]).attribute(
            inputs.clone().requires_grad_(), 0, interpolate_mode=mode
        )
    found = ask("guided_grad_cam", model, inputs, layer="3", smooth=smooth)
    close(found.values, theirs.detach())
    assert found.prepared


def test_score_cam_weighs_the_channels_that_it_has_tried() -> None:
    """The liveliest first: stopped after two of six it is what two of them give."""
    model, inputs = small_cnn((12, 12))
    task = Task()
    task.stop()
    found = ask("score_cam", model, inputs, layer="second", task=task, channels=0, batch=2)
    shorter = ask("score_cam", model, inputs, layer="second", channels=2, batch=2)
    assert torch.equal(found.map, shorter.map)
    assert found.warnings == ("Stopped after 2 of 6 channels.",)
    assert "2 of the layer's 6 channels" in found.reduction
