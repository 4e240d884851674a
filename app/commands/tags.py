"""`lepton tags`: all elements of a DICOM file, without the patient unless asked for."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable

from app.output import Output
from inference.records import TagRow
from inference.requests import TagsRequest
from inference.sources.objects.tags import read_tags

WITHHELD = "(withheld; --identified shows it)"
_NAMES = ("(0010,0010)", "(0010,0020)", "(0010,1000)", "(0010,1001)")
"""Patient's name and id, and the other ones."""

_SHORTEST_NAME = 3


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command."""
    parser.add_argument("path", metavar="PATH", help="a DICOM file")
    parser.add_argument("--identified", action="store_true", help="with the patient's data")
    parser.add_argument("--json", action="store_true", help="one JSON document")


def run(arguments: argparse.Namespace, output: Output) -> int | None:
    """List the elements; 3 by UserError where the file has none."""
    found = read_tags(TagsRequest(arguments.path), output.task())
    rows = found.rows if arguments.identified else tuple(_withheld(found.rows))
    listed = [
        {"depth": row.depth, "tag": row.tag, "vr": row.vr, "name": row.name, "value": row.value}
        for row in rows
    ]
    output.document("tags", {"rows": listed, "cut": found.cut})
    if not output.as_json:
        output.text("\n".join(map(_line, rows)))
    if found.cut:
        output.say("There are more elements than are listed.")
    return None


def _line(row: TagRow) -> str:
    words = " ".join(filter(None, (row.tag, row.vr, row.name)))
    return "  " * row.depth + (f"{words}: {row.value}" if row.value else words)


def _withheld(rows: tuple[TagRow, ...]) -> Iterable[TagRow]:
    names = _names(rows)
    for row in rows:
        hidden = row.value and (_is_personal(row) or any(one in row.value.lower() for one in names))
        yield TagRow(row.depth, row.tag, row.vr, row.name, WITHHELD) if hidden else row


def _is_personal(row: TagRow) -> bool:
    if row.vr == "SQ" or not row.tag:
        return False
    group = int(row.tag[1:5], 16)
    return row.vr == "PN" or group == 0x0010 or group % 2 == 1


def _names(rows: Iterable[TagRow]) -> set[str]:
    """The words of the patient's name and id, in small letters."""
    found = set()
    for row in rows:
        if row.tag in _NAMES:
            found |= {part.lower() for part in re.split(r"[\^=\\ ]+", row.value)}
    return {one for one in found if len(one) >= _SHORTEST_NAME}
