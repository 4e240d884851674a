"""One line of the table of cases: a case, what a model says of it, and why by one method."""

from __future__ import annotations

from dataclasses import dataclass

from inference.records import Verdict


@dataclass(frozen=True)
class CaseRow:
    """What is known of one case by one map; "" and None stand for what is not known.

    `listed` says that `title` is the case's name in a labelled set; otherwise it is a series' own,
    which is written to no file unasked. `target` is the label that the map is for, `label` the true
    one. `ratio` is how many times more of the map lies in the marked region than chance would put
    there and `reason` its verdict, `outside` the share outside the body, `worst` the worst verdict
    on how far to believe the map. `path` is where the case can be opened from. Of a case that
    `failed`, `sentence` says why.
    """

    title: str
    source_id: str = ""
    frame: int = 0
    model_id: str = ""
    method: str = ""
    answer: str = ""
    score: float | None = None
    target: str = ""
    label: str = ""
    ratio: float | None = None
    reason: Verdict | None = None
    outside: float | None = None
    worst: Verdict | None = None
    sentence: str = ""
    failed: bool = False
    listed: bool = False
    who: str = ""
    path: str = ""

    @property
    def right(self) -> bool | None:
        """Whether the answer is the true label; None where that is not known."""
        return self.answer == self.label if self.label and self.answer else None

    @property
    def wrong_reason(self) -> bool:
        """Whether the model is right, and the map for its answer lies elsewhere than the reason."""
        return bool(self.right) and self.target == self.answer and self.reason == "red"
