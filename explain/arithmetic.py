"""How explanations are computed: the plain way, which repeats and whose gradients exist."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel


@contextmanager
def plain_arithmetic(model: nn.Module) -> Iterator[None]:
    """Within it gradients of `model` are deterministic, whole, and seen by hooks.

    cuDNN picks one algorithm and does not round factors to TF32's 10 bits; it is off where the
    model has recurrent layers, since it keeps no gradient for those of an evaluating model.
    Attention is written out (the math path): fused kernels have no second derivative, add up in
    an order of their own, and the fast path of nn.MultiheadAttention passes its modules by.
    """
    recurrent = any(isinstance(module, nn.RNNBase) for module in model.modules())
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with (
            torch.backends.cudnn.flags(
                enabled=not recurrent, deterministic=True, benchmark=False, allow_tf32=False
            ),
            sdpa_kernel(SDPBackend.MATH),
        ):
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
