"""`lepton labels export` and `lepton labels import`: labels out of a project, and into one."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.output import Output


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("--json", action="store_true", help="one document on standard output")
    acts = parser.add_subparsers(metavar="export|import", required=True)
    export = acts.add_parser("export", help="write labels of a project in another format")
    export.add_argument("path", metavar="PATH", type=Path, help="the file or folder to write")
    export.add_argument("--format", required=True, metavar="F", help="coco, yolo, png, nifti, …")
    export.add_argument("--label", action="append", default=[], metavar="L", help="this label only")
    export.add_argument(
        "--source", action="append", default=[], metavar="ID", help="this scan only"
    )
    export.add_argument(
        "--identified", action="store_true", help="name scans by their files, and the patients"
    )
    export.set_defaults(act=_export)
    bring = acts.add_parser("import", help="read labels of another format into a project")
    bring.add_argument("path", metavar="PATH", type=Path, help="the file or folder to read")
    bring.add_argument(
        "--format", default="", metavar="F", help="what it is, without it by looking"
    )
    bring.add_argument(
        "--sources", nargs="+", default=[], metavar="SCAN", help="add these scans to the project"
    )
    bring.set_defaults(act=_import)
    for one in (export, bring):
        one.add_argument("--project", required=True, type=Path, metavar="P", help="its folder")
        # Without a default of its own, so that --json before the word still counts.
        one.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Export or import; wrong files are refused with place and reason, and nothing is taken."""
    document, sentences = arguments.act(arguments, output)
    output.document("labels", document)
    if not output.as_json:
        output.text("\n".join(sentences))
    return 0


def _export(arguments: argparse.Namespace, output: Output) -> tuple[dict[str, Any], list[str]]:
    from app.label_exchange import export_labels, words_written
    from app.label_requests import LabelsOutRequest

    request = LabelsOutRequest(
        str(arguments.project),
        arguments.format,
        str(arguments.path),
        tuple(dict.fromkeys(arguments.source)),
        tuple(dict.fromkeys(arguments.label)),
        arguments.identified,
    )
    written = export_labels(request, output.task())
    document = {
        "act": "export",
        "format": arguments.format,
        "files": written.files,
        "annotations": written.annotations,
        "left_out": written.left_out,
        "unmatched": (),
        "labels_added": (),
    }
    return document, [words_written(written), *written.left_out]


def _import(arguments: argparse.Namespace, output: Output) -> tuple[dict[str, Any], list[str]]:
    from app.label_exchange import words_imported
    from app.label_import import import_labels

    found = import_labels(
        arguments.project, arguments.format, arguments.path, tuple(arguments.sources), output.task()
    )
    read, labels = found.read, found.labels_added
    document = {
        "act": "import",
        "format": found.format.name,
        "files": None,
        "annotations": len(read.annotations),
        "left_out": (),
        "unmatched": read.unmatched,
        "labels_added": labels,
    }
    lines = [words_imported(len(read.annotations), found.sources)]
    if labels:
        lines.append(f"New labels: {', '.join(labels)}.")
    lines += [f"No scan of the project is called {name}." for name in read.unmatched]
    return document, lines
