"""A program of its own: the real window on a disk that fails at its k-th write, and is cured.

Called with the folder of a project, a scan, the first k and the last, below `failing_disk.c`
preloaded; one line of JSON for each k.
"""

from __future__ import annotations

import errno
import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.campaigns.disk import ERRORS, Disk
from tests.campaigns.labelling_window import Script, at_work

if TYPE_CHECKING:
    from app.main_window import MainWindow

ACTS = 6
"""What is done at least; more for a later write."""
QUIET_S = 0.2
"""For how long the writes that are not of the acts, such as of the view, are waited for."""


def main(project: Path, scan: str, first: int, last: int) -> None:
    disk = Disk(project)
    with at_work(project, scan, first) as (window, script):
        for k in range(first, last + 1):
            error = ERRORS[k % len(ERRORS)]
            disk.fail(k, error)
            found = _round(window, script, disk, k)
            line = {"k": k, "error": errno.errorcode[error], **found}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()


def _round(window: MainWindow, script: Script, disk: Disk, k: int) -> dict[str, object]:
    """Work until a fault is said, then cure it, and see that all is kept."""
    from app.actions import keeping
    from tests.benchmarks.slices import run_loop, wait

    session = window.session
    waiting = session.waiting
    before, longest_s = len(session.notes), 0.0
    for _ in range(ACTS + k // 8):
        began = time.monotonic()
        script.go_on()
        if not waiting.trouble:  # what comes after the fault only waits
            run_loop(lambda: bool(waiting.trouble) or not waiting.things, 10.0)
            longest_s = max(longest_s, time.monotonic() - began)
    said = [note.text for note in session.notes[before:]]
    disk.fail(0, 0)
    keeping.send(session, window.jobs)
    run_loop(lambda: not waiting.things, 30.0)
    wait(QUIET_S if said else 0.0)
    return {"said": said, "seconds": longest_s, "wrong": script.compare()}


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
