"""`lepton explain`: show why a model answers as it does, as a map over the frame."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.commands.one_source import open_one
from app.commands.render import check_frame
from app.explanation_files import all_warnings, result_body, write_explanation
from app.map_files import FORMATS, export_maps
from app.map_requests import ExportRequest
from app.output import Output
from app.report import VERDICTS, Section, completeness_words
from inference.card_files import find_model
from inference.cards import differences
from inference.errors import UserError
from inference.records import Attribution, Frame, Prediction, Region, Source
from inference.requests import ExplainRequest, PredictRequest, read_request
from inference.sources.region_files import chosen_in, read_region
from inference.sources.registry import read_frames
from inference.task import Task
from inference.whole_file import refuse_unwritable

if TYPE_CHECKING:
    from explain.attempt import Explanation


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("path", help="a file or folder")
    parser.add_argument("--source", metavar="ID", help="which source, where PATH holds several")
    parser.add_argument("--model", metavar="ID", required=True, help="see lepton models")
    parser.add_argument("--method", metavar="NAME", required=True, help="see lepton methods")
    parser.add_argument(
        "--target", metavar="LABEL|INDEX", help="what to explain (default: the top label)"
    )
    parser.add_argument(
        "--against", metavar="LABEL|INDEX", help="explain why the target and not this label"
    )
    parser.add_argument("--output", choices=("logit", "probability"), default="logit")
    parser.add_argument(
        "--layer", metavar="L", help="a layer by its name, for methods that look at one"
    )
    parser.add_argument(
        "--frame",
        type=int,
        metavar="N",
        help="0-based (default 0; of a volume the frame that shows most of the target)",
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        type=option,
        metavar="k=v",
        help="an option of the method; may be given several times",
    )
    parser.add_argument(
        "--baseline",
        metavar="NAME|FILE",
        default="card",
        help="what the input is compared with: card, zero, blur, mean, padding, or a picture",
    )
    parser.add_argument(
        "--region", metavar="FILE", help="a mask of what the model should look at, to judge by"
    )
    parser.add_argument(
        "--within",
        metavar="FILE",
        help="a mask that the target of a segmentation is summed over, in place of what was found",
    )
    parser.add_argument(
        "--belief", action="store_true", help="run all checks of how far to believe the map"
    )
    parser.add_argument(
        "--check", action="append", default=[], metavar="NAME", help="run this check; repeatable"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument(
        "--device", metavar="D", default="auto", help="auto, cpu, cuda, cuda:1, mps"
    )
    parser.add_argument(
        "--format",
        type=_formats,
        default=(),
        metavar="NAME[,NAME]",
        help=f"write the map as well as {', '.join(FORMATS)}",
    )
    parser.add_argument("--raw", action="store_true", help="leave the tensors as well")
    parser.add_argument(
        "--identified", action="store_true", help="name the patient and the file in the outputs"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one document on standard output")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Predict, explain, write the files, and print the result."""
    task = output.task()
    card = find_model(arguments.model, task)
    source = open_one(arguments.path, arguments.source, task)
    if arguments.frame is not None:
        check_frame(source, arguments.frame)
    for name in arguments.format:
        FORMATS[name].refuse(source)
    refuse_unwritable(arguments.out)
    volume = len(card.size) == 3
    # A model of volumes looks at the whole source, whichever frame was asked for.
    seen = tuple(range(source.frames)) if volume else (arguments.frame or 0,)
    frames = read_frames(read_request(source, seen), task)
    baseline, reference = _baseline(arguments.baseline, task)
    request = ExplainRequest(
        frames,
        index=(arguments.frame or 0) if volume else 0,
        card=card,
        method=arguments.method,
        target=arguments.target,
        output=arguments.output,
        layer=arguments.layer,
        options=tuple(arguments.option),
        seed=arguments.seed,
        device=arguments.device,
        warnings=differences(source, card),
        against=arguments.against,
        baseline=baseline,
        reference=reference,
        checks=("all",) if arguments.belief else tuple(arguments.check),
        truth=_marked(arguments.region, arguments.frame, source, task),
        within=_marked(arguments.within, arguments.frame, source, task),
    )
    section, explanation = explain_source(
        source,
        request,
        task,
        choose_frame=volume and arguments.frame is None,
        identified=arguments.identified,
    )
    write_explanation(arguments.out, section, explanation if arguments.raw else None)
    _export(arguments, section, explanation, output)
    output.document("explain", result_body(section))
    _say(section, arguments.out, output)
    return 0


def explain_source(
    source: Source,
    request: ExplainRequest,
    task: Task,
    *,
    choose_frame: bool = False,
    identified: bool = False,
) -> tuple[Section, Explanation]:
    """Explain and predict the frame that `request` asks for, with the tensors behind the map.

    With `choose_frame` it is, of a volume, the frame that shows most of the target, or of the
    region that this was restricted to.
    """
    from explain.explain import explain_with_tensors  # torch: only once there is something to do
    from explain.one_frame import telling_frame
    from inference.predict import predict

    # First what may be asked wrongly, then the rest.
    explanation = explain_with_tensors(request, task)
    maps = explanation.attributions
    volume = len(maps) > 1
    asked = PredictRequest(
        request.frames if volume else (request.frames[request.index],),
        request.card,
        request.device,
        warnings=request.warnings,
    )
    predictions = predict(asked, task)
    place = request.index if volume else 0
    if choose_frame and request.within is not None:
        place = telling_frame(source, request.within)
    elif choose_frame:
        place = _most_telling(predictions, maps)
    frame = request.frames[place if volume else request.index]
    section = Section(source, frame, predictions[place], maps[place], identified)
    within = request.within.origin if request.within is not None else ""
    return replace(section, within=within), explanation


def _most_telling(predictions: Sequence[Prediction], maps: Sequence[Attribution]) -> int:
    """The frame with the most of the target's region; without regions that of the strongest map."""
    masks = [one.mask for one in predictions if one.mask is not None]
    if masks:
        return int(np.argmax([np.count_nonzero(mask == maps[0].target) for mask in masks]))
    return int(np.argmax([np.abs(one.map).sum() for one in maps]))


def _baseline(text: str, task: Task) -> tuple[str, Frame | None]:
    """A baseline's name, and the picture where a file was named: its frame 0, or N of "file#N"."""
    from explain.baselines import BASELINES

    path, choice = chosen_in(text)
    if text in BASELINES or not path.exists():
        return text, None  # an unknown name is refused where all names are known
    source = open_one(str(path), None, task)
    if choice is not None and not choice.isdecimal():
        raise UserError(
            f"{choice} is no frame of {path.name}.", f"Write {path.name}#0.", fault="usage"
        )
    index = int(choice or 0)
    check_frame(source, index)
    return "picture", read_frames(read_request(source, (index,)), task)[0]


def _marked(path: str | None, frame: int | None, source: Source, task: Task) -> Region | None:
    return None if path is None else read_region(path, source, task, frame)


def option(text: str) -> tuple[str, str]:
    """ "k=v" as a pair; the method checks what it means."""
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"{text} is not of the form k=v")
    return name, value


def _export(
    arguments: argparse.Namespace, section: Section, explanation: Explanation, output: Output
) -> None:
    """The map, or of a model of volumes the maps of all frames, in each format asked for."""
    maps = explanation.attributions
    stem = "map" if len(maps) == 1 else "maps"
    for name in arguments.format:
        request = ExportRequest(
            str(arguments.out / f"{stem}{FORMATS[name].suffix}"),
            name,
            section.source,
            tuple(maps),
            identified=arguments.identified,
        )
        for sentence in export_maps(request, output.task()).sentences:
            output.say(sentence)


def _formats(text: str) -> tuple[str, ...]:
    """Names of formats, separated by commas, each once."""
    names = tuple(dict.fromkeys(text.split(",")))
    for name in names:
        if name not in FORMATS:
            known = ", ".join(FORMATS)
            raise argparse.ArgumentTypeError(f"{name or 'nothing'} is no format; known are {known}")
    return names


def _say(section: Section, folder: Path, output: Output) -> None:
    prediction, attribution = section.prediction, section.attribution
    for sentence in all_warnings(prediction, attribution):
        output.say(sentence)
    if output.as_json:
        return
    top = prediction.labels[prediction.top]
    output.text(f"frame {attribution.key[1]}: {top} {prediction.scores[prediction.top]:.3f}")
    words = attribution.target_words or attribution.target_label
    output.text(f"explained: {words}. {completeness_words(attribution)}")
    for figure in attribution.figures:
        output.text(f"{figure.title}: {VERDICTS[figure.verdict]}{figure.sentence}")
    output.text(f"{folder} holds map.npy, overlay.png, report.html and result.json.")
