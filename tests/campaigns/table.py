"""Which methods of explanation fit which kinds of networks, as docs/belief.md shows it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping

from explain.availability import words_on
from explain.methods import METHODS
from explain.preflight import ENDED, Word
from explain.subject import Subject
from inference.task import Task
from tests.explain.model_kinds import MODEL_KINDS

SIGNS = {"green": "●", "amber": "▲", "red": "✕"}

BEGIN = "<!-- methods × model kinds: written by `./lepton campaign table` -->"
END = "<!-- end of methods × model kinds -->"


@functools.cache
def subject_of(kind: str) -> Subject:
    """The network of a kind, made once."""
    return MODEL_KINDS[kind].subject()


@functools.cache
def words_of(kind: str) -> Mapping[str, Word]:
    """What the preflight says of each method for a kind."""
    return words_on(subject_of(kind), Task())


def block() -> str:
    """The table in Markdown: a row for each method, a column for each kind, reasons below.

    Numbers of per cent in reasons are left out: they are another machine's roundings.
    """
    reasons: dict[str, int] = {}
    rows = [_row(name, reasons) for name in METHODS]
    titles = ["method", *(f"{number}" for number in range(1, len(MODEL_KINDS) + 1))]
    kinds = [f"{number}: {kind.title}" for number, kind in enumerate(MODEL_KINDS.values(), 1)]
    return "\n".join(
        [
            BEGIN,
            "",
            f"Kinds of networks: {'; '.join(kinds)}.",
            "",
            _line(titles),
            "|" + " --- |" * len(titles),
            *rows,
            "",
            "Reasons:",
            "",
            *(f"{number}. {reason}" for reason, number in reasons.items()),
            "",
            END,
        ]
    )


def document() -> dict[str, object]:
    """What was found as plain values; a fault is a method that ended in an error."""
    found = {kind: words_of(kind) for kind in MODEL_KINDS}
    return {
        "cells": {
            kind: {name: word.status for name, word in words.items()}
            for kind, words in found.items()
        },
        "faults": [
            f"{name} on {kind}: {word.reason}"
            for kind, words in found.items()
            for name, word in words.items()
            if ENDED in word.reason
        ],
    }


def put_into(text: str, begin: str, end: str, made: str) -> str:
    """A document with what stands from `begin` to `end` replaced by `made`, or added."""
    before, found, rest = text.partition(begin)
    if not found:
        return f"{text.rstrip()}\n\n{made}\n"
    _, _, after = rest.partition(end)
    return f"{before}{made}{after}"


def _row(name: str, reasons: dict[str, int]) -> str:
    cells = []
    for kind in MODEL_KINDS:
        word = words_of(kind)[name]
        mark = SIGNS[word.status]
        if word.reason:
            said = re.sub(r"[\d.,]+%", "… %", word.reason)
            if word.instead is not None and word.status == "red":
                said = f"{said} Instead: `{word.instead}`."
            mark += f" {reasons.setdefault(said, len(reasons) + 1)}"
        cells.append(mark)
    return _line([f"`{name}`", *cells])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
