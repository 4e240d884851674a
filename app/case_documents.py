"""The table of cases and files: a belief set's result.json read in, a CSV written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from app.batches import JUDGED_BY, OUTSIDE, csv_text
from app.case_requests import CaseFile
from explain.offered import OF_THE_MODEL
from inference.errors import UserError
from inference.records import Verdict
from inference.requests import OpenRequest
from inference.task import Task
from inference.whole_file import write_bytes
from widgets.case_row import CaseRow

SCHEMA = "lepton.belief/1"
LARGEST_BYTES = 1 << 28
_VERDICTS: tuple[Verdict, ...] = ("red", "amber", "green")


def read_belief_set(request: OpenRequest, task: Task) -> CaseFile:
    """The result.json of `lepton belief set` as rows; UserError where it is none."""
    path = Path(request.paths[0])
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ValueError("larger than a list of cases can be")
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["schema"] != SCHEMA or "cases" not in document:
            raise ValueError("a document of another kind")
        rows = tuple(_rows(document))
    except OSError as error:
        raise UserError(
            f"{path.name} could not be read ({error.strerror}).",
            "Check that it is there, and that you may read it.",
            path=str(path),
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UserError(
            f"{path.name} is not the result of a belief set.",
            "Choose the result.json that `lepton belief set` wrote into its folder.",
            path=str(path),
        ) from error
    return CaseFile(f"{document['model']['id']} · {path.parent.name or path.name}", rows)


def write_cases(request: tuple[Path, tuple[CaseRow, ...], bool], task: Task) -> int:
    """Write (path, rows, whether patients may be named) as CSV; how many rows it has."""
    path, rows, identified = request
    write_bytes(path, csv_text(rows, identified=identified).encode("utf-8"))
    return len(rows)


def _rows(document: Mapping[str, Any]) -> Iterator[CaseRow]:
    model_id = _text(document["model"]["id"])
    for case in document["cases"]:
        for method, why in case["methods"].items():
            yield _row(model_id, case, _text(method), why)
        for one in case["failed"]:
            yield CaseRow(
                _text(case["case"]),
                _text(case["source"]),
                _whole(case["frame"]),
                model_id,
                _text(one["method"]),
                sentence=_text(one["reason"]),
                failed=True,
                listed=True,
            )
    for one in document["refused"]:
        yield CaseRow(
            _text(one["case"]),
            model_id=model_id,
            sentence=_text(one["reason"]),
            failed=True,
            listed=True,
        )


def _row(model_id: str, case: Mapping[str, Any], method: str, why: Mapping[str, Any]) -> CaseRow:
    answer = _text(case["answer"])
    belief = {_text(name): one for name, one in why["belief"].items()}
    judging = {name: _verdict(one["verdict"]) for name, one in belief.items()}
    own = {name: found for name, found in judging.items() if name not in OF_THE_MODEL}
    worst = next((found for found in _VERDICTS if found in own.values()), None)
    return CaseRow(
        _text(case["case"]),
        _text(case["source"]),
        _whole(case["frame"]),
        model_id,
        method,
        answer,
        _real(case["score"]),
        answer,
        _text(case["label"]),
        _real(why["inside_ratio"]),
        _verdict(why["verdict"]),
        _real(belief[OUTSIDE]["value"]) if OUTSIDE in belief else None,
        worst,
        listed=True,
        sentence=_sentence({**own, JUDGED_BY: judging.get(JUDGED_BY)}),
    )


def _sentence(verdicts: Mapping[str, Verdict | None]) -> str:
    """The document keeps figures and no sentences, so the failed ones are named."""
    failed = [name.replace("_", " ") for name, found in verdicts.items() if found == "red"]
    return f"Failed: {', '.join(failed)}." if failed else ""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a word is missing")
    return value


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("a number is missing")
    return value


def _real(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError("a number is missing")
    return float(value)


def _verdict(value: object) -> Verdict | None:
    found = next((one for one in _VERDICTS if one == value), None)
    if found is None and value is not None:
        raise ValueError("a verdict that nobody gives")
    return found
