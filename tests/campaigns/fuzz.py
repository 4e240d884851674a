"""Damaged files of every format: each opens or is refused in a sentence, in bounded time and room.

What is tried depends on the seed alone. A file goes to a child process; one that does not answer
in time, or dies, is a fault like any exception that is no sentence.
"""

from __future__ import annotations

import hashlib
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from tests.campaigns.mutations import damaged
from tests.campaigns.samples import Sample

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-W", "ignore", "-m", "tests.campaigns.trial")
TIME_LIMIT_S = 30.0
"""For all that is done with a file; a single step is limited to a third by the child itself."""
START_LIMIT_S = 60.0
"""A child that has just started loads the decoders with its first file."""


@dataclass(eq=False)
class Report:
    """What became of the files: how many of each kind and outcome, and each fault once."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)
    """The words of a fault without its numbers: the first file that brought it, and the words."""
    slowest: tuple[float, str] = (0.0, "")
    """Seconds for all that was done with one file, and which."""

    @property
    def tried(self) -> int:
        return sum(self.outcomes.values())


class Child:
    """The process that tries the files; replaced when it hangs or dies."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None
        self._tried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._end()

    def trial(self, path: Path, scratch: Path) -> dict[str, str]:
        """The child's answer, or what happened to it instead."""
        process = self._process or self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        limit_s = TIME_LIMIT_S if self._tried else START_LIMIT_S
        self._tried += 1
        process.stdin.write(json.dumps({"path": str(path), "scratch": str(scratch)}) + "\n")
        process.stdin.flush()
        with selectors.DefaultSelector() as ready:
            ready.register(process.stdout, selectors.EVENT_READ)
            if not ready.select(limit_s):
                self._end()
                return {"outcome": "fault", "what": f"no answer within {limit_s:g} s"}
        line = process.stdout.readline()
        if not line:
            code = process.wait()
            self._end()
            return {"outcome": "fault", "what": f"the process ended with {code}"}
        found: dict[str, str] = json.loads(line)
        return found

    def _start(self) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self._tried = 0
        self._process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=ROOT,
            text=True,
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def try_all(
    chosen: Iterator[tuple[Sample, int]], seed: int, folder: Path, keep: Path | None = None
) -> Report:
    """Damage each sample by its number and see what comes of it.

    Files are written into `folder`; with `keep` those with a fault stay there.
    """
    report = Report()
    with Child() as child:
        for sample, number in chosen:
            draw = Random(f"{seed} {sample.kind} {sample.name} {number}")
            content = damaged(sample.content, draw, sample.damages)
            place = folder / "trial"
            path = _laid_out(place, sample, content)
            began = time.monotonic()
            answer = child.trial(path, place / "scratch")
            name = f"{sample.kind} {sample.name} {number}"
            report.slowest = max(report.slowest, (time.monotonic() - began, name))
            report.outcomes[sample.kind, answer["outcome"]] += 1
            gist = _gist(answer["what"])
            if answer["outcome"] == "fault" and gist not in report.faults:
                report.faults[gist] = f"{name}: {answer['what']}"
                _keep(content, name, keep)
            shutil.rmtree(place)
    return report


def _gist(words: str) -> str:
    """What a fault has in common with the same fault in another file: where it lies."""
    return words.rpartition(" at ")[2]


def _laid_out(place: Path, sample: Sample, content: bytes) -> Path:
    """The damaged file in a folder of its own; what opens is the folder if others lie beside it."""
    place.mkdir(parents=True)
    if sample.beside is None:
        path = place / f"damaged.{sample.kind}"
        path.write_bytes(content)
        return path
    within = place / "set"
    within.mkdir()
    for other in sample.beside.iterdir():
        if other.name != sample.name:
            (within / other.name).symlink_to(other)
    path = within / sample.name
    path.write_bytes(content)
    return path


def _keep(content: bytes, name: str, keep: Path | None) -> None:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256(content).hexdigest()[:8]
        (keep / f"{name.replace(' ', '-').replace('/', '-')}-{digest}").write_bytes(content)


def in_turn(found: Sequence[Sample], seed: int, until_s: float) -> Iterator[tuple[Sample, int]]:
    """Samples drawn by lot until some moment, every kind as often as any other."""
    draw = Random(seed)
    kinds: dict[str, list[Sample]] = {}
    for sample in found:
        kinds.setdefault(sample.kind, []).append(sample)
    names = [*sorted(kinds), *["dicom"] * len(kinds)]  # one time of two DICOM, as it is the widest
    number = 0
    while time.monotonic() < until_s:
        yield draw.choice(kinds[draw.choice(names)]), number
        number += 1


def document(report: Report) -> dict[str, Any]:
    """The report as plain values."""
    kinds = sorted({kind for kind, _ in report.outcomes})
    return {
        "tried": report.tried,
        "outcomes": {
            kind: {
                outcome: report.outcomes[kind, outcome]
                for outcome in ("opened", "refused", "fault")
            }
            for kind in kinds
        },
        "slowest_seconds": round(report.slowest[0], 2),
        "slowest": report.slowest[1],
        "faults": list(report.faults.values()),
    }
