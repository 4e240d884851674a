"""What a label is used for by its key or a click: a class is said, or it is taken in hand."""

from __future__ import annotations

from dataclasses import replace

from app.actions import labelling
from app.actions.label_sets import choose
from app.actions.labelling_queue import go_on
from app.jobs import Jobs
from app.session import Session
from inference.errors import UserError
from inference.records import WHOLE, Annotation, FrameKey, Label
from inference.records.labels import AnnotationKind

LABEL_TOOLS: frozenset[str] = frozenset(
    {
        "label_box",
        "label_rotated",
        "label_polygon",
        "label_line",
        "label_point",
        "brush",
        "eraser",
        "grow",
        "wand",
    }
)
"""The tools that draw with the label in hand."""


def class_key(session: Session, number: int) -> FrameKey | None:
    """What a class said now is said of: the scan in a viewport, or its slice.

    None where nothing is open, or where a cut is in sight that is no slice of the scan.
    """
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return None
    if session.labels.hand.whole or source.frames == 1:
        return (source.source_id, WHOLE)
    return None if pane.is_cut else (source.source_id, pane.index)


def is_for(label: Label, kind: AnnotationKind) -> bool:
    """Whether a label can be given in this way."""
    return not label.kinds or kind in label.kinds


def press(session: Session, jobs: Jobs, name: str, *, moves_on: bool) -> None:
    """The key of a label: selected shapes get it, a class is said, or it is taken in hand.

    With `moves_on` what comes next is shown as soon as a class was said that has no scale.
    """
    label = session.labels.label_set.find(name)
    if label is None:
        return
    if any(one.kind != "class" for one in session.labels.chosen):
        relabel(session, jobs, name)
    elif is_for(label, "class") and (label.kinds == ("class",) or not _draws(session)):
        held = say(session, jobs, name, _next_value(session, label))
        if held and moves_on and label.scale is None:
            go_on(session, jobs)
    else:
        choose(session, name)


def say(session: Session, jobs: Jobs, name: str, value: float | None = None) -> bool:
    """Say a class of the scan or slice in sight; once more takes it back. Whether it holds now."""
    key = class_key(session, session.active)
    if key is None:
        raise UserError(
            "A class is said of a scan or of one of its slices.",
            "Open a scan, or turn a cut plane back to slices.",
        )
    choose(session, name)
    return labelling.set_class(session, jobs, key, name, value)


def relabel(session: Session, jobs: Jobs, name: str) -> None:
    """Give the selected annotations another label, as one act; classes stay as they are."""
    label = session.labels.label_set.find(name)
    shapes = [one for one in session.labels.chosen if one.kind != "class"]
    fitting = [one for one in shapes if label is not None and is_for(label, one.kind)]
    if shapes and not fitting:
        raise UserError(
            f"“{name}” is not a label for what is selected.",
            "Choose another one, or change in “Edit labels” what it is for.",
        )
    choose(session, name)
    other = [one for one in fitting if one.label != name]
    words = f"Label “{name.rpartition('/')[2]}”"
    labelling.put(session, jobs, words, [replace(one, label=name) for one in other])


def said_on(session: Session, key: FrameKey | None, name: str) -> Annotation | None:
    """The class of this name that a scan or slice has."""
    here = session.labels.on(key) if key is not None else ()
    return next((one for one in here if one.kind == "class" and one.label == name), None)


def _next_value(session: Session, label: Label) -> float | None:
    """What a further press of a graded label's key says: one more, and after the last nothing."""
    if label.scale is None:
        return None
    said = said_on(session, class_key(session, session.active), label.name)
    low, high = label.scale
    if said is None or said.value is None:
        return low
    return said.value + 1 if said.value + 1 <= high else said.value  # said once more: taken back


def _draws(session: Session) -> bool:
    return session.tool in LABEL_TOOLS
