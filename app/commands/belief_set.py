"""`lepton belief set`: a model over a whole labelled set, and where it is right by accident."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.belief_page import Shown, page, picture_of
from app.commands.one_source import open_one
from app.output import Output, encode
from explain.belief_sets import Examined, Reason, Refused, Seen, Summary, Sweep, summarise
from explain.labelled_cases import read_set
from inference.card_files import find_model
from inference.cards import ModelCard
from inference.errors import UserError
from inference.evaluation import Figure as Measured
from inference.evaluation import accuracy
from inference.task import Task
from inference.whole_file import refuse_unwritable, write_bytes

MOST_PICTURES = 48
"""In the report: a page with hundreds of them opens no more."""


def judge_set(arguments: argparse.Namespace, output: Output) -> int:
    """Examine case after case; what is done is kept, also where somebody interrupts."""
    from explain.explain import refuse_unfitting
    from explain.methods import find_method

    methods = [find_method(name) for name in arguments.methods]
    if arguments.most is not None and arguments.most < 1:
        raise UserError("--most is a whole number from 1.", "Choose another.", fault="usage")
    task = output.task()
    card = find_model(arguments.model, task)
    for method in methods:
        refuse_unfitting(method, card, arguments.seed)
    cases = read_set(arguments.data)[: arguments.most]
    sweep = Sweep(
        card,
        arguments.methods,
        lambda path, source_id: open_one(path, source_id, Task()),
        arguments.device,
        arguments.seed,
    )
    if arguments.out is not None:
        refuse_unwritable(arguments.out)
    kept = _Kept(card, arguments.methods, len(cases), arguments.out)
    try:
        for one in sweep.over(cases, task):
            kept.take(one)
            if isinstance(one, Refused):
                output.say(f"{one.case}: {one.sentence}")
    finally:
        # An interrupted set is one of fewer cases.
        kept.write()
    if not kept.found:
        raise UserError(
            f"No case of this set could be examined; the first: {kept.refused[0].sentence}",
            "Choose another set, or another model.",
        )
    if kept.mapless is not None:
        raise UserError(
            f"No map of this set could be made; the first: {kept.mapless}",
            "Choose another method, or another model.",
        )
    body = kept.body()
    output.document("belief", body)
    if not output.as_json:
        _describe(body, arguments.out, output)
    return 0


class _Kept:
    """What is known of a set so far; pictures are made at once and the frames let go."""

    def __init__(
        self, card: ModelCard, methods: tuple[str, ...], cases: int, folder: Path | None
    ) -> None:
        self._card = card
        self._methods = methods
        self._cases = cases
        self._folder = folder
        self._shown: list[Shown] = []
        self.found: list[Examined] = []
        self.refused: list[Refused] = []

    def take(self, one: Seen | Refused) -> None:
        if isinstance(one, Refused):
            self.refused.append(one)
            return
        self.found.append(one.examined)
        room = self._folder is not None and len(self._shown) < MOST_PICTURES
        if one.examined.wrong_reasons and room:
            self._shown.append(picture_of(one))

    @property
    def mapless(self) -> str | None:
        """Why the first case has no map, where no case has one by any method."""
        if any(one.reasons for one in self.found):
            return None
        return next((why for one in self.found for _, why in one.failed), None)

    def body(self) -> dict[str, Any]:
        right = sum(one.right for one in self.found)
        summaries = [summarise(method, self.found) for method in self._methods]
        return {
            "model": {"id": self._card.model_id, "sha256": self._card.sha256},
            "methods": list(self._methods),
            "complete": len(self.found) + len(self.refused) == self._cases,
            "summary": {
                "accuracy": _measured(accuracy(right, len(self.found)) if self.found else None),
                "methods": {one.method: _summary(one) for one in summaries},
            },
            "wrong_reasons": [
                {"case": one.case, "methods": list(one.wrong_reasons)}
                for one in self.found
                if one.wrong_reasons
            ],
            "cases": [_row(one) for one in self.found],
            "refused": [{"case": one.case, "reason": one.sentence} for one in self.refused],
        }

    def write(self) -> None:
        """result.json and report.html, where a folder was named and something was found."""
        if self._folder is None or not self.found:
            return
        body = self.body()
        write_bytes(self._folder / "report.html", page(body, self._shown).encode("utf-8"))
        text = encode("belief", body, indent=2)
        write_bytes(self._folder / "result.json", text.encode("utf-8"))


def _row(one: Examined) -> dict[str, Any]:
    return {
        "case": one.case,
        "source": one.key[0],
        "frame": one.key[1],
        "label": one.label,
        "answer": one.answer,
        "score": one.score,
        "right": one.right,
        "methods": {why.method: _reason(why, one) for why in one.reasons},
        "failed": [{"method": method, "reason": why} for method, why in one.failed],
    }


def _reason(why: Reason, one: Examined) -> dict[str, Any]:
    return {
        "inside_ratio": why.ratio,
        "verdict": None if why.judged is None else why.judged.verdict,
        "decoy_ratio": why.decoy_ratio,
        "wrong_reason": why.method in one.wrong_reasons,
        "belief": {
            figure.name: {"value": figure.value, "verdict": figure.verdict}
            for figure in why.figures
        },
    }


def _summary(one: Summary) -> dict[str, Any]:
    return {
        "maps": one.maps,
        "inside_ratio": _measured(one.ratio),
        "decoy_ratio": _measured(one.decoy_ratio),
        "wrong_reason": _measured(one.wrong),
    }


def _measured(known: Measured | None) -> dict[str, float] | None:
    if known is None:
        return None
    return {"value": known.value, "low": known.low, "high": known.high, "n": known.n}


def _describe(body: dict[str, Any], folder: Path | None, output: Output) -> None:
    right = body["summary"]["accuracy"]
    output.text(f"right in {right['value']:.1%} of {right['n']} cases")
    why = {gone["method"]: gone["reason"] for one in body["cases"] for gone in one["failed"]}
    for method, known in body["summary"]["methods"].items():
        wrong, ratio = known["wrong_reason"], known["inside_ratio"]
        if not known["maps"] and method in why:
            output.text(f"{method}: no map; {why[method]}")
            continue
        if wrong is None:
            output.text(f"{method}: no case that is right has a marked reason")
            continue
        output.text(
            f"{method}: for a wrong reason in {wrong['value']:.1%} ({wrong['low']:.1%} to "
            f"{wrong['high']:.1%}) of {wrong['n']} that are right; inside ratio "
            f"{ratio['value']:.1f} ({ratio['low']:.1f} to {ratio['high']:.1f})"
        )
    for one in body["wrong_reasons"]:
        output.text(f"right for a wrong reason: {one['case']} ({', '.join(one['methods'])})")
    if folder is not None:
        output.text(f"{folder} holds report.html and result.json.")
