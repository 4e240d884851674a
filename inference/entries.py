"""The box of entries: what each shows, with which source, models and method; free of torch."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import resources
from inference.card_files import CARD_NAME, read_card
from inference.card_layout import sentences
from inference.cards import CardMetric
from inference.entry import Entry, LabelWalk
from inference.errors import UserError
from inference.records import Scalar
from inference.requests import EntryRequest, OpenRequest
from inference.shared_data import VARIABLE, data_folder, data_root
from inference.task import Task


class _Generated(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    generator: Literal["phantom"]
    seed: Annotated[int, Field(ge=0)]
    case: Annotated[int, Field(ge=0)]
    marker: Literal["always", "none"]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    data: str
    """A path below the shared data."""
    words: str
    """What these data are, for one who does not have them."""


class _Walk(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    truth: str
    """Known masks below the shared data."""
    label: str
    value: Annotated[int, Field(ge=1)]
    slices: Annotated[list[int], Field(min_length=2, max_length=2)]
    dice: Annotated[float, Field(ge=0, le=1)]


class _Layout(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    schema_name: Annotated[Literal["lepton.entry-card/1"], Field(alias="schema")]
    title: str
    purpose: str
    source: _Generated | _Data
    frame: Annotated[int, Field(ge=0)]
    models: Annotated[list[str], Field(min_length=1)]
    method: str
    target: str
    expected: Annotated[list[str], Field(min_length=1)]
    """Names of metrics in the cards of the models; the figures are taken from there."""
    stands_in: str | None = None
    """For which task the data stand in, where they are not the task's own."""
    walk: _Walk | None = None
    """The steps of labelling that are walked through, for an entry about that."""


def list_entries(request: OpenRequest, task: Task) -> tuple[Entry, ...]:
    """All entries of the box by name; `request` is empty."""
    task.check()
    return tuple(_read(path) for path in sorted(resources.path("entries").glob("*.yaml")))


def find_entry(name: str) -> Entry:
    """The entry of that name; raises UserError (usage) that names those there are."""
    entries = {entry.name: entry for entry in list_entries(OpenRequest(()), Task())}
    if name not in entries:
        raise UserError(
            f"There is no entry named {name}.",
            f"Known entries: {', '.join(entries)}.",
            fault="usage",
        )
    return entries[name]


def source_of(entry: Entry, folder: Path) -> Path:
    """The file or folder an entry is about; a phantom is written into `folder` first.

    Raises UserError (surroundings) where its data are not here.
    """
    if entry.data is not None:
        return data_folder(entry.data)
    from inference.phantom.case import generate
    from inference.phantom.dicom_files import write_case

    place = folder / f"case-{entry.case:04d}"
    write_case(generate(entry.seed, entry.case, entry.marker), place)
    return place


def locate_entry(request: EntryRequest, task: Task) -> str:
    """`source_of` for a lane: the path as text."""
    return str(source_of(find_entry(request.name), Path(request.folder)))


def describe(entry: Entry) -> dict[str, object]:
    """An entry as `lepton entries --json` prints it."""
    source: dict[str, Scalar] = (
        {"data": entry.data}
        if entry.data is not None
        else {
            "generator": "phantom",
            "seed": entry.seed,
            "case": entry.case,
            "marker": entry.marker,
        }
    )
    return {
        "name": entry.name,
        "title": entry.title,
        "purpose": entry.purpose,
        "source": source,
        "models": list(entry.models),
        "method": entry.method,
        "expected": list(entry.expected),
        "status": entry.status,
    }


def _read(path: Path) -> Entry:
    try:
        layout = _Layout.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise ValueError(f"{path.name}: {sentences(error)}") from error
    source = layout.source
    made = source if isinstance(source, _Generated) else None
    return Entry(
        name=path.stem,
        title=layout.title,
        purpose=layout.purpose,
        data=source.data if isinstance(source, _Data) else None,
        seed=made.seed if made else 0,
        case=made.case if made else 0,
        marker=made.marker if made else "none",
        frame=layout.frame,
        models=tuple(layout.models),
        method=layout.method,
        target=layout.target,
        expected=(*_expected(layout), *_walked(layout.walk)),
        status=_status(layout),
        walk=_walk(layout.walk),
    )


def _walk(layout: _Walk | None) -> LabelWalk | None:
    if layout is None:
        return None
    first, last = layout.slices
    return LabelWalk(layout.truth, layout.label, layout.value, (first, last), layout.dice)


def _walked(walk: _Walk | None) -> tuple[str, ...]:
    """The figure of a walk, in words; it is measured with each run."""
    if walk is None:
        return ()
    first, last = (index + 1 for index in walk.slices)
    words = f"interpolated between slices {first} and {last}"
    return (f"{walk.label}, {words}: Dice {walk.dice:.3f} with the known masks",)


def _status(layout: _Layout) -> str:
    source = layout.source
    needed = [source.data] if isinstance(source, _Data) else []
    needed += [layout.walk.truth] if layout.walk is not None else []
    if isinstance(source, _Data) and not all((data_root() / one).exists() for one in needed):
        return f"needs data: {source.words}; {VARIABLE} names their folder"
    return f"stands in: {layout.stands_in}" if layout.stands_in else "works"


def _expected(layout: _Layout) -> tuple[str, ...]:
    """The figures as the cards have them, so that the two never differ."""
    found = []
    for model_id in layout.models:
        card = read_card(resources.path("models", model_id, CARD_NAME))
        found += [
            f"{model_id}: {_figure(metric)}"
            for metric in card.metrics
            if metric.name in layout.expected
        ]
    return tuple(found)


def _figure(metric: CardMetric) -> str:
    words = f"{metric.name} {metric.value:.3f}"
    if metric.low is not None and metric.high is not None:
        words += f" ({metric.low:.3f} to {metric.high:.3f})"
    return f"{words}, n = {metric.n}, {metric.data}"
