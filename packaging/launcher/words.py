"""How the launcher speaks: on standard error, since standard output belongs to the program."""

from __future__ import annotations

import sys


class SetUpError(Exception):
    """The surroundings do not allow a start; the text is whole sentences for the user."""


def say(text: str) -> None:
    """Write one line to standard error."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
