"""What the engine says of stages and layers, as rows of the window; a map as the last stage."""

from __future__ import annotations

import numpy as np

from app.panes import Pane
from explain.records import LayerStatus, TreeRow
from explain.stage_records import NetworkTree, Stage, StagePlane
from inference.display_overlay import largest
from inference.records import Attribution
from widgets.layer_rows import LayerRow
from widgets.stage_page import ScoreLine, StageRow
from widgets.stage_picture import Plane

LAYER = "layer"
"""The stage whose pictures stand side by side."""


def stage_rows(stages: tuple[Stage, ...]) -> tuple[StageRow, ...]:
    """The stages of a pass."""
    return tuple(_row(stage) for stage in stages)


def map_row(pane: Pane) -> StageRow:
    """The map of the frame in sight in its own cells; without one, how to get it."""
    made = pane.attribution
    if made is None or pane.frame is None or made.key != pane.frame.key:
        return StageRow("map", "Map", "There is no map of this frame yet. Explain it with E.", "")
    name = made.provenance.method or ""
    title = next((one.title for one in pane.methods if one.name == name), name)
    words = f"{title} for {made.target_words or made.target_label}: {made.reduction}."
    if made.coarse:
        words += " It is not finished yet."
    if made.cells is not None:
        values = made.cells.values
        words += " Here in its own cells; over the scan they are laid where they belong."
    else:
        values = made.map
    shape = " × ".join(map(str, values.shape))
    return StageRow("map", "Map", words, shape, made.unit, (_map_plane(made, values),))


def layer_rows(tree: NetworkTree) -> tuple[LayerRow, ...]:
    """The parts of a model, each with why it cannot be looked at where it cannot."""
    candidates = {layer.name: layer for layer in tree.layers}
    return tuple(_layer_row(row, candidates.get(row.name)) for row in tree.rows)


def _row(stage: Stage) -> StageRow:
    return StageRow(
        stage.name,
        stage.title,
        stage.sentence,
        stage.shape,
        stage.unit,
        tuple(_plane(one) for one in stage.planes),
        tuple(ScoreLine(one.label, one.logit, one.score) for one in stage.scores),
        stage.score_names,
        stage.before_unit,
        grid=stage.name == LAYER,
    )


def _plane(plane: StagePlane) -> Plane:
    return Plane(plane.title, plane.values, plane.low, plane.high, plane.mean, plane.scale)


def _map_plane(made: Attribution, values: np.ndarray) -> Plane:
    limit = largest(np.ascontiguousarray(values, dtype=np.float32))
    low = float(values.min()) if made.signed else 0.0
    high = float(values.max()) if made.signed else limit
    return Plane("Map", values, low, high, colours="signed" if made.signed else "positive")


def _layer_row(row: TreeRow, layer: LayerStatus | None) -> LayerRow:
    return LayerRow(
        row.name,
        row.kind,
        row.shape,
        row.parameters,
        row.depth,
        row.takes_part,
        "" if layer is not None else _why_not(row),
    )


def _why_not(row: TreeRow) -> str:
    """Why a part is no layer that can be looked at."""
    if not row.name:
        return "The whole network gives the answer itself."
    if not row.takes_part:
        return "No pass comes through this part."
    if not row.shape:
        return "This part only holds others; look at one of those."
    if not row.parameters:
        return "This part has no weights of its own: look at the one before it."
    return "What this part gives does not lie over the picture, or repeats the part it is in."
