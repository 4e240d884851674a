"""A disk that fails at the k-th write, below the real store: nothing lost, said, and gone on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.campaigns.kills_labels import scan

ROOT = Path(__file__).resolve().parents[2]
WRITES = 200


def can_fail() -> bool:
    """Whether a library can be made here that comes before the system's own."""
    return sys.platform == "linux" and shutil.which("cc") is not None


def build(place: Path) -> Path:
    """The library that fails, made from its source."""
    library = place / "failing_disk.so"
    source = Path(__file__).with_name("failing_disk.c")
    command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, timeout=60)
    return library


def try_writes(place: Path, first: int, last: int) -> list[dict[str, Any]]:
    """Let each of these writes of a store fail in turn; what came of each."""
    return _run(place, "failing_store", first, last)


def try_in_window(place: Path, first: int, last: int) -> list[dict[str, Any]]:
    """The same below the real window; some rounds write less, and then nothing fails."""
    return _run(place, "failing_window", first, last, scan(place))


def _run(place: Path, program: str, first: int, last: int, *more: Path) -> list[dict[str, Any]]:
    """The lines of a program of its own on a disk that fails."""
    words = (place / f"project-{program}", *more, first, last)
    done = subprocess.run(
        [sys.executable, "-m", f"tests.campaigns.{program}", *map(str, words)],
        env={
            **os.environ,
            "LD_PRELOAD": str(build(place)),
            "QT_QPA_PLATFORM": "offscreen",
            "LEPTON_DATA_DIR": str(place / "user"),
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    found = [json.loads(line) for line in lines]
    if done.returncode != 0:
        found.append({"k": first + len(found), "said": [], "wrong": done.stderr[-2000:]})
    return found


def document(place: Path, writes: int = WRITES) -> dict[str, Any]:
    """All writes up to this one; how often it was said, how late, and what was lost."""
    store, window = try_writes(place, 1, writes), try_in_window(place, 1, writes)
    wrong = [one for one in (*store, *window) if one["wrong"]]
    unsaid = [one for one in store if not one["said"]]
    return {"store": _summary(store), "window": _summary(window), "faults": wrong + unsaid}


def _summary(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "writes": len(found),
        "said": sum(bool(one["said"]) for one in found),
        "sentences": sorted({words for one in found for words in one["said"]}),
        "seconds_until_said_max": max(float(one.get("seconds", 0.0)) for one in found),
    }
