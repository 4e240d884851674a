"""Prediction: answers by hand, batches within memory, and nothing drawn that is no number."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from inference.architectures import table
from inference.architectures.arguments import Arguments
from inference.cards import ModelCard
from inference.errors import NumbersError, UserError
from inference.predict import Network, is_exhausted, predict
from inference.provenance import LEPTON_VERSION
from inference.records import Frame, Prediction, affine_of
from inference.requests import PredictRequest
from inference.task import Cancelled, Task
from inference.tasks.answer import sigmoid, softmax
from tests.sample_models import CARD, VOLUME_CARD, install

TINY = replace(CARD, architecture="tiny", arguments=(), size=(2, 2))


class Sums(nn.Module):
    """Logits of a picture or volume: minus the sum of its numbers, and the sum."""

    def __init__(self, sign: float = 1.0) -> None:
        super().__init__()
        self.sign = nn.Parameter(torch.tensor(sign))

    def forward(self, entry: torch.Tensor) -> torch.Tensor:
        total = self.sign * entry.flatten(1).sum(dim=1)
        return torch.stack([-total, total], dim=1)


class Signs(nn.Module):
    """Logits of each pixel: 0, the number itself, and its negative."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, entry: torch.Tensor) -> torch.Tensor:
        return torch.cat([torch.zeros_like(entry), entry, -entry], dim=1)


Register = Callable[[nn.Module], None]


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    """Make a module the architecture "tiny"."""

    def as_tiny(module: nn.Module) -> None:
        def build(arguments: Arguments, labels: int, channels: int) -> nn.Module:
            return module

        monkeypatch.setitem(table.ARCHITECTURES, "tiny", build)

    return as_tiny


@pytest.fixture
def sums(register: Register, tmp_path: Path) -> ModelCard:
    register(Sums())
    return install(TINY, Sums().state_dict(), tmp_path / "tiny")


def frames_of(values: np.ndarray) -> tuple[Frame, ...]:
    return tuple(Frame(("source", index), plane) for index, plane in enumerate(values))


def ramp(count: int) -> tuple[Frame, ...]:
    """Pictures of 2 × 2 whose sums are 0, 1, 2 …, small enough for a probability to tell."""
    return frames_of(np.stack([np.full((2, 2), k / 40, np.float32) for k in range(count)]))


def expected(count: int) -> list[float]:
    return [1 / (1 + math.exp(-2 * k / 10)) for k in range(count)]


@pytest.mark.parametrize("batch", [1, 3, 16])
def test_each_frame_gets_the_answer_computed_by_hand(sums: ModelCard, batch: int) -> None:
    found = predict(PredictRequest(ramp(7), sums, "cpu", batch, ("A warning.",)), Task())
    assert [one.key for one in found] == [("source", index) for index in range(7)]
    np.testing.assert_allclose([one.scores[1] for one in found], expected(7), rtol=1e-5)
    one = found[3]
    assert one.labels == ("normal", "nodule")
    np.testing.assert_allclose(one.logits, [-0.3, 0.3], rtol=1e-5)
    assert (one.activation, one.mask, one.warnings) == ("softmax", None, ("A warning.",))
    assert (one.provenance.model_id, one.provenance.sha256) == ("sample", sums.sha256)
    assert one.provenance.device == "cpu"
    assert one.provenance.preparation.startswith("2 × 2 → 2 × 2, as stored;")
    assert dict(one.provenance.versions)["lepton"] == LEPTON_VERSION


def test_progress_counts_frames(sums: ModelCard) -> None:
    said: list[object] = []
    task = Task(lambda kind, value: said.append((kind, value)))
    predict(PredictRequest(ramp(5), sums, "cpu", 2), task)
    assert said == [("progress", (2, 5)), ("progress", (4, 5)), ("progress", (5, 5))]


def test_a_cancelled_prediction_stops_between_batches(sums: ModelCard) -> None:
    task = Task(lambda kind, value: task.cancel())
    with pytest.raises(Cancelled):
        predict(PredictRequest(ramp(9), sums, "cpu", 2), task)


def test_no_frames_have_no_predictions(sums: ModelCard) -> None:
    assert predict(PredictRequest((), sums, "cpu"), Task()) == ()


def test_a_volume_is_answered_once_for_all_its_frames(register: Register, tmp_path: Path) -> None:
    register(Sums())
    card = install(replace(VOLUME_CARD, size=(4, 4, 4)), Sums().state_dict(), tmp_path / "volume")
    values = np.full((3, 4, 4), 0.01, np.float32)
    frames = tuple(
        Frame(("volume", k), plane, affine=affine_of(_at(k))) for k, plane in enumerate(values)
    )
    found = predict(PredictRequest(frames, card, "cpu", 1), Task())
    assert [one.key[1] for one in found] == [0, 1, 2]
    # 48 voxels and 16 of padding, which is as low as the lowest voxel.
    assert {round(float(one.logits[1]), 5) for one in found} == {0.64}


def _at(height: float) -> np.ndarray:
    matrix = np.eye(4)
    matrix[2, 3] = height
    return matrix


SEGMENT = replace(
    CARD,
    task="segment",
    architecture="tiny",
    arguments=(),
    size=(2, 2),
    labels=("background", "plus", "minus"),
)


@pytest.fixture
def segmenter(register: Register, tmp_path: Path) -> ModelCard:
    register(Signs())
    return install(SEGMENT, Signs().state_dict(), tmp_path / "segmenter")


def test_a_mask_has_the_strongest_label_at_each_pixel(segmenter: ModelCard) -> None:
    values = np.array([[[3, -3], [0, 5]], [[-1, -1], [-1, 1]]], np.float32)
    first, second = predict(PredictRequest(frames_of(values), segmenter, "cpu"), Task())
    assert first.mask is not None
    assert second.mask is not None
    assert first.mask.dtype == np.uint8
    np.testing.assert_array_equal(first.mask, [[1, 2], [0, 1]])
    np.testing.assert_array_equal(second.mask, [[2, 2], [2, 1]])
    np.testing.assert_allclose(first.scores, [0.25, 0.5, 0.25])
    np.testing.assert_allclose(first.logits, [0, 1.25, -1.25])
    assert first.top == 1


def test_a_mask_is_decided_at_the_pixels_of_the_source(segmenter: ModelCard) -> None:
    picture = np.kron(np.array([[4, -4], [-4, 4]]), np.ones((3, 3))).astype(np.float32)
    (found,) = predict(PredictRequest(frames_of(picture[None]), segmenter, "cpu"), Task())
    assert found.mask is not None
    corners = found.mask[[0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_array_equal(corners, [1, 2, 2, 1])
    assert found.mask.shape == (6, 6)


def test_what_the_model_did_not_see_is_background(segmenter: ModelCard) -> None:
    card = replace(segmenter, resize="fit", size=(2, 2))
    volume_card = replace(card, size=(2, 2, 2), accepts=VOLUME_CARD.accepts)
    values = np.full((4, 4, 4), 9, np.float32)
    found = predict(PredictRequest(frames_of(values), volume_card, "cpu"), Task())
    masks = np.stack([one.mask for one in found if one.mask is not None])
    assert masks.shape == (4, 4, 4)
    assert masks.sum() == 8
    assert (masks[1:3, 1:3, 1:3] == 1).all()


class Answers(nn.Module):
    """Says always the same, whatever it sees."""

    def __init__(self, answer: torch.Tensor) -> None:
        super().__init__()
        self.answer = nn.Buffer(answer, persistent=False)
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, entry: torch.Tensor) -> torch.Tensor:
        return self.answer.expand(len(entry), *self.answer.shape[1:])


@pytest.mark.parametrize(
    ("card", "answer", "words"),
    [
        (TINY, torch.tensor([[0.0, math.nan]]), "not finite"),
        (TINY, torch.tensor([[0.0, math.inf]]), "not finite"),
        (TINY, torch.zeros(1, 3), "answered with 1 × 3 numbers; its card asks for 1 × 2"),
        (TINY, torch.zeros(1, 2, 1), "answered with 1 × 2 × 1 numbers"),
        (SEGMENT, torch.full((1, 3, 2, 2), math.nan), "not finite"),
        (SEGMENT, torch.zeros(1, 3, 4, 4), "its card asks for 1 × 3 × 2 × 2"),
        (SEGMENT, torch.zeros(1, 3), "its card asks for 1 × 3 × 2 × 2"),
    ],
)
def test_what_is_no_answer_is_an_error_by_name(
    card: ModelCard, answer: torch.Tensor, words: str, register: Register, tmp_path: Path
) -> None:
    module = Answers(answer)
    register(module)
    card = install(card, module.state_dict(), tmp_path / "answers")
    with pytest.raises(NumbersError) as caught:
        predict(PredictRequest(ramp(1), card, "cpu"), Task())
    assert words in caught.value.message


class Greedy(Sums):
    """A network for which there is memory for `most` inputs at once."""

    def __init__(self, most: int, error: Callable[[], Exception]) -> None:
        super().__init__()
        self.most = most
        self.error = error
        self.tried: list[int] = []

    def forward(self, entry: torch.Tensor) -> torch.Tensor:
        self.tried.append(len(entry))
        if len(entry) > self.most:
            raise self.error()
        return super().forward(entry)


ERRORS: list[Callable[[], Exception]] = [
    lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    lambda: RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"),
    lambda: RuntimeError("MPS backend out of memory (MPS allocated: 3.00 GB)"),
    lambda: RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
    MemoryError,
]


def greedy(
    most: int, error: Callable[[], Exception], register: Register, folder: Path
) -> tuple[Greedy, ModelCard]:
    module = Greedy(most, error)
    register(module)
    return module, install(TINY, module.state_dict(), folder / "greedy")


@pytest.mark.parametrize("error", ERRORS)
def test_the_batch_is_halved_until_it_fits(
    error: Callable[[], Exception], register: Register, tmp_path: Path
) -> None:
    module, card = greedy(3, error, register, tmp_path)
    notes: list[object] = []
    task = Task(lambda kind, value: notes.append(value) if kind == "note" else None)
    found = predict(PredictRequest(ramp(20), card, "cpu", 16), task)
    np.testing.assert_allclose([one.scores[1] for one in found], expected(20), rtol=1e-5)
    assert module.tried == [16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert notes[0] == ("The memory of cpu was too small for 16 inputs at once; continuing with 8.")
    assert len(notes) == 3


def test_where_not_even_one_fits_it_is_the_surroundings_fault(
    register: Register, tmp_path: Path
) -> None:
    _, card = greedy(0, ERRORS[1], register, tmp_path)
    with pytest.raises(UserError, match="not enough memory to run sample") as caught:
        predict(PredictRequest(ramp(2), card, "cpu", 2), Task())
    assert caught.value.fault == "surroundings"


@pytest.mark.parametrize("full", ["at the first input", "at loading"])
def test_the_processor_takes_over_from_a_full_graphics_processor(
    full: str, sums: ModelCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The meta device stands for a graphics processor: it has no memory at all."""
    from inference import predict as module

    def load(card: ModelCard, device: torch.device) -> nn.Module:
        if device.type == "cpu":
            return Sums()
        if full == "at loading":
            raise ERRORS[0]()
        return Greedy(0, ERRORS[0])

    monkeypatch.setattr(module, "load_model", load)
    monkeypatch.setattr(module, "choose", lambda name: torch.device("meta"))
    notes: list[object] = []
    task = Task(lambda kind, value: notes.append(value) if kind == "note" else None)
    found = predict(PredictRequest(ramp(3), sums, "cuda", 2), task)
    np.testing.assert_allclose([one.scores[1] for one in found], expected(3), rtol=1e-5)
    assert notes[-1] == "The memory of meta was too small; continuing on the processor."
    assert {one.provenance.device for one in found} == {"cpu"}


def test_other_errors_are_bugs_and_stay_so(register: Register, tmp_path: Path) -> None:
    _, card = greedy(0, lambda: RuntimeError("shape mismatch"), register, tmp_path)
    with pytest.raises(RuntimeError, match="shape mismatch"):
        predict(PredictRequest(ramp(2), card, "cpu"), Task())
    assert not is_exhausted(ValueError("out of memory"))


def test_the_network_leaves_nothing_on_the_shared_module(sums: ModelCard) -> None:
    network = Network(sums, torch.device("cpu"), 4, Task())
    _, parts, _, _ = network.start(ramp(2))
    assert all(part.is_inference() for part in parts)
    assert not network._module._forward_hooks
    assert all(parameter.grad is None for parameter in network._module.parameters())


@pytest.mark.parametrize("large", [0.0, 100.0, 1e4])
def test_activations_do_not_overflow(large: float) -> None:
    logits = np.array([[large, -large]], np.float32)
    np.testing.assert_allclose(sigmoid(logits).sum(), 1.0)
    np.testing.assert_allclose(softmax(logits).sum(), 1.0)
    assert np.isfinite(sigmoid(logits)).all()


def test_activations_are_those_of_torch() -> None:
    logits = np.random.default_rng(3).normal(0, 5, (4, 6)).astype(np.float32)
    tensor = torch.from_numpy(logits)
    np.testing.assert_allclose(softmax(logits), tensor.softmax(1).numpy(), atol=1e-6)
    np.testing.assert_allclose(sigmoid(logits), tensor.sigmoid().numpy(), atol=1e-6)


def test_the_version_is_that_of_the_project(pytestconfig: pytest.Config) -> None:
    project = (pytestconfig.rootpath / "pyproject.toml").read_text("utf-8")
    assert f'version = "{LEPTON_VERSION}"' in project


def test_predictions_do_not_depend_on_the_batch(tmp_path: Path) -> None:
    torch.manual_seed(4)
    state = table.build("plain_cnn", CARD.arguments, 2, 1).state_dict()
    card = install(CARD, state, tmp_path / "plain")
    values = np.random.default_rng(6).normal(size=(5, 11, 9)).astype(np.float32)

    def scores(batch: int) -> list[Prediction]:
        return list(predict(PredictRequest(frames_of(values), card, "cpu", batch), Task()))

    for one, other in zip(scores(1), scores(5), strict=True):
        np.testing.assert_allclose(one.scores, other.scores, atol=1e-6)
