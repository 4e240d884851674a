"""How maps are drawn in the real window: scale of a series, lines, cells, a map that failed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QLabel

from app.actions import models
from app.panes import Asked
from inference.records import Attribution, Figure
from tests.flows.conftest import Flow
from widgets.canvas_overlay import MapStyle


def style(flow: Flow) -> MapStyle:
    canvas = flow.window.review.viewports[flow.session.active].canvas
    return canvas._layers.overlay.style


def explained(flow: Flow, case: Path, model: str) -> Attribution:
    """Open a series and explain its middle slice and the next one, with two very unlike maps."""
    flow.begin()
    flow.open(case)
    flow.choose(model)
    models.ask(flow.session, 0, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained)
    made = flow.pane.attribution
    assert made is not None
    stronger = replace(made, key=(made.key[0], 2), map=made.map * 10)
    flow.session.add_attributions((stronger,))
    return made


def panel_words(flow: Flow) -> list[str]:
    panel = flow.window.review.panel.explaining.overlay
    return [label.text() for label in panel.findChildren(QLabel)]


def test_scale_lines_and_cells_by_keys(
    start: Callable[[], AbstractContextManager[Flow]], case: Path, sample_model: str
) -> None:
    with start() as flow:
        made = explained(flow, case, sample_model)
        assert style(flow).title == "Saliency"
        series = style(flow).limit
        assert series is not None
        assert style(flow).scale.startswith("scale of the series, ")
        flow.press("Down")
        flow.wait(lambda: flow.pane.attribution is not None and flow.pane.frame is not None)
        flow.wait(lambda: flow.pane.attribution is not made)
        assert style(flow).limit == series, "one scale for all slices"
        flow.press("Up", "Shift+C")
        flow.wait(lambda: flow.pane.attribution is made)
        own = style(flow).limit
        assert own is not None
        assert style(flow).scale.startswith("scale of this image, ")
        assert own < series / 3
        flow.press("Y", "Y")
        assert style(flow).lines == "lines hold 50 % of it"
        level = style(flow).level
        assert level is not None
        strong = made.map[made.map >= level].sum() / made.map[made.map > 0].sum()
        assert abs(strong - 0.5) < 0.02
        assert made.cells is not None, "the model is smaller than the slice"
        flow.press("Shift+Y")
        assert style(flow).cells
        flow.window.palette_box.chosen.emit("keep_scale")
        assert style(flow).scale.startswith("kept scale, ")
        assert style(flow).limit == own
    with start() as again:
        again.begin()
        again.open(case)
        again.choose(sample_model)
        again.wait(lambda: again.pane.attribution is not None)
        again.session.edit_view(0, scale="kept")
        assert style(again).limit == own, "kept with the model over a restart"


def test_threshold_and_failure_are_said(flow: Flow, case: Path, sample_model: str) -> None:
    made = explained(flow, case, sample_model)
    flow.session.edit_view(0, scale="image", threshold=0.5)
    limit = style(flow).limit
    assert limit is not None
    strong = made.map >= limit / 2
    said = next(words for words in panel_words(flow) if "of the pixels" in words)
    said = said.replace("\u00a0", " ")
    pixels, mass = (float(part.split()[0]) / 100 for part in said.split(", "))
    assert abs(pixels - strong.mean()) < 0.02
    assert abs(mass - made.map[strong].sum() / made.map.sum()) < 0.02

    flow.session.edit_view(0, limit=1000 * limit)
    assert "Nothing of this map is so strong" in panel_words(flow)
    viewport = flow.window.review.viewports[0]
    assert not viewport.canvas._scene.failed
    bad = Figure("completeness", "Completeness", 0.9, "red", "The map is off by 90 %.")
    flow.session.add_attributions((replace(made, figures=(bad,)),))
    assert viewport.canvas._scene.failed
    beneath = [label.text().replace("\u00a0", " ") for label in viewport.findChildren(QLabel)]
    assert "This map failed a check. The map is off by 90 %." in beneath
    flow.session.add_attributions((made,))
    assert not viewport.canvas._scene.failed
