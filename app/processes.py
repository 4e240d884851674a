"""Starts the processes of children; light, so that the first one starts before all else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping

from app import worker

ChildProcess = subprocess.Popen[bytes]


def start_child(lane: str) -> ChildProcess:
    """A child of a lane; its standard input and output are unbuffered pipes to this process."""
    return start_process(worker.command(lane), worker.environment())


def start_process(command: list[str], environment: Mapping[str, str]) -> ChildProcess:
    """The same for any command."""
    debug = bool(os.environ.get("LEPTON_DEBUG"))
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=None if debug else subprocess.DEVNULL,
        bufsize=0,
        env=environment,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
