"""The pass before a question serves methods that need no other."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explain.layers import choose_layer, first_pass, observe
from tests.explain.networks import small_cnn


@pytest.mark.parametrize("asked", [None, "first", "second"])
@pytest.mark.parametrize("named", [None, "first"])
def test_the_first_pass_serves_once_for_the_same_question(
    named: str | None, asked: str | None
) -> None:
    model, inputs = small_cnn((12, 12))
    for _ in range(2):  # with layers that are looked for, and with remembered ones
        first = first_pass(model, inputs, named, asked)
        assert first.layer.name == (asked or named or "second")
        torch.testing.assert_close(first.output, model(inputs))
        assert first.take(model, inputs.clone(), first.layer) is None
        assert first.take(model, inputs, first.layer) is None  # the pass was let go
        made = first_pass(model, inputs, named, asked).take(model, inputs, first.layer)
        assert made is not None
        output, found = made
        (slope,) = torch.autograd.grad(output[0, 0], found)
        assert slope.any()
        assert not any(module._forward_hooks for module in model.modules())


def test_a_layer_that_is_changed_in_place_afterwards_is_read_before() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(75, 2)
    ).eval()
    inputs = torch.randn(1, 1, 7, 7)
    made = first_pass(model, inputs).take(
        model, inputs, choose_layer(observe(model, inputs)[1], None)
    )
    assert made is not None
    assert torch.equal(made[1].detach(), model[0](inputs).detach())
