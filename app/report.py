"""A report as one HTML file that needs nothing else: pictures inside, no scripts, no links."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np

import resources
from app.belief_sources import source_words
from app.map_requests import Drawing
from app.pictures import colour_bar, overlaid, png_bytes, shown
from app.report_curves import curves_svg
from explain.method_titles import title_of
from inference.display_overlay import robust_limit
from inference.records import Attribution, Figure, Frame, Prediction, Source, Verdict

NOT_A_DEVICE = "Research use only. Not a medical device."

VERDICTS: dict[Verdict | None, str] = {
    "green": "Good. ",
    "amber": "Doubtful. ",
    "red": "Not to be believed. ",
    None: "",
}
"""What stands before the sentence of a figure, for those who see no colours as well."""

SMALL = 160
"""Frames narrower than this are drawn with hard pixels rather than blurred."""


@dataclass(frozen=True, eq=False)
class Section:
    """One frame, what a model said about it, and why; `identified` adds who it is.

    `remark` is a sentence that stands above the pictures, `drawing` how the map is drawn, `within`
    says in words what region the target was restricted to, "" for none.
    """

    source: Source
    frame: Frame
    prediction: Prediction
    attribution: Attribution
    identified: bool = False
    remark: str = ""
    drawing: Drawing = field(default_factory=Drawing)
    within: str = ""


def report_html(title: str, sections: Sequence[Section]) -> str:
    """The whole report. Sources are named by their id alone unless a section is identified."""
    style = resources.path("report", "style.css").read_text(encoding="utf-8")
    return (
        "<!doctype html>\n"
        '<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{escape(title)}</h1>\n<p class="use">{NOT_A_DEVICE}</p>\n'
        + "".join(_section(section) for section in sections)
        + "</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    attribution, prediction = section.attribution, section.prediction
    model = attribution.provenance.model_id
    top = prediction.labels[prediction.top]
    against = " and against" if attribution.signed else ""
    place = f"Source {section.source.source_id}, frame {attribution.key[1]}"
    if section.identified and section.source.who:
        place = f"{section.source.who} · {place}"
    return (
        f"<section>\n<h2>{escape(model)}: {escape(top)}</h2>\n"
        f'<p class="quiet">{escape(place)}. The map shows what speaks for{against} '
        f"{escape(attribution.target_words or attribution.target_label)}.</p>\n"
        + _remark(section.remark)
        + _pictures(section)
        + _warnings((*prediction.warnings, *attribution.warnings))
        + _scores(prediction, attribution.target)
        + f"<h3>How complete the map is</h3>\n<p>{escape(completeness_words(attribution))}</p>\n"
        + _belief(attribution.figures)
        + _provenance(section)
        + "</section>\n"
    )


def _belief(figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    rows = "".join(
        f'<tr class="{figure.verdict or "plain"}"><th scope="row">{escape(figure.title)}</th>'
        f"<td><strong>{VERDICTS[figure.verdict]}</strong>{escape(figure.sentence)}"
        f"{_source(figure.name)}{curves_svg(figure.curves)}</td></tr>\n"
        for figure in figures
    )
    return f'<h3>How far to believe the map</h3>\n<table class="belief">\n{rows}</table>\n'


def _source(name: str) -> str:
    """Who thought of the check, and who set the limits of its verdict."""
    words = source_words(name)
    return f'<p class="quiet">{escape(words)}</p>' if words else ""


def _remark(sentence: str) -> str:
    return f'<p class="remark">{escape(sentence)}</p>\n' if sentence else ""


def completeness_words(attribution: Attribution) -> str:
    """How far the map accounts for the change of the output, in a sentence or two."""
    known = attribution.completeness
    if known is None:
        return "This method makes no promise that its values add up to the output."
    return (
        f"From the baseline to the frame the {attribution.output} of {attribution.target_label} "
        f"changes by {known.difference:.4g}; the map adds up to {known.sum:.4g}. "
        f"That is {known.relative:.2%} off."
    )


def _pictures(section: Section) -> str:
    frame, attribution, drawn = section.frame, section.attribution, section.drawing
    limit = robust_limit(attribution.map) if drawn.limit is None else drawn.limit
    rows, columns = attribution.native
    ends = (-limit, 0.0, limit) if attribution.signed else (0.0, limit / 2, limit)
    numbers = "".join(f"<span>{end:.3g}</span>" for end in ends)
    bar = colour_bar(attribution.signed)
    return (
        '<div class="pictures">\n'
        + _figure(shown(frame), "The frame as displayed")
        + _figure(
            overlaid(frame, attribution, drawn),
            f"{_method_words(attribution)}; own resolution {columns} × {rows}; "
            f"{drawn.scale or 'scale of this image'}, in {attribution.unit or attribution.output}",
        )
        + "</div>\n"
        + f'<div class="bar"><img alt="Colours of the map" src="{_inline(bar)}">'
        + f'<div class="ends">{numbers}</div></div>\n'
    )


def _method_words(attribution: Attribution) -> str:
    words = title_of(attribution.provenance.method or "")
    layer = f", layer {attribution.layer}" if attribution.layer else ""
    target = attribution.target_words or attribution.target_label
    baseline = f", against the baseline: {attribution.baseline}" if attribution.baseline else ""
    return f"{words} for the {attribution.output} of {target}{layer}{baseline}"


def _figure(picture: np.ndarray, caption: str) -> str:
    kind = ' class="coarse"' if picture.shape[1] < SMALL else ""
    return (
        f'<figure><img{kind} alt="{escape(caption)}" src="{_inline(picture)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>\n"
    )


def _inline(picture: np.ndarray) -> str:
    return "data:image/png;base64," + base64.b64encode(png_bytes(picture)).decode("ascii")


def _warnings(sentences: Iterable[str]) -> str:
    once = dict.fromkeys(sentences)
    if not once:
        return ""
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in once)
    return f'<div class="warnings"><ul>{items}</ul></div>\n'


def _scores(prediction: Prediction, target: int) -> str:
    segmented = prediction.mask is not None
    rows = []
    for index in np.argsort(-prediction.scores, kind="stable"):
        score = float(prediction.scores[index])
        mark = ' class="target"' if index == target else ""
        rows.append(
            f'<tr{mark}><th scope="row">{escape(prediction.labels[index])}</th>'
            f'<td class="number">{score:.3f}</td>'
            f'<td class="length"><meter value="{score:.4f}"></meter></td></tr>'
        )
    heading = "Share of the frame under each label" if segmented else "What the model says"
    return f'<h3>{heading}</h3>\n<table class="scores">\n' + "\n".join(rows) + "\n</table>\n"


def _provenance(section: Section) -> str:
    attribution, made = section.attribution, section.attribution.provenance
    rows = [
        ("Model", made.model_id),
        ("Weights, SHA-256", made.sha256),
        ("Preparation", made.preparation),
        ("Method", _method_words(attribution)),
        ("Options", ", ".join(f"{name} {value}" for name, value in made.options) or "none"),
        ("Baseline", attribution.baseline or "none"),
        ("Channels", attribution.reduction),
        ("Seed", str(made.seed)),
        ("Device", f"{made.device}, {made.seconds:.1f} s"),
        ("Made", made.made_at),
        ("Versions", ", ".join(f"{name} {value}" for name, value in made.versions)),
    ]
    if section.identified:
        rows.append(("File", section.source.refs[attribution.key[1]].path))
    cells = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>\n'
        for name, value in rows
    )
    return f"<h3>How it was made</h3>\n<table>\n{cells}</table>\n"
