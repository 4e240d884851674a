"""Windows that a person keeps for each modality or a file offers, and the keys they stand on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import chain, count
from typing import Literal

from inference.display import Voi
from inference.records import Frame, Window

Grey = Voi | Literal["own", "full"]
"""What a key asks for: a window or VOI LUT, the file's own one, or all values of the frame."""

NamedGrey = tuple[str, Grey]
"""Its words and itself."""

LAST_DIGIT = 9
"""What has a higher number than this has no key."""

PRESETS_LIMIT = 7
"""Presets of one modality that have a key: 2 to 8, between the file's own and the full range."""


@dataclass(frozen=True)
class Preset:
    """Grey from `center - width / 2` to `center + width / 2`, in the modality's own unit."""

    modality: str
    center: float
    width: float
    title: str

    @property
    def window(self) -> Window:
        """LINEAR_EXACT (PS3.3 C.11.2.1.3.2), whose ends are those that the person wrote."""
        return Window(self.center, self.width, "LINEAR_EXACT", self.title)


UNITS = {"CT": "HU", "PT": "SUVbw"}
"""The unit that a modality's presets are written in; values in any other have no presets."""

DEFAULTS = (
    Preset("CT", 40, 400, "Soft tissue"),
    Preset("CT", -600, 1500, "Lung"),
    Preset("CT", 400, 1800, "Bone"),
    Preset("CT", 40, 80, "Brain"),
    Preset("CT", 60, 200, "Liver"),
    Preset("CT", 300, 600, "Vessels"),
    Preset("PT", 2.5, 5, "SUV 0 to 5"),
    Preset("PT", 5, 10, "SUV 0 to 10"),
)
"""Usual windows where values have a unit of their own. Greys of MR and of radiographs differ from
machine to machine, so for them there are the file's own window and the full range alone."""


def on_keys(
    presets: tuple[Preset, ...],
    modality: str | None,
    unit: str | None,
    of_the_file: tuple[NamedGrey, ...] = (),
) -> dict[int, NamedGrey]:
    """What the keys 1 to 9 do over a frame, by digit.

    What else the file offers comes after the person's presets, so that those keep their keys;
    numbers above `LAST_DIGIT` have none.
    """
    keys: dict[int, NamedGrey] = {1: ("The file's own window", "own")}
    wanted = UNITS.get(modality or "")
    fitting = [preset for preset in presets if preset.modality == modality]
    usable = fitting[:PRESETS_LIMIT] if wanted is None or wanted == unit else []
    rows = [*((words(preset), preset.window) for preset in usable), *of_the_file]
    numbers = chain(range(2, 2 + PRESETS_LIMIT), count(LAST_DIGIT + 1))
    keys.update(zip(numbers, rows, strict=False))
    keys[LAST_DIGIT] = ("All values of the frame", "full")
    return keys


def offered_by(frame: Frame) -> tuple[NamedGrey, ...]:
    """The VOI LUTs and windows of a file beside the first, with their explanations.

    They are alternatives (PS3.3 C.11.2.1.1, C.11.2.1.2); the first LUT, else the first window, is
    the file's own one.
    """
    if frame.colour:
        return ()
    found: list[NamedGrey] = [
        (_of_the_file(table.explanation, f"Table {number}"), table)
        for number, table in enumerate(frame.other_tables, start=2)
    ]
    for number, window in enumerate(frame.windows, start=1):
        if number > 1 or frame.table is not None:
            title = _of_the_file(window.explanation, f"Window {number}")
            found.append((f"{title} {_numbers(window, frame.unit or '')}", window))
    return tuple(found)


def _of_the_file(explanation: str, otherwise: str) -> str:
    return f"{explanation}, of the file" if explanation else f"{otherwise} of the file"


def words(preset: Preset) -> str:
    """Such as "Lung (-600 / 1500 HU)"."""
    return f"{preset.title} {_numbers(preset.window, UNITS.get(preset.modality, ''))}"


def _numbers(window: Window, unit: str) -> str:
    return f"({window.center:g} / {window.width:g} {unit}".rstrip() + ")"


def read_presets(found: object) -> tuple[Preset, ...] | None:
    """Presets from plain values, wrong ones left out; None where it is no list of them."""
    if not isinstance(found, list):
        return None
    read = [_read_preset(one) for one in found]
    return tuple(preset for preset in read if preset is not None)


def _read_preset(found: object) -> Preset | None:
    if not isinstance(found, dict):
        return None
    modality, title = found.get("modality"), found.get("title")
    center, width = _number(found.get("center")), _number(found.get("width"))
    if not isinstance(modality, str) or not isinstance(title, str):
        return None
    if center is None or width is None or width <= 0:
        return None
    return Preset(modality, center, width, title)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
