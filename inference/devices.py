"""Where networks run: the processor, or a graphics processor that torch can use."""

from __future__ import annotations

from collections.abc import Callable

import torch

from inference import torch_start
from inference.errors import UserError
from inference.requests import OpenRequest
from inference.task import Task

torch_start.forbid_pickled_programs()


def choose(name: str) -> torch.device:
    """The device for "auto", "cpu", "cuda", "cuda:1" or "mps"; auto takes the fastest there is.

    Raises UserError: usage for another name, surroundings where this machine has no such device.
    """
    if name == "auto":
        return _fastest()
    kind, _, number = name.partition(":")
    if kind not in _COUNTS or (number and not number.isdecimal()):
        raise UserError(
            f"There is no device named {name}.",
            f"Choose auto, {', '.join(_COUNTS)}, or one by number such as cuda:1.",
            fault="usage",
        )
    count = _COUNTS[kind]()
    if int(number or 0) >= count:
        raise UserError(
            f"The device {name} is not available on this machine.",
            f"Choose auto, or one of {', '.join(_available())}.",
            fault="surroundings",
        )
    return torch.device(f"{kind}:{number or 0}" if kind == "cuda" else kind)


def list_devices(request: OpenRequest, task: Task) -> tuple[tuple[str, str], ...]:
    """(name, words) of each device here, the automatic choice first; `request` is empty."""
    found = [("auto", f"Automatic ({_words(str(_fastest()))})")]
    found.extend((name, _words(name)) for name in _available())
    return tuple(found)


def _fastest() -> torch.device:
    return torch.device(_available()[0])


def _available() -> list[str]:
    """Names of all devices here, the fastest first."""
    found = [f"cuda:{number}" for number in range(_COUNTS["cuda"]())]
    return [*found, *(kind for kind in ("mps", "cpu") if _COUNTS[kind]())]


def _words(name: str) -> str:
    device = torch.device(name)
    if device.type == "cuda":
        about = torch.cuda.get_device_properties(device)
        return f"{about.name}, {about.total_memory / 2**30:.0f} GiB"
    if device.type == "mps":
        return "Apple graphics processor"
    threads = torch.get_num_threads()
    return f"Processor, {threads} thread{'s' if threads > 1 else ''}"


_COUNTS: dict[str, Callable[[], int]] = {
    "cpu": lambda: 1,
    "cuda": lambda: torch.cuda.device_count() if torch.cuda.is_available() else 0,
    "mps": lambda: int(torch.backends.mps.is_available()),
}
"""Kind → how many of it this machine has."""
