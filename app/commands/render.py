"""`lepton render`: one frame as it is displayed, saved as a PNG picture."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from app.commands.one_source import open_one
from app.output import Output
from app.pictures import png_bytes
from inference.display import grey
from inference.errors import UserError
from inference.records import Source, Window
from inference.requests import read_request
from inference.sources.registry import read_frames
from inference.whole_file import write_bytes


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words of the command."""
    parser.add_argument("path", help="a file or folder")
    parser.add_argument("--source", metavar="ID", help="which source, where there are several")
    parser.add_argument("--frame", type=int, default=0, metavar="N", help="0-based (default 0)")
    parser.add_argument(
        "--window",
        type=float,
        nargs=2,
        metavar=("C", "W"),
        help="centre and width in rescaled values (default: the file's first)",
    )
    parser.add_argument("--out", required=True, metavar="FILE", help="the picture to write, .png")


def run(arguments: argparse.Namespace, output: Output) -> int | None:
    """Save the frame; grey pictures have mode L, colour has RGB."""
    target = Path(arguments.out)
    window = _window(arguments.window)
    if target.suffix.lower() != ".png":
        raise UserError(
            f"{target.name} does not end in .png.", "Pictures are PNG files.", fault="usage"
        )
    task = output.task()
    source = open_one(arguments.path, arguments.source, task)
    check_frame(source, arguments.frame)
    (frame,) = read_frames(read_request(source, (arguments.frame,)), task)
    for sentence in frame.warnings:
        output.say(sentence)
    if frame.colour and window is not None:
        output.say("Colour is shown as it is; the window was not used.")
    elif window is not None and window.width < 1:
        output.say("LINEAR allows no width below 1; the window is shown with LINEAR_EXACT.")
    write_bytes(target, png_bytes(grey(frame, window)))
    output.say(f"{target.name} shows frame {arguments.frame} of source {source.source_id}.")
    return None


def check_frame(source: Source, index: int) -> None:
    """Raise UserError of usage where the source has no such frame."""
    if not 0 <= index < source.frames:
        last = source.frames - 1
        raise UserError(
            f"There is no frame {index}: source {source.source_id} has "
            + (f"frames 0 to {last}." if last else "frame 0 only."),
            "Choose another with --frame.",
            fault="usage",
        )


def _window(given: list[float] | None) -> Window | None:
    if given is None:
        return None
    center, width = given
    if not (np.isfinite(center) and np.isfinite(width) and width > 0):
        raise UserError(
            "A window needs a finite centre and a width above 0.",
            "For example --window 40 400.",
            fault="usage",
        )
    return Window(center, width)
