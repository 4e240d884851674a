"""`./lepton bench [NAME…]`: each benchmark in a process of its own, one JSON document of all."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app import __version__

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
MEASURE = (
    "import json, sys; from tests.benchmarks.{name} import measure; "
    "found = measure(); print('\\n' + json.dumps(found if isinstance(found, list) else [found]))"
)


def main(names: list[str]) -> int:
    """Measure; 0 if every benchmark ran, whether or not its goal was reached."""
    there = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    unknown = set(names) - set(there)
    if unknown:
        sys.stderr.write(
            f"No benchmark is called {', '.join(sorted(unknown))}. There are {', '.join(there)}.\n"
        )
        return 2
    figures: list[dict[str, Any]] = []
    failed = []
    for name in names or there:
        sys.stderr.write(f"measuring {name}\n")
        found = _measure(name)
        if found is None:
            failed.append(name)
        else:
            figures += found
    document = {
        "schema": "lepton.bench/1",
        "machine": _machine(),
        "versions": {
            "lepton": __version__,
            "python": platform.python_version(),
            **{name: version(name) for name in ("torch", "captum", "numpy", "pyside6-essentials")},
        },
        "figures": [_judged(figure) for figure in figures],
        "failed": failed,
    }
    sys.stdout.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    return 1 if failed else 0


def _measure(name: str) -> list[dict[str, Any]] | None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    code = MEASURE.format(name=f"bench_{name}")
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, check=False, cwd=ROOT
    )
    if done.returncode != 0:
        return None
    found: list[dict[str, Any]] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    return found


def _judged(figure: dict[str, Any]) -> dict[str, Any]:
    goal, value = figure.get("goal"), figure.get("value")
    if goal is None or value is None:
        return figure
    reached = value >= goal if figure["better"] == "higher" else value <= goal
    return {**figure, "reached": reached}


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor())
