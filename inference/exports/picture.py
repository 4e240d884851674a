"""A map alone as a PNG, with the scale of its colours and all that made it in its text chunks."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from inference.display_overlay import colour_table, overlay_levels, robust_limit
from inference.exports.words import facts_of, title_of
from inference.records import Attribution


def picture_of(attribution: Attribution, limit: float | None = None) -> bytes:
    """The map in its colours, RGB at the frame's own size, as the bytes of a PNG file.

    `limit` is the value at the end of the colours, None for the map's own. What the colours mean
    stands in the text chunk "Scale", the limit as a number in "Limit".
    """
    most = robust_limit(attribution.map) if limit is None else limit
    signed = attribution.signed
    levels = overlay_levels(attribution.map, signed, most)
    info = PngInfo()
    info.add_text("Title", title_of(attribution))
    info.add_text("Scale", _scale_words(most, signed=signed))
    info.add_text("Limit", repr(float(most)))
    for name, text in facts_of(attribution).items():
        info.add_text(name.capitalize(), text)
    data = io.BytesIO()
    picture = np.ascontiguousarray(colour_table(signed)[levels])
    Image.fromarray(picture).save(data, "PNG", pnginfo=info)
    return data.getvalue()


def _scale_words(limit: float, *, signed: bool) -> str:
    low = f"{-limit:.6g}" if signed else "0"
    return f"linear from {low} to {limit:.6g}; what is beyond has the colour of the end"
