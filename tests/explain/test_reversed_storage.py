"""A volume stored the other way round, its header corrected: same answer, same map in space."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch

from explain.explain import explain
from inference.architectures import table
from inference.cards import ModelCard
from inference.predict import predict
from inference.prepare import prepare
from inference.records import Frame, affine_of
from inference.requests import ExplainRequest, PredictRequest
from inference.task import Task
from tests.sample_models import VOLUME_CARD, install

SHAPE = (11, 13, 17)
"""Slices, rows, columns: all different, so that a mixed-up axis cannot pass."""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> ModelCard:
    torch.manual_seed(1)
    made = replace(
        VOLUME_CARD,
        architecture="unet3d",
        arguments=(("base", 2),),
        task="segment",
        labels=("background", "a", "b"),
    )
    network = table.build(made.architecture, made.arguments, 3, 1).eval()
    state = network.state_dict()
    with torch.no_grad():  # so that no label leads everywhere
        logits = network(prepare(frames((False, False, False)), made).tensor)
    state["head.bias"] -= logits.mean(dim=(0, 2, 3, 4))
    return install(made, state, tmp_path_factory.mktemp("model"))


def frames(reverse: tuple[bool, bool, bool]) -> tuple[Frame, ...]:
    """The same volume in space, stored with slices, rows or columns reversed."""
    values = np.random.default_rng(5).normal(0, 1, SHAPE).astype(np.float32)
    affine = np.diag([1.1, 0.9, 1.3, 1.0])
    affine[:3, 3] = (-20, 5, 40)
    for axis, (turned, count) in enumerate(zip(reverse, SHAPE, strict=True)):
        if turned:
            values = np.flip(values, axis)
            column = 2 - axis  # affines count columns, rows, slices
            affine[:3, 3] += affine[:3, column] * (count - 1)
            affine[:3, column] *= -1
    found = []
    for index, picture in enumerate(values):
        placed = affine.copy()
        placed[:3, 3] += affine[:3, 2] * index
        found.append(
            Frame(
                ("volume", index),
                np.ascontiguousarray(picture),
                spacing_mm=(0.9, 1.1),
                affine=affine_of(placed),
            )
        )
    return tuple(found)


def back(values: np.ndarray, reverse: tuple[bool, bool, bool]) -> np.ndarray:
    axes = tuple(axis for axis, turned in enumerate(reverse) if turned)
    return np.flip(values, axes)


@pytest.mark.parametrize("reverse", list(product((False, True), repeat=3))[1:])
def test_same_answer_and_same_map(card: ModelCard, reverse: tuple[bool, bool, bool]) -> None:
    plain = (False, False, False)
    masks, maps = [], []
    for way in (plain, reverse):
        stored = frames(way)
        answers = predict(PredictRequest(stored, card, "cpu"), Task())
        found = [answer.mask for answer in answers if answer.mask is not None]
        masks.append(back(np.stack(found), way))
        request = ExplainRequest(stored, 0, card, "integrated_gradients", "a", device="cpu")
        request = replace(request, options=(("n_steps", 8),))
        maps.append(back(np.stack([one.map for one in explain(request, Task())]), way))
    assert len(np.unique(masks[0])) > 1
    assert np.array_equal(masks[0], masks[1])
    largest = float(np.abs(maps[0]).max())
    assert largest > 0
    assert np.allclose(maps[0], maps[1], atol=1e-6 * largest)
