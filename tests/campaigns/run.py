"""`./lepton campaign NAME`: a long search for faults, one JSON document of what it found.

`fuzz` damages files of every format; `agreement` compares the quick ways into DICOM files with the
slow ones; `soak` works in the real window for minutes and watches what grows; `belief` asks every
method on the pair of phantom models whether the marker or the nodule is the reason; `thresholds`
says where the figures of their maps lie; `table` tries every method on every kind of network, and
writes what it finds into docs/belief.md; `kills` kills the window 200 times while labels are made;
`disk` lets each of 200 writes to a project fail. These three take as long as they take.
"""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app import __version__
from inference.errors import UserError

ROOT = Path(__file__).resolve().parents[2]

Document = dict[str, Any]


def main(name: str, seed: int, minutes: float) -> int:
    """Run a campaign; 0 if it found no fault, 1 if it did."""
    data = Path(os.environ.get("LEPTON_TEST_DATA", ROOT.parent / "shared" / "data"))
    if name not in WITHOUT_DATA and not data.is_dir():
        raise UserError(
            "The real scans that campaigns start from are not here.",
            "Set LEPTON_TEST_DATA to their folder.",
            fault="surroundings",
        )
    with tempfile.TemporaryDirectory(prefix="lepton-campaign-") as place:
        found = CAMPAIGNS[name](data, Path(place), seed, minutes * 60)
    document = {
        "schema": "lepton.campaign/1",
        "campaign": name,
        "seed": seed,
        "minutes": minutes,
        "lepton": __version__,
        "system": platform.platform(),
        **found,
    }
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return 1 if found["faults"] else 0


def _fuzz(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import fuzz
    from tests.campaigns.samples import samples

    found = samples(data, place)
    keep = Path(f"lepton-campaign-{seed}")
    chosen = fuzz.in_turn(found, seed, time.monotonic() + seconds)
    report = fuzz.try_all(chosen, seed, place, keep)
    if report.faults:
        sys.stderr.write(f"The files with faults are in {keep}.\n")
    return fuzz.document(report)


def _agreement(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import agreement_rounds

    return agreement_rounds.document(data, place, seed, time.monotonic() + seconds)


def _soak(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import soak

    return soak.document(data, place, seed, seconds)


def _belief(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import liar

    found = liar.document(seed, time.monotonic() + seconds)
    if found["cases"] == liar.CASES:
        _put_into_belief(liar.BEGIN, liar.END, liar.block(found))
    return found


def _table(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import known_faults, table

    for module in (table, known_faults):
        _put_into_belief(module.BEGIN, module.END, module.block())
    return table.document()


def _thresholds(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import liar, thresholds

    found = thresholds.document(seed, time.monotonic() + seconds)
    if found["cases"] == liar.CASES:
        _put_into_belief(*thresholds.marks(seed), thresholds.block(seed, found))
    return found


def _put_into_belief(begin: str, end: str, made: str) -> None:
    """Put a table into docs/belief.md in place of the one that was there."""
    from tests.campaigns.table import put_into

    path = ROOT / "docs" / "belief.md"
    text = put_into(path.read_text(encoding="utf-8"), begin, end, made)
    path.write_text(text, encoding="utf-8")


def _kills(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import kills_labels

    return kills_labels.document(place, seed)


def _disk(data: Path, place: Path, seed: int, seconds: float) -> Document:
    from tests.campaigns import full_disk

    if not full_disk.can_fail():
        raise UserError(
            "A disk that fails is made by a library, for Linux and with a C compiler alone.",
            "Install one that is called cc.",
            fault="surroundings",
        )
    return full_disk.document(place)


CAMPAIGNS: dict[str, Callable[[Path, Path, int, float], Document]] = {
    "fuzz": _fuzz,
    "agreement": _agreement,
    "soak": _soak,
    "belief": _belief,
    "thresholds": _thresholds,
    "table": _table,
    "kills": _kills,
    "disk": _disk,
}

WITHOUT_DATA = frozenset({"belief", "table", "thresholds", "kills", "disk"})
"""Campaigns that need no scans."""
