"""What the launcher adds to a second start: from its first line to the program's process."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GOAL_MS = 100.0


def measure(rounds: int = 21) -> dict[str, Any]:
    """Median time of a whole `lepton info` whose program is /bin/true, in milliseconds.

    It includes the start of the Python that runs the launcher, and of /bin/true; `bare_ms` is that
    Python doing nothing, measured in turn with it.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = _ready_checkout(Path(folder))
        ours = [_python(), str(root / "lepton"), "info"]
        bare = [_python(), "-c", ""]
        _time_ms(ours)
        pairs = [(_time_ms(bare), _time_ms(ours)) for _ in range(rounds)]
    return {
        "name": "second start",
        "what": "the launcher's own time, its Python's start included",
        "value": statistics.median(pair[1] for pair in pairs),
        "goal": GOAL_MS,
        "better": "lower",
        "unit": "ms",
        "bare_ms": statistics.median(pair[0] for pair in pairs),
    }


def _ready_checkout(folder: Path) -> Path:
    """A checkout with the real locks whose environment is stamped, and whose Python is true."""
    shutil.copy(ROOT / "lepton", folder)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "packaging", folder / "packaging", ignore=ignored)
    for name in ("requirements.lock", "requirements-dev.lock"):
        shutil.copy(ROOT / name, folder)
    if str(ROOT / "packaging") not in sys.path:  # it is for pytest, not for a plain run
        sys.path.append(str(ROOT / "packaging"))
    from launcher.environment import Environment

    environment = Environment(str(folder))
    os.makedirs(os.path.dirname(environment.python))
    os.symlink("/bin/true", environment.python)
    environment.write_stamp(developer=False, system=frozenset({"offscreen"}))
    return folder


def _python() -> str:
    """The Python that made the environment, which is the one people start the launcher with."""
    return os.path.realpath(sys.executable)


def _time_ms(command: list[str]) -> float:
    variables = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    began = time.perf_counter()
    subprocess.run(command, env=variables, check=True)
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
