"""TIFF files for tests, packed by hand after TIFF 6.0: uncompressed, one strip a plane."""

from __future__ import annotations

import struct

Fields = dict[int, tuple[int, tuple[int, ...] | bytes]]
"""Tag: (type, values); types are 2 text, 3 short, 4 long, 5 rational (two numbers each)."""

_LETTERS = {3: "H", 4: "L", 5: "L", 16: "Q"}
_KINDS = {"u": 1, "i": 2, "f": 3}


def page(
    shape: tuple[int, int], kind: str, *planes: bytes, samples: int = 1, more: Fields | None = None
) -> tuple[Fields, list[bytes]]:
    """The fields of a page whose samples are of `kind`, such as "u8" or "f32", and its strips."""
    bits = int(kind[1:])
    fields: Fields = {
        256: (4, (shape[1],)),
        257: (4, (shape[0],)),
        258: (3, (bits,) * samples),
        259: (3, (1,)),
        262: (3, (1 if samples < 3 else 2,)),
        277: (3, (samples,)),
        278: (4, (shape[0],)),
        339: (3, (_KINDS[kind[0]],) * samples),
    }
    return fields | (more or {}), list(planes)


def tiff(*pages: tuple[Fields, list[bytes]], order: str = "<", big: bool = False) -> bytes:
    """The whole file; `big` writes BigTIFF."""
    link, start = ("Q", 16) if big else ("L", 8)
    head = struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HL", 42, 0)
    out = bytearray((b"II" if order == "<" else b"MM") + head)
    link_at = start - struct.calcsize(order + link)
    for fields, strips in pages:
        offsets = []
        for strip in strips:
            offsets.append(len(out))
            out += strip + b"\0" * (len(strip) % 2)
        entries: Fields = {
            **fields,
            273: (4, tuple(offsets)),
            279: (4, tuple(len(strip) for strip in strips)),
        }
        struct.pack_into(order + link, out, link_at, len(out))
        link_at = _append_directory(out, entries, order, big=big)
    return bytes(out)


def _append_directory(out: bytearray, entries: Fields, order: str, *, big: bool) -> int:
    """Write a directory and what does not fit into it; the place of the link to the next one."""
    link, count, width = ("Q", "Q", 20) if big else ("L", "H", 12)
    room = struct.calcsize(order + link)
    after = len(out) + struct.calcsize(order + count) + width * len(entries)
    body, extra = b"", b""
    for tag in sorted(entries):
        kind, values = entries[tag]
        if isinstance(values, bytes):
            raw, number = values, len(values)
        else:
            raw = struct.pack(f"{order}{len(values)}{_LETTERS[kind]}", *values)
            number = len(values) // (2 if kind == 5 else 1)
        field = raw.ljust(room, b"\0")
        if len(raw) > room:
            field = struct.pack(order + link, after + room + len(extra))
            extra += raw + b"\0" * (len(raw) % 2)
        body += struct.pack(f"{order}HH{link}", tag, kind, number) + field
    out += struct.pack(order + count, len(entries)) + body + b"\0" * room + extra
    return after
