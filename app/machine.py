"""What the machine has: its memory, and the share of it that open scans may take."""

from __future__ import annotations

import ctypes
import os
import sys

SMALLEST_BYTES, LARGEST_BYTES = 512 << 20, 8 << 30
_UNKNOWN_BYTES = 4 << 30


def memory_bytes() -> int:
    """The machine's physical memory; 4 GiB where the system does not tell."""
    if sys.platform == "win32":
        return _windows_memory_bytes()
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return _UNKNOWN_BYTES


def default_budget_bytes() -> int:
    """A third of the memory for scans: models and the system need the rest."""
    return min(max(memory_bytes() // 3, SMALLEST_BYTES), LARGEST_BYTES)


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_ulong),
        ("load", ctypes.c_ulong),
        *((name, ctypes.c_ulonglong) for name in ("total", "free", *"abcde")),
    )


def _windows_memory_bytes() -> int:
    status = _MemoryStatus()
    status.length = ctypes.sizeof(status)
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - there on Windows alone
    if not kernel.GlobalMemoryStatusEx(ctypes.byref(status)):
        return _UNKNOWN_BYTES
    return int(status.total)
