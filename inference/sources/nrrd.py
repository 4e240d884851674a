"""NRRD volumes (.nrrd, or .nhdr with a file of values): one frame a slice, in LPS+ mm.

Source of the format: "Definition of NRRD File Format", teem.sourceforge.net/nrrd/format.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.records import Affine, Frame, FrameKey, FrameRef, Refused, Source
from inference.sources.base import FoundFile, one_source_each
from inference.sources.length_units import millimetres_in
from inference.sources.text_header import (
    data_file,
    not_shown,
    numbers_in,
    read_text_header,
    senseless,
)
from inference.sources.volume import Packing, Volume, read_slice, source_of

_START = re.compile(rb"NRRD000[1-6]\r?\n")
_SIGNED = {
    1: ("signed char", "int8", "int8_t"),
    2: ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    4: ("int", "signed int", "int32", "int32_t"),
    8: ("longlong", "long long", "long long int", "signed long long",
        "signed long long int", "int64", "int64_t"),
}  # fmt: skip
_UNSIGNED = {
    1: ("uchar", "unsigned char", "uint8", "uint8_t"),
    2: ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    4: ("uint", "unsigned int", "uint32", "uint32_t"),
    8: ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
}
_TYPES = {
    **{name: f"i{size}" for size, names in _SIGNED.items() for name in names},
    **{name: f"u{size}" for size, names in _UNSIGNED.items() for name in names},
    "float": "f4",
    "double": "f8",
}
_PACKINGS: dict[str, Packing] = {
    "raw": "raw", "gzip": "gzip", "gz": "gzip", "bzip2": "bzip2", "bz2": "bzip2",
}  # fmt: skip
_TO_LPS = {
    "left-posterior-superior": (1.0, 1.0, 1.0), "lps": (1.0, 1.0, 1.0),
    "right-anterior-superior": (-1.0, -1.0, 1.0), "ras": (-1.0, -1.0, 1.0),
    "left-anterior-superior": (1.0, -1.0, 1.0), "las": (1.0, -1.0, 1.0),
}  # fmt: skip
"""Spaces that lie in a patient, and what turns their axes into LPS."""


@dataclass(frozen=True)
class _Axes:
    """How the axes of the array are used: which lie in space, and what comes before and after."""

    sizes: tuple[int, ...]
    spatial: tuple[int, ...]

    @property
    def samples(self) -> int:
        """Values a pixel: the product of the axes before the first that lies in space."""
        return int(np.prod(self.sizes[: self.spatial[0]], dtype=np.int64))

    @property
    def volumes(self) -> int:
        return int(np.prod(self.sizes[self.spatial[-1] + 1 :], dtype=np.int64))


def recognises(head: bytes) -> bool:
    """The magic of versions 1 to 6."""
    return _START.match(head) is not None


def open_files(files: Iterator[FoundFile]) -> Iterator[Source | Refused]:
    """Each volume as a source whose frames are its slices; the pixels stay on disk."""
    return one_source_each(files, lambda file: source_of(file, _volume(file.path)))


def read_frame(key: FrameKey, ref: FrameRef, affine: Affine | None) -> Frame:
    """One slice [rows, columns] or RGB; raises UserError where the volume cannot be read."""
    return read_slice(_volume(Path(ref.path)), key, ref.number, affine)


def companion(path: Path) -> Path | None:
    """The one file beside a header with its values; UserError where it cannot be had."""
    fields, _ = _fields(read_text_header(path))
    return data_file(path, fields["data file"]) if "data file" in fields else None


def _fields(head: bytes) -> tuple[dict[str, str], int]:
    """All fields by their name in small letters, and the byte after the empty line that ends them.

    Comments (#) and the key/value pairs of programs (:=) are passed over.
    """
    fields: dict[str, str] = {}
    place = 0
    while (end := head.find(b"\n", place)) >= 0:
        line = head[place:end].rstrip(b"\r").decode("utf-8", "replace")
        place = end + 1
        if not line:
            return fields, place
        name, mark, value = line.partition(": ")
        if mark and not line.startswith("#") and ":=" not in name:
            name = name.strip().lower()
            fields["data file" if name == "datafile" else name] = value.strip()
    return fields, len(head)


def _volume(path: Path) -> Volume:
    fields, end = _fields(read_text_header(path))
    try:
        return _described(path, fields, end)
    except (ValueError, KeyError, IndexError, OverflowError) as error:
        raise senseless(path, "NRRD") from error


def _described(path: Path, fields: dict[str, str], end: int) -> Volume:
    axes = _axes(path, fields)
    code = _TYPES.get(fields["type"].lower())
    packing = _PACKINGS.get(fields["encoding"].lower())
    if code is None or packing is None:
        raise not_shown(path, f"holds {fields['type']} values written as {fields['encoding']}")
    if axes.samples != 1 and (axes.samples, code) != (3, "u1"):
        raise not_shown(path, f"holds {axes.samples} values a pixel")
    dtype = np.dtype((">" if fields.get("endian", "").lower() == "big" else "<") + code)
    data = path if "data file" not in fields else _data_file(path, fields["data file"])
    start = _after_lines(data, end if data == path else 0, int(fields.get("line skip", "0")))
    skip = int(fields.get("byte skip", "0"))
    if skip < 0:  # -1: the values are the last bytes of the file
        whole = int(np.prod(axes.sizes, dtype=np.int64)) * dtype.itemsize
        start, skip = max(0, data.stat().st_size - whole), 0
    sizes = (*(axes.sizes[axis] for axis in axes.spatial), 1)
    lps, spacing, source = _geometry(fields, axes)
    return Volume(
        path=path,
        counts=(sizes[0], sizes[1], sizes[2], axes.volumes),
        dtype=dtype,
        spacing_mm=spacing,
        lps=lps,
        spacing_source=source,
        data=data,
        start=start,
        packing=packing,
        skip=skip,
        samples=axes.samples,
    )


def _axes(path: Path, fields: dict[str, str]) -> _Axes:
    """Which axes lie in space: by their directions, else by their kinds, else the first three."""
    sizes = tuple(int(size) for size in fields["sizes"].split())
    if int(fields["dimension"]) != len(sizes) or min(sizes) < 1:
        raise ValueError(f"{sizes} are no sizes")
    if "space directions" in fields:
        flags = [vector is not None for vector in _vectors(fields["space directions"])]
    else:
        kinds = fields.get("kinds", "").lower().split() or ["domain"] * len(sizes)
        flags = [kind in ("domain", "space", "???", "none") for kind in kinds]
    if len(flags) != len(sizes):
        raise ValueError("as many directions or kinds as sizes are needed")
    spatial = tuple(axis for axis, flag in enumerate(flags) if flag)[:3]
    if len(spatial) < 2 or spatial[-1] - spatial[0] != len(spatial) - 1:
        raise not_shown(path, "holds values in an unusual order")
    return _Axes(sizes, spatial)


def _vectors(text: str) -> list[tuple[float, ...] | None]:
    """Vectors such as "(1,0,0) none (0,1,0)"; "none" stands for an axis outside space."""
    found = re.findall(r"\(([^)]*)\)|(none)", text)
    return [None if none else numbers_in(inside) for inside, none in found]


def _data_file(path: Path, name: str) -> Path:
    if name.upper().startswith("LIST") or "%" in name:
        raise not_shown(path, "names several files of values")
    return data_file(path, name)


def _after_lines(data: Path, start: int, lines: int) -> int:
    """The byte after so many lines (line skip); ValueError where there are fewer of them."""
    if lines < 1:
        return start
    head = read_text_header(data)
    for _ in range(lines):
        start = head.index(b"\n", start) + 1
    return start


def _geometry(
    fields: dict[str, str], axes: _Axes
) -> tuple[np.ndarray | None, tuple[float, float, float], str]:
    """To LPS mm if the space is a patient's; the spacings in mm, 0 where their unit is not said."""
    signs = _TO_LPS.get(fields.get("space", "").lower())
    units = [unit for unit in re.findall(r'"([^"]*)"', fields.get("space units", "")) if unit]
    scales = [millimetres_in(unit) for unit in units or ([] if signs is None else ["mm"])]
    scale = scales[0] if len(set(scales)) == 1 else None
    vectors = _vectors(fields.get("space directions", ""))
    chosen = [vectors[axis] for axis in axes.spatial] if vectors else []
    if scale is not None and chosen:
        columns = [np.array(vector, dtype=float) * scale for vector in chosen]
        across, down, between = [*(float(np.linalg.norm(one)) for one in columns), 0.0][:3]
        lps = None if signs is None else _lps(fields, columns, np.array(signs), scale)
        return lps, (across, down, between), "NRRD space directions"
    return None, _plain_spacing(fields, axes, scale), "NRRD spacings"


def _lps(
    fields: dict[str, str], columns: list[np.ndarray], signs: np.ndarray, scale: float
) -> np.ndarray | None:
    origin = _vectors(fields.get("space origin", ""))
    if len(columns) == 2:
        normal = np.cross(columns[0], columns[1])
        columns = [*columns, normal / (np.linalg.norm(normal) or 1.0)]
    if not origin or origin[0] is None:
        return None
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack(columns) * signs[:, np.newaxis]
    matrix[:3, 3] = np.array(origin[0]) * scale * signs
    usable = np.isfinite(matrix).all() and abs(float(np.linalg.det(matrix[:3, :3]))) > 1e-12
    return matrix if usable else None


def _plain_spacing(
    fields: dict[str, str], axes: _Axes, scale: float | None
) -> tuple[float, float, float]:
    """`spacings` in mm by the units of the axes or of the space; 0 where there are none."""
    spacings = numbers_in(fields.get("spacings", ""))
    units = re.findall(r'"([^"]*)"', fields.get("units", ""))
    found = [0.0, 0.0, 0.0]
    for place, axis in enumerate(axes.spatial):
        size = millimetres_in(units[axis]) if axis < len(units) else scale
        if axis < len(spacings) and size is not None and np.isfinite(spacings[axis]):
            found[place] = abs(spacings[axis]) * size
    return found[0], found[1], found[2]
