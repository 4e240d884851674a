"""`lepton models`: list the models, show one, add one's own weights."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.output import Output
from inference.card_files import find_model, list_models
from inference.cards import CardMetric, ModelCard
from inference.errors import UserError
from inference.requests import AddModelRequest, OpenRequest


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("--json", action="store_true", help="one document on standard output")
    parser.set_defaults(act=_list)
    acts = parser.add_subparsers(metavar="show|add")
    show = acts.add_parser("show", help="the card of one model")
    show.add_argument("model", metavar="ID")
    show.set_defaults(act=_show)
    add = acts.add_parser("add", help="your own weights for a known architecture")
    add.add_argument("file", metavar="FILE", help=".safetensors, .pth or .pt: weights alone")
    add.add_argument("--architecture", metavar="NAME", required=True, help="such as resnet18")
    add.add_argument("--labels", metavar="a,b", required=True, type=_labels)
    add.add_argument("--size", metavar=("R", "C"), nargs=2, type=_side)
    add.add_argument("--card", metavar="FILE", help="a card.yaml that says the rest")
    add.set_defaults(act=_add)
    for command in (show, add):
        # Without a default of its own, so that --json before the word still counts.
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List, show or add."""
    act: Any = arguments.act
    act(arguments, output)
    return 0


def _list(arguments: argparse.Namespace, output: Output) -> None:
    cards = list_models(OpenRequest(()), output.task())
    output.document("models", {"models": [summary(card) for card in cards]})
    if not output.as_json:
        for card in cards:
            output.text(f"{card.model_id}: {card.title} ({card.task}: {', '.join(card.labels)})")


def _show(arguments: argparse.Namespace, output: Output) -> None:
    _say_card(find_model(arguments.model, output.task()), output)


def _add(arguments: argparse.Namespace, output: Output) -> None:
    # torch: the other acts do not wait for it
    from inference.architectures import table
    from inference.models import add_model

    try:
        table.find(arguments.architecture)
    except UserError as error:  # said in the call, and not in a card: wrong use
        raise UserError(error.message, error.hint, fault="usage") from error
    request = AddModelRequest(
        file=arguments.file,
        architecture=arguments.architecture,
        labels=arguments.labels,
        size=tuple(arguments.size) if arguments.size else None,
        card=arguments.card,
    )
    card = add_model(request, output.task())
    output.say(f"Added as {card.model_id}.")
    _say_card(card, output)


def _say_card(card: ModelCard, output: Output) -> None:
    document = described(card)
    output.document("models", {"model": document})
    if not output.as_json:
        document["metrics"] = [_metric_words(metric) for metric in card.metrics]
        stated = {key: value for key, value in document.items() if value not in (None, [], {})}
        output.text("\n".join(f"{key}: {_plain(value)}" for key, value in stated.items()))


def summary(card: ModelCard) -> dict[str, Any]:
    """A card in a line."""
    return {
        "id": card.model_id,
        "title": card.title,
        "task": card.task,
        "labels": list(card.labels),
        "sha256": card.sha256,
        "built_in": card.built_in,
    }


def described(card: ModelCard) -> dict[str, Any]:
    """A card as a document: all its fields, the weights by their name alone."""
    fields = asdict(card)
    del fields["model_id"], fields["weights"]
    return {
        "id": card.model_id,
        **fields,
        "arguments": dict(card.arguments),
        "weights": Path(card.weights).name,
    }


def _labels(words: str) -> tuple[str, ...]:
    labels = tuple(word.strip() for word in words.split(","))
    if not all(labels):
        raise argparse.ArgumentTypeError("labels are words with commas between them")
    if len(set(labels)) < len(labels):
        raise argparse.ArgumentTypeError("each label may stand there once")
    return labels


def _side(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError(f"{word} is no number of pixels")
    return int(word)


def _metric_words(metric: CardMetric) -> str:
    low, high = metric.low, metric.high
    between = f" ({low:g}–{high:g})" if low is not None and high is not None else ""
    return f"{metric.name} {metric.value:g}{between} on {metric.data} (n = {metric.n})"


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(item)}" for key, item in value.items() if item)
    if isinstance(value, (list, tuple)):
        return "; ".join(_plain(item) for item in value)
    return str(value)
