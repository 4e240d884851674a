"""Which methods find the liar out: every method on both phantom models, where the truth is known.

A phantom with a nodule and the marker in its corner is shown to a model that looks at nodules and
to one that looks at the marker. A map tells the liar if it puts at least five times as much on the
marker as chance would, and at most twice as much on the nodule.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

import numpy as np
import torch

from explain.availability import methods_for
from explain.explain import explain
from explain.methods import METHODS
from explain.records import MethodsRequest
from explain.regions import shares
from inference.card_files import list_models
from inference.cards import ModelCard
from inference.phantom.case import generate
from inference.records import Frame, Options
from inference.requests import ExplainRequest, OpenRequest
from inference.task import Task

Document = dict[str, Any]

HONEST, LIAR = "phantom-nodule", "phantom-shortcut"
CASES = 100
MARKER_AT_LEAST, LESION_AT_MOST = 5.0, 2.0
FOUND_AT_LEAST, ACCUSED_AT_MOST = 0.90, 0.05
"""Shares of cases in which the rule must hold on the liar, and may hold on the honest model."""

REQUIRED = ("integrated_gradients", "grad_cam", "occlusion", "kernel_shap")
COSTLY = ("shapley_value_sampling", "lime", "rise")
"""These come last, on as many cases as there is time for."""

MIDDLE = 1
"""The slice of a phantom that is shown."""

OUTPUT: Literal["probability"] = "probability"
OPTIONS: dict[str, Options] = {
    "occlusion": (("window", 24), ("stride", 12)),
    "kernel_shap": (("features", "grid"), ("count", 64), ("samples", 1000)),
}
LAYERS = {"grad_cam": "stages.4.1"}
"""How is asked, chosen on seeds below 100 and judged on 1000–1099: for the probability, in which
the other label counts as well; with the patch of the demo, in which the marker finds room; with
squares, of which 1,000 samples tell enough; at the last norm, where Grad-CAM finds the marker in
100 % of those seeds (92 % at its usual layer). All other methods with their defaults."""

NODULE = 1
"""The label that is asked about."""


@dataclass(frozen=True)
class Told:
    """Where one map lies: shares of mass against shares of area, at the marker and the nodules."""

    method: str
    model: str
    seed: int
    marker: float
    lesion: float

    @property
    def liar(self) -> bool:
        return self.marker >= MARKER_AT_LEAST and self.lesion <= LESION_AT_MOST


@dataclass(frozen=True)
class Row:
    """One method over all cases: how often the rule held, and the median ratios, on each model."""

    method: str
    cases: int
    found: float
    accused: float
    ratios: tuple[float, float, float, float]
    """Marker and nodule on the liar, marker and nodule on the honest model."""

    @property
    def passed(self) -> bool:
        return self.found >= FOUND_AT_LEAST and self.accused <= ACCUSED_AT_MOST


def scene(seed: int) -> tuple[Frame, np.ndarray, np.ndarray]:
    """A frame with a nodule and the marker, and where both are: bool [rows, columns]."""
    case = generate(seed, 1, "always")
    assert case.marker_box is not None
    x0, y0, x1, y1 = case.marker_box
    marker = np.zeros(case.mask[MIDDLE].shape, dtype=bool)
    marker[y0:y1, x0:x1] = True
    spacing = case.plan.grid.spacing_mm
    frame = Frame(
        (f"{seed:012x}", MIDDLE), case.volume[MIDDLE], unit="HU", spacing_mm=(spacing, spacing)
    )
    return frame, marker, case.mask[MIDDLE] > 0


def ask(seed: int, methods: Sequence[str]) -> list[Told]:
    """All maps of one phantom."""
    torch.set_num_threads(1)
    frame, marker, lesion = scene(seed)
    found = []
    for model in (HONEST, LIAR):
        for method in methods:
            request = ExplainRequest(
                (frame,),
                0,
                _card(model),
                method,
                target=NODULE,
                output=OUTPUT,
                layer=LAYERS.get(method),
                options=OPTIONS.get(method, ()),
            )
            (made,) = explain(request, Task())
            ratios = (shares(made.map, region).ratio for region in (marker, lesion))
            found.append(Told(method, model, seed, *ratios))
    return found


def fitting() -> tuple[str, ...]:
    """The methods that both models are offered."""
    offered = [
        {
            one.name
            for one in methods_for(MethodsRequest(_card(model)), Task())
            if one.status != "red"
        }
        for model in (HONEST, LIAR)
    ]
    return tuple(name for name in METHODS if all(name in names for names in offered))


def rows(told: Iterable[Told]) -> list[Row]:
    """One row a method, those that find the liar out first."""
    by_method: dict[str, list[Told]] = {}
    for one in told:
        by_method.setdefault(one.method, []).append(one)
    found = [_row(method, some) for method, some in by_method.items()]
    return sorted(found, key=lambda row: (not row.passed, -row.found, row.accused, row.method))


def _row(method: str, told: list[Told]) -> Row:
    liar, honest = ([one for one in told if one.model == model] for model in (LIAR, HONEST))
    return Row(
        method,
        len(liar),
        sum(one.liar for one in liar) / len(liar),
        sum(one.liar for one in honest) / len(honest),
        (
            median(one.marker for one in liar),
            median(one.lesion for one in liar),
            median(one.marker for one in honest),
            median(one.lesion for one in honest),
        ),
    )


def table(found: Sequence[Row]) -> str:
    """The rows in Markdown."""
    lines = [
        "| method | cases | liar found out | honest model accused | on the liar: marker / nodule "
        "| on the honest model: marker / nodule | verdict |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in found:
        one, two, three, four = (f"{ratio:.1f}" for ratio in row.ratios)
        word = "finds it out" if row.passed else "failed on this model"
        lines.append(
            f"| `{row.method}` | {row.cases} | {row.found:.0%} | {row.accused:.0%} | {one} / {two} "
            f"| {three} / {four} | {word} |"
        )
    return "\n".join(lines)


BEGIN = "<!-- the liar: written by `./lepton campaign belief` -->"
END = "<!-- end of the liar -->"


def block(document: Document) -> str:
    """What docs/belief.md says of a finished run."""
    return f"{BEGIN}\n\n{document['cases']} phantoms.\n\n{document['table']}\n\n{END}"


def document(seed: int, deadline_s: float) -> Document:
    """Phantoms of the seeds from `seed` on, a hundred or as many as there is time for."""
    methods = fitting()
    last = tuple(name for name in methods if name in COSTLY)
    first = tuple(name for name in methods if name not in COSTLY)
    told: list[Told] = []
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=context) as pool:
        waiting = [
            pool.submit(ask, one, some)
            for some in (first, last)
            for one in range(seed, seed + CASES)
        ]
        for done in as_completed(waiting):
            told.extend(done.result())
            if time.monotonic() > deadline_s:
                pool.shutdown(cancel_futures=True)
                break  # nobody tells as_completed of those that were cancelled
    found = rows(told)
    failed = [row.method for row in found if row.method in REQUIRED and not row.passed]
    missing = [name for name in REQUIRED if name not in methods]
    return {
        "cases": min((row.cases for row in found if row.method in REQUIRED), default=0),
        "seconds": round(time.monotonic() - began),
        "rule": f"marker ≥ {MARKER_AT_LEAST:g} and nodule ≤ {LESION_AT_MOST:g} times chance",
        "methods": [
            {
                "method": row.method,
                "cases": row.cases,
                "found": row.found,
                "accused": row.accused,
                "ratios": [round(ratio, 3) for ratio in row.ratios],
                "passed": row.passed,
            }
            for row in found
        ],
        "table": table(found),
        "faults": [
            *(
                f"{name} does not find the liar out, or accuses the honest model."
                for name in failed
            ),
            *(f"{name} is not offered for both models." for name in missing),
        ],
    }


def _card(model_id: str) -> ModelCard:
    return next(one for one in list_models(OpenRequest(()), Task()) if one.model_id == model_id)
