"""Loading: only weights that are what the card says, and never a program."""

from __future__ import annotations

import io
import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import safetensors.torch
import torch

from inference.architectures import table
from inference.cards import ModelCard
from inference.errors import UserError
from inference.models import Layer, add_model, layers, load_model, private_copy
from inference.requests import AddModelRequest
from inference.task import Task
from inference.weights import digest, parse
from tests.sample_models import CARD, install

CPU = torch.device("cpu")


def plain_state(labels: int = 2) -> dict[str, torch.Tensor]:
    torch.manual_seed(1)
    return dict(table.build("plain_cnn", CARD.arguments, labels, 1).state_dict())


@pytest.fixture
def card(tmp_path: Path) -> ModelCard:
    return install(CARD, plain_state(), tmp_path / "sample")


def with_digest(card: ModelCard, path: Path) -> ModelCard:
    return replace(card, weights=str(path), sha256=digest(path.read_bytes()))


def test_a_model_comes_ready_to_run_and_frozen(card: ModelCard) -> None:
    module = load_model(card, CPU)
    assert not module.training
    assert all(not one.requires_grad for one in module.parameters())
    assert {one.dtype for one in module.parameters()} == {torch.float32}
    state = plain_state()
    assert all(torch.equal(one, state[name]) for name, one in module.state_dict().items())


def test_half_precision_weights_are_run_in_float32(tmp_path: Path) -> None:
    state = {
        key: one.half() if one.is_floating_point() else one for key, one in plain_state().items()
    }
    module = load_model(install(CARD, state, tmp_path / "half"), CPU)
    assert {one.dtype for one in module.parameters()} == {torch.float32}


def test_a_loaded_model_stays_in_memory(card: ModelCard) -> None:
    module = load_model(card, CPU)
    Path(card.weights).unlink()
    assert load_model(card, CPU) is module


def test_a_private_copy_shares_nothing(card: ModelCard) -> None:
    module = load_model(card, CPU)
    copied = private_copy(module)
    with torch.no_grad():
        for parameter in copied.parameters():
            parameter.fill_(9.0)
    copied.register_forward_hook(lambda *_: None)
    assert not any((parameter == 9.0).all() for parameter in module.parameters())
    assert not module._forward_hooks


@pytest.mark.parametrize("bit", [7, 8 * 40, 8 * 300 + 3, -1])
def test_a_flipped_bit_is_refused(card: ModelCard, bit: int) -> None:
    path = Path(card.weights)
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << (bit % 8)
    path.write_bytes(data)
    with pytest.raises(UserError, match="do not have the SHA-256 that its card states") as caught:
        load_model(card, CPU)
    assert caught.value.fault == "input"


State = dict[str, torch.Tensor]


def _dropped(state: State) -> State:
    return {key: one for key, one in state.items() if not key.startswith("head")}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda _: plain_state(3), "head.weight is 3 × 4 instead of 2 × 4"),
        (_dropped, "head.bias is missing, head.weight is missing"),
        (lambda state: {**state, "other": torch.zeros(1)}, "other is not in the architecture"),
        (
            lambda state: {f"wrong.{key}": one for key, one in state.items()},
            "head.bias is missing, head.weight is missing, stages.0.0.weight is missing, and 12",
        ),
        (
            lambda state: {**state, "head.bias": torch.tensor([0.0, float("nan")])},
            "numbers that are not finite, in head.bias",
        ),
        (
            lambda state: {**state, "head.bias": torch.tensor([0.0, float("-inf")])},
            "numbers that are not finite, in head.bias",
        ),
    ],
)
def test_weights_that_do_not_fit_are_named(
    change: Callable[[State], State], words: str, tmp_path: Path
) -> None:
    card = install(CARD, change(plain_state()), tmp_path / "wrong")
    with pytest.raises(UserError) as caught:
        load_model(card, CPU)
    assert words in caught.value.message


def test_labels_and_weights_that_disagree_are_refused(card: ModelCard) -> None:
    with pytest.raises(UserError, match=r"head\.bias is 2 instead of 3"):
        load_model(replace(card, labels=("a", "b", "c")), CPU)


@pytest.mark.parametrize("name", ["weights.pth", "weights.pt"])
@pytest.mark.parametrize("wrap", [dict, lambda state: {"state_dict": state, "epoch": 3}])
def test_checkpoints_of_torch_are_read(
    name: str, wrap: Callable[[State], Any], tmp_path: Path
) -> None:
    path = tmp_path / name
    torch.save(wrap({f"module.{key}": one for key, one in plain_state().items()}), path)
    module = load_model(with_digest(CARD, path), CPU)
    assert torch.equal(module.state_dict()["head.bias"], plain_state()["head.bias"])


class Bomb:
    """Unpickled, it makes a file: what a hostile checkpoint could do."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return (os.mkdir, (str(self.mark),))


def bomb_as_pickle(path: Path, bomb: Bomb) -> None:
    path.write_bytes(pickle.dumps({"head.bias": bomb}))


def bomb_as_archive(path: Path, bomb: Bomb) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps({"head.bias": bomb}, protocol=2))
        archive.writestr("archive/version", "3\n")


@pytest.mark.parametrize("make", [bomb_as_pickle, bomb_as_archive])
@pytest.mark.parametrize("opened", [False, True])
def test_a_pickle_that_would_run_code_does_not(
    make: Callable[[Path, Bomb], None],
    opened: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if opened:
        monkeypatch.setenv("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", "1")
    mark = tmp_path / "ran"
    path = tmp_path / "bomb.pth"
    make(path, Bomb(mark))
    for attempt in (
        lambda: load_model(with_digest(CARD, path), CPU),
        lambda: add_model(AddModelRequest(str(path), "resnet18", ("a", "b")), Task()),
    ):
        with pytest.raises(UserError, match="could run a program"):
            attempt()
    assert not mark.exists()


def test_the_bomb_is_a_real_one(tmp_path: Path) -> None:
    bomb_as_pickle(tmp_path / "bomb.pth", Bomb(tmp_path / "ran"))
    pickle.loads((tmp_path / "bomb.pth").read_bytes())
    assert (tmp_path / "ran").exists()


def saved(content: object) -> bytes:
    data = io.BytesIO()
    torch.save(content, data)
    return data.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.safetensors", b"", "damaged"),
        ("a.safetensors", b"\xff" * 100, "damaged"),
        ("a.pth", b"", "damaged"),
        ("a.pth", b"not weights", "could run a program"),
        ("a.pth", saved([1, 2]), "no table of named weights"),
        ("a.pth", saved({"a": 1}), "no table of named weights"),
        ("a.pth", saved({}), "no table of named weights"),
        ("a.onnx", b"", "no file of weights that Lepton reads"),
    ],
)
def test_files_that_hold_no_weights_are_refused(name: str, content: bytes, words: str) -> None:
    with pytest.raises(UserError) as caught:
        parse(content, Path(name))
    assert words in caught.value.message


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_truncated_weights_are_refused(suffix: str, card: ModelCard, tmp_path: Path) -> None:
    path = tmp_path / f"whole{suffix}"
    if suffix == ".pth":
        torch.save(plain_state(), path)
    else:
        path.write_bytes(Path(card.weights).read_bytes())
    data = path.read_bytes()
    for length in range(0, len(data), max(1, len(data) // 15)):
        with pytest.raises(UserError):
            parse(data[:length], path)


@pytest.mark.parametrize("form", ["archive", "legacy", "safetensors"])
def test_changed_bytes_are_refused_or_read_but_never_a_crash(form: str) -> None:
    state = {"weight": torch.arange(12.0).reshape(4, 3), "bias": torch.arange(3.0)}
    data = io.BytesIO()
    if form == "safetensors":
        data.write(safetensors.torch.save(state))
    else:
        torch.save(state, data, _use_new_zipfile_serialization=form == "archive")
    random = Random(1)
    path = Path("weights.safetensors" if form == "safetensors" else "weights.pth")
    refused = 0
    for _ in range(400):
        changed = bytearray(data.getvalue())
        for _ in range(random.choice([1, 2, 8])):
            changed[random.randrange(len(changed))] = random.randrange(256)
        try:
            parse(bytes(changed), path)
        except UserError:
            refused += 1
    assert refused > 100


def test_a_folder_is_no_file_of_weights(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="damaged or no file of weights"):
        load_model(replace(CARD, weights=str(tmp_path)), CPU)


@pytest.mark.parametrize(
    "tensor", [torch.eye(2).to_sparse(), torch.zeros(2, dtype=torch.complex64), [1.0]]
)
def test_only_dense_real_numbers_are_weights(tensor: object) -> None:
    with pytest.raises(UserError, match="no table of named weights"):
        parse(saved({"weight": tensor}), Path("weights.pth"))


def test_missing_weights_are_a_sentence(card: ModelCard) -> None:
    Path(card.weights).unlink()
    with pytest.raises(UserError, match="cannot be read"):
        load_model(replace(card, sha256="1" * 64), CPU)


def test_layers_stand_in_the_order_of_the_network(card: ModelCard) -> None:
    found = layers(load_model(card, CPU))
    assert found[:5] == (
        Layer("stages", "ModuleList", convolution=False),
        Layer("stages.0", "Sequential", convolution=False),
        Layer("stages.0.0", "Conv2d", convolution=True),
        Layer("stages.0.1", "BatchNorm2d", convolution=False),
        Layer("stages.0.2", "ReLU", convolution=False),
    )
    assert [layer.name for layer in found if layer.convolution] == ["stages.0.0"]
