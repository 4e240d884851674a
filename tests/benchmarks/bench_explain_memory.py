"""Memory of Integrated Gradients in the governor's batches beside one pass of all steps."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
STEPS = 50
GOAL_MIB, GOAL_TIME = 320, 1.4
CHILD = (
    "import sys; from tests.benchmarks.bench_explain_memory import explain_once; "
    "explain_once(sys.argv[1], int(sys.argv[2]))"
)


def measure(rounds: int = 5) -> list[dict[str, Any]]:
    """Peak over the loaded model, and time over that of one pass: 50 steps, ResNet-18, 224².

    Each run has a process of its own. Its peak is the kernel's (VmHWM) less what the process held
    when the model was loaded, so the explanation's private copy of the model counts too. Runs with
    the governor's batch and with all steps in one pass alternate; ratios are of each pair, and the
    value of the peak is the largest of all runs. Where the kernel tells no peak, it was not run.
    """
    if not FORGET.exists():
        return [_figure("explain_memory", "peak over the loaded model", "MiB", None, GOAL_MIB)]
    with tempfile.TemporaryDirectory() as folder:
        pairs = [(_child(folder, 0), _child(folder, STEPS)) for _ in range(rounds)]
    ratios = [ours["seconds"] / theirs["seconds"] for ours, theirs in pairs]
    return [
        _figure(
            "explain_memory",
            "peak over the loaded model",
            "MiB",
            max(ours["mib"] for ours, _ in pairs),
            GOAL_MIB,
            batch=pairs[0][0]["batch"],
            one_pass_mib=max(theirs["mib"] for _, theirs in pairs),
        ),
        _figure(
            "explain_memory_time",
            "time over that of one pass",
            "ratio",
            statistics.median(ratios),
            GOAL_TIME,
            ratios=ratios,
            seconds=statistics.median(ours["seconds"] for ours, _ in pairs),
        ),
    ]


def _figure(
    name: str, what: str, unit: str, value: float | None, goal: float, **more: Any
) -> dict[str, Any]:
    return {
        "name": name,
        "what": f"Integrated Gradients, {STEPS} steps, the governor's batch, ResNet-18, 224²: "
        + what,
        "value": value,
        "goal": goal,
        "better": "lower",
        "unit": unit,
        **more,
    }


def _child(folder: str, batch: int) -> dict[str, float]:
    """One explanation in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, folder, str(batch)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        cwd=ROOT,
    )
    found: dict[str, float] = json.loads(done.stdout.decode().splitlines()[-1])
    return found


def explain_once(folder: str, batch: int) -> None:
    """Explain the benchmark's frame and print what it took; `batch` 0 lets the governor choose."""
    import torch

    from explain.explain import explain
    from inference.models import load_model
    from inference.requests import ExplainRequest
    from inference.task import Task
    from tests.benchmarks.bench_explain import TARGET, bench_frame, timed
    from tests.benchmarks.resnet import resnet_card

    card = resnet_card(Path(folder))
    options = (("n_steps", STEPS), ("max_steps", STEPS), ("internal_batch_size", batch))
    request = ExplainRequest(
        (bench_frame(),), 0, card, "integrated_gradients", TARGET, options=options, device="cpu"
    )
    load_model(card, torch.device("cpu"))
    held = _kibibytes("VmRSS")
    FORGET.write_text("5")  # the peak begins again at what is held now (man 5 proc)
    answers: list[Any] = []
    seconds = timed(lambda: answers.extend(explain(request, Task())))
    peak = _kibibytes("VmHWM")
    taken = dict(answers[0].provenance.options)["internal_batch_size"]
    found = {"mib": (peak - held) / 1024, "seconds": seconds, "batch": taken}
    sys.stdout.write(json.dumps(found) + "\n")


def _kibibytes(field: str) -> int:
    line = next(one for one in STATUS.read_text().splitlines() if one.startswith(field))
    return int(line.split()[1])


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(), indent=1) + "\n")
