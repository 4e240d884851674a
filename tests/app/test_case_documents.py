"""Rows of cases: from figures, from a belief set's result, as CSV; nobody is named unasked."""

from __future__ import annotations

import copy
import csv
import json
from pathlib import Path
from typing import Any

import pytest

from app.batches import CaseBook, csv_text, with_figures, worst_of
from app.case_documents import read_belief_set, write_cases
from inference.errors import UserError
from inference.records import Figure, Verdict
from inference.requests import OpenRequest
from inference.task import Task
from widgets.case_row import CaseRow

FIGURES = {
    "inside_ratio": {"value": 0.5, "verdict": "red"},
    "outside_body": {"value": 0.25, "verdict": "amber"},
    "completeness": {"value": 0.01, "verdict": "green"},
}
WHY = {"inside_ratio": 0.5, "verdict": "red", "decoy_ratio": None, "belief": FIGURES}
CASE: dict[str, Any] = {
    "case": "one",
    "source": "0123456789ab",
    "frame": 2,
    "label": "nodule",
    "answer": "nodule",
    "score": 0.75,
    "methods": {"grad_cam": WHY},
    "failed": [{"method": "deep_lift", "reason": "It does not fit."}],
}
RESULT: dict[str, Any] = {
    "schema": "lepton.belief/1",
    "model": {"id": "a-model", "sha256": ""},
    "cases": [CASE],
    "refused": [{"case": "two", "reason": "It is no scan."}],
}


def read(path: Path, body: object) -> tuple[CaseRow, ...]:
    path.write_text(json.dumps(body))
    return read_belief_set(OpenRequest((str(path),)), Task()).rows


def test_a_result_becomes_rows(tmp_path: Path) -> None:
    found, failed, refused = read(tmp_path / "result.json", RESULT)
    assert (found.title, found.source_id, found.frame) == ("one", "0123456789ab", 2)
    assert (found.ratio, found.reason, found.outside) == (0.5, "red", 0.25)
    assert found.worst == "amber", "the region judges the model, not the map"
    assert found.wrong_reason
    assert found.sentence == "Failed: inside ratio."
    assert (failed.method, failed.failed, failed.sentence) == (
        "deep_lift",
        True,
        "It does not fit.",
    )
    assert (refused.title, refused.failed) == ("two", True)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("schema",), "lepton.predict/1"),
        (("cases",), 3),
        (("cases", 0, "frame"), -1),
        (("cases", 0, "score"), "much"),
        (("cases", 0, "methods"), []),
        (("cases", 0, "methods", "grad_cam", "verdict"), "purple"),
        (("refused", 0), {"case": "two"}),
        (("model",), None),
    ],
)
def test_what_is_no_result_is_refused_in_a_sentence(
    tmp_path: Path, place: tuple[Any, ...], value: object
) -> None:
    body: Any = copy.deepcopy(RESULT)
    part = body
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    with pytest.raises(UserError, match=r"result\.json is not the result of a belief set"):
        read(tmp_path / "result.json", body)
    with pytest.raises(UserError, match="could not be read"):
        read_belief_set(OpenRequest((str(tmp_path / "nowhere.json"),)), Task())


def test_a_table_names_nobody_unless_it_is_identified(tmp_path: Path) -> None:
    row = CaseRow("Head, with contrast", "0" * 12, 3, score=0.1, who="Doe, Jane", path="/x/doe")
    named = CaseRow("case-0001", label='=1+1, "a"\n', listed=True)
    write_cases((tmp_path / "a.csv", (row, named), False), Task())
    plain = (tmp_path / "a.csv").read_text()
    assert "Doe" not in plain
    assert "doe" not in plain
    assert "contrast" not in plain
    first, second = csv.DictReader(plain.splitlines(keepends=True))
    assert (first["case"], first["frame"], first["score"], first["right"]) == ("", "3", "0.1", "")
    assert (second["case"], second["label"]) == ("case-0001", '=1+1, "a"\n')
    assert "Doe, Jane" in csv_text((row,), identified=True)


def figure(name: str, verdict: Verdict | None, value: float = 1.0) -> Figure:
    return Figure(name, name, value, verdict, f"About {name}.")


@pytest.mark.parametrize(
    ("label", "target", "reason", "wrong"),
    [
        ("nodule", "nodule", "red", True),
        ("nodule", "nodule", "amber", False),
        ("nodule", "nodule", None, False),
        ("normal", "nodule", "red", False),
        ("", "nodule", "red", False),
        ("nodule", "normal", "red", False),
    ],
)
def test_right_for_a_wrong_reason(
    label: str, target: str, reason: Verdict | None, wrong: bool
) -> None:
    """Only for an answer that is known to be right, and by the map of that very answer."""
    row = CaseRow("a", answer="nodule", target=target, label=label)
    found = with_figures(row, [figure("completeness", "green"), figure("inside_ratio", reason)])
    assert found.wrong_reason is wrong
    assert found.worst == "green"
    assert found.sentence == "About inside_ratio."


def test_the_gravest_figure_is_told() -> None:
    figures = [figure("a", "green"), figure("b", "amber"), figure("c", "red"), figure("d", None)]
    assert worst_of(figures) is figures[2]
    assert worst_of(figures[3:]) is None
    assert with_figures(CaseRow("a"), figures).sentence == "About c."
    assert with_figures(CaseRow("a"), figures[:1]).sentence == ""


def test_a_book_ends_with_its_last_case_or_when_it_is_told() -> None:
    heard: list[int] = []
    book = CaseBook(lambda: heard.append(book.done))
    book.begin("A model", 2)
    assert book.running
    book.add((CaseRow("a"), CaseRow("a")))
    assert (book.done, book.running) == (1, True)
    book.add((CaseRow("b"),))
    assert (book.done, book.running, len(book.rows)) == (2, False, 3)
    book.begin("Another", 5)
    book.end()
    assert (book.rows, book.running, book.number) == ([], False, 2)
    assert heard == [0, 1, 2, 0, 0]
