"""Units of coded measurements as people write them."""

from __future__ import annotations

import re

_WRITTEN = {
    "1": "",
    "no units": "",
    "[hnsf'U]": "HU",
    "{SUVbw}g/ml": "SUVbw",
    "{SUVlbm}g/ml": "SUVlbm",
    "{SUVbsa}cm2/ml": "SUVbsa",
    "{counts}": "counts",
    "deg": "°",
    "Cel": "°C",
    "um": "µm",
    "um2": "µm²",
    "ug": "µg",
    "um2/s": "µm²/s",
}
"""UCUM codes that nobody writes so; the SUV units are those of PS3.16 CID 84."""

_POWERS = {"2": "²", "3": "³"}


def unit_words(code: str) -> str:
    """A UCUM code in words: "cm3" becomes "cm³", "{ratio}" becomes "ratio", "1" nothing."""
    if code in _WRITTEN:
        return _WRITTEN[code]
    plain = re.sub(r"[{}]", "", code)
    return re.sub(r"(?<=[a-z])([23])(?![0-9])", lambda found: _POWERS[found[1]], plain)
