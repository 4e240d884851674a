"""What is said of a method before it is offered for a model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from explain import availability
from explain.availability import all_methods, layers_for, methods_for
from explain.facts import facts_of_card
from explain.layers import choose_layer
from explain.methods import METHODS
from explain.preflight import Word, preflight
from explain.question import Method
from explain.records import MethodsRequest, MethodStatus
from explain.subject import Subject
from inference.architectures.table import build
from inference.cards import ModelCard
from inference.errors import UserError
from inference.task import Cancelled, Task
from tests.explain.networks import SmallCnn
from tests.sample_models import CARD, VOLUME_CARD, install

OF_IMAGES = [name for name, method in METHODS.items() if "image" in method.seen]


class Line(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Linear(64, 2)

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.line(inputs.flatten(1))
        return answer


class Steps(nn.Module):
    """Rounds its input: no gradient comes through."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, 2, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        answer: Tensor = self.convolution(inputs.detach().round()).mean(dim=(2, 3))
        return answer


def judged(model: nn.Module, card: ModelCard) -> dict[str, tuple[str, str | None]]:
    """The words on the facts alone, of the methods for such models."""
    facts = facts_of_card(model, card)
    words = {name: METHODS[name].judge(facts) for name in OF_IMAGES}
    return {name: (word.status, word.instead) for name, word in words.items()}


def test_a_convolutional_network_takes_them_all() -> None:
    found = judged(SmallCnn(2, channels=1).eval(), replace(CARD, size=(16, 16)))
    assert {name for name, (status, _) in found.items() if status == "red"} == {"attention_rollout"}


def test_a_network_without_convolutions_has_no_grad_cam() -> None:
    found = judged(Line(), CARD)
    assert found["grad_cam"] == ("red", "saliency")
    assert found["saliency"] == found["occlusion"] == ("green", None)


def test_a_network_without_gradients_leaves_what_hides() -> None:
    found = judged(Steps(), CARD)
    fitting = {name for name, (status, _) in found.items() if status != "red"}
    hiding = {name for name in OF_IMAGES if METHODS[name].family == "perturbation"}
    reading = {name for name in fitting - hiding if METHODS[name].takes_layer}
    assert hiding <= fitting
    assert fitting == hiding | reading
    assert reading <= {"score_cam", "eigen_cam", "layer_activation"}


def test_a_network_that_normalises_its_input_has_no_integrated_gradients() -> None:
    """Instance norm gives a hundredth of a picture as it gives the picture."""
    torch.manual_seed(0)
    normed = nn.Sequential(
        nn.Conv2d(1, 4, 3, bias=False),
        nn.InstanceNorm2d(4),
        nn.ReLU(),
        nn.Conv2d(4, 2, 3),
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
    )
    found = judged(normed.eval(), replace(CARD, size=(16, 16)))
    assert found["integrated_gradients"] == ("red", "saliency")
    assert found["saliency"] == found["grad_cam"] == found["occlusion"] == ("green", None)


def test_a_coarse_layer_is_doubtful() -> None:
    found = judged(SmallCnn(2, channels=1).eval(), CARD)
    assert found["grad_cam"] == ("amber", None)  # 8 × 8 pixels leave 3 × 3 cells


def test_occlusion_of_a_volume_is_slow() -> None:
    found = judged(SmallCnn(3, channels=1).eval(), VOLUME_CARD)
    assert found["occlusion"] == ("amber", "saliency")


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    torch.manual_seed(0)
    made = replace(CARD, size=(32, 32), arguments=(("widths", "4,6"),))
    return install(made, build("plain_cnn", made.arguments, 2, 1).state_dict(), tmp_path)


def test_methods_of_a_card(card: ModelCard) -> None:
    done: list[object] = []
    task = Task(lambda kind, value: done.append(value) if kind == "progress" else None)
    found = methods_for(MethodsRequest(card), task)
    assert [status.name for status in found] == list(METHODS)
    assert done == [(number, len(METHODS)) for number in range(len(METHODS))]
    by_name = {status.name: status for status in found}
    assert by_name["integrated_gradients"].passes == 51
    # Windows of 2 every pixel: 31 in each direction, and the whole input.
    assert by_name["occlusion"].passes == 31 * 31 + 1
    assert by_name["grad_cam"].takes_layer
    assert by_name["integrated_gradients"].takes_baseline
    assert "1703.01365" in by_name["integrated_gradients"].paper
    assert by_name["deep_lift"].prepared
    assert by_name["deep_lift"].status == "amber"
    assert "rewritten copy" in by_name["deep_lift"].reason
    tokens = by_name["token_occlusion"]
    assert tokens.reason == "It is made for token ids; this model takes pictures."
    assert (tokens.status, tokens.seconds) == ("red", None)
    assert tokens.instead is not None
    assert by_name[tokens.instead].status == "green"


def test_trials_that_gave_way_go_on_where_they_were(card: ModelCard) -> None:
    tried: list[int] = []

    def until_the_third(kind: str, value: object) -> None:
        if kind == "progress":
            assert isinstance(value, tuple)
            tried.append(value[0])
            if value[0] == 3:
                task.cancel()

    task = Task(until_the_third)
    with pytest.raises(Cancelled):
        methods_for(MethodsRequest(card), task)
    with monitored() as names:
        found = methods_for(MethodsRequest(card), Task())
    assert names == list(METHODS)[3:]
    assert [status.name for status in found] == list(METHODS)
    assert found == methods_for(MethodsRequest(card), Task())


@contextmanager
def monitored() -> Iterator[list[str]]:
    """The names of the methods that are tried in the meantime."""
    names: list[str] = []

    def noted(method: Method, subject: Subject, task: Task) -> Word:
        names.append(method.name)
        return preflight(method, subject, task)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(availability, "preflight", noted)
        yield names


def test_time_grows_with_the_passes(card: ModelCard) -> None:
    found = {one.name: one for one in methods_for(MethodsRequest(card), Task())}
    seconds, passes = found["occlusion"].seconds, found["occlusion"].passes
    again = found["rise"].seconds, found["rise"].passes
    assert seconds is not None
    assert passes is not None
    assert None not in again
    assert seconds / passes == pytest.approx((again[0] or 0) / (again[1] or 1))


def test_a_model_is_tried_once(card: ModelCard, monkeypatch: pytest.MonkeyPatch) -> None:
    first = methods_for(MethodsRequest(card), Task())
    layers = layers_for(MethodsRequest(card), Task())

    def refuse(*given: object) -> nn.Module:
        raise AssertionError("the model was loaded again")

    monkeypatch.setattr(availability, "load_model", refuse)
    assert methods_for(MethodsRequest(card), Task()) == first
    assert layers_for(MethodsRequest(card), Task()) == layers
    with pytest.raises(AssertionError, match="loaded again"):
        methods_for(MethodsRequest(replace(card, baseline=1.0)), Task())


def test_methods_without_a_model_leave_open_what_depends_on_it() -> None:
    by_name: dict[str, MethodStatus] = {status.name: status for status in all_methods()}
    assert by_name["occlusion"].passes is None
    defaults = {option.name: option.default for option in by_name["occlusion"].options}
    assert defaults == {"window": None, "stride": None, "batch": 0}
    assert by_name["integrated_gradients"].passes == 51
    assert {status.status for status in by_name.values()} == {"green"}


def test_layers_of_a_card(card: ModelCard) -> None:
    found = layers_for(MethodsRequest(card), Task())
    assert [(layer.name, layer.shape, layer.default) for layer in found] == [
        ("stages.0.0", (32, 32), False),
        ("stages.0", (32, 32), False),
        ("stages.1.1", (16, 16), False),
        ("stages.1", (16, 16), True),
    ]
    named = layers_for(MethodsRequest(replace(card, layer="stages.0.0")), Task())
    assert [layer.default for layer in named] == [True, False, False, False]
    assert choose_layer(named, None).name == "stages.0.0"
    assert choose_layer(named, "stages.1.1").name == "stages.1.1"
    with pytest.raises(UserError, match="no layer named") as caught:
        choose_layer(named, "stages.1.0")
    assert "stages.1.1" in caught.value.hint


def test_the_output_itself_is_not_the_default_layer() -> None:
    made = replace(VOLUME_CARD, size=(8, 8, 8), task="segment", labels=("a", "b"))
    model = build("unet3d", (("base", 2),), 2, 1)
    facts = facts_of_card(model, made)
    assert facts.layers[-1].name == "head"
    assert not facts.layers[-1].default
    assert facts.layers[-2].default


def test_a_cancelled_question_ends(card: ModelCard) -> None:
    task = Task()
    task.cancel()
    for ask in (methods_for, layers_for):
        with pytest.raises(Cancelled):
            ask(MethodsRequest(card), task)


def test_a_network_with_channels_last_has_its_layers() -> None:
    """Swin gives [N, rows, columns, channels]: taken for a picture it would be a wrong map."""
    made = replace(CARD, size=(64, 64), channels=3, architecture="swin_t", arguments=())
    first, *others = facts_of_card(build("swin_t", (), 2, 3).eval(), made).layers
    assert (first.name, first.shape, first.layout) == ("features.0.0", (16, 16), "channels first")
    assert {layer.layout for layer in others} == {"channels last"}
    assert {layer.shape for layer in others} == {(side, side) for side in (16, 8, 4, 2)}
