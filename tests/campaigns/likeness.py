"""Whether two values say the same, arrays and records with arrays in them included."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def difference(one: Any, other: Any, name: str = "") -> str | None:
    """The first place at which they differ, in words; None where they say the same."""
    if type(one) is not type(other):
        return f"{name}: {type(one).__name__} and {type(other).__name__}"
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and np.array_equal(
            one, other, equal_nan=one.dtype.kind == "f"
        )
        return None if alike else f"{name}: arrays differ"
    if is_dataclass(one) and not isinstance(one, type):
        pairs = [
            (field.name, getattr(one, field.name), getattr(other, field.name))
            for field in fields(one)
        ]
    elif isinstance(one, tuple):
        if len(one) != len(other):
            return f"{name}: {len(one)} and {len(other)} of them"
        pairs = [(str(at), *pair) for at, pair in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other or _is_nan(one, other) else f"{name}: {one!r} and {other!r}"
    found = (difference(left, right, f"{name}.{part}") for part, left, right in pairs)
    return next(filter(None, found), None)


def _is_nan(one: object, other: object) -> bool:
    if not (isinstance(one, float) and isinstance(other, float)):
        return False
    return math.isnan(one) and math.isnan(other)
