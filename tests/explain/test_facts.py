"""What a trial pass shows of networks of all kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from explain.facts import examine
from explain.records import InputKind
from tests.explain.networks import small_cnn
from tests.explain.test_traces import fingerprint


class FunctionalCnn(nn.Module):
    """Activations as functions and methods; one of them in place."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, 3, 3), nn.Conv2d(3, 3, 3)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, inputs: Tensor) -> Tensor:
        features = functional.gelu(self.first(inputs)).relu_()
        features = self.relu(self.second(torch.sigmoid(features)))
        answer: Tensor = features.tanh().mean(dim=(2, 3))
        return answer


class Deciding(nn.Module):
    """Its way depends on its input: nothing traces it."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(64, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.line(inputs.flatten(1))
        return answer if float(inputs.detach().sum()) > 0 else -answer


class Words(nn.Module):
    """Embeds token ids and places, then a recurrent layer or attention, and a line."""

    def __init__(self, recurrent: bool) -> None:
        super().__init__()
        self.places = nn.Embedding(12, 8)
        self.words = nn.Embedding(20, 8)
        self.inner: nn.Module = (
            nn.LSTM(8, 8, batch_first=True)
            if recurrent
            else nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        )
        self.line = nn.Linear(8, 2)

    def forward(self, ids: Tensor) -> Tensor:
        mixed = self.inner(self.places(torch.arange(ids.shape[1])[None]) + self.words(ids))
        features: Tensor = mixed[0] if isinstance(mixed, tuple) else mixed
        answer: Tensor = self.line(features.mean(dim=1))
        return answer


class Detecting(nn.Module):
    """Finds as many things as it likes, in a list of dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 4, 3)

    def forward(self, inputs: Tensor) -> list[dict[str, Tensor]]:
        scores: Tensor = self.convolution(inputs).flatten(2).amax(dim=2)
        return [{"boxes": torch.zeros(int((one > 0).sum()), 4), "scores": one} for one in scores]


class Rounding(nn.Module):
    def forward(self, inputs: Tensor) -> Tensor:
        return inputs.round().flatten(1)[:, :2]


class Refusing(torch.autograd.Function):
    """Has no way back."""

    @staticmethod
    def forward(ctx: Any, inputs: Tensor) -> Tensor:
        return inputs.clone()


class Irreversible(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 2, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        forward: Any = Refusing.apply
        answer: Tensor = forward(self.convolution(inputs)).mean(dim=(2, 3))
        return answer


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


IDS = torch.tensor([[3, 7, 1, 1, 9, 4]])
PICTURE = noise(1, 1, 8, 8)


@dataclass
class Sample:
    make: Callable[[], nn.Module]
    inputs: Tensor
    expected: dict[str, Any]
    kind: InputKind = "image"
    score: Callable[[Any], Tensor] = field(default=lambda output: output[:, 0])


def traced_by_torchscript() -> nn.Module:
    trace: Any = torch.jit.trace
    with pytest.warns(FutureWarning, match="torch.jit.trace"):
        made: nn.Module = trace(small_cnn((8, 8), channels=1)[0], PICTURE)
    return made


SAMPLES: dict[str, Sample] = {
    "modules": Sample(
        lambda: small_cnn((8, 8))[0],
        noise(1, 2, 8, 8),
        {
            "size": (8, 8),
            "channels": 2,
            "rectifiers": 1,
            "activations": 2,
            "traced": True,
            "differentiable": True,
            "sudden": False,
            "compiled": False,
            "quantised": False,
            "half": False,
            "recurrent": False,
        },
    ),
    "functions": Sample(FunctionalCnn, PICTURE, {"rectifiers": 1, "activations": 5}),
    "a volume": Sample(
        lambda: small_cnn((6, 7, 8))[0], noise(1, 2, 6, 7, 8), {"size": (6, 7, 8)}, "volume"
    ),
    "no way to trace": Sample(Deciding, PICTURE, {"traced": False, "layers": ()}),
    "instance norm": Sample(
        lambda: nn.Sequential(
            nn.InstanceNorm2d(1), nn.Conv2d(1, 2, 8), nn.Flatten(), nn.Linear(2, 2)
        ),
        PICTURE,
        {"sudden": True, "differentiable": True},
    ),
    "no gradient": Sample(Rounding, PICTURE, {"differentiable": False}),
    "no way back": Sample(Irreversible, PICTURE, {"differentiable": False}),
    "TorchScript": Sample(
        traced_by_torchscript, PICTURE, {"compiled": True, "layers": (), "differentiable": True}
    ),
    "half precision": Sample(
        lambda: small_cnn((8, 8))[0].to(torch.bfloat16),
        noise(1, 2, 8, 8).to(torch.bfloat16),
        {"half": True, "differentiable": True},
    ),
    "a recurrent network over tokens": Sample(
        lambda: Words(recurrent=True),
        IDS,
        {
            "size": (6,),
            "channels": 1,
            "recurrent": True,
            "embedding": "words",
            "differentiable": True,
            "attention": (),
        },
        "tokens",
    ),
    "a transformer over tokens": Sample(
        lambda: Words(recurrent=False),
        IDS,
        {
            "recurrent": False,
            "embedding": "words",
            "attention": ("inner.self_attn",),
            "activations": 1,
            "differentiable": True,
        },
        "tokens",
    ),
    "a table": Sample(
        lambda: nn.Sequential(nn.Linear(5, 4), nn.Sigmoid(), nn.Linear(4, 2)),
        noise(1, 5),
        {"size": (5,), "layers": (), "channels": 1, "activations": 1, "differentiable": True},
        "table",
    ),
    "detections": Sample(
        Detecting,
        PICTURE,
        {"differentiable": True, "sudden": False},
        score=lambda output: torch.stack([one["scores"].max() for one in output]),
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_facts(name: str) -> None:
    sample = SAMPLES[name]
    torch.manual_seed(2)
    model = sample.make().eval()
    before = fingerprint(model)
    found = examine(
        model, sample.inputs, sample.score, torch.zeros_like(sample.inputs), sample.kind
    )
    shown = {key: getattr(found, key) for key in sample.expected}
    assert shown == sample.expected
    assert found.kind == sample.kind
    assert fingerprint(model) == before


def test_whole_numbers_among_the_weights_are_quantised() -> None:
    model, inputs = small_cnn((8, 8))
    model.register_buffer("packed", torch.zeros(3, dtype=torch.int8))
    found = examine(model, inputs, lambda output: output[:, 0], torch.zeros_like(inputs), "image")
    assert found.quantised
