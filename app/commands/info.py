"""`lepton info`: what is in files and folders, in words or as one JSON document."""

from __future__ import annotations

import argparse
from typing import Any

from app.commands.one_source import nothing_opened
from app.output import Output
from inference.errors import UserError
from inference.records import DicomObject, ObjectKind, Opened, Source
from inference.requests import OpenRequest
from inference.sources.orders import RULE_WORDS
from inference.sources.registry import open_sources, value_range
from inference.task import Task


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="a file or folder")
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument(
        "--values", action="store_true", help="read all pixels for the range of values"
    )


def run(arguments: argparse.Namespace, output: Output) -> int | None:
    """Describe every source and object; 3 by UserError where nothing at all could be opened."""
    task = output.task()
    paths = tuple(arguments.paths)
    opened = open_sources(OpenRequest(paths), task)
    if not opened.sources and not opened.objects:
        raise nothing_opened(paths, opened)
    described = [describe(source, task, values=arguments.values) for source in opened.sources]
    output.document(
        "info",
        {"sources": described, "refused": _refused(opened), "objects": _objects(opened)},
    )
    if not output.as_json:
        for source, words in zip(opened.sources, described, strict=True):
            output.text(_in_words(source, words))
        for found in opened.objects:
            output.text(_object_in_words(found))
    for refused in opened.refused:
        output.say(refused.reason)
    return None


def describe(source: Source, task: Task, *, values: bool) -> dict[str, Any]:
    """One source as docs/cli.md fixes it; the value range only where it was asked for."""
    found: tuple[float, float] | None = None
    warnings = list(source.warnings)
    if values:
        try:
            found = value_range(source, task)
        except UserError as error:
            warnings.append(error.message)
    described: dict[str, Any] = {
        "id": source.source_id,
        "kind": source.kind,
        "modality": source.modality,
        "frames": source.frames,
        "shape": source.shape,
        "samples": source.samples,
        "spacing_mm": source.spacing_mm,
        "spacing_source": source.spacing_source,
        "affine": source.affine,
        "order_rule": source.order_rule,
        "transfer_syntax": source.transfer_syntax,
        "photometric": source.photometric,
        "value_range": found,
        "unit": source.unit,
        "warnings": warnings,
    }
    if source.positions_mm is not None:
        described["positions_mm"] = source.positions_mm
    return described


def _refused(opened: Opened) -> list[dict[str, str]]:
    return [{"path": refused.path, "reason": refused.reason} for refused in opened.refused]


def _objects(opened: Opened) -> list[dict[str, Any]]:
    return [
        {
            "id": found.object_id,
            "kind": found.kind,
            "title": found.title,
            "modality": found.modality,
            "details": found.details,
        }
        for found in opened.objects
    ]


_OBJECT_WORDS: dict[ObjectKind, str] = {
    "segmentation": "segmentation",
    "structure_set": "structure set",
    "parametric_map": "parametric map",
    "report": "report",
    "other": "no picture",
}


def _object_in_words(found: DicomObject) -> str:
    lines = [f"{found.object_id}  {found.title} ({_OBJECT_WORDS[found.kind]})"]
    lines.extend(f"  {sentence}" for sentence in found.details)
    return "\n".join(lines)


def _order(source: Source) -> str:
    """By what frames are ordered, and by what else they could be."""
    if source.frames == 1:
        return ""
    others = " or ".join(RULE_WORDS[order.rule] for order in source.orders)
    return f", by {RULE_WORDS[source.order_rule]}" + (f" (or by {others})" if others else "")


def _in_words(source: Source, described: dict[str, Any]) -> str:
    rows, columns = source.shape
    frames = "1 frame" if source.frames == 1 else f"{source.frames} frames"
    what = ", ".join(filter(None, (source.kind, source.modality)))
    lines = [f"{source.source_id}  {source.title} ({what})"]
    lines.append(f"  {frames} of {rows} × {columns} pixels{_order(source)}")
    if source.spacing_mm is not None:
        sizes = " × ".join(f"{size:.4g}" for size in source.spacing_mm if size is not None)
        lines.append(f"  {sizes} mm ({source.spacing_source})")
    if described["value_range"] is not None:
        low, high = described["value_range"]
        lines.append(f"  values {low:g} to {high:g} {source.unit or ''}".rstrip())
    if source.lossy:
        lines.append(f"  {source.lossy}")
    lines.extend(f"  {sentence}" for sentence in described["warnings"])
    return "\n".join(lines)
