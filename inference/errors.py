"""Errors that a person can act on; any other exception is a bug in this program."""

from __future__ import annotations

from typing import Literal

Fault = Literal["usage", "input", "surroundings"]
"""Whose fault it is: a wrong request (exit code 2), unusable input (3), or the surroundings (4)."""

EXIT_CODES: dict[Fault, int] = {"usage": 2, "input": 3, "surroundings": 4}

INTERRUPTED = 130
"""The exit code of a program that was interrupted, as shells have it."""


class UserError(Exception):
    """The world's fault: shown in the message bar or on standard error, never as a traceback.

    `message` says which thing and what happened, `hint` what to do now; both are whole sentences.
    `path` names the file concerned, where there is one.
    """

    def __init__(
        self, message: str, hint: str = "", *, fault: Fault = "input", path: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.fault: Fault = fault
        self.path = path


class EngineError(UserError):
    """A child process ended, hung or answered nonsense while it worked on a job."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, fault="surroundings")


class NumbersError(UserError):
    """A model gave numbers that are no answer: NaN, infinity or a wrong shape."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, fault="input")
