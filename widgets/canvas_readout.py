"""What the canvas says in words: the reading under the pointer, directions, lengths, numbers."""

from __future__ import annotations

import math

import numpy as np

from inference.records import Affine, Attribution, Frame, Window

MINUS = "\N{MINUS SIGN}"
NO_BREAK = "\N{NO-BREAK SPACE}"
"""Within a part of the reading, so that narrow viewports break it between its parts."""
NO_NUMBER = "no number"
_MOST_DIGITS = 9
_OPPOSITES = {"L": "R", "R": "L", "A": "P", "P": "A", "H": "F", "F": "H"}
_SECOND_LETTER = math.sin(math.radians(15))
"""A direction is called by a second letter if it leans more than this that way."""


Edges = tuple[str, str, str, str]
"""What stands at the left, right, top and bottom edge."""


def edge_letters(frame: Frame, turns: int = 0, mirrored: bool = False) -> Edges | None:
    """The patient's directions at the edges of a view that is mirrored, then turned clockwise.

    From the geometry, else from Patient Orientation (PS3.3 C.7.6.1.1.1); None without either.
    """
    found = orientation_letters(frame.affine)
    if found is None and frame.directions is not None:
        along, down = (direction.upper() for direction in frame.directions)
        found = (_opposite(along), along, _opposite(down), down)
    if found is None:
        return None
    left, right, top, bottom = found
    if mirrored:
        left, right = right, left
    for _ in range(turns % 4):
        left, right, top, bottom = bottom, top, left, right
    return (left, right, top, bottom)


def orientation_letters(affine: Affine | None) -> Edges | None:
    """The patient's directions at the edges of an upright frame; None without geometry.

    L R P A H F of PS3.3 C.7.6.1.1.1, the stronger direction first, at most two.
    """
    if affine is None:
        return None
    matrix = np.array(affine, dtype=float)
    right, down = matrix[:3, 0], matrix[:3, 1]
    if not (np.linalg.norm(right) > 0 and np.linalg.norm(down) > 0):
        return None
    return (_letters(-right), _letters(right), _letters(-down), _letters(down))


def _opposite(letters: str) -> str:
    """The other end of a direction; "" for those of animals, which have letters of their own."""
    if not set(letters) <= _OPPOSITES.keys():
        return ""
    return "".join(_OPPOSITES[letter] for letter in letters)


def _letters(direction: np.ndarray) -> str:
    unit = direction / np.linalg.norm(direction)
    order = np.argsort(-np.abs(unit), kind="stable")
    found = [
        "LPH"[axis] if unit[axis] > 0 else "RAF"[axis]
        for axis in order[:2]
        if abs(unit[axis]) > _SECOND_LETTER
    ]
    return "".join(found)


def holds(frame: Frame, column: int, row: int) -> bool:
    """Whether the frame has such a pixel."""
    rows, columns = frame.shape
    return 0 <= column < columns and 0 <= row < rows


def reading(
    frame: Frame,
    column: int,
    row: int,
    attribution: Attribution | None = None,
    objects: tuple[str, ...] = (),
) -> str:
    """One line about a pixel, such as "x 212, y 98 · −743 HU · (12.4, −88.1, 40.0) mm LPS".

    `objects` says what DICOM objects have there.
    """
    if not holds(frame, column, row):
        return ""
    words = [f"x {column}, y {row}", _value_words(frame, column, row)]
    if frame.affine is not None:
        place = np.array(frame.affine) @ (column, row, 0.0, 1.0)
        words.append("(" + ", ".join(signed_number(v, 1) for v in place[:3]) + ") mm LPS")
    if attribution is not None and attribution.map.shape == frame.shape:
        words.append(f"attribution {plus_number(float(attribution.map[row, column]))}")
    words += objects
    return " · ".join(word.replace(" ", NO_BREAK) for word in words)


def _value_words(frame: Frame, column: int, row: int) -> str:
    stored = frame.stored[row, column]
    if frame.colour:
        return "RGB " + " ".join(str(int(part)) for part in stored)
    if frame.padding is not None and frame.padding[0] <= stored <= frame.padding[1]:
        return "not measured"
    value = float(stored) * frame.slope + frame.intercept
    if not math.isfinite(value):
        return NO_NUMBER
    number = signed_number(value, 0 if value == round(value) else _digits(value))
    return f"{number} {frame.unit}" if frame.unit else number


def _digits(value: float) -> int:
    """Two behind the point, and as many more as a small value needs to show two figures."""
    if value == 0:
        return 2
    return min(max(2, 1 - math.floor(math.log10(abs(value)))), _MOST_DIGITS)


def signed_number(value: float, digits: int) -> str:
    """Fixed digits, with a true minus sign and without a negative zero."""
    text = f"{value:,.{digits}f}"
    if text.startswith("-"):
        return text[1:] if not text.strip("-0.,") else MINUS + text[1:]
    return text


def plus_number(value: float) -> str:
    """Two significant digits with the sign written out, as attributions are given."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else NO_NUMBER
    text = f"{abs(value):.2g}"
    return ("+" if value > 0 else MINUS) + text


def window_words(window: Window) -> str:
    """Such as "W 400 · C 40"; narrow windows with as many digits as tell their steps apart."""
    digits = 0 if window.width >= 10 else _digits(window.width)
    return f"W {signed_number(window.width, digits)} · C {signed_number(window.center, digits)}"


def bar_length_mm(mm_per_px: float, longest_px: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ mm that is not drawn longer than `longest_px`."""
    longest = mm_per_px * longest_px
    decade = 10.0 ** math.floor(math.log10(longest))
    return max(step * decade for step in (1, 2, 5) if step * decade <= longest * (1 + 1e-9))


def length_words(length_mm: float) -> str:
    """Such as "50 mm" or "0.5 mm"."""
    return f"{length_mm:g} mm"
