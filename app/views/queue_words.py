"""How a row of the queue is said in words: what model and person say, and why it stands there."""

from __future__ import annotations

from collections.abc import Callable

from app.queue import Answering, QueueOrder, QueueRow, disagrees
from app.session import Session
from inference.records import WHOLE, LabelSet
from widgets.queue_rows import QueueItem

CERTAINTY: tuple[tuple[float, str], ...] = (
    (0.95, "nearly undecided"),
    (0.7, "unsure"),
    (0.3, "fairly sure"),
    (0.0, "sure"),
)
"""From which entropy on a model is called so."""

SHOWS: tuple[tuple[str, str], ...] = (
    ("show:all", "All scans"),
    ("show:unlabelled", "Without a label"),
    ("show:labelled", "Labelled"),
    ("show:unfinished", "Something required is missing"),
    ("show:disagreeing", "Model and label disagree"),
)
KIND_WORDS: tuple[tuple[str, str], ...] = (
    ("kind:class", "With a class"),
    ("kind:box", "With a box"),
    ("kind:polygon", "With a polygon"),
    ("kind:mask", "With a mask"),
)


def shows_of(label_set: LabelSet) -> tuple[tuple[str, str], ...]:
    """What the queue can show, as keys and words."""
    labels = tuple((f"label:{one.name}", f"Labelled {one.name}") for one in label_set.labels)
    return (*SHOWS, *KIND_WORDS, *labels)


def item_of(session: Session, row: QueueRow, answering: dict[str, Answering]) -> QueueItem:
    """How a row is listed."""
    title = row.title if row.frame == WHOLE else f"{row.title} · slice {row.frame + 1}"
    differs = disagrees(row, answering)
    return QueueItem(
        title,
        _said(row),
        _spoken(row),
        why(row, session.queue.wish.order, differs=differs),
        differs,
        row.annotations > 0,
        session.thumbnails.get(row.source_id),
    )


def why(row: QueueRow, order: QueueOrder, *, differs: bool) -> str:
    """Why a row stands where it does, in the order that is chosen."""
    return _WHY[order](row, differs)


def certainty_words(row: QueueRow) -> str:
    """How sure the model was; "" where that is not known."""
    if row.entropy is None:
        return ""
    words = next(words for least, words in CERTAINTY if row.entropy >= least)
    return f"{row.score:.2f}, {words}"


def reason_words(row: QueueRow) -> str:
    """Where the map lies against the marked region; "" where it was never judged."""
    if row.reason is None:
        return ""
    sign = {"green": "", "amber": ", doubtful", "red": ", wrong reason"}.get(row.verdict or "", "")
    return f"{row.reason:.1f} × chance on the region{sign}"


def _said(row: QueueRow) -> str:
    """What model and person say, in as little room as there is."""
    own = ", ".join(one.rpartition("/")[2] for one in row.classes)
    if row.annotations and not own:
        own = f"{row.annotations:,} labels" if row.annotations > 1 else "1 label"
    return " · ".join(part for part in (_answer(row), own or "no label") if part)


def _spoken(row: QueueRow) -> str:
    said = f"model says {_answer(row)}" if row.answer else "no model was asked"
    own = "labelled " + ", ".join(row.classes) if row.classes else "no class"
    noun = "annotation" if row.annotations == 1 else "annotations"
    return f"{said}; {own}; {row.annotations:,} {noun}"


def _answer(row: QueueRow) -> str:
    """The first answer; a segmentation answers each pixel, so that it has no score."""
    if row.answer and row.entropy is None:
        return "regions"
    return f"{row.answer} {row.score:.2f}" if row.answer else ""


def _certain(row: QueueRow, _differs: bool) -> str:
    if row.answer and row.entropy is None:
        return "not known how sure"
    return certainty_words(row) or "no model was asked"


def _disagreeing(row: QueueRow, differs: bool) -> str:
    if differs:
        return f"model says {row.answer} {row.score:.2f}"
    return "model and label agree" if row.classes and row.answer else certainty_words(row)


_WHY: dict[QueueOrder, Callable[[QueueRow, bool], str]] = {
    "uncertain": _certain,
    "disagreement": _disagreeing,
    "reason": lambda row, _: reason_words(row) or "no map was judged by a region",
    "unlabelled": lambda row, _: certainty_words(row),
    "name": lambda row, _: certainty_words(row) or reason_words(row),
}
