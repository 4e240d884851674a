"""From exec of `lepton FILE` to the painted picture of a 512×512 CT slice, offscreen."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case

ROOT = Path(__file__).resolve().parents[2]
RUNS = 7


def measure() -> list[dict[str, object]]:
    """Median of 7, files in the cache; also over the time of importing PySide6 and pyqtgraph."""
    with tempfile.TemporaryDirectory() as place:
        write_case(generate(1, 1, "none"), Path(place) / "case")
        scan = str(Path(place) / "case" / "0001.dcm")
        environment = {
            **os.environ,
            "LEPTON_DATA_DIR": str(Path(place) / "data"),
            "LEPTON_QUIT_WHEN_PAINTED": "1",
            "QT_QPA_PLATFORM": "offscreen",
        }
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        ours = [sys.executable, str(ROOT / "lepton"), "--no-system", scan]
        imports = [sys.executable, "-c", "import PySide6.QtWidgets, pyqtgraph"]
        for command in (ours, imports):
            _until_painted(command, environment)
        pairs = [
            (_until_painted(ours, environment), _until_painted(imports, environment))
            for _ in range(RUNS)
        ]
    seconds = statistics.median(pair[0] for pair in pairs)
    ratio = statistics.median(pair[0] / pair[1] for pair in pairs)
    return [
        {
            "name": "start",
            "what": "exec of lepton FILE to the painted 512 × 512 CT slice, offscreen",
            "value": seconds,
            "goal": 0.8,
            "better": "lower",
            "unit": "s",
            "runs": [pair[0] for pair in pairs],
        },
        {
            "name": "start_ratio",
            "what": "the same over `import PySide6.QtWidgets, pyqtgraph`",
            "value": ratio,
            "goal": None,
            "better": "lower",
            "unit": "ratio",
        },
    ]


def _until_painted(command: list[str], environment: dict[str, str]) -> float:
    """Seconds until the program says that it has painted, or until it ends."""
    began = time.perf_counter()
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read(1)
    taken = time.perf_counter() - began
    child.stdout.close()
    if child.wait() != 0:
        raise RuntimeError(f"{command} failed")
    return taken
