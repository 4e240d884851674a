"""Maps over their scans: real-world values, with their unit, NaN where there are none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.requests import ObjectRequest, OpenRequest
from inference.sources.objects import segment_masks
from inference.sources.objects.overlay import read_overlay
from inference.sources.registry import open_sources
from inference.task import Task
from tests.inference.sources.objects.object_writer import (
    COLUMNS,
    MAP,
    ROWS,
    code,
    item,
    open_object,
    overlay,
    write_frames,
    write_scan,
)

STORED = np.arange(2 * ROWS * COLUMNS, dtype=np.uint16).reshape(2, ROWS, COLUMNS)


def _mapping(**values: Any) -> dict[str, list[Dataset]]:
    unit = code("um2/s", "um2/s", "UCUM")
    return {"RealWorldValueMappingSequence": [item(MeasurementUnitsCodeSequence=unit, **values)]}


def _write(path: Path, *, groups: list[dict[str, Any]] | None = None, **values: Any) -> Path:
    positions = [(-10.0, -20.0, 6.0), (-10.0, -20.0, 0.0)]
    return write_frames(
        path, STORED, positions, MAP, bits=16, groups=groups, Modality="OT", **values
    )


def test_integers_become_values_by_the_mapping_of_each_frame(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    groups = [
        _mapping(RealWorldValueSlope=0.5, RealWorldValueIntercept=-3.0),
        _mapping(RealWorldValueSlope=2.0, RealWorldValueIntercept=1.0),
    ]
    found = overlay(_write(tmp_path / "map.dcm", groups=groups), source)
    assert found.unit == "µm²/s"
    assert [piece.frame for piece in found.values] == [0, 2]
    np.testing.assert_allclose(found.values[0].values, STORED[1] * 2.0 + 1.0)
    np.testing.assert_allclose(found.values[1].values, STORED[0] * 0.5 - 3.0)
    assert found.values[0].values.dtype == np.float32


def test_a_table_of_values_ends_where_it_ends(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    table = _mapping(
        RealWorldValueFirstValueMapped=2,
        RealWorldValueLastValueMapped=4,
        RealWorldValueLUTData=[7.0, 8.5, 9.0],
    )
    found = overlay(_write(tmp_path / "map.dcm", groups=[table, table]), source)
    first = found.values[1].values.ravel()
    np.testing.assert_array_equal(first[:6], [np.nan, np.nan, 7.0, 8.5, 9.0, np.nan])


def test_integers_beyond_those_that_are_mapped_have_no_value(tmp_path: Path) -> None:
    """PS3.3 C.7.6.16.2.11.1: what is not between the first and the last value has no mapping."""
    source = write_scan(tmp_path / "scan")
    line = _mapping(
        RealWorldValueSlope=0.5,
        RealWorldValueIntercept=1.0,
        RealWorldValueFirstValueMapped=1,
        RealWorldValueLastValueMapped=3,
    )
    found = overlay(_write(tmp_path / "map.dcm", groups=[line, line]), source)
    first = found.values[1].values.ravel()
    np.testing.assert_array_equal(first[:5], [np.nan, 1.5, 2.0, 2.5, np.nan])


def test_a_map_that_would_fill_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_scan(tmp_path / "scan")
    path = _write(tmp_path / "map.dcm")
    monkeypatch.setattr(segment_masks, "VOLUME_BYTES_LIMIT", 2 * ROWS * COLUMNS * 4 - 1)
    with pytest.raises(UserError, match=r"^map\.dcm was not laid over the scan: its 2 frames"):
        overlay(path, source)


def test_a_smaller_map_leaves_the_rest_without_values(tmp_path: Path) -> None:
    """Voxels of 4 × 1 mm over the upper left quarter of the pixels."""
    source = write_scan(tmp_path / "scan")
    stored = np.array([[[3, 5], [7, 9]]], dtype=np.uint16)
    path = write_frames(
        tmp_path / "map.dcm",
        stored,
        [(-10.0 + 0.25, -20.0 + 1.0, 3.0)],
        MAP,
        bits=16,
        spacing=(4.0, 1.0),
    )
    (piece,) = overlay(path, source).values
    assert piece.frame == 1
    np.testing.assert_array_equal(piece.values[:4, :4], np.kron(stored[0], np.ones((2, 2))))
    assert np.isnan(piece.values[4:]).all()
    assert np.isnan(piece.values[:, 4:]).all()


@pytest.mark.parametrize("size", [1, 2])
def test_of_several_maps_at_one_place_the_first_is_drawn_alone(tmp_path: Path, size: int) -> None:
    """On the scan's own pixels (1) and on pixels twice as large (2), where both are resampled."""
    source = write_scan(tmp_path / "scan")
    stored = np.array([[[3, 5], [7, 9]], [[9, 1], [8, 2]]], dtype=np.uint16)
    first = (-10.0 + 0.25 * (size - 1), -20.0 + 1.0 * (size - 1), 3.0)
    spacing = (2.0 * size, 0.5 * size)
    path = write_frames(tmp_path / "map.dcm", stored, [first, first], MAP, bits=16, spacing=spacing)
    found = overlay(path, source)
    (piece,) = found.values
    expected = np.kron(stored[0], np.ones((size, size)))
    np.testing.assert_array_equal(piece.values[: 2 * size, : 2 * size], expected)
    assert "Several of its planes lie on one slice; the first of them is drawn." in found.warnings


@pytest.mark.parametrize("name", ["float", "double_float"])
def test_floats_of_the_shared_maps_on_their_scan(shared_data: Path, name: str) -> None:
    """Their scan is the CT that comes with pydicom, of the same 128 × 128 pixels."""
    folder = shared_data / "dicom/pydicom+pydicom-data/data_store/data"
    path = folder / f"parametric_map_{name}.dcm"
    scan = Path(pydicom.__file__).parent / "data/test_files/CT_small.dcm"
    (source,) = open_sources(OpenRequest((str(scan),)), Task()).sources
    found = read_overlay(ObjectRequest(open_object(path), source), Task())
    (piece,) = found.values
    with path.open("rb") as file:
        size = 4 if name == "float" else 8
        file.seek(-128 * 128 * size, 2)
        expected = np.frombuffer(file.read(), f"<f{size}").reshape(128, 128)
    np.testing.assert_allclose(piece.values, expected, rtol=1e-6)
    assert found.unit is None
