"""Masks of one frame laid into index pictures: one where none overlap, further ones where some do.

A layer holds for each pixel the number of its label, 0 for none. Where a label has several masks
in one layer, a second picture of the same size tells them apart by their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from inference.exchange.reading import EntryError
from inference.exchange.records import LabelledSource
from inference.mask_bits import pack_mask, unpack_box
from inference.records import Annotation, MaskBits

Masks = Sequence[tuple[int, MaskBits]]
"""Masks of one frame, each with the number of its label."""

SCATTERED = 300
"""How often the boxes around its masks may cover a picture; each costs its box's area in work."""


@dataclass(frozen=True, eq=False)
class Layer:
    """`labels` and `parts` are uint16 [rows, columns]; `parts` is None where no label repeats."""

    labels: np.ndarray
    parts: np.ndarray | None


def layer_name(name: str, place: int) -> str:
    """What the layer at a place is called; the first, at 0, like its frame."""
    return name if place == 0 else f"{name}.layer-{place + 1}"


def by_frame(
    source: LabelledSource, held: Sequence[Annotation], numbers: dict[str, int]
) -> dict[int, Masks]:
    """The masks of each frame with the numbers of their labels; a single frame even without."""
    found: dict[int, list[tuple[int, MaskBits]]] = {0: []} if source.entry.frames == 1 else {}
    for one in held:
        if one.mask is not None:
            found.setdefault(one.frame, []).append((numbers[one.label], one.mask))
    return dict(found)


def lay(masks: Masks, shape: tuple[int, int]) -> list[Layer]:
    """The layers of (number, mask), the lowest numbers lowest; each mask within `shape`."""
    labels: list[np.ndarray] = []
    parts: list[np.ndarray] = []
    counts: list[dict[int, int]] = []
    for number, mask in sorted(masks, key=lambda one: one[0]):
        place = (
            slice(mask.top, mask.top + mask.rows),
            slice(mask.left, mask.left + mask.columns),
        )
        inside = unpack_box(mask)
        free = (at for at, layer in enumerate(labels) if not layer[place][inside].any())
        at = next(free, len(labels))
        if at == len(labels):
            labels.append(np.zeros(shape, np.uint16))
            parts.append(np.zeros(shape, np.uint16))
            counts.append({})
        counts[at][number] = counts[at].get(number, 0) + 1
        labels[at][place][inside] = number
        parts[at][place][inside] = counts[at][number]
    return [
        Layer(label, part if max(count.values()) > 1 else None)
        for label, part, count in zip(labels, parts, counts, strict=True)
    ]


def take_apart(labels: np.ndarray, parts: np.ndarray | None) -> Masks:
    """The masks of a layer, [rows, columns] of whole numbers from 0 on, as (number, mask).

    Raises EntryError where the picture is noise rather than regions.
    """
    where = np.flatnonzero(labels)
    values = labels.reshape(-1)[where].astype(np.int64) << 32
    if parts is not None:
        values |= parts.reshape(-1)[where].astype(np.int64)
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-1))
    found: list[tuple[int, MaskBits]] = []
    boxed = 0
    for group in np.split(where[order], starts[1:]) if where.size else []:
        rows, columns = np.divmod(group, labels.shape[1])
        top, left = int(rows.min()), int(columns.min())
        box = np.zeros((int(rows.max()) - top + 1, int(columns.max()) - left + 1), dtype=bool)
        boxed += box.size
        if boxed > SCATTERED * labels.size:
            raise EntryError("its numbers are scattered over the whole picture like noise")
        box[rows - top, columns - left] = True
        mask = pack_mask(box)
        if mask is not None:
            number = int(labels.reshape(-1)[group[0]])
            found.append((number, replace(mask, top=top, left=left)))
    return found
