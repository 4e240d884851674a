"""Architectures: what they answer, and how wrong names and arguments are told."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from inference.architectures import table, torchvision_models
from inference.architectures.plain_cnn import LogSumExpPool
from inference.errors import UserError


@pytest.mark.parametrize("pooling", ["mean", "max", "logsumexp"])
@pytest.mark.parametrize("channels", [1, 3])
def test_plain_networks_answer_for_any_size(pooling: str, channels: int) -> None:
    options = (("widths", "4,6"), ("depth", 2), ("pooling", pooling))
    module = table.build("plain_cnn", options, 5, channels).eval()
    for size in ((8, 8), (33, 21)):
        assert module(torch.rand(2, channels, *size)).shape == (2, 5)
    relus = [one for one in module.modules() if isinstance(one, nn.ReLU)]
    assert len(relus) == 4
    assert not any(one.inplace for one in relus)


def test_log_sum_exp_lies_between_mean_and_maximum() -> None:
    features = torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]])
    soft = LogSumExpPool(1e-3)(features).item()
    sharp = LogSumExpPool(1e3)(features).item()
    assert soft == pytest.approx(1.5, abs=1e-2)
    assert sharp == pytest.approx(3.0, abs=1e-2)
    # By hand: log((1 + e + e² + e³) / 4)
    assert LogSumExpPool(1.0)(features).item() == pytest.approx(2.0539, abs=1e-4)


@pytest.mark.parametrize("up", ["trilinear", "transposed"])
def test_the_unet_answers_at_its_inputs_size(up: str) -> None:
    module = table.build("unet3d", (("base", 4), ("up", up)), 3, 1).eval()
    assert module(torch.rand(1, 1, 8, 12, 16)).shape == (1, 3, 8, 12, 16)
    with pytest.raises(ValueError, match="multiple of 4"):
        module(torch.rand(1, 1, 8, 12, 15))


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("plain_cnn", (("widht", 3),), "knows no argument widht"),
        ("plain_cnn", (("widths", "a"),), "widths of the architecture plain_cnn has to be whole"),
        ("plain_cnn", (("depth", 0),), "depth"),
        ("plain_cnn", (("depth", True),), "depth"),
        ("plain_cnn", (("pooling", "median"),), "one of mean, max, logsumexp"),
        ("plain_cnn", (("sharpness", -1.0),), "sharpness"),
        ("unet3d", (("up", "nearest"),), "one of trilinear, transposed"),
        ("resnet8", (), "There is no architecture named resnet8."),
        ("resnet18", (("depth", 3),), "does not take the arguments"),
    ],
)
def test_wrong_arguments_are_named(name: str, options: Any, words: str) -> None:
    with pytest.raises(UserError) as caught:
        table.build(name, options, 2, 3)
    assert words in caught.value.message


def test_a_misspelt_architecture_is_guessed() -> None:
    with pytest.raises(UserError) as caught:
        table.build("resnet-18", (), 2, 3)
    assert "resnet18" in caught.value.hint


def widths_of(module: nn.Module) -> list[int]:
    """How many outputs each layer has that could be the last."""
    linear = [one.out_features for one in module.modules() if isinstance(one, nn.Linear)]
    return linear + [one.out_channels for one in module.modules() if isinstance(one, nn.Conv2d)]


def test_every_classifier_of_torchvision_is_built_with_its_labels() -> None:
    names = torchvision_models.names()
    assert len(names) >= 80
    # RegNets compute their widths with tensors, which a device without memory cannot do.
    assert 3 in widths_of(table.build("regnet_x_400mf", (), 3, 3))
    with torch.device("meta"):
        for name in names:
            if not name.startswith("regnet"):
                assert 3 in widths_of(table.build(name, (), 3, 3)), name


def test_torchvision_takes_three_channels_alone() -> None:
    with pytest.raises(UserError, match="takes 3 channels"):
        table.build("resnet18", (), 2, 1)


def test_vision_transformers_are_built_for_their_size() -> None:
    assert torchvision_models.arguments_for("vit_b_16", (), (384, 384)) == (("image_size", 384),)
    assert torchvision_models.arguments_for("resnet18", (), (384, 384)) == ()


@pytest.mark.parametrize("name", ["googlenet", "inception_v3"])
def test_heads_for_training_alone_are_told_by_their_keys(name: str) -> None:
    for aux in (True, False):
        with torch.device("meta"):
            keys = table.build(name, (("aux_logits", aux),), 2, 3).state_dict().keys()
        assert torchvision_models.arguments_for(name, keys, (224, 224)) == (("aux_logits", aux),)
