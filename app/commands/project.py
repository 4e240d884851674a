"""`lepton project check`: whether a project is whole."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.output import Output

if TYPE_CHECKING:
    from app.store.check import Report

DAMAGED = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("--json", action="store_true", help="one document on standard output")
    acts = parser.add_subparsers(metavar="check", required=True)
    check = acts.add_parser("check", help="whether a project is whole")
    check.add_argument("project", metavar="P", type=Path, help="the folder of a project")
    # Without a default of its own, so that --json before the word still counts.
    check.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Say what was found; 3 where something is missing or damaged."""
    from app.store.check import check_project

    report = check_project(arguments.project, output.task())
    output.document("project-check", _document(report))
    if not output.as_json:
        output.text("\n".join(_lines(report)))
    return DAMAGED if report.faults else 0


def _document(report: Report) -> dict[str, Any]:
    arrays = asdict(report.arrays)
    return {
        "project": report.name,
        "schema_version": report.schema,
        "whole": not report.faults,
        "faults": report.faults,
        **{name: report.counts.get(name) for name in ("annotations", "versions", "acts", "models")},
        "arrays": {
            **arrays,
            "missing": len(report.arrays.missing),
            "changed": len(report.arrays.changed),
        },
        "backups": {"good": report.backups, "damaged": report.damaged_backups},
        "sources": {"count": report.sources, "missing": report.missing_sources},
    }


def _lines(report: Report) -> list[str]:
    lines = [f"The project {report.name} is {'damaged' if report.faults else 'whole'}."]
    lines += report.faults
    lines += [f"{number} {name}." for name, number in report.counts.items()]
    arrays = report.arrays
    lines.append(
        f"{arrays.named} arrays beside the file; {arrays.unreferenced} more that nothing names"
        f" ({arrays.unreferenced_bytes / 1e6:.1f} MB)."
    )
    lines.append(f"{report.backups} good backups, {report.damaged_backups} damaged.")
    scans = "1 scan" if report.sources == 1 else f"{report.sources} scans"
    lines.append(f"{scans}, {len(report.missing_sources)} not where they were.")
    return lines
