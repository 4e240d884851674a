"""Whether a map says anything at all, anything beyond the plain gradient, and how finely."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
import torch
from torch import Tensor

from explain.case import Case, Check
from explain.checks.removal import is_picture
from explain.faithfulness import verdict
from inference.records import Figure, Verdict

PATCHY = 0.25
"""Where a map has fewer different values than this share of its places, it is made of patches."""


def quality(case: Case) -> tuple[Figure, ...]:
    """The contrast of a map, its likeness to the plain gradient, and its native resolution."""
    broken = contrast(case.map)
    if broken.verdict == "red":
        return (broken,)
    fineness = (resolution(case),) if is_picture(case) else ()
    return (broken, *_likeness(case), *fineness)


def contrast(values: np.ndarray) -> Figure:
    """How far a map's values [*size] are apart, as a share of the largest magnitude: 0 to 2."""
    name, title = "contrast", "Contrast of the map"
    if not np.isfinite(values).all():
        return Figure(
            name, title, 0.0, "red", "The map holds values that are no numbers. Dismiss it."
        )
    largest = float(np.abs(values).max(initial=0.0))
    if largest == 0.0:
        words = (
            "The map is zero everywhere: it shows nothing that speaks for the target. "
            "Choose another method, layer or target."
        )
        return Figure(name, title, 0.0, "red", words)
    found = float(np.ptp(values.astype(np.float64))) / largest
    colour = verdict(name, found)
    return Figure(name, title, found, colour, _CONTRAST[colour].format(found))


_CONTRAST: dict[Verdict | None, str] = {
    "green": "The map is neither empty nor the same everywhere.",
    "amber": "The map is almost the same everywhere: its values differ by {:.2%} of the largest. "
    "What the colours show may be chance.",
    "red": "The map has the same value everywhere: it points at nothing. "
    "Choose another method or layer.",
}


def _claims_more(case: Case) -> bool:
    """Whether the map should differ from the plain gradient, and can be compared with it."""
    comparable = case.answer.values.shape == case.inputs.shape and case.inputs.is_floating_point()
    return comparable and case.method.family == "gradient" and case.method.name != "saliency"


def _likeness(case: Case) -> tuple[Figure, ...]:
    """The cosine of the map with the plain gradient, of methods that claim to be more than it."""
    answer = case.answer
    slope = _gradient(case) if _claims_more(case) else None
    if slope is None:
        return ()
    values = answer.values.detach()
    if not answer.signed:
        values, slope = values.abs(), slope.abs()
    found = min(1.0, abs(cosine(values, slope)))
    colour = verdict("gradient_likeness", found)
    sentence = (
        f"The map is the plain gradient (cosine {found:.4f}): on this model "
        f"{case.method.title} adds nothing to Saliency. Choose a method of another family."
        if colour != "green"
        else f"The map is not just the plain gradient (cosine {found:.2f})."
    )
    title = "Likeness to the plain gradient"
    return (Figure("gradient_likeness", title, found, colour, sentence),)


def cosine(one: Tensor, other: Tensor) -> float:
    """The cosine of the angle between two tensors of one shape; 0 where either is zero."""
    left, right = one.double().flatten(), other.double().flatten()
    scale = float(left.norm() * right.norm())
    return float(left @ right) / scale if scale > 0.0 else 0.0


def _gradient(case: Case) -> Tensor | None:
    """The gradient of the score at the input, [1, C, *size]; None where none comes there."""
    leaf = case.question.leaf()
    score = case.question.forward(leaf).sum()
    if not score.requires_grad:
        return None
    (found,) = torch.autograd.grad(score, leaf, allow_unused=True)
    return found


def resolution(case: Case) -> Figure:
    """How many cells the map has along its longest side, and what one covers on the scan.

    A layer's map has that layer's cells; a map made of patches has about as many cells as
    different values; any other has one for each pixel of the input.
    """
    size = case.question.size
    native = tuple(case.answer.map.shape[1:])
    patches = _patches(case.map) if native == size else None
    cells = native if patches is None else _spread_evenly(patches, size)
    longest = max(cells)
    words = f"{_times(native)} cells" if patches is None else f"about {patches:,} patches"
    sentence = f"The map has {words}; one covers {_on_scan(case, cells)}. {_MEANING[longest >= 4]}"
    colour = verdict("resolution", longest)
    details = (("cells", _times(native)) if patches is None else ("patches", patches),)
    return Figure("resolution", "Resolution of the map", float(longest), colour, sentence, details)


_MEANING = {
    True: "Finer detail in the overlay is drawn in between, not measured.",
    False: "It can only say which part of the picture matters: choose a finer layer for more.",
}


def _patches(values: np.ndarray) -> int | None:
    """How many different values a patchy map has beside zero; None for a map that is not."""
    there = values[values != 0.0]
    different = len(np.unique(there))
    return different if different < PATCHY * len(there) else None


def _spread_evenly(count: int, size: tuple[int, ...]) -> tuple[float, ...]:
    """So many cells over `size` as if all were cubes: how many along each axis."""
    side = (prod(size) / count) ** (1.0 / len(size))
    return tuple(max(1.0, length / side) for length in size)


def _on_scan(case: Case, cells: Sequence[float]) -> str:
    """The extent of one cell in the scan's pixels, and in millimetres where they are known."""
    axes = case.prepared.geometry.axes
    pixels = [
        length / count * axis.ratio
        for length, count, axis in zip(case.question.size, cells, axes, strict=True)
    ]
    found = f"{_times(pixels)} {'pixels' if len(cells) == 2 else 'voxels'}"
    spacing = _spacing_mm(case)
    if spacing is None:
        return f"{found} of the scan"
    lengths = [count * step for count, step in zip(pixels, spacing, strict=True)]
    return f"{found} = {_times(lengths)} mm of the scan"


def _spacing_mm(case: Case) -> tuple[float, ...] | None:
    """From sample to sample of the scan along the model's axes; None where it is not known."""
    plane = case.frames[case.index].spacing_mm
    turn = case.prepared.geometry.turn
    if plane is None or turn is None:
        return plane
    ends = [frame.affine for frame in (case.frames[0], case.frames[-1])]
    if len(case.frames) < 2 or ends[0] is None or ends[1] is None:
        return None
    first, last = (np.array(affine)[:3, 3] for affine in ends)
    between = float(np.linalg.norm(last - first)) / (len(case.frames) - 1)
    if between == 0.0:  # slices that lie on each other have no depth to speak of
        return None
    source = (between, *plane)
    return tuple(source[axis] for axis in turn.axes)


def _times(numbers: Sequence[float]) -> str:
    return " × ".join(f"{number:.3g}" for number in numbers)


QUALITY = Check(
    "quality",
    "Empty maps, plain gradients, resolution",
    quality,
    passes=lambda case: int(_claims_more(case)),
    cheap=True,
)
