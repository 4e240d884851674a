"""Which layers of a network lie over its input, how they lie, and which one is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor, nn

from explain.layers import choose_layer, observe
from explain.records import LayerStatus
from inference.errors import UserError
from tests.explain.layered_networks import (
    seeded,
    small_convnext,
    small_densenet,
    small_swin,
    small_vit,
)
from tests.explain.networks import small_cnn
from tests.explain.test_traces import fingerprint

Expected = tuple[str, tuple[int, ...], int]

models = torchvision.models
NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...], dict[str, Expected], str]] = {
    "resnet18": (
        models.resnet18,
        (64, 96),
        {
            "conv1": ("channels first", (32, 48), 0),
            "layer1.0": ("channels first", (16, 24), 0),
            "layer4": ("channels first", (2, 3), 0),
        },
        "layer4",
    ),
    "densenet": (small_densenet, (64, 64), {}, "features"),
    "vit": (
        small_vit,
        (32, 32),
        {
            "conv_proj": ("channels first", (4, 4), 0),
            "encoder.layers.encoder_layer_0": ("tokens", (4, 4), 1),
            "encoder.layers.encoder_layer_0.self_attention": ("tokens", (4, 4), 1),
            "encoder": ("tokens", (4, 4), 1),
        },
        # After it the class token goes on alone.
        "encoder.layers.encoder_layer_1.ln_1",
    ),
    "swin": (
        small_swin,
        (64, 32),
        {
            "features.0.0": ("channels first", (16, 8), 0),
            "features.1.0": ("channels last", (16, 8), 0),
            "features.2.reduction": ("channels last", (8, 4), 0),
        },
        "norm",
    ),
    "convnext": (
        small_convnext,
        (64, 64),
        {
            "features.1.0": ("channels first", (16, 16), 0),
            "features.1.0.block.2": ("channels last", (16, 16), 0),
            "features.1.0.block.3": ("channels last", (16, 16), 0),
        },
        "features",
    ),
    "deeplab": (
        lambda: models.segmentation.deeplabv3_mobilenet_v3_large(
            weights=None, weights_backbone=None, aux_loss=True
        ),
        (64, 64),
        {"classifier.4": ("channels first", (4, 4), 0)},
        # What follows gives each label by itself, and the auxiliary head does not count.
        "classifier.1",
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_layers_of_known_networks(name: str) -> None:
    make, size, expected, default = NETWORKS[name]
    _, layers = observe(seeded(make), torch.randn(1, 3, *size))
    found = {layer.name: (layer.layout, layer.shape, layer.special) for layer in layers}
    assert found | expected == found
    assert [layer.name for layer in layers if layer.default] == [default]


def test_layers_of_a_clip_that_shrinks_in_space_alone() -> None:
    model = seeded(models.video.r3d_18)
    _, layers = observe(model, torch.randn(1, 3, 8, 32, 32))
    shapes = {layer.name: layer.shape for layer in layers}
    assert shapes["stem"] == shapes["layer1"] == (8, 16, 16)
    assert shapes["layer3"] == (2, 4, 4)
    assert {layer.layout for layer in layers} == {"channels first"}


def test_a_detector_is_looked_at_below_its_heads() -> None:
    model = seeded(
        lambda: models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
            weights=None,
            weights_backbone=None,
            box_score_thresh=0.0,
            min_size=96,
            max_size=96,
        )
    )
    output, layers = observe(model, torch.rand(1, 3, 96, 96))
    assert len(output[0]["scores"]) > 0
    (default,) = (layer for layer in layers if layer.default)
    assert default.name.startswith("backbone.")


class Around(nn.Module):
    """A convolution, something around its picture [N, 4, 8, 8], and a line."""

    def __init__(self, part: nn.Module) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3, stride=2, padding=1)
        self.part = part
        self.line = nn.Linear(4, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        picture = self.convolution(inputs)
        part = self.part(picture)
        first = part[0] if isinstance(part, tuple) else part
        answer: Tensor = self.line(picture.flatten(2).mean(dim=2))
        return answer + (first.sum() if isinstance(first, Tensor) else 0)


class Weighing(nn.Module):
    """Has a weight of its own, and gives what a function makes of its input."""

    def __init__(self, give: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1))
        self.give = give

    def forward(self, inputs: Tensor) -> Any:
        return self.give(inputs * self.weight)


def queries(picture: Tensor) -> Tensor:
    """As a decoder with learned queries gives them: 20 of them, which lie over nothing."""
    return picture.mean(dim=(2, 3))[:, None].expand(-1, 20, -1)


GIVEN: dict[str, tuple[Callable[[Tensor], Any], Expected | None]] = {
    "a tuple counts by its first": (
        lambda picture: (picture, picture.mean()),
        ("channels first", (8, 8), 0),
    ),
    "a dictionary is passed over": (lambda picture: {"out": picture}, None),
    "a row of channels is no row of tokens": (lambda picture: picture.flatten(2), None),
    "queries are no cells": (queries, None),
    "one cell shows no place": (lambda picture: picture.mean(dim=(2, 3), keepdim=True), None),
    "tokens": (lambda picture: picture.flatten(2).transpose(1, 2), ("tokens", (8, 8), 0)),
    "tokens merged two by two": (
        lambda picture: picture[..., ::2, ::2].flatten(2).transpose(1, 2),
        ("tokens", (4, 4), 0),
    ),
    "another batch": (lambda picture: picture.reshape(4, 1, 8, 8), None),
    "whole numbers": (lambda picture: picture.long(), None),
}


@pytest.mark.parametrize("name", GIVEN)
def test_what_a_part_gives(name: str) -> None:
    give, expected = GIVEN[name]
    _, layers = observe(Around(Weighing(give)).eval(), torch.randn(1, 1, 16, 16))
    found = {layer.name: (layer.layout, layer.shape, layer.special) for layer in layers}
    assert found.get("part") == expected


def test_weights_of_attention_are_no_picture() -> None:
    """64 × 64 weights between 64 tokens, over a picture of 128 × 128."""

    class Attention(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patches = nn.Conv2d(1, 4, 16, stride=16)
            self.tokens = nn.Linear(4, 4)
            self.weights = Weighing(lambda tokens: (tokens @ tokens.mT).softmax(dim=-1)[:, None])

        def forward(self, inputs: Tensor) -> Tensor:
            tokens = self.tokens(self.patches(inputs).flatten(2).mT)
            answer: Tensor = (self.weights(tokens)[:, 0] @ tokens).mean(dim=1)
            return answer

    _, layers = observe(Attention().eval(), torch.randn(1, 1, 128, 128))
    assert [layer.name for layer in layers] == ["patches", "tokens"]


class Compiled:
    """What has no parts that hooks can be put on."""

    @staticmethod
    def scripted(model: nn.Module, inputs: Tensor) -> nn.Module:
        trace: Any = torch.jit.trace
        with pytest.warns(FutureWarning, match="torch.jit.trace"):
            traced: nn.Module = trace(model, inputs)
        return traced

    @staticmethod
    def exported(model: nn.Module, inputs: Tensor) -> nn.Module:
        return torch.export.export(model, (inputs,)).module()

    @staticmethod
    def compiled(model: nn.Module, inputs: Tensor) -> Any:
        found: Any = torch.compile(model, backend="eager")
        return found


@pytest.mark.parametrize("way", ["scripted", "exported", "compiled"])
def test_compiled_programs_have_no_layers(way: str) -> None:
    model, inputs = small_cnn((12, 12))
    program = getattr(Compiled, way)(model, inputs)
    output, layers = observe(program, inputs)
    assert layers == ()
    torch.testing.assert_close(output, model(inputs))


def test_a_recurrent_network_has_no_layers() -> None:
    class Recurrent(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(9, 6)
            self.recurrent = nn.LSTM(6, 5, batch_first=True)
            self.line = nn.Linear(5, 2)

        def forward(self, ids: Tensor) -> Tensor:
            answer: Tensor = self.line(self.recurrent(self.embedding(ids))[0][:, -1])
            return answer

    _, layers = observe(Recurrent().eval(), torch.tensor([[1, 4, 2, 8]]))
    assert [layer.name for layer in layers] == ["embedding"]


def test_layers_over_tokens() -> None:
    encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    class Words(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(9, 8)
            self.block = encoder
            self.line = nn.Linear(8, 2)

        def forward(self, ids: Tensor) -> Tensor:
            answer: Tensor = self.line(self.block(self.embedding(ids)).mean(dim=1))
            return answer

    _, layers = observe(Words().eval(), torch.tensor([[1, 4, 2, 8, 3, 3]]))
    assert {(layer.layout, layer.shape, layer.special) for layer in layers} == {("tokens", (6,), 0)}
    assert choose_layer(layers, None).name == "block"


def test_of_a_part_called_twice_the_last_call_counts() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.shared = nn.Conv2d(1, 1, 3, padding=1, stride=2)

        def forward(self, inputs: Tensor) -> Tensor:
            answer: Tensor = self.shared(self.shared(inputs)).flatten(1)
            return answer

    _, (layer,) = observe(Twice().eval(), torch.randn(1, 1, 16, 24))
    assert (layer.name, layer.shape) == ("shared", (4, 6))


def test_a_layer_without_a_gradient_is_not_taken() -> None:
    class Aside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.used = nn.Conv2d(1, 2, 3)
            self.unused = nn.Conv2d(1, 2, 3)

        def forward(self, inputs: Tensor) -> Tensor:
            answer: Tensor = self.used(inputs).mean(dim=(2, 3))
            return answer + 0 * Tensor(self.unused(inputs)).detach().sum()

    _, layers = observe(Aside().eval(), torch.randn(1, 1, 9, 9))
    assert [(layer.name, layer.default) for layer in layers] == [("used", True), ("unused", False)]


def test_the_card_has_the_first_word_where_its_layer_is_one() -> None:
    model, inputs = small_cnn((12, 12))
    for named, expected in (("first", "first"), ("line", "second"), ("gone", "second")):
        assert choose_layer(observe(model, inputs, named)[1], None).name == expected


class Odd(nn.Module):
    """Changes its input in place, or refuses a backward pass."""

    def __init__(self, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 2, 3)
        self.change = change

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.change(self.convolution(self.change(inputs))).mean(dim=(2, 3))
        return answer


class Forward(torch.autograd.Function):
    """Has no way back."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor) -> Tensor:
        return inputs.clone()


@pytest.mark.parametrize(
    "change",
    [lambda one: one.sub_(1), Forward.apply, torch.inference_mode()(torch.abs)],
    ids=["in place", "no way back", "inference mode"],
)
def test_odd_networks_are_observed_all_the_same(change: Callable[[Tensor], Tensor]) -> None:
    model, inputs = Odd(change).eval(), torch.randn(1, 1, 9, 9)
    before, kept = fingerprint(model), inputs.clone()
    _, layers = observe(model, inputs)
    assert choose_layer(layers, None).name == "convolution"
    assert fingerprint(model) == before
    assert torch.equal(inputs, kept)


def test_layers_are_looked_for_once() -> None:
    model, inputs = small_cnn((12, 12))
    before = fingerprint(model)
    first, layers = observe(model, inputs)
    assert fingerprint(model) == before
    assert not first.requires_grad
    model.forward = lambda batch: batch  # whatever it gives now, its layers are known
    again, remembered = observe(model, inputs)
    assert again is inputs
    assert remembered is layers
    assert observe(model, inputs[..., :11])[1] == ()


def test_no_layer_and_an_unknown_one_are_said() -> None:
    with pytest.raises(UserError, match="no layer whose output lies over its input"):
        choose_layer((), None)
    layer = LayerStatus("stages.1", "Sequential", (4, 4), default=True)
    with pytest.raises(UserError, match="no layer named stages") as caught:
        choose_layer((layer,), "stages.2")
    assert "stages.1" in caught.value.hint


def test_what_no_gradient_decided_is_looked_for_again() -> None:
    """A detector that finds nothing says nothing of its layers."""

    class Detecting(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body, self.head, self.other = (nn.Conv2d(1, 1, 3) for _ in range(3))

        def forward(self, inputs: Tensor) -> list[dict[str, Tensor]]:
            features = self.body(inputs)
            scores: Tensor = self.head(features).flatten() * float(inputs.detach().abs().sum())
            self.other(features)
            return [{"scores": scores[scores.detach() != 0]}]

    model, picture = Detecting().eval(), torch.randn(1, 1, 9, 9)
    assert choose_layer(observe(model, 0 * picture)[1], None).name == "other"
    assert choose_layer(observe(model, picture)[1], None).name == "head"
    assert choose_layer(observe(model, 0 * picture)[1], None).name == "head"
