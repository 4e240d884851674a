"""What the command line says: one JSON document on standard output, words on standard error."""

from __future__ import annotations

import json
import math
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
            sys.stdout.write(encode(name, body) + "\n")
            sys.stdout.flush()

    def array(self, items: list[Any]) -> None:
        """Print a bare JSON list, for the commands whose contract is a list."""
        if self.as_json:
            sys.stdout.write(json.dumps(finite(items), ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def text(self, text: str) -> None:
        """Print what a person asked to read: to standard output without --json, else to error."""
        stream = sys.stderr if self.as_json else sys.stdout
        stream.write(text + "\n")

    def say(self, sentence: str) -> None:
        """Say something beside the result, on standard error."""
        sys.stderr.write(sentence + "\n")

    def failure(self, name: str, error: UserError, code: int) -> None:
        """Say why nothing came of it; with --json as a document too."""
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
        self.say(f"{error.message} {error.hint}".strip())

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


def encode(name: str, body: Mapping[str, Any], indent: int | None = None) -> str:
    """A document with its schema first; numbers that are not finite become null."""
    whole = {"schema": f"lepton.{name}/1", **body}
    return json.dumps(finite(whole), ensure_ascii=False, allow_nan=False, indent=indent)


def finite(value: Any) -> Any:
    """The same structure with non-finite floats as None and tuples as lists."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    return value
