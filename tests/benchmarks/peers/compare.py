"""Both programs on one generated folder, in turns: `compare.py PYTHON_OF_NAPARI`, one JSON line."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SLICES, RUNS = 500, 5


def main(napari_python: str) -> None:
    """Medians over alternating runs; files in the cache, the first run of each not counted."""
    from tests.benchmarks.slices import write_series

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "series"
        write_series(folder, SLICES)
        ours, theirs = [], []
        for _ in range(RUNS + 1):
            ours.append(_run(sys.executable, "lepton_side.py", folder))
            theirs.append(_run(napari_python, "napari_side.py", folder))
    figures = {}
    for name in ("start_s", "scroll_ms", "window_ms"):
        mine = statistics.median(run[name] for run in ours[1:])
        other = statistics.median(run[name] for run in theirs[1:])
        figures[name] = {"lepton": mine, "napari": other, "ratio": other / mine}
    sys.stdout.write(json.dumps({"napari": theirs[0]["version"], **figures}))


def _run(python: str, script: str, folder: Path) -> dict[str, float]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [python, str(HERE / script), str(folder), repr(time.time())]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, cwd=ROOT)
    found: dict[str, float] = json.loads(done.stdout.decode().strip().splitlines()[-1])
    return found


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main(sys.argv[1])
