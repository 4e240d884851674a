"""NIfTI volumes: values and geometry, held against raw headers and against SimpleITK."""

from __future__ import annotations

import gzip
import importlib
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.records import Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

IDENTITY = (1.0, 0, 0, 0, 0, 1.0, 0, 0, 0, 0, 1.0, 0)
VALUES = np.arange(2 * 3 * 4, dtype=np.int16).reshape(4, 3, 2)  # 4 slices, 3 rows, 2 columns


def _header(
    *,
    counts: tuple[int, ...] = (2, 3, 4),
    code: int = 4,
    order: str = "<",
    srow: tuple[float, ...] | None = IDENTITY,
    quatern: tuple[float, ...] | None = None,
    qfac: float = 1.0,
    sizes: tuple[float, ...] = (1.0, 1.0, 1.0),
    scaling: tuple[float, float] = (0.0, 0.0),
    units: int = 2,
) -> bytes:
    """A NIfTI-1 header of 348 bytes and 4 of extension, packed by hand after nifti1.h."""
    head = bytearray(352)
    dim = [len(counts), *counts, *[1] * (7 - len(counts))]
    struct.pack_into(f"{order}i", head, 0, 348)
    struct.pack_into(f"{order}8h", head, 40, *dim)
    struct.pack_into(f"{order}h", head, 70, code)
    struct.pack_into(f"{order}8f", head, 76, qfac, *sizes, 0, 0, 0, 0)
    struct.pack_into(f"{order}3f", head, 108, 352, *scaling)
    head[123] = units
    struct.pack_into(f"{order}2h", head, 252, int(quatern is not None), int(srow is not None))
    struct.pack_into(f"{order}6f", head, 256, *(quatern or (0.0,) * 6))
    struct.pack_into(f"{order}12f", head, 280, *(srow or (0.0,) * 12))
    head[344:348] = b"n+1\0"
    return bytes(head)


def _write(path: Path, values: np.ndarray = VALUES, **changes: Any) -> Path:
    data = _header(**changes) + values.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def _open(path: Path) -> Source:
    opened = open_sources(OpenRequest((str(path),)), Task())
    assert opened.refused == ()
    return opened.sources[0]


def _values(source: Source) -> np.ndarray:
    frames = read_frames(read_request(source, tuple(range(source.frames))), Task())
    return np.stack([frame.values() for frame in frames])


def _refusal(path: Path) -> str:
    (refused,) = open_sources(OpenRequest((str(path),)), Task()).refused
    return refused.reason


@pytest.mark.parametrize("name", ["v.nii", "v.nii.gz", "no extension"])
def test_ras_becomes_lps_and_slices_ascend(tmp_path: Path, name: str) -> None:
    source = _open(_write(tmp_path / name, srow=(2, 0, 0, 10, 0, 3, 0, 20, 0, 0, 5, 30)))
    # x and y change their signs; (-2, 0, 0) × (0, -3, 0) points up, and so do the slices.
    expected = np.array([[-2.0, 0, 0, -10], [0, -3, 0, -20], [0, 0, 5, 30], [0, 0, 0, 1]])
    np.testing.assert_allclose(np.array(source.affine), expected)
    assert (source.kind, source.order_rule) == ("volume", "position")
    assert (source.frames, source.shape) == (4, (3, 2))
    assert source.spacing_mm == (3.0, 2.0, 5.0)
    assert source.spacing_source == "NIfTI sform"
    np.testing.assert_array_equal(_values(source), VALUES)


def test_slices_that_run_down_are_shown_the_other_way_round(tmp_path: Path) -> None:
    source = _open(_write(tmp_path / "v.nii", srow=(2, 0, 0, 10, 0, 3, 0, 20, 0, 0, -5, 30)))
    expected = np.array([[-2.0, 0, 0, -10], [0, -3, 0, -20], [0, 0, 5, 15], [0, 0, 0, 1]])
    np.testing.assert_allclose(np.array(source.affine), expected)
    np.testing.assert_array_equal(_values(source), VALUES[::-1])
    (frame,) = read_frames(read_request(source, (1,)), Task())
    assert np.array(frame.affine)[2, 3] == 20.0


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    parts=st.tuples(*[st.floats(-0.55, 0.55)] * 3),
    offset=st.tuples(*[st.floats(-200, 200)] * 3),
    sizes=st.tuples(*[st.floats(0.3, 6)] * 3),
    qfac=st.sampled_from([-1.0, 1.0]),
    form=st.sampled_from(["qform", "sform"]),
)
def test_geometry_and_values_are_those_of_simpleitk(
    *,
    tmp_path_factory: pytest.TempPathFactory,
    parts: tuple[float, float, float],
    offset: tuple[float, float, float],
    sizes: tuple[float, float, float],
    qfac: float,
    form: str,
) -> None:
    path = tmp_path_factory.getbasetemp() / "turned.nii"
    quatern = (*parts, *offset)
    if form == "sform":
        turned = _rotation(parts) * np.array(sizes) * np.array([1, 1, qfac])
        rows = np.column_stack([turned, offset]).ravel()
        _write(path, srow=tuple(map(float, rows)), sizes=sizes)
    else:
        _write(path, srow=None, quatern=quatern, qfac=qfac, sizes=sizes)
    source = _open(path)
    assert source.spacing_source == f"NIfTI {form}"
    simple_itk: Any = importlib.import_module("SimpleITK")
    image = simple_itk.ReadImage(str(path))
    values = simple_itk.GetArrayFromImage(image)
    shown = _values(source)
    for index in range(source.frames):
        number = source.refs[index].number
        np.testing.assert_array_equal(shown[index], values[number])
        for row, column in ((0, 0), (2, 1)):
            place = np.array(source.frame_affine(index)) @ [column, row, 0, 1]
            expected = image.TransformIndexToPhysicalPoint((column, row, number))
            np.testing.assert_allclose(place[:3], expected, atol=1e-3)
    affine = np.array(source.affine)
    assert np.cross(affine[:3, 0], affine[:3, 1]) @ affine[:3, 2] > 0


def _rotation(parts: tuple[float, float, float]) -> np.ndarray:
    """Rodrigues' formula for the rotation that a unit quaternion's last three parts name."""
    half = np.linalg.norm(parts)
    if half == 0:
        return np.eye(3)
    x, y, z = np.array(parts) / half
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = 2 * np.arcsin(half)
    turned: np.ndarray = np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    return turned


def test_a_real_volume_lies_where_its_raw_sform_says(shared_data: Path) -> None:
    folder = shared_data / "images" / "udacity+nd320-c3-3d-imaging-starter"
    paths = sorted(folder.rglob("*.nii.gz"))[::10]
    assert paths
    for path in paths:
        head = gzip.decompress(path.read_bytes())[:348]
        (code,) = struct.unpack_from("<h", head, 254)
        assert code > 0
        sform = np.array(struct.unpack_from("<12f", head, 280)).reshape(3, 4)
        source = _open(path)
        for index in (0, source.frames - 1):
            number = source.refs[index].number
            ras = sform @ [1, 2, number, 1]
            place = np.array(source.affine) @ [1, 2, index, 1]
            np.testing.assert_allclose(place[:3], ras * [-1, -1, 1], atol=1e-4)


def test_slope_and_intercept_are_applied(tmp_path: Path) -> None:
    source = _open(_write(tmp_path / "v.nii", scaling=(0.5, -3.0)))
    np.testing.assert_allclose(_values(source), VALUES * 0.5 - 3)


@pytest.mark.parametrize(
    ("code", "kind", "order"),
    [
        (2, "<u1", "<"),
        (256, "<i1", "<"),
        (512, ">u2", ">"),
        (8, ">i4", ">"),
        (768, "<u4", "<"),
        (16, "<f4", "<"),
        (64, ">f8", ">"),
        (1024, "<i8", "<"),
    ],
)
def test_every_kind_of_real_number_opens(tmp_path: Path, code: int, kind: str, order: str) -> None:
    source = _open(_write(tmp_path / "v.nii", VALUES.astype(kind), code=code, order=order))
    np.testing.assert_array_equal(_values(source), VALUES)


def test_of_several_volumes_the_first_is_shown(tmp_path: Path) -> None:
    both = np.stack([VALUES, VALUES + 100])
    for name in ("v.nii", "v.nii.gz"):
        source = _open(_write(tmp_path / name, both, counts=(2, 3, 4, 2)))
        assert source.warnings == ("The file holds 2 volumes; the first is shown.",)
        np.testing.assert_array_equal(_values(source), VALUES)
        (tmp_path / name).unlink()


def test_a_flat_file_is_one_frame(tmp_path: Path) -> None:
    source = _open(_write(tmp_path / "v.nii", VALUES[0], counts=(2, 3)))
    assert (source.frames, source.spacing_mm) == (1, (1.0, 1.0, None))


def test_without_a_form_there_is_size_but_no_place(tmp_path: Path) -> None:
    source = _open(_write(tmp_path / "v.nii", srow=None, sizes=(0.5, 2.0, 3.0)))
    assert source.affine is None
    assert source.spacing_mm == (2.0, 0.5, 3.0)
    assert source.order_rule == "none"
    assert source.warnings == ("The file does not say where it lies in the patient.",)


def test_metres_become_millimetres(tmp_path: Path) -> None:
    srow = (0.002, 0, 0, 0.01, 0, 0.003, 0, 0, 0, 0, 0.005, 0)
    source = _open(_write(tmp_path / "v.nii", srow=srow, units=1))
    assert source.spacing_mm == pytest.approx((3.0, 2.0, 5.0))
    assert np.array(source.affine)[0, 3] == pytest.approx(-10.0)


def test_sheared_axes_are_said(tmp_path: Path) -> None:
    source = _open(_write(tmp_path / "v.nii", srow=(1, 0.2, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0)))
    assert source.warnings == ("The axes of the volume are not at right angles.",)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code": 32}, "v.nii holds complex or colour values, which are not shown."),
        ({"counts": (2, 0, 4)}, "v.nii is damaged: its NIfTI header makes no sense."),
        (
            {"counts": (30000, 30000, 4)},
            "v.nii was not opened: its header promises 4 slices of 30000 × 30000 pixels, "
            "more than can be shown.",
        ),
        ({"counts": (2, 3, 5)}, "v.nii is damaged or stops in the middle."),
    ],
)
def test_what_is_refused(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    assert _refusal(_write(tmp_path / "v.nii", **changes)) == reason


def test_a_cut_packed_volume_is_refused_when_it_is_read(tmp_path: Path) -> None:
    path = _write(tmp_path / "v.nii.gz")
    path.write_bytes(path.read_bytes()[:-20])
    source = _open(path)
    with pytest.raises(UserError, match=r"v\.nii\.gz is damaged or stops in the middle\."):
        _values(source)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("offset", "reason"),
    [
        (float("nan"), "makes no sense"),
        (float("inf"), "makes no sense"),
        (-8.0, "makes no sense"),
        (0.0, "makes no sense"),
        (347.0, "makes no sense"),
        (1e14, "is damaged or stops in the middle"),
    ],
)
def test_values_cannot_begin_anywhere(
    tmp_path: Path, offset: float, reason: str, packed: bool
) -> None:
    content = bytearray(_header() + VALUES.tobytes())
    struct.pack_into("<f", content, 108, offset)
    path = tmp_path / "x.nii"
    path.write_bytes(gzip.compress(content) if packed else content)
    assert reason in _refusal(path)
