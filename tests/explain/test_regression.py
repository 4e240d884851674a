"""Pinned maps: what is kept of them, and when a later one is no longer the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from explain.regression import Pin, add_pin, cells_of, compare_with, not_run, pins_path, read_pins
from inference.errors import UserError
from inference.records import Attribution, Figure, Provenance

MAP = np.random.default_rng(0).gamma(0.5, size=(64, 48)).astype(np.float32)


def _attribution(values: np.ndarray, ratio: float | None = 6.0) -> Attribution:
    figures = () if ratio is None else (Figure("inside_ratio", "", ratio, "green", ""),)
    made = Provenance("sample", "0" * 64, "", "cpu", 0.0, "", (), "saliency")
    return Attribution(
        ("0" * 12, 0), 1, "nodule", "logit", values, (64, 48), False, None, None, "", None, (),
        made, figures=figures,
    )  # fmt: skip


PIN = Pin(
    name="first",
    path="scan",
    source="0" * 12,
    frame=0,
    method="saliency",
    target="nodule",
    layer=None,
    options={"steps": 20, "share": 0.5, "fast": True, "way": "a"},
    seed=0,
    region="mask.npy#2",
    sha256="0" * 64,
    answer="nodule",
    inside_ratio=6.0,
    lowest_ratio=3.0,
    lowest_rank=0.8,
    cells=cells_of(_attribution(MAP)),
)


def test_cells_are_means_over_a_coarse_grid() -> None:
    cells = np.array(PIN.cells)
    assert cells.shape == (16, 16)
    wanted = MAP.astype(np.float64).reshape(16, 4, 16, 3).mean(axis=(1, 3))
    assert np.allclose(cells, wanted, rtol=1e-5)


def test_the_same_map_holds() -> None:
    held = compare_with(PIN, _attribution(MAP), "nodule")
    assert held.passed
    assert held.rank == pytest.approx(1.0, abs=1e-6)
    assert held.overlap == pytest.approx(1.0, abs=1e-6)


def test_a_louder_map_of_the_same_order_holds() -> None:
    assert compare_with(PIN, _attribution(7 * MAP), "nodule").passed


@pytest.mark.parametrize(
    ("values", "ratio", "words"),
    [
        (MAP[::-1], 6.0, ["order of places"]),
        (MAP, 2.9, ["holds 2.9 times"]),
        (MAP, None, ["holds nothing"]),
        (-MAP, 0.0, ["order of places", "holds 0.0 times"]),
        (MAP.mean() + 0 * MAP, 6.0, ["order of places"]),
        (MAP[:8, :8], 6.0, ["another size"]),
    ],
)
def test_what_moved_is_said(values: np.ndarray, ratio: float | None, words: list[str]) -> None:
    held = compare_with(PIN, _attribution(values, ratio), "nodule")
    assert not held.passed
    assert len(held.reasons) == len(words)
    assert all(word in reason for word, reason in zip(words, held.reasons, strict=True))


def test_without_a_region_the_ratio_is_not_asked_for() -> None:
    pin = PIN.model_copy(update={"lowest_ratio": None, "inside_ratio": None})
    assert compare_with(pin, _attribution(MAP, None), "nodule").passed


def test_a_pin_that_could_not_be_asked_does_not_hold() -> None:
    assert not not_run(PIN, "The scan is gone.").passed


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_map_that_shows_nothing_cannot_be_held(value: float) -> None:
    with pytest.raises(UserError, match="same everywhere"):
        cells_of(_attribution(np.full((32, 32), value, dtype=np.float32)))


def test_pins_come_back_as_they_were_and_a_name_is_there_once(tmp_path: Path) -> None:
    path = tmp_path / "pins" / "sample.yaml"
    assert read_pins(path, "sample") == ()
    other = PIN.model_copy(update={"name": "größe"})
    add_pin(PIN, "sample", path)
    add_pin(other, "sample", path)
    assert read_pins(path, "sample") == (PIN, other)
    newer = PIN.model_copy(update={"frame": 3})
    assert add_pin(newer, "sample", path) == (other, newer) == read_pins(path, "sample")


def _written(**changes: Any) -> str:
    body = {"schema": "lepton.pins/1", "model": "sample", "pins": [PIN.model_dump()], **changes}
    return yaml.safe_dump(body)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("pins: [", "not YAML"),
        ("just words", "does not hold pins"),
        ("", "does not hold pins"),
        (_written(schema="lepton.pins/2"), "schema"),
        (_written(pins=[{"name": "x"}]), "path"),
        (_written(more=1), "more"),
        (_written(pins=[{**PIN.model_dump(), "frame": -1}]), "frame"),
        (_written(pins=[{**PIN.model_dump(), "cells": [[float("nan")]]}]), "cells"),
    ],
)
def test_a_damaged_file_is_said(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "pins.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=words) as said:
        read_pins(path, "sample")
    assert said.value.path == str(path)
    assert path.read_text() == text


def test_a_file_of_another_models_pins_is_neither_asked_nor_added_to(tmp_path: Path) -> None:
    path = tmp_path / "pins.yaml"
    path.write_text(_written(model="other"))
    with pytest.raises(UserError, match="pinned to other, not to sample"):
        read_pins(path, "sample")
    with pytest.raises(UserError, match="pinned to other, not to sample"):
        add_pin(PIN, "sample", path)
    assert read_pins(path, "other") == (PIN,)


def test_pins_lie_beside_the_users_models(own_data_folder: Path) -> None:
    assert pins_path("sample") == own_data_folder / "pins" / "sample.yaml"


def test_signed_maps_are_held_by_their_sign_too() -> None:
    values = MAP - MAP.mean()
    pin = PIN.model_copy(update={"cells": cells_of(replace(_attribution(values), signed=True))})
    assert compare_with(pin, _attribution(values), "nodule").passed
    assert not compare_with(pin, _attribution(np.abs(values)), "nodule").passed
