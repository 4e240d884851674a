"""The fast copy answers as the network does, and many masked inputs are scored as one by one."""

from __future__ import annotations

import copy
import operator
import threading
from collections import Counter
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional
from torchvision import models

from explain.fast_copy import fast_copy, order
from explain.features import Features
from explain.fused import Fused, fused
from explain.perturbed import Hiding, Perturbed, stopped_after
from explain.question import Question
from explain.superpixels import grid
from explain.tracing import follow
from inference.errors import NumbersError
from inference.task import Task
from tests.explain.networks import first_output, small_cnn


def question(model: nn.Module, inputs: Tensor, *, batch: int = 0, task: Task | None = None) -> Any:
    return Question(
        model,
        inputs,
        torch.full_like(inputs, 0.5),
        first_output,
        float(first_output(model(inputs))),
        {"batch": batch},
        None,
        task or Task(),
        lambda make: None,
    )


class Twice(nn.Module):
    """One convolution that is called twice, each time with another norm after it."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(2, 2, 3, padding=1)
        self.one, self.two = nn.BatchNorm2d(2), nn.BatchNorm2d(2)
        self.bias = nn.Parameter(torch.tensor(0.3))

    def forward(self, inputs: Tensor) -> Tensor:
        features = functional.relu(self.one(self.convolution(inputs)))
        found: Tensor = self.two(self.convolution(features)).mean(dim=(2, 3)) + self.bias
        return found


class Apart(nn.Module):
    """What a convolution gives is used before and after its norm."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution, self.norm = nn.Conv2d(2, 2, 3), nn.BatchNorm2d(2)

    def forward(self, inputs: Tensor) -> Tensor:
        features = self.convolution(inputs)
        found: Tensor = (features + self.norm(features)).mean(dim=(2, 3))
        return found


class Deciding(nn.Module):
    """Cannot be followed: its way depends on its input."""

    def __init__(self) -> None:
        super().__init__()
        self.inner, _ = small_cnn((9, 9))

    def forward(self, batch: Tensor) -> Tensor:
        answer: Tensor = self.inner(batch)
        return answer if float(batch.sum()) > -1e9 else -answer


class Sizes(nn.Module):
    """Followed, but wrongly: the shape of the input that was followed stays in the graph."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def forward(self, inputs: Tensor) -> Tensor:
        self.calls += 1
        return inputs.mean(dim=(2, 3)) * (2 if self.calls % 2 else 1)


def normed(model: nn.Module) -> nn.Module:
    """With norms that do something."""
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm2d, nn.BatchNorm3d)):
                for tensor in (module.running_mean, module.running_var, module.weight):
                    if tensor is not None:
                        tensor.copy_(torch.rand(tensor.shape, generator=generator) + 0.5)
    return model.eval().requires_grad_(requires_grad=False)


NETWORKS: dict[str, Any] = {
    "resnet18": (lambda: models.resnet18(num_classes=5), (1, 3, 32, 32)),
    "densenet121": (lambda: models.densenet121(num_classes=5), (1, 3, 32, 32)),
    "mobilenet_v3": (lambda: models.mobilenet_v3_small(num_classes=5), (1, 3, 32, 32)),
    "mobilenet_v2": (lambda: models.mobilenet_v2(num_classes=5), (1, 3, 32, 32)),
    "r3d_18": (lambda: models.video.r3d_18(num_classes=5), (1, 3, 4, 16, 16)),
    "twice": (Twice, (1, 2, 12, 12)),
    "apart": (Apart, (1, 2, 12, 12)),
    "deciding": (Deciding, (1, 2, 9, 9)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_the_fast_copy_answers_as_the_network(name: str) -> None:
    build, size = NETWORKS[name]
    torch.manual_seed(0)
    model = normed(build())
    before = copy.deepcopy(model.state_dict())
    inputs = torch.randn(3, *size[1:], generator=torch.Generator().manual_seed(1))
    copied = fast_copy(model)
    assert all(torch.equal(one, before[key]) for key, one in model.state_dict().items())
    assert all(one.is_contiguous() for one in model.state_dict().values())
    with torch.inference_mode():
        torch.testing.assert_close(copied(inputs), model(inputs), rtol=1e-4, atol=1e-4)
    if name in ("resnet18", "twice"):
        assert not any(isinstance(module, nn.BatchNorm2d) for module in copied.modules())


FUSED = {"resnet18": 20, "mobilenet_v2": 52, "mobilenet_v3": 52, "r3d_18": 20, "apart": 1}
"""How many convolutions each has; a ReLU that belongs to one of them is gone."""


@pytest.mark.parametrize("name", FUSED)
@pytest.mark.parametrize("batch", [1, 4])
def test_convolutions_end_with_what_follows_them(name: str, batch: int) -> None:
    build, size = NETWORKS[name]
    torch.manual_seed(0)
    model = normed(build())
    inputs = torch.randn(3, *size[1:], generator=torch.Generator().manual_seed(1))
    inputs = inputs.contiguous(memory_format=order(inputs))
    copied = fast_copy(model)
    assert isinstance(copied, fx.GraphModule)
    with torch.inference_mode():
        made = fused(copied, inputs[:1], batch)
        torch.testing.assert_close(made(inputs), model(inputs), rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(made(inputs[:1]), model(inputs[:1]), rtol=1e-4, atol=1e-4)
    kinds = Counter(type(module) for module in made.modules())
    assert kinds[Fused] == FUSED[name]
    if name in ("resnet18", "r3d_18", "mobilenet_v2"):
        assert not {nn.ReLU, nn.ReLU6} & set(kinds)
    if name == "resnet18":
        assert not any(node.target in (operator.add, operator.iadd) for node in made.graph.nodes)


def test_what_the_operation_cannot_do_stays_as_it_is() -> None:
    model, inputs = small_cnn((9, 9))
    copied = fast_copy(model.double())
    assert isinstance(copied, fx.GraphModule)
    assert fused(copied, inputs.double(), 1) is copied


def test_a_copy_that_answers_otherwise_is_not_used() -> None:
    """A network that counts its calls is followed with the count it had then."""
    model = Sizes().eval()
    asked = question(model, torch.ones(1, 2, 4, 4))
    assert Perturbed(asked).value == pytest.approx(asked.value)


@pytest.mark.parametrize("size", [(11, 14), (6, 7, 8)])
@pytest.mark.parametrize("batch", [1, 3, 0])
@pytest.mark.parametrize("alone", [True, False])
def test_masked_inputs_are_scored_as_one_by_one(
    size: tuple[int, ...], batch: int, alone: bool
) -> None:
    model, inputs = small_cnn(size)
    labels = grid(size, 9)
    count = int(labels.max()) + 1
    kept = ~np.eye(count, dtype=bool)
    kept[0] = True
    if not alone:
        kept = np.random.default_rng(0).random((20, count)) < 0.5
    asked = question(model, inputs, batch=batch)
    hiding = Hiding(asked, Features(labels), one_by_one=alone)
    found = np.concatenate(list(hiding.scores(kept)))
    for row, score in zip(kept, found, strict=True):
        there = torch.from_numpy(row[labels])
        changed = torch.where(there, inputs, torch.full_like(inputs, 0.5))
        assert score == pytest.approx(float(first_output(model(changed))), abs=1e-5)
    assert hiding.value == pytest.approx(asked.value, abs=1e-5)
    assert asked.guard.passes == len(kept) + 1


def test_batches_depend_on_size_and_work_alone() -> None:
    small, inputs = small_cnn((16, 16))
    assert Perturbed(question(small, inputs)).batch == 64
    assert Perturbed(question(small, inputs, batch=5)).batch == 5
    torch.manual_seed(0)
    large = models.resnet18(num_classes=5).eval().requires_grad_(requires_grad=False)
    first = Perturbed(question(large, torch.zeros(1, 3, 224, 224)))
    # 3.6e9 operations each; 3e10 fit.
    assert first.batch == 8


def test_a_pass_with_values_that_are_no_numbers_is_refused() -> None:
    class Root(nn.Module):
        def forward(self, inputs: Tensor) -> Tensor:
            return inputs.mean(dim=(1, 2, 3))[:, None].sqrt()

    asked = question(Root(), torch.ones(1, 1, 4, 4))
    with pytest.raises(NumbersError):
        Perturbed(asked).score(torch.full((2, 1, 4, 4), -1.0))


def test_it_ends_after_the_first_pass_where_it_is_asked_to_stop() -> None:
    model, inputs = small_cnn((12, 12))
    task = Task()
    hiding = Hiding(question(model, inputs, batch=4, task=task), Features(grid((12, 12), 9)))
    task.stop()
    assert [len(some) for some in hiding.scores(np.ones((10, 9), dtype=bool))] == [4]


def test_what_was_left_out_is_said_with_numbers() -> None:
    assert stopped_after(312, 1000, "samples") == ("Stopped after 312 of 1,000 samples.",)
    assert stopped_after(1000, 1000, "samples") == ()


def test_places_and_centres_of_features_by_hand() -> None:
    features = Features(np.array([[0, 0, 1], [2, 0, 1]]))
    assert features.count == 3
    assert features.places[0] == (slice(0, 2), slice(0, 2))
    assert features.places[1] == (slice(0, 2), slice(2, 3))
    assert features.centres.tolist() == [[1 / 3, 2 / 3], [0.5, 2.0], [1.0, 0.0]]
    assert features.sums(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])).tolist() == [8.0, 9.0, 4.0]
    laid = features.over(np.array([7.0, 8.0, 9.0]), torch.zeros(1))
    assert laid.tolist() == [[[7.0, 7.0, 8.0], [9.0, 7.0, 8.0]]]


def test_other_threads_go_on_while_a_network_is_followed() -> None:
    """torch.fx replaces nn.Module.__call__ for all threads as long as it follows one network."""
    followed = models.resnet18(num_classes=5).eval()
    used, inputs = small_cnn((9, 9))
    expected = used(inputs)
    ended = threading.Event()
    wrong: list[str] = []
    passes = 0

    def use() -> None:
        nonlocal passes
        while not ended.is_set():
            try:
                wrong.extend([] if torch.equal(used(inputs), expected) else ["another answer"])
            except NameError as error:
                wrong.append(str(error))
            passes += 1

    thread = threading.Thread(target=use)
    thread.start()
    graphs = [follow(followed) for _ in range(20)]
    ended.set()
    thread.join()
    assert all(isinstance(graph, fx.Graph) for graph in graphs)
    assert passes > 0
    assert wrong == []
