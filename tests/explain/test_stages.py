"""What a model saw, stage by stage, against numbers by hand; its tree and small pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explain import one_pass
from explain.network import network_tree, previews
from explain.stage_records import Stage, StagesRequest
from explain.stages import NOT_SEEN, STRONGEST, stages
from inference import wire
from inference.architectures import table
from inference.cards import Accepts, ModelCard
from inference.errors import NumbersError, UserError
from inference.models import load_model
from inference.records import Frame
from inference.task import Cancelled, Task
from tests.explain.test_traces import fingerprint
from tests.inference.test_prepare import matrix_of, volume
from tests.sample_models import CARD, install

WEIGHTS = (1.0, -3.0, 2.0)
"""Of the channels of the one layer: the second is the strongest, then the third."""


class Pictures(nn.Module):
    """Three multiples of the mean over the input's channels; their means are the features."""

    def __init__(self, channels: int = 1, labels: int = 2, width: int = 3) -> None:
        super().__init__()
        self.multiples = nn.Conv2d(channels, width, 1, bias=False)
        self.answer = nn.Linear(width, labels, bias=False)
        self.idle = nn.Linear(2, 2)
        factors = torch.tensor(WEIGHTS) if width == 3 else torch.arange(float(width))
        with torch.no_grad():
            self.multiples.weight.copy_(
                factors[:, None, None, None].expand(-1, channels, 1, 1) / channels
            )
            self.answer.weight.fill_(0.5)
            self.answer.weight[1] = -0.5

    def forward(self, inputs: Tensor) -> Tensor:
        found: Tensor = self.answer(self.multiples(inputs).mean(dim=(2, 3)))
        return found


class Volumes(nn.Module):
    """Each voxel, and its negative, as the logits of two labels."""

    def __init__(self) -> None:
        super().__init__()
        self.both = nn.Conv3d(1, 2, 1, bias=False)
        with torch.no_grad():
            self.both.weight.copy_(torch.tensor([1.0, -1.0])[:, None, None, None, None])

    def forward(self, inputs: Tensor) -> Tensor:
        found: Tensor = self.both(inputs)
        return found


def placed(
    module: nn.Module, card: ModelCard, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> ModelCard:
    """The card of a module that is put where the program looks for it."""
    monkeypatch.setitem(table.ARCHITECTURES, "tiny", lambda *_: module)
    return install(replace(card, architecture="tiny"), module.state_dict(), folder)


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelCard:
    given = replace(CARD, size=(2, 3), mean=(10.0,), scale=(4.0,), clip=(-5.0, 50.0))
    return placed(Pictures(), given, tmp_path, monkeypatch)


STORED = np.array([[0, 10, 20], [30, 40, 90]], np.int16)
FRAME = Frame(("scan", 7), STORED, slope=2.0, intercept=-10.0, unit="HU")
MEANT = np.array([[-5, 10, 30], [50, 50, 50]], np.float32)
"""2 × stored − 10, clipped to −5…50."""
INPUT = (MEANT - 10) / 4


def found_of(card: ModelCard, frame: Frame = FRAME, **more: str) -> dict[str, Stage]:
    asked = StagesRequest((frame,), 0, card, device="cpu", **more)
    return {stage.name: stage for stage in stages(asked, Task()).stages}


def test_each_stage_of_a_picture_is_what_one_computes_by_hand(card: ModelCard) -> None:
    found = found_of(card)
    assert list(found) == ["source", "values", "input", "layer", "output"]
    (source,), (values,), (given,) = (found[one].planes for one in ("source", "values", "input"))
    assert np.array_equal(source.values, STORED)
    assert (found["source"].shape, source.low, source.high) == ("2 × 3", 0, 90)
    assert np.array_equal(values.values, MEANT)
    assert found["values"].unit == "HU"
    assert found["values"].sentence == (
        "Rescaled: stored × 2 − 10. Clipped to -5…50, as the card says."
    )
    np.testing.assert_allclose(given.values, INPUT)
    np.testing.assert_allclose(given.values * given.scale + given.mean, MEANT, rtol=1e-6)
    assert (found["input"].shape, found["input"].before_unit) == ("1 × 1 × 2 × 3", "HU")


def test_the_channels_of_a_layer_come_strongest_first(card: ModelCard) -> None:
    layer = found_of(card)["layer"]
    assert [plane.title for plane in layer.planes] == ["Channel 1", "Channel 2", "Channel 0"]
    for plane, factor in zip(layer.planes, (-3, 2, 1), strict=True):
        np.testing.assert_allclose(plane.values, factor * INPUT, rtol=1e-6)
    assert layer.shape == "3 × 2 × 3"
    assert layer.sentence == "What multiples (Conv2d) gives: all 3 channels, the strongest first."


def test_scores_stand_before_and_after_the_activation(card: ModelCard) -> None:
    output = found_of(card)["output"]
    mean = float(INPUT.mean())  # the weights add up to 0, and so do the logits
    assert [one.logit for one in output.scores] == pytest.approx([0, 0], abs=1e-6)
    assert [one.score for one in output.scores] == pytest.approx([0.5, 0.5])
    assert mean != 0
    assert output.score_names == ("Logit", "After softmax")


def test_colours_have_a_channel_each_with_its_own_normalisation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = replace(
        CARD, size=(2, 2), channels=3, input="displayed", mean=(1.0, 2.0, 3.0), scale=(1, 2, 4)
    )
    card = placed(Pictures(3), given, tmp_path, monkeypatch)
    stored = np.arange(12, dtype=np.uint8).reshape(2, 2, 3) * 20
    found = found_of(card, Frame(("picture", 0), stored))
    assert np.array_equal(found["source"].planes[0].values, stored)
    planes = found["input"].planes
    assert [plane.title for plane in planes] == [
        "Channel 0, red",
        "Channel 1, green",
        "Channel 2, blue",
    ]
    for number, (plane, mean, scale) in enumerate(zip(planes, (1, 2, 3), (1, 2, 4), strict=True)):
        np.testing.assert_allclose(plane.values, (stored[..., number] - float(mean)) / scale)
        assert (plane.mean, plane.scale) == (mean, scale)
    assert found["values"].title == "Windowed"


@pytest.mark.parametrize("stored", ["SPL", "IAR", "RSP", "ALI"])
def test_the_slice_of_a_volume_is_the_one_of_the_frame(
    stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a volume that holds its slices' numbers each slice says its own, however it is turned."""
    shape = (3, 4, 5)
    numbers = np.broadcast_to(np.arange(3.0, dtype=np.float32)[:, None, None], shape)
    axes = {"L": "LR", "R": "LR", "P": "PA", "A": "PA", "S": "SI", "I": "SI"}
    order = [next(at for at, one in enumerate(stored) if axes[one] == axes[by]) for by in "SAR"]
    size = tuple(shape[at] for at in order)
    given = replace(
        CARD, task="segment", size=size, orientation="SAR", accepts=Accepts(dimensions=3)
    )
    card = placed(Volumes(), given, tmp_path, monkeypatch)
    frames = volume(np.ascontiguousarray(numbers), matrix_of(stored, (2.0, 1.0, 1.0)))
    for index in range(3):
        made = stages(StagesRequest(frames, index, card, device="cpu"), Task()).stages
        by_name = {stage.name: stage for stage in made}
        assert np.array_equal(by_name["input"].planes[0].values, np.full((4, 5), index))
        assert {float(abs(one.values).max()) for one in by_name["layer"].planes} == {index}
        first = by_name["output"].planes[0]
        np.testing.assert_allclose(first.values, 1 / (1 + np.exp(-2 * index)), rtol=1e-5)
        assert first.title == "normal"


def test_a_slice_that_was_cut_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = replace(CARD, task="segment", size=(2, 4, 4), accepts=Accepts(dimensions=3))
    card = placed(Volumes(), given, tmp_path, monkeypatch)
    frames = volume(np.ones((6, 4, 4), np.float32), matrix_of("SAR", (1.0, 1.0, 1.0)))
    made = stages(StagesRequest(frames, 0, card, device="cpu"), Task()).stages
    assert [stage.sentence for stage in made if stage.name in ("input", "layer")] == [NOT_SEEN] * 2
    assert made[4].planes == ()


def test_only_the_strongest_channels_are_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = placed(Pictures(width=40), replace(CARD, size=(2, 3)), tmp_path, monkeypatch)
    layer = found_of(card)["layer"]
    assert [one.title for one in layer.planes] == [
        f"Channel {number}" for number in range(39, 39 - STRONGEST, -1)
    ]
    assert "the 16 of its 40 channels" in layer.sentence


def test_a_wrong_layer_a_cancelled_pass_and_nonsense_leave_the_model_alone(
    card: ModelCard,
) -> None:
    model = load_model(card, torch.device("cpu"))
    before = fingerprint(model)
    with pytest.raises(UserError, match="no layer named answer"):
        found_of(card, layer="answer")
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        stages(StagesRequest((FRAME,), 0, card, device="cpu"), task)
    wild = Frame(("scan", 0), np.full((2, 3), 1e38, np.float32))  # their sum is no number
    with pytest.raises(NumbersError):
        found_of(replace(card, clip=None, mean=(0.0,), scale=(1.0,)), wild)
    assert fingerprint(model) == before


def test_where_the_memory_of_a_device_runs_out_the_processor_goes_on() -> None:
    said: list[object] = []
    tried: list[str] = []

    def work(device: torch.device) -> int:
        tried.append(device.type)
        if device.type == "meta":
            raise torch.OutOfMemoryError("CUDA out of memory")
        return 7

    task = Task(lambda kind, value: said.append((kind, value)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_pass, "choose", torch.device)
        assert one_pass.within_memory("meta", task, work) == 7
        with pytest.raises(RuntimeError, match="a bug"):
            one_pass.within_memory("meta", task, lambda _: _raise(RuntimeError("a bug")))
    assert tried == ["meta", "cpu"]
    assert said == [("note", "The memory of meta was too small; going on on the processor.")]


def _raise(error: Exception) -> int:
    raise error


def test_the_tree_and_its_previews(card: ModelCard) -> None:
    asked = StagesRequest((FRAME,), 0, card, device="cpu")
    tree = network_tree(asked, Task())
    assert [row.name for row in tree.rows] == ["", "multiples", "answer", "idle"]
    assert [row.takes_part for row in tree.rows] == [True, True, True, False]
    assert [layer.name for layer in tree.layers] == ["multiples"]
    (found,) = previews(asked, Task())
    strongest = np.abs(INPUT).max()
    assert np.array_equal(found.picture, np.rint(np.abs(INPUT) / strongest * 255))


def test_all_of_it_crosses_to_a_child_and_back(card: ModelCard) -> None:
    from app.worker import register_records

    register_records()
    asked = StagesRequest((FRAME,), 0, card, device="cpu")
    for record in (
        asked,
        stages(asked, Task()),
        network_tree(asked, Task()),
        previews(asked, Task()),
    ):
        again = wire.unpack(wire.pack(record))
        assert wire.pack(again) == wire.pack(record)
