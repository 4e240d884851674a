"""Crops give what the whole input gives, wherever the window lies; what is not local is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, fx, nn

from explain.locality import Reach, localise
from explain.windows import Windows


class Residual(nn.Module):
    """Two convolutions beside a shortcut, as in ResNet."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(before, width, 3, stride=stride, padding=1)
        self.two = nn.Conv2d(width, width, 3, padding=1)
        self.short = nn.Conv2d(before, width, 1, stride=stride)
        self.relu = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        deep: Tensor = self.two(self.relu(self.one(features)))
        found: Tensor = self.relu(deep + self.short(features))
        return found


def network(kernel: int, stride: int, padding: int, dilation: int, pool: nn.Module) -> nn.Module:
    torch.manual_seed(kernel * 7 + stride)
    return nn.Sequential(
        nn.Conv2d(2, 8, kernel, stride=stride, padding=padding, dilation=dilation),
        nn.ReLU(),
        pool,
        Residual(8, 8, 1),
        Residual(8, 8, 2),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(8, 3),
    ).eval()


POOLS: dict[str, Callable[[], nn.Module]] = {
    "max": lambda: nn.MaxPool2d(3, 2, 1),
    "mean": lambda: nn.AvgPool2d(2),
    "none": nn.Identity,
}


def compare(model: nn.Module, whole: Tensor, window: int, stride: int) -> float:
    """The largest difference between crops and the whole, over all windows."""
    windows = Windows(tuple(whole.shape[2:]), window, stride)
    places = [windows.place(cell) for cell in windows.cells]
    with torch.inference_mode():
        local = localise(fx.symbolic_trace(model), whole, places)
        assert local is not None, "nothing was saved, so nothing would be compared"
        worst = float((local([()], whole) - model(whole)).abs().max())
        for place in [*places[:: len(places) // 9 or 1], places[-1]]:
            covered = cover(whole, place)
            worst = max(worst, float((local([place], covered) - model(covered)).abs().max()))
    return worst


def cover(whole: Tensor, place: tuple[slice, ...]) -> Tensor:
    covered = whole.clone()
    covered[(slice(None), slice(None), *place)] = 0.25
    return covered


@given(
    kernel=st.tuples(
        st.sampled_from([1, 3, 5, 7]), st.integers(1, 3), st.integers(0, 3), st.integers(1, 2)
    ),
    pool=st.sampled_from(sorted(POOLS)),
    rows=st.integers(60, 80),
    columns=st.integers(60, 80),
)
@settings(max_examples=12, deadline=None, derandomize=True)
def test_crops_give_what_the_whole_gives(
    kernel: tuple[int, int, int, int], pool: str, rows: int, columns: int
) -> None:
    model = network(*kernel, POOLS[pool]())
    whole = torch.rand(1, 2, rows, columns, generator=torch.Generator().manual_seed(rows))
    assert compare(model, whole, 7, 6) < 1e-5


def test_volumes_too() -> None:
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv3d(1, 4, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool3d(2),
        nn.Conv3d(4, 4, 3, padding=1),
        nn.AdaptiveAvgPool3d(1),
        nn.Flatten(),
        nn.Linear(4, 2),
    ).eval()
    assert compare(model, torch.rand(1, 1, 20, 26, 22), 6, 5) < 1e-5


def test_several_windows_in_one_pass() -> None:
    model = network(3, 1, 1, 1, nn.MaxPool2d(2))
    whole = torch.rand(1, 2, 96, 96)
    windows = Windows((96, 96), 12, 12)
    places = [windows.place(cell) for cell in windows.cells]
    with torch.inference_mode():
        local = localise(fx.symbolic_trace(model), whole, places)
        assert local is not None
        covered = [cover(whole, place) for place in places[:9]]
        one_by_one = torch.cat(
            [local([place], one) for place, one in zip(places, covered, strict=False)]
        )
        together = local([(), *places[:9]], torch.cat([whole, *covered]))
    assert torch.allclose(together[1:], one_by_one, atol=1e-6)
    assert torch.allclose(together[0], model(whole)[0], atol=1e-6)


class Attention(nn.Module):
    """Every output sees every input from the first step on."""

    def forward(self, features: Tensor) -> Tensor:
        return features * features.mean(dim=(2, 3), keepdim=True)


@pytest.mark.parametrize(
    "first",
    [
        Attention(),
        nn.Conv2d(2, 2, 3, padding="same"),
        nn.Conv2d(2, 2, 3, padding=1, padding_mode="reflect"),
        nn.InstanceNorm2d(2),
        nn.MaxPool2d(2, ceil_mode=True),
    ],
)
def test_what_is_not_known_to_be_local_is_not_cut(first: nn.Module) -> None:
    model = nn.Sequential(first, nn.Conv2d(2, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    windows = Windows((64, 64), 8, 8)
    places = [windows.place(cell) for cell in windows.cells]
    with torch.inference_mode():
        assert localise(fx.symbolic_trace(model), torch.rand(1, 2, 64, 64), places) is None
        assert localise(model, torch.rand(1, 2, 64, 64), places) is None


def test_reach_by_hand() -> None:
    # A 7 × 7 kernel, stride 2, padding 3: output p sees inputs 2p - 3 to 2p + 3.
    reach = Reach(2, -3, 3)
    assert reach.outputs(10, 10, 100) == (4, 6)
    assert reach.outputs(0, 0, 100) == (0, 1)
    assert reach.outputs(198, 199, 100) == (98, 99)
