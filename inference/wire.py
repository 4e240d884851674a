"""How records cross a child's pipes: a JSON header and raw array bytes, never pickle.

A message is `LPT1`, the header's length, the arrays' total length, the header and then the arrays
one after another. The header holds the body, in which a record stands as {"$r": name, "f": fields}
and an array as {"$a": number}, and a list of the arrays' types and shapes. What arrives is capped
and checked against the record's own annotations before anything is made of it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import io
import json
import math
import struct
import sys
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Protocol

import numpy as np

from inference import cards, records, requests

if sys.platform == "linux":
    import fcntl

MAGIC = b"LPT1"
PREFIX = struct.Struct("<4sIQ")
HEADER_LIMIT = 64 << 20
ARRAYS_LIMIT = 8 << 30
TYPES = frozenset(
    np.dtype(name).str
    for name in ("?", "u1", "i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8", "<f2", "<f4", "<f8")
)

RECORDS: dict[str, type] = {
    name: found
    for module in (records, cards, requests)
    for name, found in vars(module).items()
    if isinstance(found, type) and dataclasses.is_dataclass(found)
}
"""Records that may cross, by name; `register` adds those of packages above this one."""


class WireError(Exception):
    """What arrived is no message of this program."""


class Readable(Protocol):
    """A raw binary stream to read from."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class Writable(Protocol):
    """A raw binary stream to write to."""

    def write(self, data: memoryview, /) -> int | None: ...


def register(*classes: type) -> None:
    """Let further record classes cross."""
    for found in classes:
        RECORDS[found.__name__] = found


def write_message(stream: Writable, body: object) -> None:
    """Write one message whole; `body` is plain values, tuples, dicts, arrays and records."""
    arrays: list[np.ndarray] = []
    packed = _pack(body, arrays)
    table = [[array.dtype.str, list(array.shape)] for array in arrays]
    header = json.dumps({"m": packed, "a": table}, separators=(",", ":")).encode()
    total = sum(array.nbytes for array in arrays)
    _write_all(stream, PREFIX.pack(MAGIC, len(header), total) + header)
    for array in arrays:
        if array.nbytes:
            _write_all(stream, array.reshape(-1).view(np.uint8).data)


def read_message(stream: Readable) -> Any:
    """Read one message. Raises EOFError at a clean end, WireError at anything unexpected."""
    prefix = bytearray(PREFIX.size)
    _read_all(stream, memoryview(prefix), at_start=True)
    magic, header_length, total = PREFIX.unpack(prefix)
    if magic != MAGIC or header_length > HEADER_LIMIT or total > ARRAYS_LIMIT:
        raise WireError("this is not the start of a message")
    header = bytearray(header_length)
    _read_all(stream, memoryview(header))
    try:
        document = json.loads(header)
        body, table = document["m"], document["a"]
        shapes = [_shape(entry) for entry in table]
    except (ValueError, KeyError, TypeError) as error:
        raise WireError("the header of a message cannot be read") from error
    if sum(np.dtype(kind).itemsize * math.prod(shape) for kind, shape in shapes) != total:
        raise WireError("a message announces other arrays than it brings")
    arrays = []
    for kind, shape in shapes:
        array = np.empty(shape, np.dtype(kind))
        if array.nbytes:
            _read_all(stream, array.reshape(-1).view(np.uint8).data)
        arrays.append(array)
    return _unpack(body, arrays)


def pack(body: object) -> bytes:
    """A record as bytes, for the store."""
    stream = io.BytesIO()
    write_message(stream, body)
    return stream.getvalue()


def unpack(data: bytes) -> Any:
    """The record that `pack` made bytes of. Raises WireError or EOFError."""
    return read_message(io.BytesIO(data))


def enlarge_pipe(descriptor: int) -> None:
    """Let a pipe hold 1 MiB where the system allows it, so that arrays cross in few steps."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # more than the user's share: it stays small, and works
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)


def _pack(value: object, arrays: list[np.ndarray]) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.ndarray):
        little = value.astype(value.dtype.newbyteorder("<"), copy=False)
        arrays.append(np.ascontiguousarray(little).reshape(value.shape))
        return {"$a": len(arrays) - 1}
    if isinstance(value, (tuple, list)):
        return [_pack(item, arrays) for item in value]
    if isinstance(value, Mapping):
        return {"$d": {str(key): _pack(item, arrays) for key, item in value.items()}}
    if isinstance(value, np.generic):
        return value.item()
    name = type(value).__name__
    if RECORDS.get(name) is not type(value):
        raise TypeError(f"{name} is no record that may cross")
    return {
        "$r": name,
        "f": {field: _pack(getattr(value, field), arrays) for field in _hints(name)},
    }


def _unpack(value: Any, arrays: list[np.ndarray]) -> Any:
    if isinstance(value, list):
        return tuple(_unpack(item, arrays) for item in value)
    if not isinstance(value, dict):
        return value
    if "$a" in value:
        number = value["$a"]
        if type(number) is not int or not 0 <= number < len(arrays):
            raise WireError("a message names an array that it does not bring")
        return arrays[number]
    if isinstance(value.get("$d"), dict):
        return {key: _unpack(item, arrays) for key, item in value["$d"].items()}
    name, fields = value.get("$r"), value.get("f")
    if not isinstance(name, str) or name not in RECORDS or not isinstance(fields, dict):
        raise WireError("a message holds something that is no record")
    hints = _hints(name)
    # What was stored before a field was there lacks it, and its default says what was meant.
    if not _needed(name) <= fields.keys() <= hints.keys():
        raise WireError(f"the fields of a {name} are not those expected")
    made = {field: _fitted(_unpack(item, arrays), hints[field]) for field, item in fields.items()}
    if any(found is _UNFIT for found in made.values()):
        wrong = next(field for field, found in made.items() if found is _UNFIT)
        raise WireError(f"{name}.{wrong} is not of its type")
    return RECORDS[name](**made)


@functools.cache
def _needed(name: str) -> frozenset[str]:
    """The fields of a record without a default."""
    missing = dataclasses.MISSING
    return frozenset(
        field.name
        for field in dataclasses.fields(RECORDS[name])
        if field.default is missing and field.default_factory is missing
    )


@functools.cache
def _hints(name: str) -> dict[str, Any]:
    hints = typing.get_type_hints(RECORDS[name])
    return {field.name: hints[field.name] for field in dataclasses.fields(RECORDS[name])}


_UNFIT = object()


def _fitted(value: Any, hint: Any) -> Any:  # noqa: PLR0911 - one line for each sort of annotation
    """`value` as `hint` wants it, or _UNFIT."""
    if hint is Any:
        return value
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        found = (_fitted(value, choice) for choice in typing.get_args(hint))
        return next((one for one in found if one is not _UNFIT), _UNFIT)
    if origin is Literal:
        return value if value in typing.get_args(hint) else _UNFIT
    if origin is tuple:
        return _fitted_tuple(value, typing.get_args(hint))
    if hint is type(None):
        return None if value is None else _UNFIT
    if hint is float:
        return float(value) if type(value) in (float, int) else _UNFIT
    if hint in (int, bool, str):
        return value if type(value) is hint else _UNFIT
    return value if isinstance(value, origin or hint) else _UNFIT


def _fitted_tuple(value: Any, hints: tuple[Any, ...]) -> Any:
    if not isinstance(value, tuple):
        return _UNFIT
    if len(hints) == 2 and hints[1] is Ellipsis:
        hints = (hints[0],) * len(value)
    if len(hints) != len(value):
        return _UNFIT
    found = tuple(_fitted(item, hint) for item, hint in zip(value, hints, strict=True))
    return _UNFIT if any(item is _UNFIT for item in found) else found


def _shape(entry: Any) -> tuple[str, tuple[int, ...]]:
    kind, shape = entry
    sizes = all(type(size) is int and 0 <= size < 1 << 40 for size in shape)
    if kind not in TYPES or len(shape) > 8 or not sizes:
        raise WireError("a message announces an array of no known type or shape")
    return str(kind), tuple(shape)


def _write_all(stream: Writable, data: bytes | memoryview) -> None:
    rest = memoryview(data)
    while rest.nbytes:
        written = stream.write(rest)
        rest = rest[written or 0 :]


def _read_all(stream: Readable, buffer: memoryview, *, at_start: bool = False) -> None:
    done = 0
    while done < buffer.nbytes:
        count = stream.readinto(buffer[done:])
        if not count:
            if at_start and done == 0:
                raise EOFError
            raise WireError("a message ends in the middle")
        done += count
