"""`lepton entry`: run one entry of the box, its models one after the other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.output import Output, encode
from inference.task import Task

if TYPE_CHECKING:
    from inference.entry import Entry, LabelWalk
    from inference.records import Source


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="see lepton entries")
    parser.add_argument("--out", type=Path, help="folder to write to (default lepton-entry-NAME)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, output: Output) -> int:
    from app.commands.one_source import open_one
    from inference.entries import describe, find_entry, source_of
    from inference.whole_file import write_bytes

    entry = find_entry(arguments.name)
    folder = arguments.out or Path(f"lepton-entry-{entry.name}")
    task = output.task()
    place = source_of(entry, folder / "source")
    source = open_one(str(place), None, task)
    results = {
        model: _explain(entry, model, source, folder / model, task) for model in entry.models
    }
    body: dict[str, Any] = {"entry": describe(entry), "results": results}
    if entry.walk is not None:
        body["labelling"] = _walk(entry, entry.walk, source, folder, task)
    write_bytes(folder / "result.json", encode("entry", body, indent=2).encode("utf-8"))
    output.document("entry", body)
    for result in results.values():
        for sentence in result["warnings"]:
            output.say(sentence)
    if not output.as_json:
        _describe(entry, results, output)
        if "labelling" in body:
            _describe_walk(body["labelling"], output)
        output.text(f"Pictures, maps and reports are in {folder}.")
    return 0


def _explain(entry: Entry, model: str, source: Source, folder: Path, task: Task) -> dict[str, Any]:
    """One model on the entry's source: the files of an explanation, and the document in them."""
    from app.commands.explain import explain_source
    from app.explanation_files import result_body, write_explanation
    from inference.card_files import find_model
    from inference.cards import differences
    from inference.requests import ExplainRequest, read_request
    from inference.sources.registry import read_frames

    card = find_model(model, task)
    volume = len(card.size) == 3
    seen = tuple(range(source.frames)) if volume else (entry.frame,)
    request = ExplainRequest(
        read_frames(read_request(source, seen), task),
        index=entry.frame if volume else 0,
        card=card,
        method=entry.method,
        target=entry.target,
        warnings=differences(source, card),
    )
    section, _ = explain_source(source, request, task)
    write_explanation(folder, section)
    return result_body(section)


def _walk(
    entry: Entry, walk: LabelWalk, source: Source, folder: Path, task: Task
) -> dict[str, Any]:
    """The steps of labelling done by functions, and their figures as the document has them."""
    from dataclasses import asdict

    from inference.card_files import find_model
    from inference.predict import predict
    from inference.requests import PredictRequest, read_request
    from inference.sources.registry import read_frames
    from inference.walkthrough import walk_through

    frames = read_frames(read_request(source, tuple(range(source.frames))), task)
    predictions = predict(PredictRequest(frames, find_model(entry.models[0], task)), task)
    return {"label": walk.label, **asdict(walk_through(walk, source, predictions, folder, task))}


def _describe_walk(found: dict[str, Any], output: Output) -> None:
    first, last = found["frames"][0], found["frames"][-1] + 2
    words = f"{found['label']}, interpolated between slices {first} and {last}"
    output.text(f"{words}: Dice {found['interpolated']:.3f} with the known masks")
    output.text(f"{found['label']}, as the model has it: Dice {found['accepted']:.3f}")
    output.text(f"exported: {found['annotations']} masks as NIfTI")


def _describe(entry: Entry, results: dict[str, dict[str, Any]], output: Output) -> None:
    output.text(f"{entry.title}. {entry.purpose}")
    for model, result in results.items():
        prediction = result["prediction"]
        score = prediction["scores"][prediction["top"]]
        output.text(f"{model}: {prediction['top']} {score:.3f}")
    for figure in entry.expected:
        output.text(f"expected: {figure}")
