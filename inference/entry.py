"""One entry of the box, as a plain record that crosses a wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LabelWalk:
    """A walk through labelling: what is drawn, on which slices, and how near that comes.

    `truth` names known masks below the shared data, in which `label` is `value`. What is drawn on
    the two `slices` is carried to those between them; `dice` is its overlap with the known masks.
    """

    truth: str
    label: str
    value: int
    slices: tuple[int, int]
    dice: float


@dataclass(frozen=True)
class Entry:
    """One thing that can be shown.

    Either `data` names its source below the shared data, or `seed`, `case` and `marker` say which
    phantom is made. `expected` are figures of the models' cards. `status` is "works", "stands in:
    …" or "needs data: …", as it is here and now.
    """

    name: str
    title: str
    purpose: str
    data: str | None
    seed: int
    case: int
    marker: Literal["always", "none"]
    frame: int
    models: tuple[str, ...]
    method: str
    target: str
    expected: tuple[str, ...]
    status: str
    walk: LabelWalk | None = None
