"""What is kept of a view is all of it that a person chose, and comes back from the store."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from app.panes import Asked, Pane
from app.project_state import STATE_RECORDS, ViewState, ZoomState, view_of
from app.session import Session
from inference import wire
from inference.display import Voi
from inference.mpr.cut import Slab
from inference.records import GreyTable, Window

NOT_KEPT = {
    "stack": "made again from the volume",
    "frame": "read again",
    "preview": "read again",
    "frame_trouble": "may be over",
    "waiting": "is over",
    "prediction": "kept by the store",
    "attribution": "kept by the store",
    "objects": "drawn again",
    "labels": "drawn again",
    "predict_trouble": "may be over",
    "explain_trouble": "may be over",
    "methods": "asked again",
    "layers": "asked again",
    "compared": "a comparison is not gone on with",
    "made": "a comparison is not gone on with",
    "blinked": "a key that is held",
    "limit": "a comparison is not gone on with",
    "caption": "of the demo",
    "caption_severity": "of the demo",
}


@pytest.fixture(autouse=True)
def _known() -> None:
    wire.register(*STATE_RECORDS)


def view(**changes: Any) -> ViewState:
    session = Session()
    session.panes = (Pane(), Pane("source", 3, **changes), *session.panes[2:])
    session.set_layout("1x2", 1)
    found = view_of(session, {1: ZoomState((3.0, 4.5), 2.0, 1, True)})
    assert found is not None
    return found


def test_every_field_of_a_viewport_is_kept_or_named_here() -> None:
    kept = {one.name for one in fields(view().panes[0])}
    assert {one.name for one in fields(Pane)} - kept == set(NOT_KEPT)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"plane": "axial", "slab": Slab("mean", 12.5)},
        {"asked": Asked("occlusion", 1, options=(("width", 4),), reference=("other", 2))},
        {"window": Window(40.0, 400.0, "SIGMOID"), "inverted": True, "scale": "kept"},
        {"threshold": 0.3, "opacity": 0.1, "percent": 99.0, "contours": 0.5, "cells": True},
    ],
)
def test_a_view_is_the_same_after_the_store(changes: dict[str, object]) -> None:
    before = view(**changes)
    after = wire.unpack(wire.pack(before))
    assert after == before
    pane = after.panes[0].as_pane()
    assert {name: getattr(pane, name) for name in changes} == changes
    assert (pane.source_id, pane.index, after.panes[0].number) == ("source", 3, 1)


def test_a_table_of_greys_is_kept_with_its_entries() -> None:
    table: Voi = GreyTable(-5.0, np.arange(7, dtype=np.uint16), step=0.5)
    found = wire.unpack(wire.pack(view(window=table))).panes[0].window
    assert isinstance(found, GreyTable)
    assert (found.first, found.step, found.entries.tolist()) == (-5.0, 0.5, list(range(7)))


def test_an_empty_window_leaves_no_view() -> None:
    assert view_of(Session(), {}) is None
