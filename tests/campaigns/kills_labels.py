"""The real window killed at random moments while it is worked in: what was saved must be there.

Each time the project is opened again by the next window, which goes on where it was.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
KILLS = 200
LONGEST_S = 1.5
"""How long work goes on at most, before a kill."""
PATIENCE_S = 60.0


@dataclass(frozen=True)
class Kill:
    """One window, killed: what it had done, and what was found afterwards."""

    seed: int
    acts: int
    acknowledged: int
    """How many times it had said that all is saved."""
    again_s: float
    """How long the store took to open the project again."""
    ready_s: float
    """From the start of the program until the scan was in view with its annotations."""
    fault: str = ""


def document(place: Path, seed: int, kills: int = KILLS) -> dict[str, Any]:
    """Kill so many windows at work on one project; what each had said, and what was lost."""
    draw = Random(seed)
    made = [kill_one(place, seed * 1000 + number, draw) for number in range(kills)]
    return {
        "kills": len(made),
        "acts": sum(one.acts for one in made),
        "acknowledged": sum(one.acknowledged for one in made),
        "store_open_again_s_max": round(max(one.again_s for one in made), 3),
        "ready_s_median": round(float(np.median([one.ready_s for one in made])), 3),
        "ready_s_max": round(max(one.ready_s for one in made), 3),
        "faults": [asdict(one) for one in made if one.fault],
    }


def kill_one(place: Path, seed: int, draw: Random) -> Kill:
    """Start the window on the project in `place`, let it work, kill it, and look."""
    project, picture = place / "project", scan(place)
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.campaigns.labelling_window", project, picture, str(seed)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "LEPTON_DATA_DIR": str(place / "user")},
        start_new_session=True,
    )
    assert child.stdout is not None
    late = threading.Timer(PATIENCE_S, child.kill)
    late.start()
    ready = child.stdout.readline().decode().split()
    ready_s = time.monotonic() - began
    time.sleep(draw.uniform(0.0, LONGEST_S) if ready[:1] == ["ready"] else 0.0)
    child.kill()
    lines = [ready, *(line.decode().split() for line in child.stdout)]
    child.stdout.close()
    child.wait()
    late.cancel()
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)  # its decoders end by themselves, but later
    return _judge(project, seed, lines, ready_s)


def _judge(project: Path, seed: int, lines: list[list[str]], ready_s: float) -> Kill:
    """Compare what was said with what is in the project."""
    saved = [number for number, line in enumerate(lines) if line[:1] == ["saved"]]
    said = [tuple(line[1:]) for line in lines]
    began = time.monotonic()
    found, view, wrong = _state(project)
    again_s = time.monotonic() - began
    # The state that was acknowledged last, or any that was done after it: not one before.
    allowed = said[saved[-1] if saved else 0 :]
    fault = wrong
    if lines[0][:1] != ["ready"]:
        fault = "The window did not come to show the scan."
    elif not wrong and found not in allowed:
        fault = f"There is {found}, and acknowledged was {allowed[0]}."
    elif not wrong and not _fits(view, lines):
        fault = f"The view to come back to is that of slice {view}, which was left before."
    acts = sum(line[:1] == ["did"] for line in lines)
    return Kill(seed, acts, len(saved), again_s, ready_s, fault)


def _fits(view: str, lines: list[list[str]]) -> bool:
    """Whether the view that is kept is the last that was said to be, or one that came after."""
    kept = [number for number, line in enumerate(lines) if line[:1] == ["view"]]
    if not kept:
        return True
    # One that was on its way to the disk when the last was said may have been seen before that.
    since = kept[-2] if len(kept) > 1 else 0
    later = {line[1] for line in lines[since:] if line[:1] in (["at"], ["view"])}
    return view in later


def _state(project: Path) -> tuple[tuple[str, ...], str, str]:
    """Acts done and the digest of all annotations, the slice in view, and what is wrong."""
    from app.project_state import STATE_RECORDS, VIEW, ViewState
    from app.store import Store
    from inference import wire
    from inference.records import Annotation
    from inference.task import Task
    from tests.campaigns.labelling_window import digest

    wire.register(*STATE_RECORDS)
    store = Store(project)
    found: list[Annotation] = []
    opening = store.open_project(None, Task())
    if not (opening.damaged or opening.read_only):
        for source_id in store.count_by_source(None, Task()):
            found += store.load_annotations(source_id, Task())
    cursor, view = "", ""
    if not opening.damaged:
        cursor = str(store.standing(None, Task()).cursor)
        left = store.load_state(VIEW, Task())
        view = str(left.panes[0].index) if isinstance(left, ViewState) else ""
    store.close()
    with contextlib.closing(sqlite3.connect(project / "project.sqlite")) as database:
        whole = database.execute("PRAGMA integrity_check").fetchone()[0]
    wrong = opening.damaged or opening.read_only or ("" if whole == "ok" else whole)
    return (cursor, digest(found)), view, wrong


def scan(place: Path) -> Path:
    """A small scan to work on, made where there is none yet."""
    from inference.phantom.case import generate
    from inference.phantom.dicom_files import write_case

    made = place / "scan"
    if not made.exists():
        write_case(generate(1, 1, "none"), place / "coming")
        shutil.move(place / "coming", made)
    return made
