"""`lepton methods`: list the methods of explanation, and how they fit a model."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from app.explain_presets import cost_words
from app.output import Output
from inference.card_files import find_model

if TYPE_CHECKING:
    from explain.records import MethodStatus

SIGNS = {"green": "●", "amber": "▲", "red": "✕"}


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("--model", metavar="ID", help="how they fit this model")
    parser.add_argument("--json", action="store_true", help="one document on standard output")


def run(arguments: argparse.Namespace, output: Output) -> None:
    """Print every method; with a model, after each was tried on it once (and kept)."""
    from explain.availability import all_methods, methods_for
    from explain.records import MethodsRequest

    if arguments.model is None:
        found = all_methods()
    else:
        task = output.task()
        found = methods_for(MethodsRequest(find_model(arguments.model, task)), task)
    output.array([_entry(status) for status in found])
    if not output.as_json:
        output.text("\n".join(_line(status) for status in found))


def _entry(status: MethodStatus) -> dict[str, Any]:
    return {
        "name": status.name,
        "family": status.family,
        "status": status.status,
        "reason": status.reason,
        "instead": status.instead,
        "options": [
            {
                "name": option.name,
                "type": option.type,
                "default": option.default,
                "min": option.low,
                "max": option.high,
                "choices": list(option.choices),
            }
            for option in status.options
        ],
        "passes": status.passes,
        "paper": status.paper,
        "seconds": status.seconds,
        "prepared": status.prepared,
    }


def _line(status: MethodStatus) -> str:
    options = ", ".join(
        option.name if option.default is None else f"{option.name}={_typed(option.default)}"
        for option in status.options
    )
    known = "; ".join(words for words in (options, cost_words(status, ())) if words)
    line = f"{SIGNS[status.status]} {status.name} ({status.family})"
    if known:
        line += f": {known}"
    if status.reason:
        line += f". {status.reason}"
    if status.instead:
        line += f" Take {status.instead} instead."
    return line


def _typed(value: object) -> str:
    """As a person would type it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
