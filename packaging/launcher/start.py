"""From the words of the call to the running program; the second start touches nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from launcher.environment import Environment
from launcher.words import SetUpError, say

MODULES = {"test": "app.checks"}
"""Commands that another module than `app` answers."""

DEVELOPER = frozenset({"test", "bench", "campaign", "tour"})
"""Commands that need the tools of development besides the program's own packages."""

WITHOUT_WINDOW = frozenset(
    {
        *("info", "tags", "render", "predict", "explain", "models", "methods", "phantom"),
        *("train", "runs", "evaluate", "entries", "entry", "compare", "belief"),
        *("project", "labels"),
    }
)
"""Commands that work without the system libraries that a window needs."""

XVFB = "/usr/bin/Xvfb"
"""Where Debian has the X server without a screen, under which some tests open the window."""


def start(root: str, arguments: Sequence[str]) -> int:
    """Make what is missing, then become the program. Returns an exit code where it cannot."""
    may_call_system, rest, command = split(arguments)
    environment = Environment(root)
    developer = command in DEVELOPER
    wanted = wanted_system(command)
    try:
        if not (environment.is_current(developer=developer) and environment.has_system(wanted)):
            # Only now: the second start must not pay for what the first one needs.
            from launcher.preparation import Preparation

            Preparation(
                environment,
                developer=developer,
                system_groups=wanted,
                may_call_system=may_call_system,
            ).run()
        module = MODULES.get(command, "app")
        words = rest[1:] if command in MODULES else rest
        return become(environment, ["-m", module, *words])
    except SetUpError as error:
        say(str(error))
        return 4
    except KeyboardInterrupt:
        say("Interrupted. The next start goes on from here.")
        return 130


def split(arguments: Sequence[str]) -> tuple[bool, list[str], str]:
    """(whether the system's package tool may be called, the program's words, its command).

    `--no-system` is the launcher's own and stands before the command; all else is passed on.
    """
    leading = 0
    while leading < len(arguments) and arguments[leading].startswith("--"):
        leading += 1
    own = [word for word in arguments[:leading] if word == "--no-system"]
    rest = [word for word in arguments[:leading] if word != "--no-system"]
    rest += arguments[leading:]
    return not own, rest, rest[0] if rest else ""


def wanted_system(command: str) -> frozenset[str]:
    """The groups of system libraries (launcher.system) that a command may need here."""
    if not sys.platform.startswith("linux") or command in WITHOUT_WINDOW:
        return frozenset()
    groups = {"offscreen"}
    if os.environ.get("DISPLAY") or (command == "test" and os.path.exists(XVFB)):
        groups.add("x11")
    if os.environ.get("WAYLAND_DISPLAY"):
        groups.add("wayland")
    return frozenset(groups)


def become(environment: Environment, words: list[str]) -> int:
    """Replace this process by the program; on Windows, which cannot, wait for it."""
    command = [environment.python, *words]
    variables = environment.variables(os.environ)
    try:
        if os.name == "posix":
            os.execve(environment.python, command, variables)
        process = subprocess.Popen(command, env=variables)
    except OSError as error:
        raise SetUpError(
            f"The Python in {environment.folder} does not start: {error.strerror}. "
            "Remove that folder and start again."
        ) from error
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the program got the same signal and says what becomes of it
