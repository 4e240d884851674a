"""The same jobs without a window: one command each, exit codes as docs/cli.md fixes them."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
import traceback
from typing import NoReturn

from app.output import Output
from inference.errors import EXIT_CODES, UserError
from inference.task import Cancelled

COMMANDS: dict[str, str] = {
    "info": "say what is in files and folders",
    "render": "save one frame as it is displayed",
    "predict": "run a model",
    "explain": "show why a model answers as it does",
    "models": "list models, show one, add your own weights",
    "methods": "list the methods of explanation",
    "phantom": "write generated CT chest phantoms with their truth",
    "train": "run a training recipe",
    "entries": "list the box of entries",
    "entry": "run one entry of the box",
}
"""Each is a module of `app.commands` with `configure(parser)` and `run(arguments, output)`."""


class UsageError(UserError):
    """The words of the call are off."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, fault="usage")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}.", f"Try {self.prog} --help.")


def main(arguments: list[str]) -> int:
    """Run one command; the exit code is the answer."""
    logging.captureWarnings(capture=True)
    name = arguments[0]
    output = Output(as_json="--json" in arguments)
    try:
        parser = _Parser(prog=f"lepton {name}", description=COMMANDS[name].capitalize() + ".")
        module = importlib.import_module(f"app.commands.{name}")
        module.configure(parser)
        given = parser.parse_args(arguments[1:])
        code: int = module.run(given, output) or 0
    except UserError as error:
        code = EXIT_CODES[error.fault]
        output.failure(name, error, code)
    except (KeyboardInterrupt, Cancelled):
        code = 130
        output.failure(name, UserError("Interrupted.", fault="surroundings"), code)
    except MemoryError:
        code = 4
        output.failure(
            name,
            UserError("There is not enough memory for this.", fault="surroundings"),
            code,
        )
    except BrokenPipeError:
        sys.stderr.close()
        code = 4
    except Exception as error:  # noqa: BLE001 - the outermost place: our bug is said once
        code = 1
        traceback.print_exc(file=sys.stderr)
        output.failure(
            name,
            UserError(f"This is a fault of the program: {type(error).__name__}.", "Report it."),
            code,
        )
    return code
