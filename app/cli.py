"""The same jobs without a window: one command each, exit codes as docs/cli.md fixes them."""

from __future__ import annotations

import argparse
import contextlib
import importlib
import logging
import sys
import traceback
from typing import Any, NoReturn

from app.output import Output, prepare_streams
from inference.errors import EXIT_CODES, INTERRUPTED, UserError
from inference.task import Cancelled

COMMANDS: dict[str, str] = {
    "info": "say what is in files and folders",
    "tags": "list all elements of a DICOM file",
    "render": "save one frame as it is displayed",
    "predict": "run a model",
    "explain": "show why a model answers as it does",
    "compare": "set two to six maps of one frame beside each other",
    "belief": "judge a model over a labelled set, pin maps, and check what was pinned",
    "models": "list models, show one, add your own weights",
    "methods": "list the methods of explanation",
    "project": "check whether a project is whole",
    "labels": "write labels of a project in another format, or read them into one",
    "phantom": "write generated CT chest phantoms with their truth",
    "train": "run a training recipe",
    "entries": "list the box of entries",
    "entry": "run one entry of the box",
}
"""Each is a module of `app.commands` with `configure(parser)` and `run(arguments, output)`."""

NOT_HERE = ("runs", "evaluate")
"""Names kept for commands that this version does not have; they never mean a file."""


class UsageError(UserError):
    """The words of the call are off."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, fault="usage")


class _Parser(argparse.ArgumentParser):
    def __init__(self, **settings: Any) -> None:
        # Words in full alone: half of --json would be taken, and yet nothing would be JSON.
        super().__init__(**{"allow_abbrev": False, **settings})

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}.", f"Try {self.prog} --help.")


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is the answer."""
    logging.captureWarnings(capture=True)
    prepare_streams()
    name = arguments[0]
    output = Output(as_json="--json" in arguments)
    try:
        return _run(name, arguments[1:], output)
    except UserError as error:
        return _fail(name, error, EXIT_CODES[error.fault], output)
    except (KeyboardInterrupt, Cancelled):
        return _fail(name, UserError("Interrupted."), INTERRUPTED, output)
    except MemoryError:
        return _fail(name, UserError("There is not enough memory for this."), 4, output)
    except BrokenPipeError:
        return 4  # nobody listens any more
    except Exception as error:  # noqa: BLE001 - the outermost place: our bug is said once
        traceback.print_exc(file=sys.stderr)
        said = f"This is a fault of the program: {type(error).__name__}."
        return _fail(name, UserError(said, "Report it."), 1, output)


def _run(name: str, words: list[str], output: Output) -> int:
    if name in NOT_HERE:
        raise UsageError(f"This version has no command {name}.", "Try lepton --help.")
    if "" in words:
        # As a path it would mean the folder one stands in.
        raise UsageError("One word of the call is empty.", "Is a variable of your shell not set?")
    parser = _Parser(prog=f"lepton {name}", description=COMMANDS[name].capitalize() + ".")
    module = importlib.import_module(f"app.commands.{name}")
    module.configure(parser)
    return module.run(parser.parse_args(words), output) or 0


def _fail(name: str, error: UserError, code: int, output: Output) -> int:
    """Say it, where there is still a place to say it; `code` stands either way."""
    with contextlib.suppress(UserError, OSError):
        output.failure(name, error, code)
    return code
