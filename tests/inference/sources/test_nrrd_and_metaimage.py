"""NRRD and MetaImage volumes: values and geometry, held against bytes by hand and SimpleITK."""

from __future__ import annotations

import bz2
import gzip
import importlib
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.records import Opened, Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

VALUES = np.arange(2 * 3 * 4, dtype="<i2").reshape(4, 3, 2)  # 4 slices, 3 rows, 2 columns
LPS = "space: left-posterior-superior\nspace origin: (10,20,30)\n"
STRAIGHT = f"{LPS}space directions: (2,0,0) (0,3,0) (0,0,4)\n"


def _nrrd(fields: str, data: bytes = b"", *, sizes: str = "2 3 4", kind: str = "short") -> bytes:
    dimension = len(sizes.split())
    head = f"NRRD0004\n# a comment\ntype: {kind}\ndimension: {dimension}\nsizes: {sizes}\n{fields}"
    return (head if "endian" in head else f"{head}endian: little\n").encode() + b"\n" + data


def _plain_nrrd(fields: str = STRAIGHT, values: np.ndarray = VALUES, **how: Any) -> bytes:
    return _nrrd(f"{fields}encoding: raw\n", values.tobytes(), **how)


def _meta(fields: str = "", data: bytes | None = None, *, sizes: str = "2 3 4") -> bytes:
    head = (
        f"ObjectType = Image\nNDims = {len(sizes.split())}\nBinaryData = True\n{fields}"
        f"DimSize = {sizes}\n"
    )
    for name, value in (("ElementType", "MET_SHORT"), ("ElementDataFile", "LOCAL")):
        head += "" if name in fields else f"{name} = {value}\n"
    return head.encode() + (VALUES.tobytes() if data is None else data)


PLACED = "TransformMatrix = 1 0 0 0 1 0 0 0 1\nOffset = 10 20 30\nElementSpacing = 2 3 4\n"


def _open(path: Path) -> Opened:
    return open_sources(OpenRequest((str(path),)), Task())


def _source(path: Path, content: bytes | None = None) -> Source:
    if content is not None:
        path.write_bytes(content)
    opened = _open(path)
    assert opened.refused == ()
    (source,) = opened.sources
    return source


def _values(source: Source) -> np.ndarray:
    frames = read_frames(read_request(source, tuple(range(source.frames))), Task())
    return np.stack([frame.values() for frame in frames])


def _refusal(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    (refused,) = _open(path).refused
    return refused.reason


@pytest.mark.parametrize("content", [_plain_nrrd(), _meta(PLACED)], ids=["nrrd", "metaimage"])
def test_a_straight_volume(tmp_path: Path, content: bytes) -> None:
    source = _source(tmp_path / "no ending", content)
    expected = np.array([[2.0, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 30], [0, 0, 0, 1]])
    np.testing.assert_allclose(np.array(source.affine), expected)
    assert (source.kind, source.order_rule, source.warnings) == ("volume", "position", ())
    assert (source.frames, source.shape, source.spacing_mm) == (4, (3, 2), (3.0, 2.0, 4.0))
    np.testing.assert_array_equal(_values(source), VALUES)


@pytest.mark.parametrize(
    ("space", "signs"),
    [
        ("left-posterior-superior", (1, 1, 1)),
        ("LPS", (1, 1, 1)),
        ("right-anterior-superior", (-1, -1, 1)),
        ("RAS", (-1, -1, 1)),
        ("left-anterior-superior", (1, -1, 1)),
    ],
)
def test_every_space_of_a_patient_becomes_lps(
    tmp_path: Path, space: str, signs: tuple[int, int, int]
) -> None:
    fields = STRAIGHT.replace("left-posterior-superior", space)
    source = _source(tmp_path / "x.nrrd", _plain_nrrd(fields))
    numbers = [ref.number for ref in source.refs]
    for number, column, row in ((0, 0, 0), (3, 1, 2)):
        found = np.array(source.affine) @ [column, row, numbers.index(number), 1]
        expected = np.array([10 + 2 * column, 20 + 3 * row, 30 + 4 * number]) * signs
        np.testing.assert_allclose(found[:3], expected)


def test_slices_that_run_down_are_shown_the_other_way_round(tmp_path: Path) -> None:
    down = STRAIGHT.replace("(0,0,4)", "(0,0,-4)")
    turned = PLACED.replace("0 0 1\n", "0 0 -1\n")
    for name, content in (("x.nrrd", _plain_nrrd(down)), ("x.mha", _meta(turned))):
        source = _source(tmp_path / name, content)
        expected = np.array([[2.0, 0, 0, 10], [0, 3, 0, 20], [0, 0, 4, 18], [0, 0, 0, 1]])
        np.testing.assert_allclose(np.array(source.affine), expected)
        np.testing.assert_array_equal(_values(source), VALUES[::-1])


@settings(max_examples=30, deadline=None, derandomize=True)
@given(
    angles=st.tuples(*[st.floats(-3, 3)] * 3),
    origin=st.tuples(*[st.floats(-200, 200)] * 3),
    sizes=st.tuples(*[st.floats(0.3, 6)] * 3),
    mirrored=st.booleans(),
    ending=st.sampled_from(["nrrd", "mha"]),
)
def test_geometry_and_values_are_those_of_simpleitk(
    *,
    tmp_path_factory: pytest.TempPathFactory,
    angles: tuple[float, float, float],
    origin: tuple[float, float, float],
    sizes: tuple[float, float, float],
    mirrored: bool,
    ending: str,
) -> None:
    axes = _rotation(angles) @ np.diag([1, 1, -1 if mirrored else 1])
    place = " ".join(map(repr, origin))
    if ending == "nrrd":
        vectors = " ".join(f"({','.join(map(repr, map(float, v)))})" for v in (axes * sizes).T)
        fields = f"space: LPS\nspace origin: ({place.replace(' ', ',')})\n"
        content = _plain_nrrd(f"{fields}space directions: {vectors}\n")
    else:
        matrix = " ".join(map(repr, map(float, axes.T.ravel())))
        spacing = " ".join(map(repr, sizes))
        content = _meta(
            f"TransformMatrix = {matrix}\nOffset = {place}\nElementSpacing = {spacing}\n"
        )
    path = tmp_path_factory.getbasetemp() / f"turned.{ending}"
    source = _source(path, content)
    simple_itk: Any = importlib.import_module("SimpleITK")
    image = simple_itk.ReadImage(str(path))
    values, shown = simple_itk.GetArrayFromImage(image), _values(source)
    for index in range(source.frames):
        number = source.refs[index].number
        np.testing.assert_array_equal(shown[index], values[number])
        for row, column in ((0, 0), (2, 1)):
            found = np.array(source.frame_affine(index)) @ [column, row, 0, 1]
            expected = image.TransformIndexToPhysicalPoint((column, row, number))
            np.testing.assert_allclose(found[:3], expected, atol=1e-6)
    affine = np.array(source.affine)
    assert np.cross(affine[:3, 0], affine[:3, 1]) @ affine[:3, 2] > 0


def _rotation(angles: tuple[float, float, float]) -> np.ndarray:
    found = np.eye(3)
    for axis, angle in enumerate(angles):
        turn = np.eye(3)
        one, two = (axis + 1) % 3, (axis + 2) % 3
        turn[[one, two], [one, two]] = np.cos(angle)
        turn[one, two], turn[two, one] = -np.sin(angle), np.sin(angle)
        found = found @ turn
    return found


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("gzip", gzip.compress(VALUES.tobytes())),
        ("gz", gzip.compress(VALUES.tobytes()[:20]) + gzip.compress(VALUES.tobytes()[20:])),
        ("bzip2", bz2.compress(VALUES.tobytes())),
    ],
    # The bytes hold the second they were packed in, which differs from worker to worker.
    ids=["one piece", "two pieces", "bzip2"],
)
def test_packed_nrrd(tmp_path: Path, name: str, data: bytes) -> None:
    content = _nrrd(f"{STRAIGHT}encoding: {name}\n", data)
    np.testing.assert_array_equal(_values(_source(tmp_path / "x.nrrd", content)), VALUES)
    flipped = bytearray(data)
    flipped[11 if name == "bzip2" else -1] ^= 1  # in the check sum, in the length
    for number, damaged in enumerate((data[: len(data) // 2], bytes(flipped))):
        content = _nrrd(f"{STRAIGHT}encoding: {name}\n", damaged)
        with pytest.raises(UserError, match="damaged or stops in the middle"):
            _values(_source(tmp_path / f"{number}.nrrd", content))


def test_packed_metaimage(tmp_path: Path) -> None:
    packed = zlib.compress(VALUES.tobytes())
    fields = f"CompressedData = True\nCompressedDataSize = {len(packed)}\n{PLACED}"
    source = _source(tmp_path / "x.mha", _meta(fields, packed))
    np.testing.assert_array_equal(_values(source), VALUES)
    damaged = _source(tmp_path / "y.mha", _meta(fields, packed[:-1] + b"?"))
    with pytest.raises(UserError, match="damaged or stops in the middle"):
        _values(damaged)


@pytest.mark.parametrize(
    ("nrrd", "meta", "dtype"),
    [
        ("signed char", "MET_CHAR", "i1"),
        ("uchar", "MET_UCHAR", "u1"),
        ("uint16", "MET_USHORT", "u2"),
        ("int", "MET_INT", "i4"),
        ("unsigned int", "MET_UINT", "u4"),
        ("long long int", "MET_LONG_LONG", "i8"),
        ("float", "MET_FLOAT", "f4"),
        ("double", "MET_DOUBLE", "f8"),
    ],
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_every_kind_of_number_in_both_orders(
    tmp_path: Path, nrrd: str, meta: str, dtype: str, order: str
) -> None:
    data = VALUES.astype(order + dtype).tobytes()
    endian = "little" if order == "<" else "big"
    fields = f"{STRAIGHT}endian: {endian}\nencoding: raw\n"
    source = _source(tmp_path / "x.nrrd", _nrrd(fields, data, kind=nrrd))
    np.testing.assert_array_equal(_values(source), VALUES)
    fields = f"ElementByteOrderMSB = {order == '>'}\nElementType = {meta}\n{PLACED}"
    source = _source(tmp_path / "x.mha", _meta(fields, data))
    np.testing.assert_array_equal(_values(source), VALUES)


def test_values_in_a_file_of_their_own(tmp_path: Path) -> None:
    """The file of values comes first by name, and is not refused for being no picture."""
    (tmp_path / "deep").mkdir()
    for place in ("a.raw", "deep/b.raw"):
        (tmp_path / place).write_bytes(b"head\nmore\n" + VALUES.tobytes())
    fields = f"{STRAIGHT}encoding: raw\nline skip: 1\nbyte skip: 5\ndata file: deep/b.raw\n"
    (tmp_path / "v.nhdr").write_bytes(_nrrd(fields))
    (tmp_path / "v.mhd").write_bytes(
        _meta(f"{PLACED}HeaderSize = -1\nElementType = MET_SHORT\n", b"").replace(
            b"LOCAL", b"a.raw"
        )
    )
    opened = _open(tmp_path)
    assert opened.refused == ()
    assert len(opened.sources) == 2
    for source in opened.sources:
        np.testing.assert_array_equal(_values(source), VALUES)


def test_the_id_depends_on_the_values_beside_the_header(tmp_path: Path) -> None:
    ids = set()
    for number in range(2):
        (tmp_path / "v.raw").write_bytes((VALUES + number).tobytes())
        content = _meta(PLACED, b"").replace(b"LOCAL", b"v.raw")
        ids.add(_source(tmp_path / "v.mhd", content).source_id)
    assert len(ids) == 2


@pytest.mark.parametrize("name", ["../secret.raw", "/etc/hostname", "..\\secret.raw", "link.raw"])
def test_values_outside_the_folder_are_not_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.raw").write_bytes(VALUES.tobytes())
    folder = tmp_path / "scan"
    folder.mkdir()
    (folder / "link.raw").symlink_to(tmp_path / "secret.raw")
    for header, content in (
        ("v.mhd", _meta(PLACED, b"").replace(b"LOCAL", name.encode())),
        ("v.nhdr", _nrrd(f"{STRAIGHT}encoding: raw\ndata file: {name}\n")),
    ):
        assert _refusal(folder / header, content) == (
            f"{header} was not opened: it names values outside its own folder."
        )


def test_a_missing_file_of_values(tmp_path: Path) -> None:
    content = _meta(PLACED, b"").replace(b"LOCAL", b"gone.raw")
    assert _refusal(tmp_path / "v.mhd", content) == (
        "v.mhd was not opened: the file with its values, gone.raw, is not here."
    )


def test_of_several_volumes_the_first_is_shown(tmp_path: Path) -> None:
    both = np.stack([VALUES, VALUES + 100])
    listed = f"{STRAIGHT.strip()} none\nkinds: domain domain domain list\n"
    for name, content in (
        ("x.nrrd", _plain_nrrd(listed, both, sizes="2 3 4 2")),
        ("x.mha", _meta("", both.tobytes(), sizes="2 3 4 2")),
    ):
        source = _source(tmp_path / name, content)
        assert source.warnings[0] == "The file holds 2 volumes; the first is shown."
        np.testing.assert_array_equal(_values(source), VALUES)


def test_colours_of_eight_bits_are_shown(tmp_path: Path) -> None:
    rgb = np.arange(72, dtype=np.uint8)
    none = STRAIGHT.replace("directions: ", "directions: none ")
    for name, content in (
        ("x.nrrd", _plain_nrrd(f"{none}kinds: RGB-color domain domain domain\n", rgb,
                               sizes="3 2 3 4", kind="uchar")),
        ("x.mha", _meta(f"{PLACED}ElementNumberOfChannels = 3\nElementType = MET_UCHAR\n",
                        rgb.tobytes())),
    ):  # fmt: skip
        source = _source(tmp_path / name, content)
        assert (source.photometric, source.samples, source.frames) == ("RGB", 3, 4)
        np.testing.assert_array_equal(_values(source), rgb.reshape(4, 3, 2, 3))


def test_without_a_place_there_is_size_but_no_affine(tmp_path: Path) -> None:
    said = ("The file does not say where it lies in the patient.",)
    meta = _source(tmp_path / "x.mha", _meta("ElementSpacing = 2 3 4\n"))
    assert (meta.spacing_mm, meta.affine, meta.warnings) == ((3.0, 2.0, 4.0), None, said)
    assert (meta.order_rule, meta.spacing_source) == ("none", "MetaImage ElementSpacing")


@pytest.mark.parametrize(
    ("fields", "spacing"),
    [
        ("", None),
        ("spacings: 2 3 4\n", None),
        ('spacings: 2 3 4\nunits: "mm" "mm" "mm"\n', (3.0, 2.0, 4.0)),
        ('spacings: 2 3 4\nunits: "um" "um" "um"\n', (0.003, 0.002, 0.004)),
        ('spacings: 2 3 4\nunits: "s" "mm" "mm"\n', None),
        ("space dimension: 3\nspace directions: (2,0,0) (0,3,0) (0,0,4)\n", None),
        (STRAIGHT + 'space units: "cm" "cm" "cm"\n', (30.0, 20.0, 40.0)),
        (STRAIGHT + 'space units: "pixel" "pixel" "pixel"\n', None),
    ],
)
def test_a_length_of_a_nrrd_needs_a_patient_or_a_unit(
    tmp_path: Path, fields: str, spacing: tuple[float, ...] | None
) -> None:
    source = _source(tmp_path / "x.nrrd", _plain_nrrd(fields))
    assert source.spacing_mm == (None if spacing is None else pytest.approx(spacing))
    assert (source.spacing_source == "none") == (spacing is None)
    if source.affine is not None:
        assert np.array(source.affine)[0, 3] == pytest.approx(100.0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            _plain_nrrd(values=VALUES[:3]),
            "x is damaged or stops in the middle.",
        ),
        (
            _plain_nrrd(sizes="90000 90000 4"),
            "x was not opened: its header promises 4 slices of 90000 × 90000 pixels, more than "
            "can be shown.",
        ),
        (_plain_nrrd(sizes="2 3 0"), "x is damaged: its NRRD header makes no sense."),
        (_plain_nrrd(kind="block"), "x holds block values written as raw, which are not shown."),
        (
            _plain_nrrd(f"{LPS}space directions: none (2,0,0) (0,3,0) (0,0,4)\n", sizes="2 1 3 4"),
            "x holds 2 values a pixel, which are not shown.",
        ),
        (_meta(data=b"short"), "x is damaged or stops in the middle."),
        (_meta("ElementType = MET_STRING\n"), "x is damaged: its MetaImage header makes no sense."),
        (
            _meta("ElementNumberOfChannels = 2\n"),
            "x holds 2 values a pixel, which are not shown.",
        ),
        (
            _meta().replace(b"BinaryData = True", b"BinaryData = False"),
            "x holds values written as text, which are not shown.",
        ),
        (
            _meta().replace(b"LOCAL", b"LIST"),
            "x names several files of values, which are not shown.",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    assert _refusal(tmp_path / "x", content) == reason


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_damaged_headers_give_slices_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated-header"
    content = bytearray(data.draw(st.sampled_from([_plain_nrrd(), _meta(PLACED)])))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(12, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    opened = _open(path)
    assert len(opened.sources) + len(opened.refused) == 1
    assert all(one.reason.endswith(".") for one in opened.refused)
    for source in opened.sources:
        assert _values(source).shape[1:3] == source.shape


def test_a_real_segmentation_lies_where_its_header_says(shared_data: Path) -> None:
    folder = shared_data / "dicom" / "QIICR+dcmqi" / "data" / "segmentations"
    source = _source(folder / "liver_seg.nrrd")
    expected = np.diag([0.810547, 0.810547, 1.0, 1.0])
    expected[:3, 3] = (-235.2, -226.8, -128.69)
    np.testing.assert_allclose(np.array(source.affine), expected, atol=1e-6)
    simple_itk: Any = importlib.import_module("SimpleITK")
    image = simple_itk.ReadImage(str(folder / "liver_seg.nrrd"))
    np.testing.assert_array_equal(_values(source), simple_itk.GetArrayFromImage(image))
