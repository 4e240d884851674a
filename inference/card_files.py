"""Cards on disk: read with their mistakes named, written whole, and listed; free of torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import platformdirs
import yaml
from pydantic import ValidationError

import resources
from inference.card_layout import SCHEMA, CardPart, WeightsPart, sentences
from inference.cards import Accepts, CardMetric, ModelCard
from inference.errors import UserError
from inference.requests import OpenRequest
from inference.task import Task
from inference.whole_file import write_bytes

CARD_NAME = "card.yaml"
LARGEST_CARD_BYTES = 1 << 20


def user_models_dir() -> Path:
    """Where the user's own models are kept, one folder each; LEPTON_DATA_DIR may move it."""
    moved = os.environ.get("LEPTON_DATA_DIR")
    data = Path(moved) if moved else platformdirs.user_data_path("lepton", appauthor=False)
    return data / "models"


def read_card(path: Path) -> ModelCard:
    """The card in one file; raises UserError that names the fields that are wrong."""
    layout = read_layout(path)
    if layout.weights is None:
        raise _invalid(path, "weights: the file and its sha256 are missing")
    return card_of(layout, layout.weights, path)


def read_layout(path: Path) -> CardPart:
    """What a card file says, checked; a card for weights still to be added may name none."""
    try:
        if path.stat().st_size > LARGEST_CARD_BYTES:
            raise _invalid(path, "it is larger than a card can be")
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"The model card {path.name} cannot be read: {error.strerror}.",
            "Check its place and your permission to read it.",
            path=str(path),
        ) from error
    except UnicodeDecodeError as error:
        raise _invalid(path, "it is not UTF-8 text") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _invalid(path, f"it is not YAML{_place(error)}") from error
    if not isinstance(content, dict):
        raise _invalid(path, "it holds no fields")
    try:
        return CardPart.model_validate(content)
    except ValidationError as error:
        raise _invalid(path, sentences(error)) from error


def card_of(layout: CardPart, weights: WeightsPart, path: Path) -> ModelCard:
    """The record of a card that stands at `path`, its weights beside it."""
    accepts, entry, network = layout.accepts, layout.input, layout.network
    spacing, clip = accepts.spacing_mm, entry.clip
    return ModelCard(
        model_id=layout.id,
        title=layout.title,
        task=layout.task,
        labels=tuple(layout.labels),
        accepts=Accepts(
            modalities=tuple(accepts.modalities),
            body_parts=tuple(accepts.body_parts),
            photometric=tuple(accepts.photometric),
            dimensions=accepts.dimensions,
            spacing_mm=(spacing[0], spacing[1]) if spacing else None,
            unit=accepts.unit,
        ),
        input="values" if entry.values == "source" else "displayed",
        size=tuple(entry.size),
        channels=entry.channels,
        resize=entry.resize,
        orientation=entry.orientation,
        spacing_mm=entry.spacing_mm,
        mean=tuple(entry.mean),
        scale=tuple(entry.scale),
        clip=(clip[0], clip[1]) if clip else None,
        normalise=entry.normalise,
        baseline=entry.baseline,
        architecture=network.architecture,
        arguments=tuple(network.arguments.items()),
        weights=str(path.resolve().parent / weights.file),
        sha256=weights.sha256,
        activation=network.activation,
        purpose=layout.purpose,
        intended_use=layout.intended_use,
        training_data=layout.training.data,
        licence=layout.training.licence,
        metrics=tuple(
            CardMetric(m.name, m.data, m.value, m.low, m.high, m.n) for m in layout.metrics
        ),
        limits=tuple(layout.limits),
        layer=network.layer,
        built_in=path.resolve().is_relative_to(resources.path("models")),
    )


def write_card(card: ModelCard, path: Path) -> None:
    """Write `card` to `path`; its weights are taken to lie in the same folder.

    Raises UserError if the card would not be read back, or cannot be written.
    """
    fields = _fields(card)
    try:
        CardPart.model_validate(fields)
    except ValidationError as error:
        raise _invalid(path, sentences(error)) from error
    text = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=96)
    write_bytes(path, text.encode("utf-8"))


def list_models(request: OpenRequest, task: Task) -> tuple[ModelCard, ...]:
    """All models by id: those in the box first, then the user's own.

    `request` is empty; paths in it are further folders of models. A card that cannot be used is
    left out and said.
    """
    folders = [resources.path("models"), user_models_dir(), *map(Path, request.paths)]
    found: dict[str, ModelCard] = {}
    # A folder whose name begins with a dot is a model that is just being added.
    for path in (path for folder in folders for path in sorted(folder.glob(f"[!.]*/{CARD_NAME}"))):
        try:
            card = read_card(path)
        except UserError as error:
            task.note(f"A model was left out. {error.message}")
            continue
        if card.model_id in found:
            task.note(f"A second model named {card.model_id} was left out.")
        else:
            found[card.model_id] = card
    return tuple(found.values())


def find_model(model_id: str, task: Task) -> ModelCard:
    """The model of that id; raises UserError (usage) that names those there are."""
    cards = list_models(OpenRequest(()), task)
    for card in cards:
        if card.model_id == model_id:
            return card
    known = ", ".join(card.model_id for card in cards) or "none"
    raise UserError(
        f"There is no model named {model_id}.", f"Known models: {known}.", fault="usage"
    )


def _fields(card: ModelCard) -> dict[str, Any]:
    accepts = card.accepts
    return {
        "schema": SCHEMA,
        "id": card.model_id,
        "title": card.title,
        "task": card.task,
        "labels": list(card.labels),
        "purpose": card.purpose,
        "intended_use": card.intended_use,
        "accepts": {
            "modalities": list(accepts.modalities),
            "body_parts": list(accepts.body_parts),
            "photometric": list(accepts.photometric),
            "dimensions": accepts.dimensions,
            "spacing_mm": list(accepts.spacing_mm) if accepts.spacing_mm else None,
            "unit": accepts.unit,
        },
        "input": {
            "values": "source" if card.input == "values" else "displayed",
            "size": list(card.size),
            "channels": card.channels,
            "resize": card.resize,
            "orientation": card.orientation,
            "spacing_mm": card.spacing_mm,
            "normalise": card.normalise,
            "mean": list(card.mean),
            "scale": list(card.scale),
            "clip": list(card.clip) if card.clip else None,
            "baseline": card.baseline,
        },
        "network": {
            "architecture": card.architecture,
            "arguments": dict(card.arguments),
            "layer": card.layer,
            "activation": card.activation,
        },
        "weights": {"file": Path(card.weights).name, "sha256": card.sha256},
        "training": {"data": card.training_data, "licence": card.licence},
        "metrics": [_metric(metric) for metric in card.metrics],
        "limits": list(card.limits),
    }


def _metric(metric: CardMetric) -> dict[str, Any]:
    return {
        "name": metric.name,
        "data": metric.data,
        "value": metric.value,
        "low": metric.low,
        "high": metric.high,
        "n": metric.n,
    }


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark is not None else ""


def _invalid(path: Path, what: str) -> UserError:
    named = f"{path.parent.name}/{path.name}" if path.name == CARD_NAME else path.name
    return UserError(
        f"The model card {named} is not valid: {what}.",
        "Correct it and try again.",
        path=str(path),
    )
