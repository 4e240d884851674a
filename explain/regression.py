"""Explanation regression: maps pinned to a model, and whether a later model still gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, FiniteFloat, ValidationError

from explain.agreement import coarsened
from explain.faithfulness import PINNED_RATIO, TOP_SHARE
from explain.similarity import rank_correlation, top_overlap
from inference.card_files import user_models_dir
from inference.card_layout import sentences
from inference.errors import UserError
from inference.records import Attribution
from inference.whole_file import write_bytes

SCHEMA = "lepton.pins/1"
LARGEST_PINS_BYTES = 1 << 26

CELLS = 16
"""A pinned map is kept in so many cells a side at most: what a place shows, not a pixel."""

DIGITS = 6
"""Significant digits of a kept value."""


class Pin(BaseModel):
    """One question whose map is held, and how far a later one may be from it.

    `path` and `region` are files as they lie on this machine; nothing else of a scan's header is
    kept. `cells` is the map of then, its mean over the cells of a coarse grid on the frame.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    name: Annotated[str, Field(min_length=1)]
    path: str
    source: str
    frame: Annotated[int, Field(ge=0)]
    method: str
    target: str
    layer: str | None
    options: dict[str, bool | int | FiniteFloat | str | None]
    seed: int
    region: str | None
    sha256: str
    """Of the weights that gave the map."""
    answer: str
    """The model's top label then."""
    inside_ratio: FiniteFloat | None
    lowest_ratio: FiniteFloat | None
    lowest_rank: Annotated[FiniteFloat, Field(ge=-1, le=1)]
    cells: list[list[FiniteFloat]]


class _PinFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    # The field has to be called as it is in the file, where "schema" is the word for it.
    version: Annotated[Literal["lepton.pins/1"], Field(alias="schema")]
    model: str
    pins: list[Pin]


@dataclass(frozen=True)
class Held:
    """What became of one pin: `reasons` say why it does not hold; there are none where it does.

    `ratio`, `rank` and `overlap` are those of now; None where no map came of it.
    """

    pin: Pin
    ratio: float | None
    rank: float | None
    overlap: float | None
    answer: str | None
    reasons: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.reasons


def pins_path(model_id: str) -> Path:
    """Where the pins of a model are kept unless somebody names another file."""
    return user_models_dir().parent / "pins" / f"{model_id}.yaml"


def read_pins(path: Path, model_id: str) -> tuple[Pin, ...]:
    """The pins of a model in a file, none where it does not exist.

    Raises UserError where the file is damaged, or holds what is pinned to another model.
    """
    if not path.exists():
        return ()
    try:
        if path.stat().st_size > LARGEST_PINS_BYTES:
            raise _damaged(path, "it is larger than such a file can be")
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
        found = _PinFile.model_validate(content)
    except OSError as error:
        raise UserError(
            f"The pins in {path.name} cannot be read: {error.strerror}.",
            "Check its place and your permission to read it.",
            path=str(path),
        ) from error
    except UnicodeDecodeError as error:
        raise _damaged(path, "it is not UTF-8 text") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _damaged(path, "it is not YAML") from error
    except ValidationError as error:
        raise _damaged(path, sentences(error)) from error
    if found.model != model_id:
        raise UserError(
            f"{path.name} holds what is pinned to {found.model}, not to {model_id}.",
            f"Name another file, or check against {found.model}.",
            path=str(path),
        )
    return tuple(found.pins)


def add_pin(pin: Pin, model_id: str, path: Path) -> tuple[Pin, ...]:
    """All pins of the file with this one, which takes the place of one of its name."""
    pins = (*(one for one in read_pins(path, model_id) if one.name != pin.name), pin)
    body = {"schema": SCHEMA, "model": model_id, "pins": [one.model_dump() for one in pins]}
    text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True, default_flow_style=None)
    write_bytes(path, text.encode("utf-8"))
    return pins


def cells_of(attribution: Attribution) -> list[list[float]]:
    """The map in the cells that a pin keeps; raises UserError for one that shows nothing."""
    grid = [min(CELLS, length) for length in attribution.map.shape]
    cells = coarsened(attribution.map, grid)
    if np.ptp(cells) == 0.0:
        raise UserError(
            "The map is the same everywhere, so there is nothing in it to hold.",
            "Choose another method, target or frame.",
        )
    return [[float(f"{value:.{DIGITS}g}") for value in row] for row in cells]


def lowest_ratio(ratio: float) -> float:
    """How low the ratio of a later map may be, unless somebody says otherwise."""
    return PINNED_RATIO * ratio


def compare_with(pin: Pin, attribution: Attribution, answer: str) -> Held:
    """Whether a map of now is still what was pinned."""
    before = np.array(pin.cells, dtype=np.float64)
    now = coarsened(attribution.map, before.shape)
    if now.shape != before.shape:
        return not_run(pin, "The scan's frames have another size than when this was pinned.")
    rank = rank_correlation(before, now)
    ratio = next((one.value for one in attribution.figures if one.name == "inside_ratio"), None)
    reasons = []
    if rank < pin.lowest_rank:
        reasons.append(
            f"The order of places correlates with the pinned one by {rank:.2f} alone; at least "
            f"{pin.lowest_rank:.2f} is asked for."
        )
    if pin.lowest_ratio is not None and (ratio is None or ratio < pin.lowest_ratio):
        found = "nothing" if ratio is None else f"{ratio:.1f} times what chance would put there"
        reasons.append(
            f"The marked region holds {found}; at least {pin.lowest_ratio:.1f} times is asked for."
        )
    return Held(pin, ratio, rank, top_overlap(before, now, TOP_SHARE), answer, tuple(reasons))


def not_run(pin: Pin, sentence: str) -> Held:
    """A pin that gave no map: it does not hold."""
    return Held(pin, None, None, None, None, (sentence,))


def _damaged(path: Path, what: str) -> UserError:
    return UserError(
        f"{path.name} does not hold pins: {what}.",
        "Take it away and pin again, or mend it.",
        path=str(path),
    )


_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C where there is one: a pin holds hundreds of numbers."""
