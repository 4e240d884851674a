"""Networks ready to run: loaded as their card says, and one's own weights taken in."""

from __future__ import annotations

import copy
import re
import shutil
import tempfile
import threading
from collections import OrderedDict
from dataclasses import dataclass, replace
from pathlib import Path

import safetensors.torch
import torch

from inference import weights
from inference.architectures import table, torchvision_models
from inference.card_files import (
    CARD_NAME,
    card_of,
    list_models,
    read_layout,
    user_models_dir,
    write_card,
)
from inference.card_layout import WeightsPart
from inference.cards import Accepts, ModelCard
from inference.errors import UserError
from inference.requests import AddModelRequest, OpenRequest
from inference.task import Task
from inference.whole_file import surroundings, write_bytes

WEIGHTS_NAME = "weights.safetensors"
KEPT = 3
"""How many loaded models stay in memory."""


@dataclass(frozen=True)
class Layer:
    """One module of a network: its name in the tree, its class, and whether it convolves."""

    name: str
    kind: str
    convolution: bool


def load_model(card: ModelCard, device: torch.device) -> torch.nn.Module:
    """The network of `card` on `device`: evaluating, float32, without gradients of its own.

    It is shared: nobody may change it or put hooks on it (see `private_copy`). Networks for
    pictures are laid out channels-last. Raises UserError where the weights do not have the digest
    of the card, do not fit the architecture and labels, or hold numbers that are not finite.
    """
    key = (card.weights, card.sha256, card.architecture, card.arguments, card.labels, str(device))
    with _lock:
        if key in _loaded:
            _loaded.move_to_end(key)
            return _loaded[key]
        module = _load(card).to(device)
        _loaded[key] = module
        while len(_loaded) > KEPT:
            _loaded.popitem(last=False)
        return module


def private_copy(module: torch.nn.Module) -> torch.nn.Module:
    """A copy that shares nothing with `module`, to put hooks on or to change."""
    return copy.deepcopy(module)


def layers(module: torch.nn.Module) -> tuple[Layer, ...]:
    """All modules inside `module`, in the order they stand in it."""
    return tuple(
        Layer(name, type(part).__name__, isinstance(part, CONVOLUTIONS))
        for name, part in module.named_modules()
        if name
    )


def make_ready(module: torch.nn.Module, dimensions: int) -> torch.nn.Module:
    """`module` as all networks here are: evaluating, float32, frozen, pictures channels-last."""
    module = module.eval().float().requires_grad_(False)
    # Convolutions over pictures run faster in this layout (tests/benchmarks/bench_predict.py).
    return module.to(memory_format=torch.channels_last) if dimensions == 2 else module


def add_model(request: AddModelRequest, task: Task) -> ModelCard:
    """Take one's own weights into the user's models, whole or not at all; its card is the answer.

    Raises UserError where weights, architecture, labels, size and card do not agree.
    """
    path = Path(request.file)
    data = weights.read_bytes(path)
    state = weights.parse(data, path)
    task.check()
    if request.card is None:
        card = _plain_card(request, state)
    else:
        card = _card_beside(Path(request.card), request, weights.digest(data))
    if any(known.model_id == card.model_id for known in list_models(OpenRequest(()), task)):
        raise UserError(
            f"There is a model named {card.model_id} already.",
            "Rename the file, or give the model another id in its card.",
            path=str(path),
        )
    module = table.build(card.architecture, card.arguments, len(card.labels), card.channels)
    weights.put_into(module, state, path)
    module = make_ready(module, len(card.size))
    _try_out(module, card)
    task.check()
    return _install(card, module)


CONVOLUTIONS = (
    torch.nn.Conv1d,
    torch.nn.Conv2d,
    torch.nn.Conv3d,
    torch.nn.ConvTranspose2d,
    torch.nn.ConvTranspose3d,
)

_loaded: OrderedDict[tuple[object, ...], torch.nn.Module] = OrderedDict()
_lock = threading.Lock()


def _load(card: ModelCard) -> torch.nn.Module:
    path = Path(card.weights)
    data = weights.read_bytes(path)
    if weights.digest(data) != card.sha256:
        raise UserError(
            f"The weights of {card.model_id} do not have the SHA-256 that its card states.",
            "The file was changed or damaged; install or add the model again.",
            path=str(path),
        )
    module = table.build(card.architecture, card.arguments, len(card.labels), card.channels)
    weights.put_into(module, weights.parse(data, path), path)
    return make_ready(module, len(card.size))


def _plain_card(request: AddModelRequest, state: weights.StateDict) -> ModelCard:
    """The card of weights that come without one: what a torchvision classifier usually expects."""
    size = request.size or (224, 224)
    name = Path(request.file).stem
    return ModelCard(
        model_id=re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:64].strip("-") or "model",
        title=name,
        task="classify",
        labels=request.labels,
        accepts=Accepts(),
        input="displayed",
        size=size,
        channels=3,
        resize="stretch",
        orientation=None,
        spacing_mm=None,
        # The means and deviations of ImageNet that torchvision's own weights expect, for 0–255.
        mean=(123.675, 116.28, 103.53),
        scale=(58.395, 57.12, 57.375),
        clip=None,
        normalise="fixed",
        baseline=0.0,
        architecture=request.architecture,
        arguments=torchvision_models.arguments_for(request.architecture, state, size),
        weights=WEIGHTS_NAME,
        sha256="0" * 64,
        activation="softmax" if len(request.labels) > 1 else "sigmoid",
        purpose="Your own model.",
        intended_use="Not stated: it was added without a card.",
        training_data="Not stated.",
        licence="Not stated.",
        metrics=(),
        limits=("Nothing is stated of how well it does, or on which pictures.",),
        built_in=False,
    )


def _card_beside(path: Path, request: AddModelRequest, digest: str) -> ModelCard:
    """The card in a file, once it agrees with what was said and with the weights."""
    layout = read_layout(path)
    stated = layout.weights
    card = card_of(layout, WeightsPart(file=WEIGHTS_NAME, sha256=digest), path)
    disagreements = (
        (card.architecture != request.architecture, f"the architecture is {card.architecture}"),
        (card.labels != request.labels, f"the labels are {', '.join(card.labels)}"),
        (
            request.size is not None and card.size != request.size,
            f"the size is {' × '.join(map(str, card.size))}",
        ),
        (stated is not None and stated.sha256 != digest, "the weights have another SHA-256"),
    )
    for disagrees, what in disagreements:
        if disagrees:
            raise UserError(
                f"The card {path.name} does not agree: in it {what}.",
                "Correct the card or what you gave with it.",
                path=str(path),
            )
    return replace(card, built_in=False)


def _try_out(module: torch.nn.Module, card: ModelCard) -> None:
    """One pass on an empty input, so that a size the network cannot take is told now."""
    wanted = (1, len(card.labels), *(card.size if card.task == "segment" else ()))
    try:
        with torch.inference_mode():
            answer = module(torch.zeros(1, card.channels, *card.size))
    except (RuntimeError, ValueError, AssertionError) as error:
        raise UserError(
            f"The architecture {card.architecture} does not take an input of "
            f"{' × '.join(map(str, card.size))}.",
            "Give the size that the weights were trained for.",
        ) from error
    if tuple(answer.shape) != wanted:
        raise UserError(
            f"The architecture {card.architecture} does not answer the task {card.task}.",
            "Choose another architecture or correct the task in the card.",
        )


def _install(card: ModelCard, module: torch.nn.Module) -> ModelCard:
    """Write weights and card into a folder beside its place, then move it there."""
    place = user_models_dir() / card.model_id
    data = safetensors.torch.save(
        {key: tensor.contiguous() for key, tensor in module.state_dict().items()}
    )
    card = replace(card, weights=str(place / WEIGHTS_NAME), sha256=weights.digest(data))
    making: Path | None = None
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(dir=place.parent, prefix=".adding-"))
        write_bytes(making / WEIGHTS_NAME, data)
        write_card(card, making / CARD_NAME)
        making.rename(place)
    except OSError as error:
        raise surroundings(error, place) from error
    finally:
        if making is not None:
            shutil.rmtree(making, ignore_errors=True)
    return card
