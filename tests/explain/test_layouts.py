"""How what a layer gives lies over the input."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from explain.layouts import Place, Surveyor, cells
from tests.explain.layered_networks import every_layout


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    size=st.one_of(st.tuples(*[st.integers(16, 256)] * 2), st.tuples(*[st.integers(16, 64)] * 3)),
    step=st.integers(1, 4),
    channels=st.integers(1, 2000),
)
def test_pictures_are_told_apart_by_arithmetic(
    size: tuple[int, ...], step: int, channels: int
) -> None:
    """Channels that are as many as there are cells along a side could lie either way."""
    native = tuple(-(-length // step) for length in size)
    assume(min(native) >= 4 and min(abs(channels - cells) for cells in native) > 5)
    layer = nn.Identity()
    first = Surveyor(size).place((1, channels, *native), layer)
    assert first == Place("channels first", native)
    last = Surveyor(size).place((1, *native, channels), layer)
    if len(size) == 2 or channels > max(size) + 2:
        assert last == Place("channels last", native)


@pytest.mark.parametrize("layout", ["last", "tokens"])
def test_cells_are_the_same_in_every_layout(layout: str) -> None:
    model, inputs, layers = every_layout()
    given: dict[str, Tensor] = {}
    for name, layer in layers.items():
        module = model.get_submodule(name)
        handle = module.register_forward_hook(
            lambda module, inputs, output, layer=layer: given.update(
                {layer.name: cells(output, layer)}
            )
        )
        model(inputs)
        handle.remove()
    assert given["first"].shape == (1, 4, 3, 5)
    assert torch.equal(given[layout], given["first"])
