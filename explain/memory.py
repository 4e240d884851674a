"""How much memory is free where a network runs, and how much of it one explanation may take."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

UNKNOWN = 2 << 30
"""Bytes taken as free where the system does not tell: little for a machine that runs networks."""


@dataclass
class Room:
    """How many inputs one pass may hold: `limit` at most, `chosen` were taken last.

    It is shared by all that is asked in one attempt, so that the next one can be smaller.
    """

    limit: int | None = None
    chosen: int = 0


def free_bytes(device: torch.device) -> int:
    """Bytes that `device` can still give to this process; all but CUDA share the system's."""
    return _of_cuda(device) if device.type == "cuda" else free_in_system()


def _of_cuda(device: torch.device) -> int:
    free, _ = torch.cuda.mem_get_info(device)
    # What torch holds and does not use now it gives out again.
    idle = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return int(free) + idle


def free_in_system(root: Path = Path("/")) -> int:
    """Bytes left in the machine and in the control groups around this process, the least of them.

    `root` is where the file system that tells it begins.
    """
    return max(0, min(_machine(root / "proc/meminfo"), *_groups(root), sys.maxsize))


def _machine(meminfo: Path) -> int:
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return _half_of_all()
    kibibytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if ":" in line}
    return kibibytes.get("MemAvailable", kibibytes.get("MemFree", 0)) * 1024


def _half_of_all() -> int:
    """Half of what is built in, where the system tells that alone (macOS does, Windows not)."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
    except (AttributeError, ValueError, OSError):
        return UNKNOWN


_FILES = {
    "": ("sys/fs/cgroup", "memory.max", "memory.current"),
    "memory": ("sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"),
}
"""By controller as /proc/self/cgroup names it: version 2 names none. (man 7 cgroups)"""


def _groups(root: Path) -> list[int]:
    """What each limited group that this process is in has left.

    Inside a container the path of a group may be the host's, so the group at the top counts too.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        for controller in set(controllers.split(",")) & set(_FILES):
            folder, limit, used = _FILES[controller]
            top = root / folder
            own = top / path.lstrip("/")
            for group in [own, *own.parents]:
                if group == top or top in group.parents:
                    found += _left(group, limit, used)
    return found


def _left(group: Path, limit: str, used: str) -> list[int]:
    """Bytes up to the limit of one group, the files that it could drop not counted as used."""
    try:
        most = (group / limit).read_text().strip()
        if not most.isdecimal():  # "max": there is none
            return []
        now = int((group / used).read_text())
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except OSError:
        return []
    return [int(most) - now + int(stat.get("inactive_file", 0))]
