"""What DICOM SEG says in codes: concepts, and colours as CIELab."""

from __future__ import annotations

import hashlib

import numpy as np
from pydicom.dataset import Dataset

from inference.records.labels import Code, Label
from inference.sources.dicom_fields import items, word

OWN_SCHEME = "99LEPTON"
"""Schemes that begin with 99 are nobody else's (PS3.16 8.2)."""

TISSUE = Code("85756007", "SCT", "Tissue")
"""The category of a label that has none: the widest of PS3.16 CID 7150, which 3D Slicer takes
too. What it is of is left to the type, which then bears the label's own name."""

SEGMENTATION = Code("113076", "DCM", "Segmentation")
"""How a frame came about, PS3.16 CID 7203."""

SOURCE_IMAGE = Code("121322", "DCM", "Source image for image processing operation")
"""What an image was for, PS3.16 CID 7202."""

MEANING_LIMIT = 64
"""Characters of an LO (PS3.5 6.2), which meanings and labels are."""

_VALUE_LIMIT = 16
"""Characters of an SH; a longer value is a Long Code Value (PS3.3 8.8)."""

_TO_XYZ = np.array(
    [
        [0.4360747, 0.3850649, 0.1430804],
        [0.2225045, 0.7168786, 0.0606169],
        [0.0139322, 0.0971045, 0.7141733],
    ]
)
"""Linear sRGB, which has white D65, to XYZ of white D50, with Bradford's adaptation in it."""

_WHITE_D50 = np.array([0.9642, 1.0, 0.8249])
"""The white of a profile connection space (ICC.1, 6.3.4.3), to which PS3.3 C.10.7.1.1 refers."""


def own_code(name: str) -> Code:
    """A concept of one's own, for a label that nobody has coded."""
    value = hashlib.sha256(name.encode()).hexdigest()[:_VALUE_LIMIT]
    return Code(value, OWN_SCHEME, plain_text(name))


def codes_for(label: Label) -> tuple[Code, Code]:
    """Category and type of a label (PS3.3 C.8.20.4): its own, or what holds of any."""
    return label.category or TISSUE, label.type or own_code(label.name)


def plain_text(name: str) -> str:
    """A name as an LO can hold it: 64 characters without backslashes or control characters."""
    kept = "".join("_" if letter == "\\" or not letter.isprintable() else letter for letter in name)
    return kept[:MEANING_LIMIT].strip()


def code_item(code: Code) -> Dataset:
    """A code as an item of a sequence (Code Sequence Macro, PS3.3 Table 8.8-1)."""
    found = Dataset()
    if len(code.value) > _VALUE_LIMIT:
        found.LongCodeValue = code.value
    else:
        found.CodeValue = code.value
    found.CodingSchemeDesignator = code.scheme[:_VALUE_LIMIT]
    found.CodeMeaning = plain_text(code.meaning)
    return found


def code_in(holder: Dataset, keyword: str) -> Code | None:
    """The first code of a sequence; None where it lacks value, scheme or meaning."""
    for item in items(holder, keyword)[:1]:
        value = word(item, "CodeValue") or word(item, "LongCodeValue")
        scheme, meaning = word(item, "CodingSchemeDesignator"), word(item, "CodeMeaning")
        if value and scheme and meaning:
            return Code(value, scheme, meaning)
    return None


def lab_of_colour(colour: tuple[int, int, int]) -> list[int]:
    """A colour of sRGB as three stored CIELab values.

    PS3.3 C.10.7.1.1: L* from 0 to 100 and a*, b* from -128 to 127 are spread over 0 to 65535.
    """
    encoded = np.array(colour) / 255.0
    # IEC 61966-2-1: a power, and a straight line near black.
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    share = _TO_XYZ @ linear / _WHITE_D50
    # CIE 15: the cube root, and a straight line near black.
    steps = np.where(share > (6 / 29) ** 3, np.cbrt(share), share * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = steps
    spread = (
        (116.0 * y - 16.0) * 65535.0 / 100.0,
        (500.0 * (x - y) + 128.0) * 65535.0 / 255.0,
        (200.0 * (y - z) + 128.0) * 65535.0 / 255.0,
    )
    return [min(max(round(float(value)), 0), 65535) for value in spread]
