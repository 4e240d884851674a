"""Words and numbers for what the session holds: the same in every place of the window."""

from __future__ import annotations

import datetime

import numpy as np

from app.linking import affine_of, count_of
from app.panes import Pane
from app.recipes import Recipe
from app.views.belief_words import SIGNS
from app.views.scan_words import scan_warnings, warning_badge
from explain.faithfulness import verdict
from inference.cards import ModelCard, differences, states_input
from inference.records import Attribution, Prediction, Source
from widgets.canvas_readout import MINUS, signed_number
from widgets.explain_panel import Belief
from widgets.findings import Answer
from widgets.score_bars import ScoreRow
from widgets.signs import State
from widgets.theme import LABEL_COLOURS

OWN = "own_"
"""How the names of stacks along a scan's own axes begin."""

SLAB_WORDS = {"maximum": "Maximum", "mean": "Mean", "minimum": "Minimum"}


def corner_texts(
    source: Source, pane: Pane
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Lines for the corners: top left, top right, bottom left (LOOK: who, technique, where)."""
    who = tuple(line for line in (source.who, source.study_title, source.title) if line)
    how = tuple(
        line
        for line in (
            source.modality or "",
            source.technique,
            f"{source.shape[1]} × {source.shape[0]}" + spacing_words(source),
        )
        if line
    )
    return who, how, _where(source, pane)


def _where(source: Source, pane: Pane) -> tuple[str, ...]:
    """Which plane of how many, where it lies along its normal, and how thick it is."""
    count = count_of(pane, source)
    found = []
    if count > 1:
        still = "Slice" if source.frame_time_ms is None else "Frame"
        noun = still if pane.plane == "slices" else pane.plane.capitalize()
        if pane.stack is not None and pane.stack.name.startswith(OWN):
            noun = f"Scan's own {pane.plane}"
        found.append(f"{noun} {pane.index + 1} of {count}")
    affine = affine_of(pane, source, pane.index) if count > 1 else None
    if affine is not None:
        normal = np.cross(*np.array(affine)[:3, :2].T)
        length = float(np.linalg.norm(normal))
        if length > 0:
            place = float(normal @ np.array(affine)[:3, 3]) / length
            found.append(f"Position {signed_number(place, 1)} mm")
    if pane.slab is not None and pane.stack is None:
        found.append(pane.waiting)
    elif pane.slab is not None and pane.stack is not None:
        planes = len(pane.stack.within(pane.index, pane.slab.thickness_mm))
        many = "1 plane" if planes == 1 else f"{planes} planes"
        found.append(f"{SLAB_WORDS[pane.slab.mode]} over {pane.slab.thickness_mm:g} mm · {many}")
    return tuple(found)


def spacing_words(source: Source) -> str:
    """ " · 0.49 mm", " · 0.49 × 0.6 mm", or nothing where no valid spacing is known."""
    if source.spacing_mm is None:
        return ""
    rows, columns, _ = source.spacing_mm
    if f"{columns:.3g}" == f"{rows:.3g}":
        return f" · {columns:.3g} mm"
    return f" · {columns:.3g} × {rows:.3g} mm"


def badges(source: Source, card: ModelCard | None, pane: Pane) -> tuple[str, ...]:
    """Small worded warnings on the picture."""
    found = []
    if source.lossy:
        found.append(source.lossy)
    if pane.plane != "slices":
        found.append("Reformatted")
    if pane.made is not None and pane.attribution is not None:
        found += pane.attribution.warnings
    answered = pane.prediction is not None or pane.attribution is not None
    if card is not None and answered and differences(source, card):
        found.append("model input differs")
    window = displayed_window(pane)
    if window:
        found.append(window)
    found += dict.fromkeys(words for one in pane.objects for words in one.warnings)
    found += pane.labels.warnings
    warned = warning_badge(scan_warnings(source, pane))
    if warned:
        found.append(warned)
    return tuple(found)


def fit(source: Source, card: ModelCard) -> tuple[State, str]:
    """Whether the source is what the model was made for, as a sign and a word."""
    if differences(source, card):
        return "doubtful", "input differs"
    if not states_input(card):
        return "plain", "input not stated"
    return "good", "input fits"


def displayed_window(pane: Pane) -> str:
    """For a model that sees the picture as displayed: the window it saw."""
    result = pane.attribution or pane.prediction
    if result is None:
        return ""
    for part in result.provenance.preparation.split("; "):
        if "as displayed" in part:
            return "model saw it " + part.removeprefix("colours ").partition(", (")[0]
    return ""


def answer_of(prediction: Prediction, card: ModelCard | None, source: Source) -> Answer:
    """Scores as bars; for a segmentation the share of the slice under each label."""
    shares = prediction.mask is not None
    rows = []
    for index, label in enumerate(prediction.labels):
        if shares and index == 0:
            continue  # the background is no finding
        detail = _area(prediction.mask, index, source) if prediction.mask is not None else ""
        colour = LABEL_COLOURS[index % len(LABEL_COLOURS)] if shares else None
        rows.append(ScoreRow(label, float(prediction.scores[index]), colour, detail))
    best = max(range(len(rows)), key=lambda row: rows[row].score, default=0)
    made = prediction.provenance
    line = f"{device_words(made.device)} · {seconds_words(made.seconds)} · {time_of(made.made_at)}"
    said_above = differences(source, card) if card is not None else ()
    warnings = tuple(one for one in prediction.warnings if one not in said_above)
    return Answer(tuple(rows), best, line, warnings, shares)


def _figure(value: float) -> str:
    """Three significant digits with the sign, written out: "+23,100", "−0.568"."""
    return f"{float(f'{value:.3g}'):+,.15g}".replace("-", MINUS)


def beliefs_of(
    attribution: Attribution, said: tuple[str, ...], of: Recipe | None = None
) -> tuple[Belief, ...]:
    """How far to believe a map, as far as it is known; warnings `said` elsewhere are left out.

    A map that is made `of` others is no answer of a model, so there is nothing to check.
    """
    found = []
    measured = {figure.name for figure in attribution.figures}
    complete = attribution.completeness
    if complete is not None and "completeness" not in measured:
        state = SIGNS[verdict("completeness", complete.relative)]
        word = "Not complete" if state == "bad" else "Complete"
        found.append(
            Belief(
                state,
                f"{word}: off by {percent(complete.relative)} "
                f"(adds up to {_figure(complete.sum)} of {_figure(complete.difference)})",
            )
        )
    elif of is not None:
        found.append(Belief("plain", f"Made of other maps. {of.full}"))
    elif complete is None:
        found.append(Belief("plain", "This method has no completeness to check"))
    rows, columns = attribution.native
    if (rows, columns) != attribution.map.shape and "resolution" not in measured:
        found.append(
            Belief(
                "plain",
                f"Made at {columns} × {rows}, drawn at "
                f"{attribution.map.shape[1]} × {attribution.map.shape[0]}",
            )
        )
    found.extend(
        Belief("doubtful", warning) for warning in attribution.warnings if warning not in said
    )
    return tuple(found)


def map_title(attribution: Attribution, method_title: str) -> str:
    """What a map shows, in one line."""
    words = attribution.target_words or attribution.target_label
    parts = [method_title, words, attribution.output]
    if attribution.layer:
        parts.append(attribution.layer)
    return " · ".join(parts)


def device_words(device: str) -> str:
    return "CPU" if device == "cpu" else device.upper()


def seconds_words(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def left_words(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.0f} s left" if seconds < 90 else f"{seconds / 60:.0f} min left"


def percent(share: float) -> str:
    """Such as "0.4 %", "12 %", "under 0.1 %"."""
    if 0 < share < 0.0005:
        return "under 0.1 %"
    return f"{share:.1%}".replace("%", " %") if share < 0.1 else f"{share:.0%}".replace("%", " %")


def time_of(made_at: str) -> str:
    """Local time of a UTC stamp; with the date where it is another day."""
    made = datetime.datetime.fromisoformat(made_at).astimezone()
    today = datetime.datetime.now().astimezone().date()
    return made.strftime("%H:%M" if made.date() == today else "%Y-%m-%d %H:%M")


def _area(mask: np.ndarray, label: int, source: Source) -> str:
    count = int(np.count_nonzero(mask == label))
    if source.spacing_mm is None:
        return f"{count} px"
    return f"{count * source.spacing_mm[0] * source.spacing_mm[1]:.0f} mm²"
