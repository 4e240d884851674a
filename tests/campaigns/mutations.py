"""Damage done to files on purpose, each kind a small function, all of it fixed by a seed."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Damage = Callable[[bytes, Random], bytes]

_WHOLE = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
"""Numbers at the edges of what a field holds: in a length or a count they do the most harm."""

_WRITTEN = (b"0", b"-1", b"99999999999999999999", b"4294967296", b"1e308", b"nan", b"65535", b"")
_START = 4096
"""Most of what a format says of itself stands in its first bytes."""

_MOST_DAMAGES = 3


def damaged(content: bytes, draw: Random, damages: tuple[Damage, ...]) -> bytes:
    """The content after one to three of these damages."""
    for _ in range(draw.randint(1, _MOST_DAMAGES)):
        content = draw.choice(damages)(content, draw)
    return content


def _place(content: bytes, draw: Random) -> int:
    """Any place, but one time of two among the first bytes."""
    end = len(content) if draw.random() < 0.5 else min(_START, len(content))
    return draw.randrange(end) if end else 0


def _block(content: bytes, draw: Random) -> tuple[int, int]:
    begin = _place(content, draw)
    return begin, min(len(content), begin + draw.choice((1, 2, 4, 8, 64, 512, 4096)))


def cut(content: bytes, draw: Random) -> bytes:
    """What a broken transfer leaves."""
    return content[: _place(content, draw)]


def flip_bytes(content: bytes, draw: Random) -> bytes:
    """Up to eight bytes become others."""
    found = bytearray(content)
    for _ in range(draw.randint(1, 8) if found else 0):
        found[_place(content, draw)] = draw.randrange(256)
    return bytes(found)


def set_number(content: bytes, draw: Random) -> bytes:
    """A field of one to eight bytes becomes a number at its edge: lengths, counts, offsets."""
    width = draw.choice((1, 2, 4, 4, 8))
    at = _place(content, draw) // width * width
    value = draw.choice(_WHOLE) & (1 << 8 * width) - 1
    written = value.to_bytes(width, draw.choice(("little", "big")))
    return content[:at] + written + content[at + width :]


def swap_blocks(content: bytes, draw: Random) -> bytes:
    """Two stretches change places."""
    (a, b), (c, d) = sorted((_block(content, draw), _block(content, draw)))
    if b > c:
        return content
    return content[:a] + content[c:d] + content[b:c] + content[a:b] + content[d:]


def double_block(content: bytes, draw: Random) -> bytes:
    """A stretch stands there twice."""
    begin, end = _block(content, draw)
    return content[:end] + content[begin:end] + content[end:]


def drop_block(content: bytes, draw: Random) -> bytes:
    """A stretch is missing."""
    begin, end = _block(content, draw)
    return content[:begin] + content[end:]


def blank_block(content: bytes, draw: Random) -> bytes:
    """A stretch is all zeros or all ones, as unwritten sectors are."""
    begin, end = _block(content, draw)
    return content[:begin] + draw.choice((b"\0", b"\xff")) * (end - begin) + content[end:]


def pad(content: bytes, draw: Random) -> bytes:
    """Something follows the end."""
    return content + draw.choice((b"\0", b"\xff", b" ", b"\xfe\xff")) * draw.choice((1, 7, 512))


def set_written_number(content: bytes, draw: Random) -> bytes:
    """A number that is written in digits, near the start, becomes another."""
    places = list(re.finditer(rb"[0-9.]+", content[:_START]))
    if not places:
        return content
    chosen = draw.choice(places)
    return content[: chosen.start()] + draw.choice(_WRITTEN) + content[chosen.end() :]


BYTES: tuple[Damage, ...] = (
    cut, flip_bytes, flip_bytes, set_number, set_number, swap_blocks, double_block, drop_block,
    blank_block, pad,
)  # fmt: skip
"""For any format."""

TEXT: tuple[Damage, ...] = (*BYTES, set_written_number, set_written_number, set_written_number)
"""For formats whose header is text."""
