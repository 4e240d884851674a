"""`lepton compare`: two to six maps of one frame beside each other, and what they agree on."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.explain import explain_source
from app.commands.one_source import open_one
from app.commands.render import check_frame
from app.comparison_pictures import agreed_picture, side_by_side
from app.explanation_files import all_warnings, npy_bytes
from app.output import Output, encode
from app.pictures import png_bytes
from app.report import Section
from inference.card_files import find_model
from inference.cards import ModelCard
from inference.display_overlay import robust_limit
from inference.errors import UserError
from inference.records import Source
from inference.sources.region_files import read_region
from inference.task import Task
from inference.whole_file import refuse_unwritable, write_bytes

if TYPE_CHECKING:
    from explain.agreement import Agreement, Consensus

FEWEST, MOST = 2, 6


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("path", help="a file or folder")
    parser.add_argument("--source", metavar="ID", help="which source, where PATH holds several")
    parser.add_argument("--model", metavar="ID[,ID]", required=True, type=words)
    parser.add_argument("--methods", metavar="a,b", required=True, type=words)
    parser.add_argument("--target", metavar="LABEL[,LABEL]", type=words, default=(None,))
    parser.add_argument("--layer", metavar="L[,L]", type=words, default=(None,))
    parser.add_argument("--frame", type=int, metavar="N", help="0-based, as for explain")
    parser.add_argument("--region", metavar="FILE", help="a mask of what ought to be looked at")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--device", metavar="D", default="auto")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one document on standard output")


def words(text: str) -> tuple[str, ...]:
    """ "a,b" as its parts, each once."""
    parts = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if not all(parts):
        raise argparse.ArgumentTypeError(f"{text} names nothing between two commas")
    return parts


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Explain each way that was asked for, write the files, and print the result."""
    task = output.task()
    cards = tuple(find_model(model, task) for model in arguments.model)
    asked = _ways(arguments, cards)
    source = open_one(arguments.path, arguments.source, task)
    refuse_unwritable(arguments.out)
    sections = _sections(arguments, asked, source, task)
    agreement, together, grid = _compared(sections)
    body = _body(sections, agreement, together, grid)
    _write(arguments.out, sections, together, body)
    output.document("compare", body)
    for sentence in body["warnings"]:
        output.say(sentence)
    if not output.as_json:
        _describe(body, arguments.out, output)
    return 0


@dataclass(frozen=True)
class _Way:
    """One of the maps that were asked for."""

    card: ModelCard
    method: str
    target: str | None
    layer: str | None


def _ways(arguments: argparse.Namespace, cards: Sequence[ModelCard]) -> tuple[_Way, ...]:
    """All combinations, without the layer where the method looks at none; two to six."""
    from explain.methods import find_method, settle

    found: dict[_Way, None] = {}
    for card, target, method in product(cards, arguments.target, arguments.methods):
        known = find_method(method)
        looks = known.looks_at_layer(dict(settle(known, (), card.size)))
        for layer in arguments.layer if looks else (None,):
            found[_Way(card, method, target, layer)] = None
    if not FEWEST <= len(found) <= MOST:
        maps = "1 map" if len(found) == 1 else f"{len(found)} maps"
        raise UserError(
            f"These models, methods, targets and layers make {maps}; {FEWEST} to {MOST} can be "
            "compared.",
            "Name more of them." if len(found) < FEWEST else "Name fewer of them.",
            fault="usage",
        )
    if len({len(card.size) for card in cards}) > 1:
        raise UserError(
            "A model of volumes and one of pictures have nothing to be compared by.",
            "Compare models that see the same.",
            fault="usage",
        )
    return tuple(found)


def _sections(
    arguments: argparse.Namespace, ways: Sequence[_Way], source: Source, task: Task
) -> tuple[Section, ...]:
    """Each map with its prediction, all of one frame."""
    from explain.one_frame import question_about

    if arguments.frame is not None:
        check_frame(source, arguments.frame)
    region = arguments.region and read_region(arguments.region, source, task, arguments.frame)
    frame, found = arguments.frame, []
    for way in ways:
        request = replace(
            question_about(source, frame or 0, way.card, way.method, task),
            target=way.target,
            layer=way.layer,
            seed=arguments.seed,
            device=arguments.device,
            truth=region or None,
        )
        choose = frame is None and len(way.card.size) == 3
        section, _ = explain_source(source, request, task, choose_frame=choose)
        frame = section.frame.key[1]
        found.append(section)
    return tuple(found)


def _compared(sections: Sequence[Section]) -> tuple[Agreement, Consensus, list[int]]:
    """What speaks for the target in each cell, map beside map, on the coarsest map's cells."""
    from explain.agreement import agreement_matrix, consensus, on_shared_cells

    maps = [one.attribution for one in sections]
    cells = on_shared_cells([one.map for one in maps], [one.native for one in maps])
    matrix = agreement_matrix({str(place): one for place, one in enumerate(cells)})
    return matrix, consensus(cells), list(cells[0].shape)


def _body(
    sections: Sequence[Section], agreement: Agreement, together: Consensus, grid: list[int]
) -> dict[str, Any]:
    sentences = [
        sentence for one in sections for sentence in all_warnings(one.prediction, one.attribution)
    ]
    return {
        "source": sections[0].source.source_id,
        "frame": sections[0].attribution.key[1],
        "maps": [_map(number, one) for number, one in enumerate(sections, start=1)],
        "grid": grid,
        "rank": agreement.ranks.tolist(),
        "overlap": agreement.overlaps.tolist(),
        "agreement": {
            "rank": agreement.rank,
            "overlap": agreement.overlap,
            "enough": together.enough,
            "agreed": float(together.agreed.mean()),
            "sentence": together.words,
        },
        "warnings": list(dict.fromkeys(sentences)),
    }


def _map(number: int, section: Section) -> dict[str, Any]:
    found, answer = section.attribution, section.prediction
    made = found.provenance
    return {
        "file": f"map-{number}.npy",
        "model": {"id": made.model_id, "sha256": made.sha256},
        "prediction": {
            "top": answer.labels[answer.top],
            "score": float(answer.scores[answer.top]),
        },
        "target": {"index": found.target, "label": found.target_label},
        "method": made.method,
        "options": dict(made.options),
        "layer": found.layer,
        "baseline": found.baseline,
        "signed": found.signed,
        "native": list(found.native),
        "limit": robust_limit(found.map),
        "belief": {
            one.name: {"value": one.value, "verdict": one.verdict, "sentence": one.sentence}
            for one in found.figures
        },
        "device": made.device,
        "seconds": made.seconds,
        "seed": made.seed,
    }


def _write(
    folder: Path, sections: Sequence[Section], together: Consensus, body: dict[str, Any]
) -> None:
    """The result comes last: where it is, all the others are."""
    for number, one in enumerate(sections, start=1):
        write_bytes(folder / f"map-{number}.npy", npy_bytes(one.attribution.map))
    write_bytes(folder / "compare.png", png_bytes(side_by_side(sections)))
    votes, picture = agreed_picture(sections[0].frame, together)
    write_bytes(folder / "agreement.npy", npy_bytes(votes))
    write_bytes(folder / "agreement.png", png_bytes(picture))
    write_bytes(folder / "result.json", encode("compare", body, indent=2).encode("utf-8"))


def _describe(body: dict[str, Any], folder: Path, output: Output) -> None:
    output.text(f"frame {body['frame']} of {body['source']}")
    for number, one in enumerate(body["maps"], start=1):
        layer = f", layer {one['layer']}" if one["layer"] else ""
        what = f"{one['model']['id']}, {one['method']}{layer}, for {one['target']['label']}"
        output.text(f"{number}. {what}")
    for first in range(len(body["maps"])):
        for other in range(first + 1, len(body["maps"])):
            rank, overlap = body["rank"][first][other], body["overlap"][first][other]
            pair = f"{first + 1} and {other + 1}"
            output.text(f"{pair}: rank correlation {rank:.2f}, overlap of the tops {overlap:.0%}")
    output.text(body["agreement"]["sentence"])
    output.text(f"{folder} holds compare.png, agreement.png, the maps and result.json.")
