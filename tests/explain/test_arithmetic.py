"""The plain arithmetic of explanations: gradients that exist, and switches put back."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional

from explain.arithmetic import plain_arithmetic


def switches() -> list[object]:
    cudnn = torch.backends.cudnn
    cuda: Any = torch.backends.cuda  # these say no types
    return [
        *(cudnn.enabled, cudnn.deterministic, cudnn.benchmark, cudnn.allow_tf32),
        torch.backends.mha.get_fastpath_enabled(),
        *(cuda.flash_sdp_enabled(), cuda.mem_efficient_sdp_enabled(), cuda.math_sdp_enabled()),
    ]


def test_switches_are_put_back_however_it_ends() -> None:
    before = switches()
    with plain_arithmetic(nn.Identity()):
        assert switches() == [True, True, False, False, False, False, False, True]
    assert switches() == before
    with pytest.raises(ValueError, match="broken"), plain_arithmetic(nn.LSTM(2, 2)):
        raise ValueError("broken")
    assert switches() == before


@pytest.mark.parametrize(
    ("model", "enabled"),
    [
        (nn.Linear(2, 2), True),
        (nn.Sequential(nn.Linear(2, 2), nn.GRU(2, 2)), False),
        (nn.LSTM(2, 2), False),
    ],
)
def test_cudnn_is_off_around_recurrent_layers(model: nn.Module, enabled: bool) -> None:
    with plain_arithmetic(model):
        assert torch.backends.cudnn.enabled == enabled


def test_attention_is_written_out() -> None:
    """A fused kernel shows as one operation of its own; the math path as its matrix products."""
    query = torch.rand(1, 2, 5, 8, requires_grad=True)
    fused = functional.scaled_dot_product_attention(query, query, query)
    with plain_arithmetic(nn.Identity()):
        plain = functional.scaled_dot_product_attention(query, query, query)
    assert "ScaledDotProduct" in type(fused.grad_fn).__name__
    assert "ScaledDotProduct" not in type(plain.grad_fn).__name__
    assert torch.allclose(fused, plain, atol=1e-6)


def test_hooks_see_the_attention_of_an_evaluating_encoder() -> None:
    encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True).eval()
    encoder.requires_grad_(requires_grad=False)
    seen: list[str] = []
    encoder.linear1.register_forward_hook(lambda *of_call: seen.append("linear1"))
    encoder.self_attn.register_forward_hook(lambda *of_call: seen.append("attention"))
    with torch.no_grad(), plain_arithmetic(encoder):
        encoder(torch.rand(1, 3, 8))
    assert seen == ["attention", "linear1"]
