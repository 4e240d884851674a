"""The commands that need the window's parts: demo, tour, bench, campaign; how it is called."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from app.output import Output
from app.screen import can_draw, has_screen
from inference.errors import EXIT_CODES, INTERRUPTED, UserError

USAGE = """usage: lepton [PATH...] [--in-process] [--offscreen]
       lepton demo [--out DIR] [--offscreen]
       lepton COMMAND --help

Opens the window, on these files and folders if any are named. A folder that is a project is opened
as one, and shows what was in view when it was left; only one may be named.
Commands: demo, test, bench, campaign, tour, info, tags, render, predict, explain, compare, belief,
models, methods, phantom, project, labels, train, entries, entry.
Research use only, not a medical device.
"""


def say_usage(unknown: set[str]) -> int:
    """How the program is called; 2 where the call was wrong."""
    stream = sys.stderr if unknown else sys.stdout
    if unknown:
        stream.write(f"Unknown option {', '.join(sorted(unknown))}.\n")
    stream.write(USAGE)
    return 2 if unknown else 0


def say(message: str, hint: str, code: int) -> int:
    """Say on standard error why the window does not open."""
    sys.stderr.write(f"{message} {hint}\n")
    return code


def main(arguments: list[str]) -> int:
    """Run one of the four; faults of the world are said in a sentence."""
    output = Output(as_json=False)
    try:
        return _COMMANDS[arguments[0]](arguments[1:])
    except UserError as error:
        output.failure(arguments[0], error, EXIT_CODES[error.fault])
        return EXIT_CODES[error.fault]
    except KeyboardInterrupt:
        return INTERRUPTED


def _demo(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lepton demo")
    parser.add_argument("--out", type=Path, default=Path("lepton-demo"))
    parser.add_argument("--offscreen", action="store_true")
    given = parser.parse_args(arguments)
    offscreen = given.offscreen or not has_screen()
    if offscreen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from app.demo_run import run_demo

    return run_demo(given.out if offscreen else None)


def _tour(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lepton tour")
    parser.add_argument("folder", type=Path, metavar="DIR")
    given = parser.parse_args(arguments)
    if not can_draw():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    code: int = importlib.import_module("tests.tour.drive").take_pictures(given.folder)
    return code


def _bench(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lepton bench")
    parser.add_argument("names", nargs="*", metavar="NAME")
    given = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    code: int = importlib.import_module("tests.benchmarks.run").main(given.names)
    return code


def _campaign(arguments: list[str]) -> int:
    campaigns = importlib.import_module("tests.campaigns.run")
    parser = argparse.ArgumentParser(prog="lepton campaign")
    parser.add_argument("name", choices=tuple(campaigns.CAMPAIGNS))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--minutes", type=float, default=5.0)
    given = parser.parse_args(arguments)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    code: int = campaigns.main(given.name, given.seed, given.minutes)
    return code


_COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": _demo,
    "tour": _tour,
    "bench": _bench,
    "campaign": _campaign,
}
