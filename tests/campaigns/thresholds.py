"""Where thresholds of belief stand: the figures of both phantom models, whose reasons are known.

Each phantom has a nodule and a marker in its corner. One model answers by the nodule, the other by
the marker: the figures of their maps should lie on different sides of the thresholds. They are
chosen on the seeds 0–99 and judged on 1000–1099.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from explain.explain import explain
from inference.card_files import list_models
from inference.cards import ModelCard
from inference.records import Frame, Region, Verdict
from inference.requests import ExplainRequest, OpenRequest
from inference.task import Task
from tests.campaigns.liar import (
    CASES,
    HONEST,
    LIAR,
    MIDDLE,
    NODULE,
    OPTIONS,
    OUTPUT,
    Document,
    scene,
)

METHODS = (
    *("saliency", "integrated_gradients", "deep_lift", "grad_cam", "grad_cam_plus_plus"),
    "occlusion",
)
"""The quick ones; what is judged is where a map lies, and not how it was made."""

FIGURES = ("inside_ratio", "outside_body", "on_padding", "on_marks")
PERCENTILES = (5, 50, 95)
WRONG_AT_MOST = 0.10
"""Shares of green for the liar's and of red for the honest model's maps on the decisive figure."""


@dataclass(frozen=True)
class Measured:
    """One figure of one map."""

    figure: str
    method: str
    model: str
    value: float
    verdict: Verdict | None


def measure(seed: int) -> list[Measured]:
    """The figures of all maps of one phantom, the nodule being what a person marked."""
    torch.set_num_threads(1)
    frame, _, lesion = scene(seed)
    truth = Region(frame.key[0], MIDDLE, lesion[None], "known truth")
    cards = {one.model_id: one for one in list_models(OpenRequest(()), Task())}
    return [
        one
        for model in (HONEST, LIAR)
        for method in METHODS
        for one in _figures(method, _asked(frame, cards[model], method, truth))
    ]


def _asked(frame: Frame, card: ModelCard, method: str, truth: Region) -> ExplainRequest:
    options = OPTIONS.get(method, ())
    return ExplainRequest(
        (frame,), 0, card, method, target=NODULE, output=OUTPUT, options=options, truth=truth
    )


def _figures(method: str, request: ExplainRequest) -> list[Measured]:
    (made,) = explain(request, Task())
    return [
        Measured(one.name, method, request.card.model_id, one.value, one.verdict)
        for one in made.figures
        if one.name in FIGURES and one.value is not None
    ]


def rows(found: Sequence[Measured]) -> list[dict[str, Any]]:
    """For each figure and model: where its values lie, and how often it has which colour."""
    return [
        _row(name, model, [one for one in found if (one.figure, one.model) == (name, model)])
        for name in FIGURES
        for model in (HONEST, LIAR)
    ]


def _row(name: str, model: str, some: Sequence[Measured]) -> dict[str, Any]:
    colours = Counter(one.verdict for one in some)
    values = np.array([one.value for one in some])
    shares = {colour: colours[colour] / max(len(some), 1) for colour in ("green", "amber", "red")}
    return {
        "figure": name,
        "model": model,
        "maps": len(some),
        "percentiles": np.percentile(values, PERCENTILES).round(4).tolist() if len(some) else [],
        **shares,
    }


def table(found: Iterable[dict[str, Any]]) -> str:
    """The rows in Markdown."""
    lines = [
        "| figure | model | maps | 5 % / median / 95 % | green | amber | red |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        values = " / ".join(f"{value:.3g}" for value in row["percentiles"])
        shares = " | ".join(f"{row[colour]:.0%}" for colour in ("green", "amber", "red"))
        lines.append(
            f"| `{row['figure']}` | `{row['model']}` | {row['maps']} | {values} | {shares} |"
        )
    return "\n".join(lines)


def marks(seed: int) -> tuple[str, str]:
    """Between which lines docs/belief.md holds the table of a run."""
    begin = f"figures from seed {seed}: written by `./lepton campaign thresholds --seed {seed}`"
    return f"<!-- {begin} -->", f"<!-- end of figures from seed {seed} -->"


def block(seed: int, document: Document) -> str:
    """What docs/belief.md says of a finished run."""
    begin, end = marks(seed)
    words = f"{document['cases']} phantoms, from seed {seed}."
    return f"{begin}\n\n{words}\n\n{document['table']}\n\n{end}"


def document(seed: int, deadline_s: float) -> Document:
    """Phantoms of the seeds from `seed` on, a hundred or as many as there is time for."""
    found: list[Measured] = []
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        waiting = [pool.submit(measure, one) for one in range(seed, seed + CASES)]
        done = 0
        for one in as_completed(waiting):
            found.extend(one.result())
            done += 1
            if time.monotonic() > deadline_s:
                pool.shutdown(cancel_futures=True)
                break  # nobody tells as_completed of those that were cancelled
    told = rows(found)
    return {"cases": done, "rows": told, "table": table(told), "faults": faults(told)}


def faults(told: Iterable[dict[str, Any]]) -> list[str]:
    """Where the decisive figure takes a liar's map for an honest one, or the other way round."""
    decisive = {row["model"]: row for row in told if row["figure"] == "inside_ratio"}
    wrong = (
        ("the liar's maps are green", decisive[LIAR]["green"]),
        ("the honest model's maps are red", decisive[HONEST]["red"]),
    )
    return [f"{share:.0%} of {words}." for words, share in wrong if share > WRONG_AT_MOST]
