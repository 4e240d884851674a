"""Start: a child, a command, or the window; nothing is imported before it is known which."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from app.places import is_project
from app.screen import can_draw
from inference.errors import INTERRUPTED

if TYPE_CHECKING:
    from app.processes import ChildProcess

WITH_WINDOW = ("demo", "tour", "bench", "campaign")


def main(arguments: list[str]) -> int:
    """Go the way that the first word names; anything else is paths for the window."""
    if arguments[:1] == ["--worker"]:
        from app.worker import main as work

        work(arguments[1])
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # app.worker.ONE_THREAD says why
    os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
    os.environ.pop("TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD", None)
    word = arguments[0] if arguments else ""
    if word in WITH_WINDOW:
        from app.window_cli import main as run

        return run(arguments)
    if not word.startswith("-"):
        from app.cli import COMMANDS, NOT_HERE
        from app.cli import main as command

        if word in COMMANDS or word in NOT_HERE:
            # Asked to end is interrupted: what was unpacked or half written goes as well.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            return command(arguments)
    try:
        return open_window(arguments)
    except KeyboardInterrupt:  # before the window could hear it
        return INTERRUPTED


def open_window(arguments: list[str]) -> int:
    """The window on some paths. The decoder starts, and reads, while Qt is imported."""
    paths = [word for word in arguments if not word.startswith("--")]
    options = {word for word in arguments if word.startswith("--")}
    unknown = options - {"--in-process", "--offscreen", "--help"}
    if unknown or "--help" in options:
        from app.window_cli import say_usage

        return say_usage(unknown)
    if "" in paths:
        from app.window_cli import say

        return say("One word of the call is empty.", "Is a variable of your shell not set?", 2)
    if paths and not any(os.path.exists(path) for path in paths):
        from app.window_cli import say

        return say(f"There is no file and no command named {paths[0]}.", "Try lepton --help.", 2)
    if "--offscreen" in options:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif not can_draw():
        from app.window_cli import say

        return say("There is no display for the window.", "Try lepton demo --offscreen.", 4)
    absolute = tuple(os.path.abspath(path) for path in paths)
    projects = tuple(path for path in absolute if is_project(Path(path)))
    if len(projects) > 1:
        from app.window_cli import say

        return say("A window has one project.", "Name one of them, and what else to open.", 2)
    others = tuple(path for path in absolute if path not in projects)
    project = Path(projects[0]) if projects else None
    return _show_all(project, others, in_process="--in-process" in options)


def begin(*, in_process: bool = False) -> ChildProcess | None:
    """What comes before all else: the decoder's process, while Qt is imported.

    It takes as long to be ready to read as the window takes to be ready to show.
    """
    gc.disable()  # nothing of what is imported now is garbage; the window collects by a timer
    from app.processes import start_child

    return None if in_process else start_child("decode")


def _show_all(project: Path | None, paths: tuple[str, ...], *, in_process: bool) -> int:
    """Windows one after the other, each on the project that was chosen in the one before."""
    code, then = _show(project, paths, in_process=in_process)
    while then is not None:
        code, then = _show(then, (), in_process=in_process)
    return code


def _show(
    project: Path | None, paths: tuple[str, ...], *, in_process: bool
) -> tuple[int, Path | None]:
    """Run the window until it is closed; its lanes are taken apart last."""
    decoder = begin(in_process=in_process)
    from app.lanes import make_lanes, user_store
    from app.places import scratch_path
    from app.unpacked import held_unpacked

    store = user_store(project)
    lanes = make_lanes(store, in_process=in_process, decoder=decoder)
    try:
        with held_unpacked(scratch_path()):
            early = None
            if paths:
                from app.early import EarlyOpening

                early = EarlyOpening(lanes["decode"], paths)
            from app.window import run

            return run(lanes, store, early, paths, project=project)
    finally:
        for lane in lanes.values():
            lane.close()


def end(code: int) -> NoReturn:
    """Leave with this exit code; who interrupted does not wait until torch is taken apart.

    That takes a second, in which nothing is left to be done: all that had to be put away is.
    """
    if code == INTERRUPTED:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    end(main(sys.argv[1:]))
