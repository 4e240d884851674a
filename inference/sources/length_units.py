"""Units of length as files write them, in millimetres."""

from __future__ import annotations

_MILLIMETRES = {
    1e-6: ("nm", "nanometer", "nanometre"),
    1e-3: ("um", "µm", "μm", "\\u00b5m", "micron", "micrometer", "micrometre"),
    1.0: ("mm", "millimeter", "millimetre"),
    10.0: ("cm", "centimeter", "centimetre"),
    25.4: ("in", "inch", '"'),
    1000.0: ("m", "meter", "metre"),
}
_BY_NAME = {name: size for size, names in _MILLIMETRES.items() for name in names}


def millimetres_in(unit: str) -> float | None:
    """How long one `unit` is; None for what is no length, such as "pixel"."""
    plain = unit.strip().strip('"').casefold()
    return _BY_NAME.get(plain, _BY_NAME.get(plain.removesuffix("s")))
