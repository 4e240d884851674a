"""`lepton entries`: list the box of entries."""

from __future__ import annotations

import argparse

from app.output import Output


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def run(arguments: argparse.Namespace, output: Output) -> int:
    from inference.entries import describe, list_entries
    from inference.requests import OpenRequest

    entries = list_entries(OpenRequest(()), output.task())
    output.document("entries", {"entries": [describe(entry) for entry in entries]})
    if not output.as_json:
        for entry in entries:
            output.text(f"{entry.name}  ({entry.status})\n  {entry.title}. {entry.purpose}")
            for figure in entry.expected:
                output.text(f"  {figure}")
    return 0
