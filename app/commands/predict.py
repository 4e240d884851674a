"""`lepton predict`: run a model on a source, and say what it answers."""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.commands.one_source import open_one
from app.output import Output, encode
from inference.card_files import find_model
from inference.cards import ModelCard, differences
from inference.errors import UserError
from inference.records import Prediction, Source
from inference.requests import PredictRequest, read_request
from inference.sources.registry import read_frames
from inference.whole_file import refuse_unwritable, write_bytes

MASK_NAME = "mask.npy"
RESULT_NAME = "result.json"


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("path", help="a file or folder")
    parser.add_argument("--source", metavar="ID", help="which source, where PATH holds several")
    parser.add_argument("--model", metavar="ID", required=True, help="see lepton models")
    parser.add_argument("--frame", metavar="N|all", default="all", type=_frame_word)
    parser.add_argument(
        "--device", metavar="D", default="auto", help="auto, cpu, cuda, cuda:1, mps"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help="where to leave result and masks")
    parser.add_argument("--json", action="store_true", help="one document on standard output")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Predict, write what was asked for, and print the result."""
    task = output.task()
    card = find_model(arguments.model, task)
    source = open_one(arguments.path, arguments.source, task)
    wanted = _wanted(arguments.frame, source)
    if arguments.out is not None:
        refuse_unwritable(arguments.out)
    # A model of volumes looks at the whole source, whichever frame was asked for.
    seen = tuple(range(source.frames)) if len(card.size) == 3 else wanted
    warnings = differences(source, card)
    frames = read_frames(read_request(source, seen), task)

    from inference.predict import predict  # torch: only once there is something to predict

    began = time.perf_counter()
    request = PredictRequest(frames, card, device=arguments.device, warnings=warnings)
    predictions = predict(request, task)
    seconds = time.perf_counter() - began
    chosen = [one for one in predictions if one.key[1] in wanted]
    masked = any(one.mask is not None for one in chosen) and arguments.out is not None
    body = _body(source, card, chosen, seconds, MASK_NAME if masked else None)
    if arguments.out is not None:
        _write(arguments.out, chosen, body)
    output.document("predict", body)
    if not output.as_json:
        output.text(_words(chosen))
    for warning in body["warnings"]:
        output.say(warning)
    return 0


def _frame_word(word: str) -> int | None:
    """A frame's index, or None for all."""
    if word == "all":
        return None
    if not word.isdecimal():
        raise argparse.ArgumentTypeError(f"{word} is neither a frame's number nor all")
    return int(word)


def _wanted(frame: int | None, source: Source) -> tuple[int, ...]:
    if frame is None:
        return tuple(range(source.frames))
    if frame >= source.frames:
        raise UserError(
            f"There is no frame {frame}; the source has {source.frames}, counted from 0.",
            "Choose one of them, or all.",
            fault="usage",
        )
    return (frame,)


def _body(
    source: Source,
    card: ModelCard,
    predictions: Sequence[Prediction],
    seconds: float,
    mask: str | None,
) -> dict[str, Any]:
    # Each prediction carries the warnings of its batch; a person reads each sentence once.
    warnings = dict.fromkeys(sentence for one in predictions for sentence in one.warnings)
    return {
        "source": source.source_id,
        "model": {"id": card.model_id, "sha256": card.sha256},
        "device": predictions[-1].provenance.device,
        "seconds": seconds,
        "activation": card.activation,
        "warnings": list(warnings),
        "frames": [
            {
                "index": one.key[1],
                "scores": {
                    label: float(score) for label, score in zip(one.labels, one.scores, strict=True)
                },
                "top": one.labels[one.top],
                "boxes": [],
                "mask": mask,
            }
            for one in predictions
        ],
    }


def _write(folder: Path, predictions: Sequence[Prediction], body: dict[str, Any]) -> None:
    masks = [one.mask for one in predictions if one.mask is not None]
    if masks:
        data = io.BytesIO()
        np.save(data, np.stack(masks), allow_pickle=False)
        write_bytes(folder / MASK_NAME, data.getvalue())
    write_bytes(folder / RESULT_NAME, encode("predict", body, indent=2).encode("utf-8"))


def _words(predictions: Sequence[Prediction]) -> str:
    """One line a frame: the top label first, then the others."""
    lines = []
    for one in predictions:
        order = np.argsort(-one.scores, kind="stable")
        scores = ", ".join(f"{one.labels[k]} {one.scores[k]:.3f}" for k in order[:5])
        lines.append(f"frame {one.key[1]}: {scores}")
    return "\n".join(lines)
