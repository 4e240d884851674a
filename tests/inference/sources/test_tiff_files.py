"""TIFF pictures: values of every kind, pages, turning, what is a length and what is none."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from inference.display import grey
from inference.errors import UserError
from inference.records import Frame, Opened, Source
from inference.requests import OpenRequest, read_request
from inference.sources import base
from inference.sources.registry import open_sources, read_frames
from inference.task import Task
from tests.inference.sources.tiff_writer import Fields, page, tiff

GREY = np.arange(12).reshape(3, 4)
RGB = np.arange(36, dtype=np.uint8).reshape(3, 4, 3)


def _open(path: Path) -> Opened:
    return open_sources(OpenRequest((str(path),)), Task())


def _source(path: Path) -> Source:
    opened = _open(path)
    assert opened.refused == ()
    (source,) = opened.sources
    return source


def _frames(source: Source) -> list[Frame]:
    return list(read_frames(read_request(source, tuple(range(source.frames))), Task()))


def _write(path: Path, *pages: tuple[Fields, list[bytes]], **how: Any) -> Path:
    path.write_bytes(tiff(*pages, **how))
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize(
    ("kind", "dtype", "scale", "offset"),
    [
        ("u8", "u1", 20, 0),
        ("i8", "i1", 10, -60),
        ("u16", "u2", 5000, 0),
        ("i16", "i2", 5000, -30000),
        ("u32", "u4", 300_000_000, 0),
        ("i32", "i4", 300_000_000, -2_000_000_000),
        ("f16", "f2", 0.5, -2.0),
        ("f32", "f4", 0.5, -2.0),
        ("f64", "f8", 0.5, -2.0),
    ],
)
def test_values_are_kept(
    tmp_path: Path, *, kind: str, dtype: str, scale: float, offset: float, order: str, big: bool
) -> None:
    values = (GREY * scale + offset).astype(dtype)
    data = values.astype(order + dtype).tobytes()
    path = _write(tmp_path / "without ending", page((3, 4), kind, data), order=order, big=big)
    source = _source(path)
    (frame,) = _frames(source)
    np.testing.assert_array_equal(frame.stored, values)
    assert frame.stored.dtype == (np.float32 if kind[0] == "f" else values.dtype)
    assert (source.kind, source.shape, source.photometric) == ("image", (3, 4), "MONOCHROME2")
    assert (source.spacing_mm, source.warnings, source.lossy) == (None, (), None)


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    data = bytes([0b10100000, 0b01010000, 0b11110000])
    expected = np.array([[255, 0, 255, 0], [0, 255, 0, 255], [255] * 4])
    for name, photometric in (("black.tif", 1), ("white.tif", 0)):
        fields = page((3, 4), "u1", data, more={262: (3, (photometric,))})
        (frame,) = _frames(_source(_write(tmp_path / name, fields)))
        np.testing.assert_array_equal(frame.stored, expected if photometric else 255 - expected)


@pytest.mark.parametrize("kind", ["u8", "u16", "i8", "i16", "i32", "f32"])
def test_where_zero_is_white_it_is_shown_white(tmp_path: Path, kind: str) -> None:
    dtype = f"<{kind[0]}{int(kind[1:]) // 8}"
    data = (GREY * 20 if kind[0] == "u" else GREY * 20 - 110).astype(dtype).tobytes()
    white = page((3, 4), kind, data, more={262: (3, (0,))})
    (frame,) = _frames(_source(_write(tmp_path / "white.tif", white)))
    (plain,) = _frames(_source(_write(tmp_path / "plain.tif", page((3, 4), kind, data))))
    np.testing.assert_array_equal(grey(frame), 255 - grey(plain))


def test_colours_as_pixels_and_as_planes(tmp_path: Path) -> None:
    mixed = page((3, 4), "u8", RGB.tobytes(), samples=3)
    planes = [RGB[..., plane].tobytes() for plane in range(3)]
    apart = page((3, 4), "u8", *planes, samples=3, more={284: (3, (2,))})
    for name, fields in (("mixed.tif", mixed), ("apart.tif", apart)):
        source = _source(_write(tmp_path / name, fields))
        np.testing.assert_array_equal(_frames(source)[0].stored, RGB)
        assert (source.samples, source.photometric) == (3, "RGB")


def test_sixteen_bit_colour_is_shown_with_eight(tmp_path: Path) -> None:
    data = (RGB.astype("<u2") * 257).tobytes()
    source = _source(_write(tmp_path / "x.tif", page((3, 4), "u16", data, samples=3)))
    np.testing.assert_array_equal(_frames(source)[0].stored, RGB)
    assert source.warnings == ("The colours have 16 bits; they are shown with 8.",)


def test_a_palette_becomes_colours(tmp_path: Path) -> None:
    table = tuple(np.concatenate([np.arange(256), 255 - np.arange(256), np.full(256, 7)]) * 257)
    more: Fields = {262: (3, (3,)), 320: (3, tuple(map(int, table)))}
    path = _write(tmp_path / "x.tif", page((3, 4), "u8", GREY.astype("u1").tobytes(), more=more))
    expected = np.stack([GREY, 255 - GREY, np.full_like(GREY, 7)], axis=-1)
    np.testing.assert_array_equal(_frames(_source(path))[0].stored, expected)


def test_what_is_see_through_is_laid_over_black(tmp_path: Path) -> None:
    alpha = np.full((3, 4, 1), 255, np.uint8)
    alpha[0] = 51  # a fifth
    data = np.concatenate([RGB, alpha], axis=-1).tobytes()
    fields = page((3, 4), "u8", data, samples=4, more={338: (3, (2,))})
    source = _source(_write(tmp_path / "x.tif", fields))
    shown = _frames(source)[0].stored
    np.testing.assert_array_equal(shown[1:], RGB[1:])
    np.testing.assert_array_equal(shown[0], np.rint(RGB[0] / 5))
    assert source.warnings == ("The picture is partly see-through; it was laid over black.",)


@pytest.mark.parametrize("packing", ["tiff_lzw", "tiff_adobe_deflate", "packbits"])
@pytest.mark.parametrize("kind", ["u1", "u2", "rgb", "f4"])
def test_packed_pixels_are_those_that_were_packed(tmp_path: Path, packing: str, kind: str) -> None:
    seed = np.random.default_rng(3)
    if kind == "rgb":
        pixels = seed.integers(0, 256, (40, 30, 3), np.uint8)
    else:
        pixels = seed.integers(0, 250, (40, 30)).astype(kind)
    Image.fromarray(pixels).save(tmp_path / "x.tif", compression=packing)
    (frame,) = _frames(_source(tmp_path / "x.tif"))
    np.testing.assert_array_equal(frame.stored, pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_predictor_is_undone(tmp_path: Path, dtype: type) -> None:
    pixels: np.ndarray = np.cumsum(np.ones((40, 30)), axis=1).astype(dtype)
    predictor = 3 if pixels.dtype.kind == "f" else 2
    flags = [cv2.IMWRITE_TIFF_COMPRESSION, 5, cv2.IMWRITE_TIFF_PREDICTOR, predictor]
    assert cv2.imwrite(str(tmp_path / "x.tif"), pixels, flags)
    (frame,) = _frames(_source(tmp_path / "x.tif"))
    np.testing.assert_array_equal(frame.stored, pixels)


def test_jpeg_inside_is_called_lossy(tmp_path: Path) -> None:
    smooth = cv2.GaussianBlur(np.tile(RGB, (12, 10, 1)) * 7, (0, 0), 4)
    Image.fromarray(smooth).save(tmp_path / "x.tif", compression="jpeg", quality=95)
    source = _source(tmp_path / "x.tif")
    assert source.lossy == "Lossy JPEG"
    assert np.abs(_frames(source)[0].stored.astype(int) - smooth).max() < 12


def test_pages_of_one_size_are_frames(tmp_path: Path) -> None:
    pages = [page((3, 4), "u8", (GREY + n).astype("u1").tobytes()) for n in range(5)]
    source = _source(_write(tmp_path / "x.tif", *pages))
    assert (source.kind, source.frames, source.order_rule) == ("volume", 5, "none")
    for number, frame in enumerate(_frames(source)):
        np.testing.assert_array_equal(frame.stored, GREY + number)


def test_pages_of_several_sizes_are_several_sources(tmp_path: Path) -> None:
    small = page((1, 2), "u8", b"\x01\x02")
    thumbnail = page((1, 2), "u8", b"\x09\x09", more={254: (4, (1,))})
    large = page((3, 4), "u8", GREY.astype("u1").tobytes())
    float_page = page((3, 4), "f32", GREY.astype("<f4").tobytes())
    path = _write(tmp_path / "x.tif", large, thumbnail, small, large, float_page)
    opened = _open(path)
    assert [(one.shape, [ref.number for ref in one.refs]) for one in opened.sources] == [
        ((3, 4), [0, 3]),
        ((1, 2), [2]),
        ((3, 4), [4]),
    ]
    assert len({source.source_id for source in opened.sources}) == 3
    np.testing.assert_array_equal(_frames(opened.sources[1])[0].stored, [[1, 2]])


@pytest.mark.parametrize("kind", ["u8", "f64"])
@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [[0, 1], [2, 3], [4, 5]]),
        (2, [[1, 0], [3, 2], [5, 4]]),
        (3, [[5, 4], [3, 2], [1, 0]]),
        (4, [[4, 5], [2, 3], [0, 1]]),
        (5, [[0, 2, 4], [1, 3, 5]]),
        (6, [[4, 2, 0], [5, 3, 1]]),
        (7, [[5, 3, 1], [4, 2, 0]]),
        (8, [[1, 3, 5], [0, 2, 4]]),
    ],
)
def test_pages_are_turned_upright(
    tmp_path: Path, kind: str, orientation: int, expected: list[list[int]]
) -> None:
    """Row 0 and column 0 lie as TIFF 6.0 says for each Orientation (section 8)."""
    data = np.arange(6).astype("<f8" if kind == "f64" else "u1").tobytes()
    imagej = b"ImageJ=1.53\nunit=mm\0"
    more: Fields = {
        274: (3, (orientation,)),
        270: (2, imagej),
        282: (5, (4, 1)),
        283: (5, (2, 1)),
    }
    source = _source(_write(tmp_path / "x.tif", page((3, 2), kind, data, more=more)))
    (frame,) = _frames(source)
    np.testing.assert_array_equal(frame.stored, expected)
    assert source.shape == frame.shape
    spacing = (0.5, 0.25) if orientation < 5 else (0.25, 0.5)
    assert source.spacing_mm == (*spacing, None)
    assert frame.spacing_mm == spacing


OME = (
    '<?xml version="1.0"?><OME xmlns="x"><Image><Pixels DimensionOrder="XYZCT" Type="uint8" '
    'PhysicalSizeX="0.5"{x} PhysicalSizeY="2"{y} PhysicalSizeZ="4"/></Image></OME>\0'
)


@pytest.mark.parametrize(
    ("description", "spacing", "source"),
    [
        ("", None, "none"),
        ("ImageJ=1.53\nunit=pixel\n\0", None, "none"),
        ("ImageJ=1.53\nunit=micron\nspacing=3.0\n\0", (1 / 5000, 1 / 10000, 0.003), "ImageJ"),
        ("ImageJ=1.53\nunit=cm\n\0", (2.0, 1.0, None), "ImageJ"),
        ("ImageJ=1.53\nunit=\\u00B5m\n\0", (1 / 5000, 1 / 10000, None), "ImageJ"),
        (OME.format(x="", y=""), (0.002, 0.0005, 0.004), "OME"),
        (
            OME.format(x=' PhysicalSizeXUnit="mm"', y=' PhysicalSizeYUnit="mm"'),
            (2, 0.5, 0.004),
            "OME",
        ),
        (OME.format(x=' PhysicalSizeXUnit="pixel"', y=""), None, "none"),
    ],
)
def test_only_a_program_that_names_a_unit_gives_a_length(
    tmp_path: Path,
    description: str,
    spacing: tuple[float, float, float | None] | None,
    source: str,
) -> None:
    """10 pixels a unit along a row, 5 along a column; the tags alone would say inches."""
    data = GREY.astype("u1").tobytes()
    more: Fields = {
        282: (5, (10, 1)),
        283: (5, (5, 1)),
        296: (3, (2,)),
        270: (2, description.encode() or b"\0"),
    }
    pages = [page((3, 4), "u8", data, more=more)] * 2
    found = _source(_write(tmp_path / "x.tif", *pages))
    assert found.spacing_source.split()[0] == source
    assert found.spacing_mm == (None if spacing is None else pytest.approx(spacing))
    assert found.affine is None


def test_pictures_that_are_named_but_not_described_are_missed(tmp_path: Path) -> None:
    more: Fields = {270: (2, b"ImageJ=1.53\nimages=9\n\0")}
    one = page((3, 4), "u8", GREY.astype("u1").tobytes(), more=more)
    assert _source(_write(tmp_path / "x.tif", one, one)).warnings == (
        "The file names 9 pictures; 2 are described.",
    )
    assert _source(_write(tmp_path / "y.tif", *[one] * 9)).warnings == ()


@pytest.mark.parametrize("keep", [0.2, 0.7, 0.97])
def test_a_cut_file_is_refused(tmp_path: Path, keep: float) -> None:
    data = np.zeros((60, 40), np.uint8).tobytes()
    path = _write(tmp_path / "x.tif", page((60, 40), "u8", data))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * keep)])
    assert [one.reason for one in _open(path).refused] == [
        "x.tif is damaged or stops in the middle."
    ]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        (page((70000, 70000), "u8", b"\0"), "it says that it has 70000 × 70000 pixels."),
        (page((1, 2), "f64", b"\0" * 15), "its pixels are damaged or packed in a way"),
        (page((1, 2), "u8", b"\0" * 4, more={259: (3, (60000,))}), "packed in a way"),
        (page((1, 2), "f64", b"\0" * 16, more={259: (3, (8,))}), "packed in a way"),
    ],
)
def test_what_is_refused(tmp_path: Path, fields: tuple[Fields, list[bytes]], reason: str) -> None:
    (refused,) = _open(_write(tmp_path / "x.tif", fields)).refused
    assert reason in refused.reason


@pytest.mark.parametrize("number", [2**20, 2**30])
def test_fields_of_other_programs_are_not_read(tmp_path: Path, number: int) -> None:
    """Whatever they say: a thousand of them, each of 4 MiB, would be waited for."""
    data = (GREY * 20).astype(np.uint8).tobytes()
    more: Fields = {40_000 + place: (4, (1,)) for place in range(1000)}
    content = tiff(page((3, 4), "u8", data, more=more))
    for tag in more:
        entry = struct.pack("<HHL", tag, 4, 1)
        content = content.replace(entry, struct.pack("<HHL", tag, 4, number))
    path = tmp_path / "x.tif"
    path.write_bytes(content)
    (frame,) = _frames(_source(path))
    np.testing.assert_array_equal(frame.stored, GREY * 20)


def test_directories_in_a_circle_end(tmp_path: Path) -> None:
    data = bytearray(tiff(page((1, 2), "u8", b"\x01\x02")))
    first = int.from_bytes(data[4:8], "little")
    entries = int.from_bytes(data[first : first + 2], "little")
    link = first + 2 + 12 * entries
    data[link : link + 4] = first.to_bytes(4, "little")
    (tmp_path / "x.tif").write_bytes(data)
    assert _source(tmp_path / "x.tif").frames == 1


def test_a_file_that_changed_after_opening(tmp_path: Path) -> None:
    one = page((3, 4), "u8", GREY.astype("u1").tobytes())
    source = _source(_write(tmp_path / "x.tif", one, one))
    _write(tmp_path / "x.tif", one)
    with pytest.raises(UserError, match="has no page 1 any more"):
        _frames(source)


def test_large_pictures_within_our_own_budget_are_no_matter_for_pillow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 4)
    path = _write(tmp_path / "x.tif", page((3, 4), "u8", GREY.astype("u1").tobytes()))
    assert _source(path).shape == (3, 4)
    monkeypatch.setattr(base, "FRAME_BYTES_LIMIT", 11)
    assert "it says that it has 3 × 4 pixels" in _open(path).refused[0].reason


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_damaged_bytes_give_frames_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.tif"
    if data.draw(st.booleans()):
        content = bytearray(tiff(page((3, 4), "u8", RGB.tobytes(), samples=3)))
    else:
        Image.fromarray(RGB).save(path, compression="tiff_lzw")
        content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    opened = _open(path)
    assert opened.sources or opened.refused
    assert all(one.reason.endswith(".") for one in opened.refused)
    for source in opened.sources:
        with suppress(UserError):
            assert _frames(source)[0].shape == source.shape


def test_real_pictures_and_masks(shared_data: Path) -> None:
    folder = shared_data / "images" / "TruongVanHien194276+Brain_Segmentation_data"
    opened = _open(folder / "kaggle_3m" / "TCGA_CS_6665_20010817")
    assert {(one.shape, one.samples, one.frames) for one in opened.sources} == {
        ((256, 256), 3, 1),
        ((256, 256), 1, 1),
    }
    for source in opened.sources[:4]:
        path = source.refs[0].path
        expected = np.asarray(cv2.imread(path, cv2.IMREAD_UNCHANGED))
        expected = expected[..., ::-1] if expected.ndim == 3 else expected
        np.testing.assert_array_equal(_frames(source)[0].stored, expected)
