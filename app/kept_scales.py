"""Ends of colour scales that a person keeps with a model, as plain values for the settings."""

from __future__ import annotations

KeptScale = tuple[str, str, str, str, float]
"""Model, method, layer ("" for none), output, and the value at the end of the colours."""


def read_kept(found: object) -> tuple[KeptScale, ...] | None:
    """Kept scales from plain JSON; lines that make no sense are left out."""
    if not isinstance(found, list):
        return None
    read = (_kept_of(line) for line in found)
    return tuple(one for one in read if one is not None)


def _kept_of(line: object) -> KeptScale | None:
    if not isinstance(line, list) or len(line) != 5:
        return None
    model, method, layer, output, limit = line
    words = (model, method, layer, output)
    known = all(isinstance(word, str) for word in words)
    if not known or not isinstance(limit, (int, float)) or not 0 < limit < float("inf"):
        return None
    return (str(model), str(method), str(layer), str(output), float(limit))
