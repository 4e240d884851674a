"""The report over a labelled set: figures of each method, and the cases that are right by luck."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

import resources
from app.pictures import overlaid, png_bytes, shown
from app.report import NOT_A_DEVICE

if TYPE_CHECKING:
    from explain.belief_sets import Seen

SIDE = 320
"""Pictures are made no larger, so that a page of many of them still opens."""


@dataclass(frozen=True)
class Shown:
    """One case as the page shows it: the frame, and over it the map of each method (PNG files)."""

    case: str
    words: str
    frame: bytes
    maps: tuple[tuple[str, bytes], ...]


def picture_of(one: Seen) -> Shown:
    """A case with the maps by which it is right for a wrong reason."""
    found = one.examined
    return Shown(
        found.case,
        f"It says {found.answer}, which is right.",
        _small(shown(one.frame)),
        tuple(
            (f"{why.method}, inside ratio {why.ratio:.1f}", _small(overlaid(one.frame, drawn)))
            for why, drawn in zip(found.reasons, one.maps, strict=True)
            if why.method in found.wrong_reasons and why.ratio is not None
        ),
    )


def page(body: dict[str, Any], cases: Sequence[Shown]) -> str:
    """The whole report on one page without scripts; `body` is the document of `belief set`."""
    style = resources.path("report", "style.css").read_text(encoding="utf-8")
    title = f"Why {body['model']['id']} is right, case by case"
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{escape(title)}</h1>\n<p class="use">{NOT_A_DEVICE}</p>\n'
        + _summary(body)
        + _wrong(body, cases)
        + _cases(body)
        + "</main>\n</body>\n</html>\n"
    )


def _summary(body: dict[str, Any]) -> str:
    known = body["summary"]
    lines = [("Right", _share(known["accuracy"]))]
    for method, figures in known["methods"].items():
        lines += [
            (f"{method}: right for a wrong reason", _share(figures["wrong_reason"])),
            (f"{method}: inside ratio, median", _number(figures["inside_ratio"])),
        ]
        if figures["decoy_ratio"] is not None:
            lines.append((f"{method}: on the decoy, median", _number(figures["decoy_ratio"])))
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(words)}</td></tr>\n'
        for name, words in lines
    )
    cut = "" if body["complete"] else "<p>The set was not gone through to its end.</p>\n"
    return (
        f"<section>\n<h2>The set</h2>\n{cut}<table>\n{rows}</table>\n"
        '<p class="quiet">The inside ratio is the share of the map inside the marked region '
        "against the region's share of the area; 1 is chance. Intervals are 95 %.</p>\n</section>\n"
    )


def _wrong(body: dict[str, Any], cases: Sequence[Shown]) -> str:
    count = len(body["wrong_reasons"])
    head = f"<section>\n<h2>Right for a wrong reason: {count}</h2>\n"
    if not count:
        return f"{head}<p>None was found.</p>\n</section>\n"
    parts = [head, "".join(_case(one) for one in cases)]
    if count > len(cases):
        parts.append(f"<p>{count - len(cases)} more stand in the list below.</p>\n")
    return "".join((*parts, "</section>\n"))


def _case(one: Shown) -> str:
    maps = "".join(_figure(data, words) for words, data in one.maps)
    return (
        f"<h3>{escape(one.case)}</h3>\n<p>{escape(one.words)}</p>\n"
        f'<div class="pictures">\n{_figure(one.frame, "The frame as displayed")}{maps}</div>\n'
    )


def _cases(body: dict[str, Any]) -> str:
    methods = body["methods"]
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in ("Case", "Is", *methods))
    rows = "".join(_line(one, methods) for one in body["cases"])
    refused = "".join(
        f'<tr><th scope="row">{escape(one["case"])}</th>'
        f'<td colspan="{len(methods) + 1}">{escape(one["reason"])}</td></tr>\n'
        for one in body["refused"]
    )
    return (
        f"<section>\n<h2>All cases</h2>\n<table>\n<tr>{head}</tr>\n{rows}{refused}</table>\n"
        "</section>\n"
    )


def _line(one: dict[str, Any], methods: Sequence[str]) -> str:
    said = one["label"] if one["right"] else f"{one['label']}, but it says {one['answer']}"
    cells = "".join(f"<td>{escape(_cell(one['methods'].get(name)))}</td>" for name in methods)
    return f'<tr><th scope="row">{escape(one["case"])}</th><td>{escape(said)}</td>{cells}</tr>\n'


def _cell(why: dict[str, Any] | None) -> str:
    if why is None:
        return "no map"
    if why["inside_ratio"] is None:
        return "nothing marked"
    wrong = ", wrong reason" if why["wrong_reason"] else ""
    return f"{why['inside_ratio']:.1f}{wrong}"


def _share(known: dict[str, float] | None) -> str:
    if known is None:
        return "nothing to judge"
    low, high = known["low"], known["high"]
    return f"{known['value']:.1%} ({low:.1%} to {high:.1%}) of {known['n']}"


def _number(known: dict[str, float] | None) -> str:
    if known is None:
        return "nothing to judge"
    low, high = known["low"], known["high"]
    return f"{known['value']:.2f} ({low:.2f} to {high:.2f}), {known['n']} cases"


def _figure(data: bytes, words: str) -> str:
    inline = "data:image/png;base64," + base64.b64encode(data).decode("ascii")
    caption = escape(words)
    return (
        f'<figure><img alt="{caption}" src="{inline}"><figcaption>{caption}</figcaption></figure>\n'
    )


def _small(picture: np.ndarray) -> bytes:
    factor = SIDE / max(picture.shape[:2])
    if factor < 1:
        size = (round(picture.shape[1] * factor), round(picture.shape[0] * factor))
        picture = np.asarray(
            cv2.resize(picture, (max(1, size[0]), max(1, size[1])), interpolation=cv2.INTER_AREA)
        )
    return png_bytes(picture)
