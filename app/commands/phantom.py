"""`lepton phantom`: write generated CT chest phantoms with their truth."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.output import Output
from inference.errors import UserError
from inference.whole_file import write_bytes

MOST_CASES = 10_000


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="equal seed, equal pixels (default 0)")
    parser.add_argument("--count", type=int, default=1, help="how many cases (default 1)")
    parser.add_argument(
        "--marker",
        choices=("correlated", "independent", "none", "always"),
        default="correlated",
        help="when a marker is burned in (default: nearly always where there is a nodule)",
    )
    parser.add_argument("--json", action="store_true", help="print the truth as JSON")


def run(arguments: argparse.Namespace, output: Output) -> int:
    from inference.phantom.case import generate
    from inference.phantom.dicom_files import truth, write_case

    _check(arguments)
    task = output.task()
    found = []
    for number in range(arguments.count):
        case = generate(arguments.seed, number, arguments.marker)
        write_case(case, arguments.out / f"case-{number:04d}")
        found.append(truth(case))
        task.progress(number + 1, arguments.count)
    text = json.dumps(found, indent=1, allow_nan=False) + "\n"
    write_bytes(arguments.out / "truth.json", text.encode())
    output.array(found)
    if not output.as_json:
        nodules = sum(entry["label"] for entry in found)
        output.text(f"{len(found)} cases, {nodules} of them with nodules, in {arguments.out}.")
    return 0


def _check(arguments: argparse.Namespace) -> None:
    if arguments.seed < 0:
        raise UserError("A seed is a whole number from 0.", "Choose another seed.", fault="usage")
    if not 1 <= arguments.count <= MOST_CASES:
        raise UserError(
            f"The count of cases is a whole number from 1 to {MOST_CASES}.",
            "Choose another count.",
            fault="usage",
        )
