"""The tree of a model's parts, and small pictures of its layers."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from explain.layers import observe
from explain.model_tree import layer_previews, model_tree
from explain.records import TreeRow
from tests.explain.layered_networks import every_layout
from tests.explain.test_traces import fingerprint


class Parts(nn.Module):
    """Two stages in a list, one of them twice; attention; an idle line; a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList([nn.Conv2d(1, 2, 3, padding=1), nn.MaxPool2d(2)])
        self.attention = nn.MultiheadAttention(2, 1, batch_first=True)
        self.idle = nn.Linear(3, 4)

    def forward(self, inputs: Tensor) -> dict[str, Tensor]:
        picture = self.stages[1](self.stages[1](self.stages[0](inputs)))
        tokens = picture.flatten(2).mT
        mixed, _ = self.attention(tokens, tokens, tokens)
        return {"out": mixed.mean(dim=1), "aux": picture}


def test_the_tree_of_a_model() -> None:
    model = Parts().eval()
    before = fingerprint(model)
    found = model_tree(model, torch.randn(1, 1, 8, 12))
    assert found == (
        TreeRow("", "Parts", "out: 2, aux: 2 × 2 × 3", 60, 0, takes_part=True),
        TreeRow("stages", "ModuleList", "", 20, 1, takes_part=True),
        TreeRow("stages.0", "Conv2d", "2 × 8 × 12", 20, 2, takes_part=True),
        # Called twice: the last call is shown.
        TreeRow("stages.1", "MaxPool2d", "2 × 2 × 3", 0, 2, takes_part=True),
        TreeRow("attention", "MultiheadAttention", "6 × 2; 6 × 6", 24, 1, takes_part=True),
        # It is not called, but its weights are read.
        TreeRow("attention.out_proj", "NonDynamicallyQuantizableLinear", "", 6, 2, takes_part=True),
        TreeRow("idle", "Linear", "", 16, 1, takes_part=False),
    )
    assert fingerprint(model) == before


def test_a_compiled_program_is_a_tree_too() -> None:
    inputs = torch.randn(1, 1, 8, 8)
    plain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(72, 3)).eval()
    program = torch.export.export(plain, (inputs,)).module()
    rows = model_tree(program, inputs)
    assert (rows[0].shape, rows[0].parameters) == ("3", 20 + 219)
    assert all(row.takes_part for row in rows if row.parameters)


def test_previews_are_mean_magnitudes_in_every_layout() -> None:
    model, inputs, layers = every_layout()
    expected = model.get_submodule("patches")(inputs)[0].abs().mean(dim=0)
    for name, found in layer_previews(model, inputs, list(layers.values())).items():
        assert found.dtype == np.float32, name
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_every_layer_has_a_preview() -> None:
    model, inputs, _ = every_layout()
    _, layers = observe(model, inputs)
    found = layer_previews(model, inputs, layers)
    assert [*found] == [layer.name for layer in layers]
    assert [one.shape for one in found.values()] == [layer.shape for layer in layers]
