"""How much is downloaded and kept, and whether the disks have room for it."""

from __future__ import annotations

import os
import re
import shutil
import sys
from dataclasses import dataclass

from launcher.words import SetUpError


@dataclass(frozen=True)
class Need:
    """Gigabytes (10⁹ bytes) that come over the line, and that stay on disk with bytecode."""

    download_gb: float
    disk_gb: float

    def __str__(self) -> str:
        return f"about {self.download_gb:.1f} GB to download, {self.disk_gb:.1f} GB on disk"


WHOLE = {"linux": Need(3.0, 6.6), "darwin": Need(0.4, 1.8), "win32": Need(0.4, 1.7)}
"""All packages; on Linux torch comes with CUDA. Measured on 2026-11-20 with the locks of then."""

WITHOUT_TORCH = Need(0.4, 1.3)
"""All packages but torch and what only it needs: the most that a smaller update can bring."""

TORCH = re.compile(r"(torch|triton|nvidia-.*|cuda-.*)==")
SPARE_GB = 0.4
"""Left free for everything else on the disk."""


def need_of(old_lock: str, new_lock: str) -> Need:
    """The most that bringing one lock to another takes; `old_lock` may name no file."""
    old = pins(old_lock)
    if not old or any(TORCH.match(pin) for pin in pins(new_lock) - old):
        return WHOLE.get(sys.platform, WHOLE["linux"])
    return WITHOUT_TORCH


def pins(lock: str) -> set[str]:
    """The `name==version` of a lock; none where there is no such file."""
    try:
        with open(lock, encoding="utf-8") as file:
            return {line.split()[0] for line in file if re.match(r"[A-Za-z0-9._-]+==", line)}
    except FileNotFoundError:
        return set()


def cache_folder() -> str:
    """Where uv keeps what it downloads; it links from there into environments."""
    named = os.environ.get("UV_CACHE_DIR")
    if named:
        return named
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", os.path.join(home, "AppData", "Local"))
        return os.path.join(local, "uv", "cache")
    return os.path.join(os.environ.get("XDG_CACHE_HOME", os.path.join(home, ".cache")), "uv")


def check_room(folder: str, need: Need, brought_bytes: int) -> None:
    """Raise SetUpError where the disk of `folder`, or of uv's cache, has too little room.

    `brought_bytes` is what an interrupted set-up left, which need not fit a second time.
    """
    wanted_gb = max(need.disk_gb - brought_bytes / 1e9, 0)
    check_disk(folder, wanted_gb)
    if _device(cache_folder()) != _device(folder):
        check_disk(cache_folder(), wanted_gb)


def check_disk(place: str, wanted_gb: float) -> None:
    """Raise SetUpError where the disk of a place has not that much room, and a little more."""
    free_gb = shutil.disk_usage(_existing(place)).free / 1e9
    if free_gb < wanted_gb + SPARE_GB:
        raise SetUpError(
            f"There is too little room on the disk of {place}: {wanted_gb + SPARE_GB:.1f} GB are "
            f"needed, {free_gb:.1f} GB are free. Nothing was downloaded. Make room there, or move "
            "the checkout (and by UV_CACHE_DIR the cache of downloads) to another disk."
        )


def folder_bytes(folder: str) -> int:
    """What the files under a folder take on disk; 0 where there is none."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:  # gone in between: another program's cache moves on
                continue
    return total


def _existing(place: str) -> str:
    while not os.path.exists(place):
        place = os.path.dirname(place)
    return place


def _device(place: str) -> int:
    return os.stat(_existing(place)).st_dev
