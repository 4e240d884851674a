"""What is said of stages, of the map as the last of them, and of parts that are no layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.panes import Pane
from app.views.network_words import layer_rows, map_row, stage_rows
from explain.records import LayerStatus, TreeRow
from explain.stage_records import NetworkTree, Stage, StagePlane, StageScore
from inference.records import Attribution, Cells, Frame, Provenance

FRAME = Frame(("scan", 3), np.zeros((4, 6), np.int16))
MADE = Attribution(
    key=FRAME.key,
    target=1,
    target_label="nodule",
    output="logit",
    map=np.linspace(-2, 4, 24, dtype=np.float32).reshape(4, 6),
    native=(2, 3),
    signed=True,
    layer="body",
    baseline=None,
    reduction="sum over channels",
    completeness=None,
    warnings=(),
    provenance=Provenance("m", "0", "as stored", "cpu", 1.0, "now", (), method="grad_cam"),
    unit="logit",
)


def test_a_stage_crosses_as_it_is() -> None:
    plane = StagePlane("Channel 3", np.ones((2, 2), np.float32), 1.0, 1.0, 5.0, 2.0)
    stage = Stage(
        "layer", "Layer", "Gives.", "4 × 2 × 2", "activation", (plane,), (StageScore("a", 1, 0.5),)
    )
    (row,) = stage_rows((stage,))
    assert row.grid
    assert (row.planes[0].title, row.planes[0].mean, row.planes[0].scale) == ("Channel 3", 5, 2)
    assert (row.scores[0].label, row.scores[0].score) == ("a", 0.5)


def test_the_map_is_shown_in_its_own_cells() -> None:
    cells = np.array([[0, 1, 2], [3, 4, 5]], np.float32)
    made = replace(MADE, cells=Cells(cells, (0, 0, 4, 6)), signed=False)
    row = map_row(Pane(frame=FRAME, attribution=made))
    assert row.planes[0].values is cells
    assert (row.planes[0].low, row.planes[0].high, row.planes[0].colours) == (0, 5, "positive")
    assert (row.shape, row.unit) == ("2 × 3", "logit")
    assert row.sentence.startswith("grad_cam for nodule: sum over channels.")


def test_a_map_without_cells_is_shown_as_it_is() -> None:
    row = map_row(Pane(frame=FRAME, attribution=replace(MADE, coarse=True)))
    assert row.planes[0].values is MADE.map
    assert (row.planes[0].low, row.planes[0].high, row.planes[0].colours) == (-2, 4, "signed")
    assert "not finished" in row.sentence


@pytest.mark.parametrize(
    "pane",
    [
        Pane(frame=FRAME),
        Pane(attribution=MADE),
        Pane(frame=replace(FRAME, key=("scan", 4)), attribution=MADE),
    ],
)
def test_without_a_map_of_this_frame_it_is_said_how_to_get_one(pane: Pane) -> None:
    assert map_row(pane).sentence == "There is no map of this frame yet. Explain it with E."


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (TreeRow("", "Net", "2", 9, 0, takes_part=True), "The whole network"),
        (TreeRow("idle", "Linear", "", 9, 1, takes_part=False), "No pass comes"),
        (TreeRow("list", "ModuleList", "", 9, 1, takes_part=True), "only holds others"),
        (TreeRow("relu", "ReLU", "2 × 2", 0, 1, takes_part=True), "no weights of its own"),
        (TreeRow("head", "Linear", "2", 9, 1, takes_part=True), "does not lie over the picture"),
        (TreeRow("body", "Conv2d", "2 × 2", 9, 1, takes_part=True), ""),
    ],
)
def test_why_a_part_is_no_layer(row: TreeRow, why: str) -> None:
    layers = (LayerStatus("body", "Conv2d", (2, 2), default=True),)
    (found,) = layer_rows(NetworkTree((row,), layers))
    assert why in found.why_not
    assert bool(found.why_not) == bool(why)
