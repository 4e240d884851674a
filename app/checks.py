"""What `./lepton test` runs: format, lint, types, import contracts, then the whole suite."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PYTHON_FILES = (
    *("lepton", "app", "widgets", "inference", "explain", "resources"),
    *("packaging/launcher", "tests"),
)

CHECKS: dict[str, tuple[str, ...]] = {
    "types": ("-m", "mypy", *PYTHON_FILES),
    "lint": ("-m", "ruff", "check", *PYTHON_FILES),
    "format": ("-m", "ruff", "format", "--check", *PYTHON_FILES),
    "imports": ("-c", "from importlinter.cli import lint_imports_command as run; run()"),
}
"""Name → words for Python; the longest first, since two run at a time."""

PARALLEL = ["-n", "2", "--dist", "loadfile"]


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    passed: bool
    seconds: float
    words: str


def main(arguments: Sequence[str]) -> int:
    """Run all checks, whatever fails; 0 only if each passed. Other words go to pytest."""
    parser = argparse.ArgumentParser(
        prog="lepton test",
        description="Format, lint, types, import contracts, then the suite (pytest's own "
        "arguments may follow).",
    )
    parser.add_argument("--slow", action="store_true", help="also the tests that take minutes")
    given, for_pytest = parser.parse_known_args(list(arguments))
    failed = [outcome.name for outcome in run_checks() if not outcome.passed]
    if failed:
        say(f"Failed before the suite: {', '.join(failed)}.")
    words = ["--slow"] if given.slow else []
    suite = run_suite([*words, *for_pytest])
    return 1 if failed else suite


def run_checks() -> list[Outcome]:
    """The checks that read code without running it, two at a time; each is said as it ends."""
    with ThreadPoolExecutor(2) as pool:
        waiting: list[Future[Outcome]] = [
            pool.submit(run_check, name, words) for name, words in CHECKS.items()
        ]
        outcomes = []
        for future in waiting:
            outcome = future.result()
            outcomes.append(outcome)
            word = "passed" if outcome.passed else "failed"
            say(f"{outcome.name}: {word} in {outcome.seconds:.1f} s")
            if not outcome.passed:
                say(outcome.words.rstrip())
    return outcomes


def run_check(name: str, words: Sequence[str]) -> Outcome:
    """One check in a Python of its own, its words kept for the case that it fails."""
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    seconds = time.monotonic() - started
    return Outcome(name, ended.returncode == 0, seconds, ended.stdout + ended.stderr)


def run_suite(words: Sequence[str]) -> int:
    """The whole suite; pytest's summary is the last thing printed."""
    # Offscreen, so that no window opens on the screen of whoever runs it; tests that want an
    # X server start one and say so in the surroundings of their own child.
    # Two workers with one thread each are faster here than torch's own threads in one.
    variables = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    workers = [] if any(word.startswith("-n") for word in words) else PARALLEL
    return subprocess.run(
        [sys.executable, "-m", "pytest", *workers, *words], cwd=ROOT, env=variables, check=False
    ).returncode


def say(words: str) -> None:
    """Print at once, before a child prints."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
