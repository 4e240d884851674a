"""One's own weights: into the list of models, whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from inference.architectures import table
from inference.card_files import list_models, read_card, user_models_dir, write_card
from inference.cards import Accepts
from inference.errors import UserError
from inference.models import add_model, load_model
from inference.requests import AddModelRequest, OpenRequest
from inference.task import Cancelled, Task
from inference.weights import digest
from tests.sample_models import CARD

CPU = torch.device("cpu")


def squeezenet(labels: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(2)
    return dict(table.build("squeezenet1_1", (), labels, 3).state_dict())


@pytest.fixture
def own_weights(tmp_path: Path) -> Path:
    path = tmp_path / "My Net (best).pth"
    torch.save(squeezenet(), path)
    return path


def own(path: Path, **changes: Any) -> AddModelRequest:
    return replace(AddModelRequest(str(path), "squeezenet1_1", ("no", "yes")), **changes)


def test_own_weights_become_a_model_of_the_list(own_weights: Path) -> None:
    card = add_model(own(own_weights, size=(64, 48)), Task())
    assert card.model_id == "my-net-best"
    assert (card.labels, card.size, card.built_in) == (("no", "yes"), (64, 48), False)
    folder = user_models_dir() / "my-net-best"
    assert sorted(file.name for file in folder.iterdir()) == ["card.yaml", "weights.safetensors"]
    assert list_models(OpenRequest(()), Task())[-1] == card
    module = load_model(card, CPU)
    assert all(torch.equal(one, squeezenet()[name]) for name, one in module.state_dict().items())
    with pytest.raises(UserError, match="a model named my-net-best already"):
        add_model(own(own_weights), Task())


def beside(folder: Path, weights: Path, **changes: Any) -> Path:
    """A card file for `weights` that says the same as `own`, but for `changes`."""
    card = replace(
        CARD,
        model_id="with-card",
        labels=("no", "yes"),
        accepts=Accepts(("CR",)),
        size=(64, 64),
        channels=3,
        architecture="squeezenet1_1",
        arguments=(),
        sha256=digest(weights.read_bytes()),
    )
    write_card(replace(card, **changes), folder / "mine.yaml")
    return folder / "mine.yaml"


def test_a_card_beside_the_weights_says_the_rest(own_weights: Path, tmp_path: Path) -> None:
    path = beside(tmp_path, own_weights)
    added = add_model(own(own_weights, card=str(path)), Task())
    assert added.accepts.modalities == ("CR",)
    assert added.model_id == "with-card"
    assert read_card(user_models_dir() / "with-card" / "card.yaml") == added


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": ("a", "b")}, "in it the labels are a, b"),
        ({"architecture": "resnet18"}, "in it the architecture is resnet18"),
        ({"size": (32, 32)}, "in it the size is 32 × 32"),
        ({"sha256": "0" * 64}, "in it the weights have another SHA-256"),
    ],
)
def test_a_card_that_disagrees_is_refused(
    changes: dict[str, Any], words: str, own_weights: Path, tmp_path: Path
) -> None:
    path = beside(tmp_path, own_weights, **changes)
    with pytest.raises(UserError) as caught:
        add_model(own(own_weights, card=str(path), size=(64, 64)), Task())
    assert words in caught.value.message
    assert caught.value.fault == "input"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": ("a", "b", "c")}, "classifier.1.weight is 2 × 512 × 1 × 1 instead of 3"),
        ({"architecture": "resnet18"}, "do not fit"),
        ({"labels": ("a", "a")}, "each label may stand there once"),
        ({"size": (2, 2)}, "does not take an input of 2 × 2"),
        ({"card": "nowhere.yaml"}, "cannot be read"),
        ({"file": "nowhere.pth"}, "cannot be read"),
    ],
)
def test_nothing_is_left_of_a_model_that_was_refused(
    changes: dict[str, Any], words: str, own_weights: Path
) -> None:
    with pytest.raises(UserError) as caught:
        add_model(own(own_weights, **changes), Task())
    assert words in caught.value.message
    assert caught.value.fault == "input"
    left = user_models_dir()
    assert not left.exists() or not list(left.iterdir())


def test_models_that_cannot_be_written_are_the_surroundings_fault(
    own_weights: Path, own_data_folder: Path
) -> None:
    own_data_folder.write_text("a file where a folder should be")
    with pytest.raises(UserError) as caught:
        add_model(own(own_weights), Task())
    assert caught.value.fault == "surroundings"


def test_adding_can_be_cancelled(own_weights: Path) -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        add_model(own(own_weights), task)
    assert not user_models_dir().exists()
