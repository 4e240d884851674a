"""What the command line says: one JSON document on standard output, words on standard error."""

from __future__ import annotations

import io
import json
import math
import os
import sys
import time
from collections.abc import Mapping
from typing import Any

from inference.errors import UserError
from inference.task import ReportKind, Task


class Output:
    """The only place from which a command speaks."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._last_progress = 0.0

    def document(self, name: str, body: Mapping[str, Any]) -> None:
        """Print `{"schema": "lepton.NAME/1", …}` where --json was given."""
        if self.as_json:
            _print(encode(name, body))

    def array(self, items: list[Any]) -> None:
        """Print a bare JSON list, for the commands whose contract is a list."""
        if self.as_json:
            _print(_dumps(items))

    def text(self, text: str) -> None:
        """Print what a person asked to read: to standard output without --json, else to error."""
        if self.as_json:
            self.say(text)
        else:
            _print(text)

    def say(self, sentence: str) -> None:
        """Say something beside the result, on standard error."""
        sys.stderr.write(sentence + "\n")

    def failure(self, name: str, error: UserError, code: int) -> None:
        """Say why nothing came of it; with --json as a document too."""
        self.say(f"{error.message} {error.hint}".strip())
        self.document(
            name,
            {
                "error": {
                    "code": code,
                    "message": error.message,
                    "hint": error.hint,
                    "path": error.path,
                }
            },
        )

    def task(self) -> Task:
        """A task whose progress is drawn on a terminal only, and whose notes are said."""
        return Task(self._report)

    def _report(self, kind: ReportKind, value: object) -> None:
        if kind == "note":
            self.say(str(value))
        elif kind == "progress" and sys.stderr.isatty() and isinstance(value, tuple):
            done, total = value
            now = time.monotonic()
            if now - self._last_progress > 0.1 or done == total:
                self._last_progress = now
                end = "\n" if done == total else ""
                sys.stderr.write(f"\r{done} of {total}{end}")
                sys.stderr.flush()


def prepare_streams() -> None:
    """UTF-8 whatever the locale says; a stream that the caller closed leads nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - until the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def encode(name: str, body: Mapping[str, Any], indent: int | None = None) -> str:
    """A document with its schema first; numbers that are not finite become null."""
    return _dumps({"schema": f"lepton.{name}/1", **body}, indent)


def _dumps(value: object, indent: int | None = None) -> str:
    text = json.dumps(finite(value), ensure_ascii=False, allow_nan=False, indent=indent)
    # A file name that is no UTF-8 holds lone surrogates; JSON writes them as just these escapes.
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _print(text: str) -> None:
    """To standard output, at once, so that a full disk is noticed while it can still be said."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer has to go somewhere when Python ends.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        if isinstance(error, BrokenPipeError):
            raise
        raise UserError(
            f"The answer could not be written to standard output: {error.strerror}.",
            "Send it to another place.",
            fault="surroundings",
        ) from error


def finite(value: Any) -> Any:
    """The same structure with non-finite floats as None and tuples as lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
