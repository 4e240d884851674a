"""Small curves of a figure as a drawing inside the report: no script, no font, no colour alone."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np

from inference.records import Curve

WIDTH, HEIGHT, EDGE = 300, 120, 6
"""Of the drawing and its margin, in its own units."""

DASHES = ("", "7 4", "2 3")
"""Curves differ in their lines: whole, dashed, dotted."""


def curves_svg(curves: Sequence[Curve]) -> str:
    """The curves over each other on common axes, and which line is which; "" without any point.

    x and y run over what there is of them, y from 0 or below. Points that are no numbers are
    left out.
    """
    finite = [np.isfinite(one.x) & np.isfinite(one.y) for one in curves]
    if not any(there.any() for there in finite):
        return ""
    x = np.concatenate([one.x[there] for one, there in zip(curves, finite, strict=True)])
    y = np.concatenate([one.y[there] for one, there in zip(curves, finite, strict=True)])
    left, right = float(x.min()), float(x.max())
    bottom, top = min(0.0, float(y.min())), float(y.max())
    lines = []
    for number, (one, there) in enumerate(zip(curves, finite, strict=True)):
        across = EDGE + _shares(one.x[there], left, right) * (WIDTH - 2 * EDGE)
        up = HEIGHT - EDGE - _shares(one.y[there], bottom, top) * (HEIGHT - 2 * EDGE)
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, up, strict=True))
        dash = DASHES[number % len(DASHES)]
        lines.append(f'<polyline points="{points}" stroke-dasharray="{dash}"/>')
    names = ", ".join(
        f"{escape(one.name)} {_WORDS[number % len(DASHES)]}" for number, one in enumerate(curves)
    )
    return (
        f'<svg class="curves" role="img" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<title>{names}</title>{''.join(lines)}</svg>"
        f'<p class="quiet">From {left:g} to {right:g}, height {bottom:.3g} to {top:.3g}: '
        f"{names}.</p>"
    )


_WORDS = ("(whole line)", "(dashed)", "(dotted)")


def _shares(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Where values lie between two ends, 0 to 1."""
    return (values - low) / ((high - low) or 1.0)
