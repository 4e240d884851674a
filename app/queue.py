"""What to look at next: the scans of a project in an order, with what is known of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from inference.cards import ModelCard
from inference.records import WHOLE, AnnotationKind, FrameKey, LabelSet, Verdict

QueueOrder = Literal["uncertain", "disagreement", "reason", "unlabelled", "name"]
QueueShow = Literal["all", "unlabelled", "labelled", "unfinished", "disagreeing"]

SURE_YES = 0.5
"""The score from which a model with independent answers says yes."""


class QueueRow(NamedTuple):
    """A scan, or with a `frame` one of its slices, and what the project's file says of it.

    `answer` is the model's first answer in its newest prediction here, made on slice `at`, with
    `entropy` and `margin` as in inference.certainty; "" where there is none. `classes` are the
    person's, `annotations` how many there are of any kind. `reason` is the figure "inside_ratio" of
    the newest map that was judged by a marked region.
    """

    source_id: str
    frame: int
    title: str
    model_id: str = ""
    sha256: str = ""
    made_at: str = ""
    at: int = WHOLE
    answer: str = ""
    score: float = 0.0
    entropy: float | None = None
    margin: float | None = None
    classes: tuple[str, ...] = ()
    annotations: int = 0
    reason: float | None = None
    verdict: Verdict | None = None
    refused: bool = False
    """Whether the person refused this answer as a label."""

    @property
    def key(self) -> FrameKey:
        return (self.source_id, self.frame)


@dataclass(frozen=True)
class Answering:
    """How a model answers: the names of its labels in lower case, and whether one excludes others.

    A segmentation has no answers that classes could contradict: its `names` are empty.
    """

    names: frozenset[str]
    single: bool


@dataclass(frozen=True)
class QueueWish:
    """How the queue is wanted; `answering` is by the id of a model.

    `text` are words that titles have, `label` and `kind` what a scan is labelled with, "" for any.
    With `slices` each slice that a model or a person said something of is a row. The row `keep`
    stays, whatever is labelled there: it is the one in sight.
    """

    order: QueueOrder = "uncertain"
    show: QueueShow = "all"
    text: str = ""
    label: str = ""
    kind: AnnotationKind | Literal[""] = ""
    slices: bool = False
    keep: FrameKey | None = None
    label_set: LabelSet = field(default_factory=LabelSet)
    answering: tuple[tuple[str, Answering], ...] = ()


class Queue(NamedTuple):
    """The rows in their order, and how many of all rows of the project are labelled."""

    rows: tuple[QueueRow, ...] = ()
    labelled: int = 0
    total: int = 0


class QueueBook:
    """The queue of a window: how it is wanted, and how it was when it was last read."""

    def __init__(self) -> None:
        self.wish = QueueWish()
        self.queue = Queue()
        self.keys: tuple[FrameKey, ...] = ()
        self.places: dict[FrameKey, int] = {}
        """Where each row stands."""
        self.read = False
        """Whether it was read since the project was opened."""
        self.accepted: frozenset[str] = frozenset()
        """The scans that something was accepted on, and whose rows do not say so yet."""

    def take(self, queue: Queue, *, current: bool = True) -> None:
        """It was read anew; it is `current` if nothing was waiting to be kept at that time."""
        self.queue, self.read = queue, True
        if current:
            self.accepted = frozenset()
        self.keys = tuple(row.key for row in queue.rows)
        self.places = {key: place for place, key in enumerate(self.keys)}

    def place_of(self, key: FrameKey) -> int | None:
        """The row of a slice, or of its scan."""
        return self.places.get(key, self.places.get((key[0], WHOLE)))


def answering_of(cards: Iterable[ModelCard]) -> tuple[tuple[str, Answering], ...]:
    """How models answer, by their ids."""
    return tuple(
        (
            card.model_id,
            Answering(
                frozenset(one.casefold() for one in card.labels if card.task == "classify"),
                card.activation == "softmax",
            ),
        )
        for card in cards
    )


def arrange(
    rows: Iterable[QueueRow], wish: QueueWish, within: frozenset[str] | None = None
) -> tuple[QueueRow, ...]:
    """The rows that are wanted, in the order wanted; `within` are the scans that may be shown."""
    answering = dict(wish.answering)
    shown, words = _SHOWN[wish.show], wish.text.casefold().split()
    wanted = [
        row
        for row in rows
        if (not words or _has(row.title, words))
        and (
            row.key == wish.keep
            or (shown(row, answering) and (within is None or row.source_id in within))
        )
    ]
    key = _ORDERS[wish.order]
    wanted.sort(key=lambda row: (*key(row, answering), row.title.casefold(), row.key))
    return tuple(wanted)


def disagrees(row: QueueRow, answering: dict[str, Answering]) -> bool:
    """Whether the model's first answer is another than the class that a person gave.

    Labels are compared by their last level; a model that knows none of them says nothing here.
    """
    known = answering.get(row.model_id)
    if known is None or not row.answer or not row.classes:
        return False
    said = {one.rpartition("/")[2].casefold() for one in row.classes} & known.names
    yes = known.single or row.score >= SURE_YES
    return bool(said) and yes and row.answer.casefold() not in said


Answers = dict[str, Answering]
_SHOWN: dict[QueueShow, Callable[[QueueRow, Answers], bool]] = {
    "all": lambda row, _: True,
    "unlabelled": lambda row, _: not row.annotations,
    "labelled": lambda row, _: bool(row.annotations),
    "unfinished": lambda row, _: bool(row.annotations),
    "disagreeing": disagrees,
}
"""Which rows are shown; of those that are labelled the store tells which are unfinished."""


def _has(title: str, words: list[str]) -> bool:
    found = title.casefold()
    return all(word in found for word in words)


def _by_uncertainty(row: QueueRow, _: Answers) -> tuple[float, ...]:
    """What the model was least sure of; then what nobody labelled, then the rest."""
    if row.entropy is None:
        return (1.0, float(row.annotations > 0), 0.0)
    return (0.0, -row.entropy, 1.0 if row.margin is None else row.margin)


def _by_disagreement(row: QueueRow, answering: Answers) -> tuple[float, ...]:
    """Where model and person disagree, what the model was surest of first."""
    return (0.0, -row.score) if disagrees(row, answering) else (1.0, float(row.annotations > 0))


def _by_reason(row: QueueRow, _: Answers) -> tuple[float, ...]:
    """Where the least of the map lies on what was marked; then what was never judged."""
    return (1.0, 0.0) if row.reason is None else (0.0, row.reason)


_ORDERS: dict[QueueOrder, Callable[[QueueRow, Answers], tuple[float, ...]]] = {
    "uncertain": _by_uncertainty,
    "disagreement": _by_disagreement,
    "reason": _by_reason,
    "unlabelled": lambda row, _: (float(row.annotations > 0),),
    "name": lambda row, _: (),
}
"""What comes first, by the name of the order; equal ones are by their titles."""
