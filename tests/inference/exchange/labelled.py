"""A small project to exchange: two sources, four labels, and annotations drawn at random."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from hypothesis import strategies as st

from inference.exchange.records import LabelledSource, LabelsExport, LabelsImport, Read, Written
from inference.exchange.table import FORMATS
from inference.mask_bits import mask_of, pack_mask
from inference.records import (
    WHOLE,
    Annotation,
    AnnotationKind,
    Label,
    LabelSet,
    MadeFrom,
    SourceEntry,
)
from inference.task import Task

ROWS, COLUMNS = 12, 17
SHAPE = (ROWS, COLUMNS)
LABELS = LabelSet(
    "Words",
    (
        Label("lesion", (230, 20, 20)),
        Label("lesion/tumour", (20, 230, 20)),
        Label("Blase, voll", (20, 20, 230)),
        Label("grade", (90, 90, 90), scale=(1.0, 5.0)),
    ),
)
SERIES = SourceEntry("a1b2c3d4e5f6", "series", "CT Thorax", "CT", 3, SHAPE, ("/d/scan.nii.gz",))
IMAGE = SourceEntry("0f0f0f0f0f0f", "image", "photo.png", None, 1, SHAPE, ("/d/photo.png",))
ENTRIES = (SERIES, IMAGE)
NO_LABELS = LabelSet("Words")


def exported(
    format_name: str,
    path: Path,
    annotations: list[Annotation],
    entries: tuple[SourceEntry, ...] = ENTRIES,
    *,
    identified: bool = False,
    labels: LabelSet = LABELS,
    task: Task | None = None,
) -> Written:
    """Write annotations of `entries` in a format."""
    sources = tuple(
        LabelledSource(entry, tuple(one for one in annotations if one.source_id == entry.source_id))
        for entry in entries
    )
    request = LabelsExport(labels, sources, str(path), identified)
    return FORMATS[format_name].write(request, task or Task())


def imported(
    format_name: str,
    path: Path,
    entries: tuple[SourceEntry, ...] = ENTRIES,
    labels: LabelSet = LABELS,
) -> Read:
    """Read what is at `path`."""
    return FORMATS[format_name].read(LabelsImport(labels, entries, str(path), "Reader"), Task())


def said(annotations: tuple[Annotation, ...] | list[Annotation]) -> list[tuple[object, ...]]:
    """What annotations say, in an order of its own: all but who said it and when."""
    found = [
        (
            *(one.source_id, one.frame, one.kind, one.label),
            tuple((round(x, 6), round(y, 6)) for x, y in one.points),
            mask_of(one, SHAPE).tobytes() if one.mask is not None else b"",
            *(one.extent, one.value, one.attributes, one.instance, one.made_from),
        )
        for one in annotations
    ]
    return sorted(found, key=repr)


def bare(one: Annotation) -> Annotation:
    """An annotation without what is said besides shape and label."""
    return replace(one, value=None, attributes=(), instance="", made_from=None)


def box(
    x0: float,
    y0: float,
    x1: float,
    y1: float,
    *,
    label: str = "lesion",
    frame: int = 0,
    value: float | None = None,
) -> Annotation:
    """A box on the photograph."""
    points = ((x0, y0), (x1, y1))
    return Annotation("b", IMAGE.source_id, frame, "box", label, points, value=value)


def region(mask: np.ndarray, label: str = "lesion") -> Annotation:
    """A mask on the photograph."""
    return Annotation("m", IMAGE.source_id, 0, "mask", label, mask=pack_mask(mask))


def region_of_all() -> Annotation:
    """The whole photograph."""
    return region(np.ones(SHAPE, dtype=bool), "lesion/tumour")


_across = st.floats(0, COLUMNS).map(lambda x: round(x, 3))
_down = st.floats(0, ROWS).map(lambda y: round(y, 3))
_point = st.tuples(_across, _down)
_words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zs", "Cs")), max_size=6)
_options = st.dictionaries(
    _words.filter(bool),
    st.one_of(_words, st.integers(-9, 9), st.booleans(), st.none(), st.floats(-3, 3)),
    max_size=3,
).map(lambda found: tuple(found.items()))
_made_from = st.none() | st.builds(
    MadeFrom, _words, _words, _words, st.floats(0, 1), _words, st.none() | st.floats(0, 1)
)


@st.composite
def _boxes(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    x0, y0 = draw(st.floats(0, COLUMNS - 1)), draw(st.floats(0, ROWS - 1))
    x1, y1 = draw(st.floats(x0 + 0.5, COLUMNS)), draw(st.floats(y0 + 0.5, ROWS))
    return ((round(x0, 3), round(y0, 3)), (round(x1, 3), round(y1, 3)))


def _points(kind: AnnotationKind) -> st.SearchStrategy[tuple[tuple[float, float], ...]]:
    counts = {"point": (1, 1), "rotated_box": (4, 4), "line": (2, 5), "polygon": (3, 6)}
    if kind == "box":
        return _boxes()
    if kind not in counts:
        return st.just(())
    least, most = counts[kind]
    return st.lists(_point, min_size=least, max_size=most).map(tuple)


@st.composite
def _masks(draw: st.DrawFn) -> np.ndarray:
    """Blots and speckles, never empty."""
    mask = np.zeros(SHAPE, dtype=bool)
    for _ in range(draw(st.integers(1, 3))):
        top, left = draw(st.integers(0, ROWS - 1)), draw(st.integers(0, COLUMNS - 1))
        mask[top : top + draw(st.integers(1, 9)), left : left + draw(st.integers(1, 9))] = True
    return mask


@st.composite
def one_annotation(draw: st.DrawFn, kinds: tuple[AnnotationKind, ...]) -> Annotation:
    """An annotation of one of these kinds, on any frame of any source."""
    kind = draw(st.sampled_from(kinds))
    entry = draw(st.sampled_from(ENTRIES))
    whole = kind in ("class", "span", "interval")
    first = draw(st.floats(0, 50))
    label = draw(st.sampled_from([one.name for one in LABELS.labels]))
    return Annotation(
        *("x", entry.source_id, draw(st.integers(WHOLE if whole else 0, entry.frames - 1))),
        *(kind, label, draw(_points(kind))),
        mask=pack_mask(draw(_masks())) if kind == "mask" else None,
        extent=(first, first + draw(st.floats(0, 9))) if kind in ("span", "interval") else None,
        value=draw(st.none() | st.floats(1, 5)),
        attributes=draw(_options),
        instance=draw(st.sampled_from(("", "one", "two"))),
        made_from=draw(_made_from),
    )


def annotation_lists(kinds: tuple[AnnotationKind, ...]) -> st.SearchStrategy[list[Annotation]]:
    """Some annotations of these kinds."""
    return st.lists(one_annotation(kinds), max_size=6)
