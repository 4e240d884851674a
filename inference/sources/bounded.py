"""Reading without believing lengths: no more is asked of a file than it holds."""

from __future__ import annotations

import os
from io import BufferedReader, FileIO

_SMALL_BYTES = 1 << 20
"""What is asked for up to here is simply read, as most of it is a few bytes."""


class BoundedReader(BufferedReader):
    """A buffered file whose `read` never makes room for more than is left of it.

    A damaged length of 4 GiB would take that much memory before the first byte is read.
    """

    def __init__(self, raw: FileIO) -> None:
        super().__init__(raw)
        self._size = os.fstat(raw.fileno()).st_size

    def read(self, size: int | None = -1, /) -> bytes:
        """Up to `size` bytes; all the rest for None or less than 0."""
        if size is not None and size > _SMALL_BYTES:
            size = min(size, max(0, self._size - self.tell()))
        return super().read(size)
