"""The rule of each kind of module: by hand, and that no contribution is lost."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from explain.call_modules import LogSumExp, MatrixProduct, Product
from explain.module_rules import under_rules
from explain.rescale_rules import RULES, rule_of


def multipliers(module: nn.Module, *both: Tensor, weights: Tensor | None = None) -> list[Tensor]:
    """What arrives at each input [2N, …] from a sum of the outputs, weighted or not."""
    leaves = [one.clone().requires_grad_() for one in both]
    with under_rules(module, rule_of, 2):
        output = module(*leaves)
        assert torch.equal(output, module.forward(*both))
        total = (output if weights is None else output * weights).sum()
        return list(torch.autograd.grad(total, leaves))


def column(*values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


def normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


@pytest.mark.parametrize(
    ("module", "there", "here", "expected"),
    [
        (nn.ReLU(), 3.0, -1.0, 3 / 4),
        (nn.ReLU6(), 8.0, 2.0, 4 / 6),
        (nn.Hardsigmoid(), 3.0, 0.0, 0.5 / 3),
        (nn.Hardswish(), 1.0, -1.0, (4 / 6 + 2 / 6) / 2),
        (nn.PReLU(init=0.25).double().requires_grad_(requires_grad=False), 2.0, -2.0, 2.5 / 4),
        (nn.GELU(), 2.0, -1.0, (2 * normal(2) + normal(-1)) / 3),
        (nn.SiLU(), 2.0, -1.0, (2 / (1 + math.exp(-2)) + 1 / (1 + math.e)) / 3),
        (nn.SiLU(), 0.0, 0.0, 0.5),  # no change: the slope
        (nn.Tanh(), 1.0, 1.0 + 1e-9, 1 - math.tanh(1) ** 2),  # rounding: the slope
    ],
)
def test_a_function_of_one_number_by_hand(
    module: nn.Module, there: float, here: float, expected: float
) -> None:
    (found,) = multipliers(module, column(there, here))
    assert found.flatten().tolist() == pytest.approx([expected, expected], abs=1e-8)


def rows(*values: tuple[float, ...]) -> Tensor:
    return torch.tensor(values, dtype=torch.float64)[:, None]


@pytest.mark.parametrize(
    ("there", "here", "expected"),
    [
        # Both windows have their maximum at the middle: 3 + 3 of a change of 3.
        ((1.0, 3.0, 2.0), (0.0, 0.0, 0.0), (0.0, 2.0, 0.0)),
        # The baseline's maximum was greater: (1 − 2) + (0 − 2) of a change of −2, at its place.
        ((1.0, 0.0, 0.0), (0.0, 2.0, 0.0), (0.0, 1.5, 0.0)),
        # One window each: 4 − 1 of a change of 4 at the first place; 1 − 3 of −3 at the last.
        ((4.0, 1.0, 0.0), (0.0, 1.0, 3.0), (0.75, 0.0, 2 / 3)),
    ],
)
def test_windows_that_overlap_by_hand(
    there: tuple[float, ...], here: tuple[float, ...], expected: tuple[float, ...]
) -> None:
    (found,) = multipliers(nn.MaxPool1d(2, stride=1), rows(there, here))
    assert found[0, 0].tolist() == pytest.approx(expected)
    assert torch.equal(found[0], found[1])


def test_products_by_hand() -> None:
    """3 · 5 − 1 · 2 = (3 − 1) · 3.5 + (5 − 2) · 2."""
    found = multipliers(Product(), column(3, 1), column(5, 2))
    assert [one[0].item() for one in found] == [3.5, 2.0]


def test_softmax_of_two_is_a_sigmoid() -> None:
    """With the other logit held, softmax is the sigmoid of the difference."""
    both = torch.tensor([[2.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)
    (found,) = multipliers(nn.Softmax(1), both, weights=torch.tensor([1.0, 0.0]))
    sigmoid = [1 / (1 + math.exp(-x)) for x in (2, -1)]
    assert found[0].tolist() == pytest.approx(
        [(sigmoid[0] - sigmoid[1]) / 3 * sign for sign in (1, -1)]
    )


def test_softmax_of_logits_far_apart() -> None:
    both = torch.tensor([[300.0, 0.0], [0.0, 300.0]])
    (found,) = multipliers(nn.Softmax(1), both, weights=torch.tensor([1.0, 0.0]))
    assert float(((both[0] - both[1]) * found[0]).sum()) == pytest.approx(1.0)


def norm(module: nn.Module) -> nn.Module:
    """With gains and offsets that are not all alike."""
    for number, parameter in enumerate(module.parameters()):
        generator = torch.Generator().manual_seed(number)
        parameter.data = torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return module.requires_grad_(requires_grad=False)


PICTURE = (4, 6, 5)
CASES: dict[type[nn.Module], tuple[nn.Module, tuple[tuple[int, ...], ...]]] = {
    nn.PReLU: (nn.PReLU(4).double().requires_grad_(requires_grad=False), (PICTURE,)),
    nn.Threshold: (nn.Threshold(0.3, -0.2), (PICTURE,)),
    nn.RReLU: (nn.RReLU().eval(), (PICTURE,)),
    nn.MaxPool1d: (nn.MaxPool1d(3, 2, 1), ((4, 9),)),
    nn.MaxPool2d: (nn.MaxPool2d(3, 2, 1, ceil_mode=True), (PICTURE,)),
    nn.MaxPool3d: (nn.MaxPool3d(3, 1, dilation=2), ((2, 6, 7, 5),)),
    nn.AdaptiveMaxPool1d: (nn.AdaptiveMaxPool1d(4), ((4, 9),)),
    nn.AdaptiveMaxPool2d: (nn.AdaptiveMaxPool2d((4, 3)), (PICTURE,)),
    nn.AdaptiveMaxPool3d: (nn.AdaptiveMaxPool3d(2), ((2, 3, 4, 5),)),
    nn.LayerNorm: (norm(nn.LayerNorm((6, 5))), (PICTURE,)),
    nn.GroupNorm: (norm(nn.GroupNorm(2, 4)), (PICTURE,)),
    nn.InstanceNorm1d: (nn.InstanceNorm1d(4), ((4, 9),)),
    nn.InstanceNorm2d: (norm(nn.InstanceNorm2d(4, affine=True)), (PICTURE,)),
    nn.InstanceNorm3d: (nn.InstanceNorm3d(2), ((2, 3, 4, 5),)),
    Product: (Product(), (PICTURE, (4, 1, 1))),
    MatrixProduct: (MatrixProduct(), ((3, 5, 4), (3, 4, 2))),
    nn.Softmax: (nn.Softmax(1), (PICTURE,)),
    nn.LogSoftmax: (nn.LogSoftmax(2), (PICTURE,)),
    LogSumExp: (LogSumExp((2, 3)), (PICTURE,)),
}


@pytest.mark.parametrize("kind", RULES, ids=lambda kind: kind.__name__)
@settings(max_examples=8, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**16), size=st.sampled_from([0.1, 1.0, 10.0]))
def test_no_contribution_is_lost(kind: type[nn.Module], seed: int, size: float) -> None:
    """Σ m · Δinput is the change of any weighted sum of the outputs, for two pairs at once."""
    module, shapes = CASES.get(kind) or (kind(), (PICTURE,))
    generator = torch.Generator().manual_seed(seed)
    both = [
        torch.randn(4, *shape, generator=generator, dtype=torch.float64) * size for shape in shapes
    ]
    output = module(*both)
    weights = torch.randn(output.shape[1:], generator=generator, dtype=torch.float64)
    found = multipliers(module, *both, weights=weights)
    sums = torch.zeros(2, dtype=torch.float64)
    for values, multiplier in zip(both, found, strict=True):
        (there, here), (first, second) = values.chunk(2), multiplier.chunk(2)
        assert torch.equal(first, second)
        sums += ((there - here) * first).flatten(1).sum(dim=1)
    there, here = (output * weights).flatten(1).sum(dim=1).chunk(2)
    assert sums.tolist() == pytest.approx((there - here).tolist(), abs=1e-9 * max(1.0, size))


def test_what_is_linear_for_a_fixed_model_has_no_rule() -> None:
    tracked = nn.InstanceNorm2d(3, track_running_stats=True)
    for module in (
        nn.BatchNorm2d(3),
        tracked,
        nn.AvgPool2d(2),
        nn.MaxPool2d(2, return_indices=True),
    ):
        assert rule_of(module) is None


def test_a_module_is_as_before_however_the_block_ends() -> None:
    module = nn.Sequential(nn.GELU(), nn.ReLU())
    before = [dict(one.__dict__) for one in module.modules()]
    with pytest.raises(ValueError, match="anything"), under_rules(module, rule_of):
        raise ValueError("anything")
    assert [one.__dict__ for one in module.modules()] == before


def test_a_first_axis_that_is_no_batch_takes_no_rule() -> None:
    """Sequences that come first, as recurrent layers have them, cannot be halved."""
    leaf = torch.randn(7, 2, 3, requires_grad=True)
    module = nn.GELU()
    (plain,) = torch.autograd.grad(module(leaf).sum(), leaf)
    with under_rules(module, rule_of, 2):
        (found,) = torch.autograd.grad(module(leaf).sum(), leaf)
    assert torch.equal(found, plain)
