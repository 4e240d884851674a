"""Every shared scan against what its headers say, as DCMTK reads them (expected.yaml)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from inference.records import Opened, Source
from inference.requests import OpenRequest
from inference.sources.registry import open_sources, value_range
from inference.task import Task

Facts = dict[str, Any]
EXPECTED: dict[str, list[Facts]] = yaml.safe_load(
    (Path(__file__).parent / "expected.yaml").read_text("utf-8")
)


def _open(place: Path) -> Opened:
    return open_sources(OpenRequest((str(place),)), Task())


def _first(source: Source) -> tuple[str, int]:
    return Path(source.refs[0].path).name, source.refs[0].number


def _last(source: Source) -> tuple[str, int]:
    return Path(source.refs[-1].path).name, source.refs[-1].number


def _pairs(shared_data: Path, place: str) -> list[tuple[Source, Facts]]:
    """Each source of a folder or file with what is to be true of it, told by its first frame."""
    sources = {_first(source): source for source in _open(shared_data / "dicom" / place).sources}
    expected = {
        tuple(facts.get("first", (Path(place).name, 0))): facts for facts in EXPECTED[place]
    }
    assert set(sources) == set(expected)
    return [(sources[first], facts) for first, facts in expected.items()]


@pytest.mark.parametrize("place", EXPECTED)
def test_order_geometry_and_values(shared_data: Path, place: str) -> None:
    for source, facts in _pairs(shared_data, place):
        assert source.frames == facts["frames"]
        assert list(source.shape) == facts["shape"]
        assert source.modality == facts["modality"]
        assert source.order_rule == facts["order"]
        if "last" in facts:
            assert list(_last(source)) == facts["last"]
        _check_geometry(source, facts)
        if "range" in facts:
            assert value_range(source, Task()) == pytest.approx(tuple(facts["range"]), rel=1e-6)


def _check_geometry(source: Source, facts: Facts) -> None:
    spacing = source.spacing_mm or (None, None, None)
    if "pixel_spacing" in facts:
        assert spacing[:2] == pytest.approx(tuple(facts["pixel_spacing"]))
    if "between_mm" in facts:
        assert spacing[2] == pytest.approx(facts["between_mm"], abs=1e-3)
    else:
        assert spacing[2] is None
    assert (source.affine is None) == ("affine" not in facts)
    if source.affine is not None:
        expected = np.array(facts["affine"], dtype=float)  # null becomes NaN
        found = np.where(np.isnan(expected), np.nan, np.array(source.affine)[:3])
        np.testing.assert_allclose(found, expected, atol=1e-4)
    if "last_mm" in facts:
        last = np.array(source.frame_affine(source.frames - 1))[:3, 3]
        np.testing.assert_allclose(last, facts["last_mm"], atol=1e-3)


@pytest.mark.parametrize("place", EXPECTED)
def test_what_the_positions_show_is_said_and_nothing_else(shared_data: Path, place: str) -> None:
    for source, facts in _pairs(shared_data, place):
        said = [sentence for sentence in source.warnings if "slice" in sentence]
        patterns = facts.get("warnings", [])
        assert bool(said) == bool(patterns), said
        for pattern in patterns:
            assert any(re.search(pattern, sentence) for sentence in said), pattern
        assert ("tilt_degrees" in facts) == any("tilted" in sentence for sentence in said)


def test_the_table_holds_every_picture(shared_data: Path) -> None:
    """No DICOM picture of the shared data is left out of expected.yaml."""
    folder = shared_data / "dicom"
    opened = _open(folder)
    for source in opened.sources:
        for ref in source.refs:
            place = Path(ref.path).relative_to(folder)
            listed = {place.as_posix(), place.parent.as_posix()} & set(EXPECTED)
            assert listed or source.kind != "series", place
