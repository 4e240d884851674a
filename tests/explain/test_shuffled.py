"""Networks that forgot: the same values in another order, from the output down."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from explain.shuffled import owners, shuffled, stages
from tests.explain.networks import small_cnn
from tests.explain.test_traces import fingerprint


class Reversed(nn.Module):
    """Its parts are kept in the other order than a pass meets them, and one is never met."""

    def __init__(self) -> None:
        super().__init__()
        self.idle = nn.Linear(3, 3)
        self.last = nn.Linear(4, 2)
        self.first = nn.Linear(3, 4)
        self.scale = nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.last(self.first(inputs * self.scale))
        return answer


def test_owners_stand_in_the_order_of_the_pass() -> None:
    model = Reversed()
    before = fingerprint(model)
    assert owners(model, lambda: model(torch.zeros(1, 3))) == ["idle", "", "first", "last"]
    assert fingerprint(model) == before
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_no_hook_is_left_by_a_pass_that_raises() -> None:
    model = Reversed()
    with pytest.raises(RuntimeError):
        owners(model, lambda: model(torch.zeros(1, 5)))
    assert not any(module._forward_pre_hooks for module in model.modules())


def test_shuffling_moves_values_and_makes_none() -> None:
    model, _ = small_cnn((8, 8))
    before = fingerprint(model)
    names = owners(model, lambda: None)
    other = shuffled(model, names, seed=1)
    assert fingerprint(model) == before
    for (name, one), two in zip(
        model.state_dict().items(), other.state_dict().values(), strict=True
    ):
        assert torch.equal(one.flatten().sort().values, two.flatten().sort().values), name
    moved = [
        not torch.equal(one, two)
        for one, two in zip(model.parameters(), other.parameters(), strict=True)
    ]
    assert sum(moved) >= len(moved) - 1


def test_each_stage_leaves_the_one_before_as_it_was() -> None:
    model, _ = small_cnn((8, 8))
    part = shuffled(model, ["line"], seed=3).state_dict()
    more = shuffled(model, ["second", "line"], seed=3).state_dict()
    again = shuffled(model, ["second", "line"], seed=3).state_dict()
    other = shuffled(model, ["second", "line"], seed=4).state_dict()
    assert torch.equal(part["line.weight"], more["line.weight"])
    assert torch.equal(part["second.weight"], model.state_dict()["second.weight"])
    assert not torch.equal(more["second.weight"], part["second.weight"])
    assert all(torch.equal(more[name], again[name]) for name in more)
    assert not torch.equal(more["line.weight"], other["line.weight"])


@pytest.mark.parametrize(
    ("count", "most", "expected"),
    [(3, 8, [1, 2, 3]), (16, 4, [4, 8, 12, 16]), (10, 4, [3, 5, 8, 10]), (1, 8, [1])],
)
def test_stages_are_even_and_end_with_all(count: int, most: int, expected: list[int]) -> None:
    found = stages([""] * count, most)
    assert found == expected
    assert all(one < other for one, other in pairwise([0, *found]))
