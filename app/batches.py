"""Batches over cases: which cases there are, what came of them, and the rows that say it; no Qt."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from explain.offered import OF_THE_MODEL
from inference.records import Attribution, Figure, Prediction, Source, Verdict
from widgets.case_row import CaseRow

if TYPE_CHECKING:
    from explain.belief_sets import Examined, Reason

JUDGED_BY, OUTSIDE = "inside_ratio", "outside_body"
_WORST: tuple[Verdict, ...] = ("red", "amber", "green")


@dataclass(frozen=True)
class Case:
    """A source and a frame of it; None for the one on which most is marked, else the middle one."""

    source_id: str
    frame: int | None = None


class CaseBook:
    """The rows of the latest batch or set, and how far it is; `changed` is called after each act.

    Rows are only ever added; `number` tells one table from the next.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.number = 0
        self.title = ""
        self.rows: list[CaseRow] = []
        self.done = self.total = 0
        self.running = False
        self.calls: set[int] = set()
        """The numbers of the calls that the batch made, to know it by in the list of jobs."""

    def begin(self, title: str, total: int) -> None:
        """A batch of so many cases; what was in the table before leaves it."""
        self._clear(title, total)
        self.running = True
        self._changed()

    def add(self, rows: Iterable[CaseRow]) -> None:
        """One case is done."""
        self.rows.extend(rows)
        self.done += 1
        self.running = self.done < self.total
        self._changed()

    def end(self) -> None:
        """The batch goes on no further; what is done stays."""
        self.running = False
        self._changed()

    def put(self, title: str, rows: Sequence[CaseRow]) -> None:
        """Rows that were read from a file."""
        self._clear(title, len(rows))
        self.rows.extend(rows)
        self.done = len(rows)
        self._changed()

    def _clear(self, title: str, total: int) -> None:
        self.number += 1
        self.title, self.rows, self.calls = title, [], set()
        self.done, self.total, self.running = 0, total, False


def row_of(source: Source, prediction: Prediction, made: Attribution, label: str) -> CaseRow:
    """What a map shows of a frame; `label` is the true one, "" where nobody knows it."""
    row = CaseRow(
        source.title,
        *made.key,
        made.provenance.model_id,
        made.provenance.method or "",
        prediction.labels[prediction.top],
        float(prediction.scores[prediction.top]),
        made.target_label,
        label,
        who=source.who,
    )
    return with_figures(row, made.figures)


def row_of_reason(model_id: str, one: Examined, why: Reason) -> CaseRow:
    """The same for a case of a labelled set, which is asked about its own answer."""
    row = CaseRow(
        one.case,
        *one.key,
        model_id,
        why.method,
        one.answer,
        one.score,
        one.answer,
        one.label,
        listed=True,
    )
    return with_figures(row, why.figures)


def failed_row(source: Source, case: Case, model_id: str, method: str, sentence: str) -> CaseRow:
    """A case that gave no map, and why."""
    return CaseRow(
        source.title,
        source.source_id,
        source.frames // 2 if case.frame is None else case.frame,
        model_id,
        method,
        sentence=sentence,
        failed=True,
        who=source.who,
    )


def with_figures(row: CaseRow, figures: Sequence[Figure]) -> CaseRow:
    """The row with what its map's figures say; the sentence is that of the gravest of them."""
    by_name = {one.name: one for one in figures}
    inside, outside = by_name.get(JUDGED_BY), by_name.get(OUTSIDE)
    grave = worst_of([one for one in figures if one.name not in OF_THE_MODEL])
    found = replace(
        row,
        ratio=None if inside is None else inside.value,
        reason=None if inside is None else inside.verdict,
        outside=None if outside is None else outside.value,
        worst=None if grave is None else grave.verdict,
    )
    doubtful = grave is not None and grave.verdict != "green"
    told = grave if doubtful and not found.wrong_reason else inside
    return replace(found, sentence="" if told is None else told.sentence)


def worst_of(figures: Sequence[Figure]) -> Figure | None:
    """The first figure of the worst verdict; None where none of them judges."""
    for verdict in _WORST:
        for one in figures:
            if one.verdict == verdict:
                return one
    return None


def newest_map(maps: Iterable[Attribution]) -> Attribution | None:
    """The finished map that was made last."""
    finished = [one for one in maps if not one.coarse]
    return max(finished, key=lambda one: one.provenance.made_at, default=None)


_COLUMNS: tuple[tuple[str, Callable[[CaseRow], object]], ...] = (
    ("case", lambda row: row.title if row.listed else ""),
    ("source", lambda row: row.source_id),
    ("frame", lambda row: row.frame),
    ("model", lambda row: row.model_id),
    ("method", lambda row: row.method),
    ("answer", lambda row: row.answer),
    ("score", lambda row: row.score),
    ("target", lambda row: row.target),
    ("label", lambda row: row.label),
    ("right", lambda row: row.right),
    ("inside_ratio", lambda row: row.ratio),
    ("inside_verdict", lambda row: row.reason),
    ("outside_body", lambda row: row.outside),
    ("belief", lambda row: row.worst),
    ("right_for_a_wrong_reason", lambda row: row.wrong_reason),
    ("sentence", lambda row: row.sentence),
)
_NAMING: tuple[tuple[str, Callable[[CaseRow], object]], ...] = (
    ("title", lambda row: row.title),
    ("patient", lambda row: row.who),
)


def csv_text(rows: Iterable[CaseRow], *, identified: bool) -> str:
    """The rows as a table; what may name the patient only where it is `identified`.

    Frames are counted from 0. An empty cell is what is not known.
    """
    columns = (*_COLUMNS, *(_NAMING if identified else ()))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([name for name, _ in columns])
    writer.writerows([_cell(read(row)) for _, read in columns] for row in rows)
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
