"""`lepton belief`: a model over a labelled set, maps pinned to a model, and whether they hold."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from app.commands.belief_pins import check, pin
from app.commands.belief_set import judge_set
from app.commands.compare import words
from app.commands.explain import option
from app.output import Output


def configure(parser: argparse.ArgumentParser) -> None:
    """The words of the call, as docs/cli.md fixes them."""
    parser.add_argument("--json", action="store_true", help="one document on standard output")
    acts = parser.add_subparsers(metavar="set|pin|check", required=True)
    for command in (_set(acts), _pin(acts), _check(acts)):
        command.add_argument("--device", metavar="D", default="auto")
        # Without a default of its own, so that --json before the word still counts.
        command.add_argument("--json", action="store_true", default=argparse.SUPPRESS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Judge a set, pin, or check."""
    act: Any = arguments.act
    code: int = act(arguments, output)
    return code


def _set(acts: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = acts.add_parser("set", help="a model over a labelled set")
    command.add_argument("model", metavar="MODEL")
    command.add_argument("data", metavar="DATA", type=Path, help="a folder or table of cases")
    command.add_argument(
        "--methods", metavar="a,b", type=words, default=("integrated_gradients", "grad_cam")
    )
    command.add_argument("--most", metavar="N", type=int, help="the first N cases alone")
    command.add_argument("--seed", type=int, default=0, metavar="S")
    command.add_argument("--out", metavar="DIR", type=Path, help="where to leave result and report")
    command.set_defaults(act=judge_set)
    return command


def _pin(acts: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = acts.add_parser("pin", help="hold a map of a model")
    command.add_argument("model", metavar="MODEL")
    command.add_argument("case", metavar="CASE", help="a file or folder")
    command.add_argument("--source", metavar="ID", help="which source, where CASE holds several")
    command.add_argument("--region", metavar="FILE", help="a mask of what is to be looked at")
    command.add_argument("--frame", type=int, metavar="N")
    command.add_argument("--method", metavar="NAME", default="integrated_gradients")
    command.add_argument("--target", metavar="LABEL", help="default: the top label")
    command.add_argument("--layer", metavar="L")
    command.add_argument("--option", action="append", default=[], type=option, metavar="k=v")
    command.add_argument("--seed", type=int, default=0, metavar="S")
    command.add_argument("--name", metavar="NAME", help="default: source, frame and method")
    command.add_argument("--lowest-ratio", metavar="X", type=float)
    command.add_argument("--lowest-rank", metavar="Y", type=float)
    command.add_argument("--pins", metavar="FILE", type=Path)
    command.set_defaults(act=pin)
    return command


def _check(acts: Any) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = acts.add_parser("check", help="whether pinned maps hold")
    command.add_argument("model", metavar="MODEL")
    command.add_argument("--against", metavar="OTHER", help="hold it to the pins of this model")
    command.add_argument("--pins", metavar="FILE", type=Path)
    command.set_defaults(act=check)
    return command
