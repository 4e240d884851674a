"""A model over a labelled set: where it is right, and where it is right for a wrong reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explain.labelled_cases import LabelledCase, label_of, marked_decoy, marked_reason
from explain.one_frame import Part, answer_to, map_of, question_about, telling_frame
from explain.regions import shares
from inference.cards import ModelCard
from inference.errors import UserError
from inference.evaluation import Figure as Measured
from inference.evaluation import accuracy, median
from inference.records import Attribution, Figure, Frame, FrameKey, Source
from inference.task import Task

JUDGED_BY = "inside_ratio"
"""The figure whose red verdict says that the reason is a wrong one."""


@dataclass(frozen=True, eq=False)
class Reason:
    """What one method's map shows of one case.

    `decoy_ratio` is how many times more of the map lies on what the model must not go by than
    chance would put there; None where nothing of that kind is marked.
    """

    method: str
    figures: tuple[Figure, ...]
    decoy_ratio: float | None

    @property
    def judged(self) -> Figure | None:
        """The figure of the marked region, None where nothing is marked."""
        return next((one for one in self.figures if one.name == JUDGED_BY), None)

    @property
    def ratio(self) -> float | None:
        """The share of the map inside the marked region against the region's share of the area."""
        return None if self.judged is None else self.judged.value

    @property
    def elsewhere(self) -> bool:
        """Whether the map says that the reason is another one than the marked one."""
        return self.judged is not None and self.judged.verdict == "red"


@dataclass(frozen=True, eq=False)
class Examined:
    """One case: what it is, what the model says, and why by each method that gave a map.

    `score` is the answer's, after the activation. `failed` holds (method, sentence) for those
    methods that gave no map.
    """

    case: str
    key: FrameKey
    label: str
    answer: str
    score: float
    reasons: tuple[Reason, ...]
    failed: tuple[tuple[str, str], ...]

    @property
    def right(self) -> bool:
        return self.answer == self.label

    @property
    def wrong_reasons(self) -> tuple[str, ...]:
        """The methods by whose maps the model is right for a wrong reason."""
        return tuple(one.method for one in self.reasons if self.right and one.elsewhere)


@dataclass(frozen=True, eq=False)
class Seen:
    """An examined case with its pixels: `maps` stand in the order of its reasons."""

    examined: Examined
    frame: Frame
    maps: tuple[Attribution, ...]


@dataclass(frozen=True)
class Refused:
    """A case that could not be examined, and why."""

    case: str
    sentence: str


@dataclass(frozen=True)
class Summary:
    """One method over a set, of the cases that are answered right and have a marked reason.

    `ratio` and `decoy_ratio` are medians with a bootstrap interval, `wrong` the share of cases
    that are right for a wrong reason with Wilson's; None where no case says anything.
    """

    method: str
    maps: int
    ratio: Measured | None
    decoy_ratio: Measured | None
    wrong: Measured | None


Opening = Callable[[str, str | None], Source]
"""opening(path, source id or None) → the one source that is meant."""


@dataclass(frozen=True)
class Sweep:
    """What is asked of each case of a set: one model, several methods, one seed."""

    card: ModelCard
    methods: tuple[str, ...]
    opening: Opening
    device: str = "auto"
    seed: int = 0

    def over(self, cases: Sequence[LabelledCase], task: Task) -> Iterator[Seen | Refused]:
        """One case after the other, as soon as it is done; one that fails does not end it."""
        for number, case in enumerate(cases, start=1):
            try:
                yield self._examine(case, Part(task))
            except UserError as error:
                yield Refused(case.name, error.message)
            task.progress(number, len(cases))

    def _examine(self, case: LabelledCase, task: Task) -> Seen:
        label = label_of(case, self.card)
        source = self.opening(case.path, case.source_id)
        region = marked_reason(case, source, task)
        frame = telling_frame(source, region) if case.frame is None else case.frame
        request = replace(
            question_about(source, frame, self.card, self.methods[0], task),
            truth=region,
            device=self.device,
            seed=self.seed,
        )
        prediction = answer_to(request, task)
        decoy = marked_decoy(case, source, task)
        off = None if decoy is None else decoy.at(frame, source.shape)
        maps, failed = [], []
        for method in self.methods:
            try:
                maps.append(map_of(replace(request, method=method), task))
            except UserError as error:
                failed.append((method, error.message))
        examined = Examined(
            case.name,
            prediction.key,
            label,
            prediction.labels[prediction.top],
            float(prediction.scores[prediction.top]),
            tuple(_reason(one, off) for one in maps),
            tuple(failed),
        )
        return Seen(examined, request.frames[request.index], tuple(maps))


def summarise(method: str, found: Sequence[Examined]) -> Summary:
    """One method's figures over all cases that were examined."""
    maps = [(one, why) for one in found for why in one.reasons if why.method == method]
    judged = [why for one, why in maps if one.right and why.ratio is not None]
    return Summary(
        method,
        len(maps),
        _median([why.ratio for why in judged if why.ratio is not None]),
        _median([why.decoy_ratio for why in judged if why.decoy_ratio is not None]),
        accuracy(sum(why.elsewhere for why in judged), len(judged)) if judged else None,
    )


def _reason(found: Attribution, decoy: np.ndarray | None) -> Reason:
    on_decoy = None if decoy is None or not decoy.any() else shares(found.map, decoy).ratio
    return Reason(found.provenance.method or "", found.figures, on_decoy)


def _median(values: Sequence[float]) -> Measured | None:
    return median(np.array(values)) if values else None
