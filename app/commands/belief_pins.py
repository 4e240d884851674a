"""`lepton belief pin` and `lepton belief check`: maps that a model is held to."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.commands.one_source import open_one
from app.output import Output
from explain.faithfulness import PINNED_RANK
from explain.one_frame import Part, answer_to, map_of, question_about, telling_frame
from explain.regression import (
    Held,
    Pin,
    add_pin,
    cells_of,
    compare_with,
    lowest_ratio,
    not_run,
    pins_path,
    read_pins,
)
from inference.card_files import find_model
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Attribution, Prediction
from inference.requests import ExplainRequest
from inference.sources.region_files import read_region
from inference.task import Task

MOVED = 5
"""The exit code where everything ran and at least one pin does not hold."""


def pin(arguments: argparse.Namespace, output: Output) -> int:
    """Explain one case, keep its map, and print what is held."""
    task = output.task()
    _refuse_odd(arguments)
    card = find_model(arguments.model, task)
    made = _pinned(arguments, card, task)
    place = arguments.pins or pins_path(card.model_id)
    pins = add_pin(made, card.model_id, place)
    output.document("belief", {"model": _model(card), "pin": _described(made), "pins": len(pins)})
    if not output.as_json:
        output.text(f"{made.name}: {made.method} for {made.target} on frame {made.frame}.")
        if made.lowest_ratio is not None:
            output.text(
                f"The marked region holds {made.inside_ratio:.1f} times what chance would put "
                f"there; at least {made.lowest_ratio:.1f} times is asked for."
            )
        output.text(f"At least {made.lowest_rank:.2f} is asked of the rank correlation.")
        output.text(f"{card.model_id} has {len(pins)} pinned.")
    return 0


def check(arguments: argparse.Namespace, output: Output) -> int:
    """Ask the model again what was pinned, and print what moved; 5 where something did."""
    task = output.task()
    card = find_model(arguments.model, task)
    owner = arguments.against or card.model_id
    pins = read_pins(arguments.pins or pins_path(owner), owner)
    if not pins:
        raise UserError(
            f"Nothing is pinned for {owner}.", "Pin something with lepton belief pin first."
        )
    found = []
    for number, one in enumerate(pins, start=1):
        found.append(_held(one, card, arguments.device, Part(task)))
        task.progress(number, len(pins))
    body = _body(card, owner, found)
    output.document("belief", body)
    if not output.as_json:
        for held in found:
            output.text(_line(held))
        output.text(f"{body['held']} of {len(found)} hold.")
    return 0 if body["passed"] else MOVED


def _refuse_odd(arguments: argparse.Namespace) -> None:
    """Raises UserError for tolerances that nothing or everything would meet."""
    rank, ratio = arguments.lowest_rank, arguments.lowest_ratio
    if rank is not None and not -1.0 <= rank <= 1.0:
        raise UserError("A rank correlation lies from -1 to 1.", "Choose another.", fault="usage")
    if ratio is not None and (arguments.region is None or not 0.0 <= ratio < float("inf")):
        raise UserError(
            "--lowest-ratio is a number from 0, and needs a --region that it is measured in.",
            "Name the region as well.",
            fault="usage",
        )


def _pinned(arguments: argparse.Namespace, card: ModelCard, task: Task) -> Pin:
    source = open_one(arguments.case, arguments.source, task)
    marked = arguments.region
    region = marked and read_region(marked, source, task, arguments.frame)
    frame = telling_frame(source, region or None) if arguments.frame is None else arguments.frame
    request = replace(
        question_about(source, frame, card, arguments.method, task),
        target=arguments.target,
        layer=arguments.layer,
        options=tuple(arguments.option),
        seed=arguments.seed,
        device=arguments.device,
        truth=region or None,
    )
    answer, found = _asked(request, task)
    ratio = _ratio(found)
    if region and ratio is None:
        raise UserError(
            "The region lies on another frame than the one that is pinned.",
            "Name a frame on which something is marked.",
        )
    lowest = arguments.lowest_ratio
    return Pin(
        name=arguments.name or f"{source.source_id}-{frame}-{arguments.method}",
        path=_whole(arguments.case),
        source=source.source_id,
        frame=frame,
        method=arguments.method,
        target=found.target_label,
        layer=found.layer,
        options=dict(found.provenance.options),
        seed=arguments.seed,
        region=_whole(marked) if marked else None,
        sha256=card.sha256,
        answer=answer.labels[answer.top],
        inside_ratio=ratio,
        lowest_ratio=lowest_ratio(ratio) if lowest is None and ratio is not None else lowest,
        lowest_rank=PINNED_RANK if arguments.lowest_rank is None else arguments.lowest_rank,
        cells=cells_of(found),
    )


def _held(pin: Pin, card: ModelCard, device: str, task: Task) -> Held:
    """One pin on a model; what cannot be asked any more does not hold."""
    try:
        source = open_one(pin.path, pin.source, task)
        region = pin.region and read_region(pin.region, source, task, pin.frame)
        request = replace(
            question_about(source, pin.frame, card, pin.method, task),
            target=pin.target,
            layer=pin.layer,
            options=tuple(pin.options.items()),
            seed=pin.seed,
            device=device,
            truth=region or None,
        )
        answer, found = _asked(request, task)
    except UserError as error:
        return not_run(pin, error.message)
    return compare_with(pin, found, answer.labels[answer.top])


def _asked(request: ExplainRequest, task: Task) -> tuple[Prediction, Attribution]:
    """The map first: it is where a wrong question is refused."""
    found = map_of(request, task)
    return answer_to(request, task), found


def _ratio(found: Attribution) -> float | None:
    value = next((one.value for one in found.figures if one.name == "inside_ratio"), None)
    return None if value is None else float(value)


def _whole(path: str) -> str:
    """A path as it is kept; raises UserError for one that a text file cannot hold."""
    found = str(Path(path).absolute())
    try:
        found.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError(
            "The path of this file cannot be written as text, so it cannot be pinned.",
            "Give the file or its folder another name.",
            path=path,
        ) from error
    return found


def _model(card: ModelCard) -> dict[str, str]:
    return {"id": card.model_id, "sha256": card.sha256}


def _described(pin: Pin) -> dict[str, Any]:
    """A pin without the paths of its files, which may name somebody, and without its cells."""
    return pin.model_dump(exclude={"path", "region", "cells"})


def _body(card: ModelCard, owner: str, found: list[Held]) -> dict[str, Any]:
    held = sum(one.passed for one in found)
    return {
        "model": _model(card),
        "pinned_to": owner,
        "passed": held == len(found),
        "held": held,
        "pins": [_entry(one) for one in found],
    }


def _entry(held: Held) -> dict[str, Any]:
    pin = held.pin
    return {
        "name": pin.name,
        "source": pin.source,
        "frame": pin.frame,
        "method": pin.method,
        "target": pin.target,
        "passed": held.passed,
        "inside_ratio": {"pinned": pin.inside_ratio, "lowest": pin.lowest_ratio, "now": held.ratio},
        "rank": {"lowest": pin.lowest_rank, "now": held.rank},
        "overlap": held.overlap,
        "answer": {"pinned": pin.answer, "now": held.answer},
        "reasons": list(held.reasons),
    }


def _line(held: Held) -> str:
    pin = held.pin
    words = [f"{'holds' if held.passed else 'MOVED'}  {pin.name}"]
    if held.rank is not None:
        words.append(f"rank correlation {held.rank:.2f}")
    if held.ratio is not None and pin.inside_ratio is not None:
        words.append(f"inside ratio {pin.inside_ratio:.1f} then, {held.ratio:.1f} now")
    if held.answer not in (None, pin.answer):
        words.append(f"answer {pin.answer} then, {held.answer} now")
    return ", ".join(words) + "".join(f"\n       {reason}" for reason in held.reasons)
