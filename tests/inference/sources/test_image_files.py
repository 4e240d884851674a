"""PNG and JPEG pictures: values, colours, transparency, turning, damage."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from inference.records import Frame, Source
from inference.requests import OpenRequest, ThumbnailRequest, read_request
from inference.sources.registry import open_sources, read_frames, thumbnail
from inference.task import Task

GREY = (np.arange(60 * 40).reshape(60, 40) % 251).astype(np.uint8)
COLOUR = np.stack([GREY, GREY[::-1], np.full_like(GREY, 9)], axis=-1)


def _open(path: Path) -> Source:
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    return source


def _frame(path: Path) -> Frame:
    return read_frames(read_request(_open(path), (0,)), Task())[0]


def _refusal(path: Path) -> str:
    (refused,) = open_sources(OpenRequest((str(path),)), Task()).refused
    return refused.reason


def _png(path: Path, pixels: np.ndarray) -> Path:
    """Write RGB(A) or grey with OpenCV, which counts colours blue first."""
    order = {3: [2, 1, 0], 4: [2, 1, 0, 3]}
    ordered = pixels if pixels.ndim == 2 else pixels[..., order[pixels.shape[2]]]
    cv2.imwrite(str(path.with_suffix(".png")), ordered)
    return path.with_suffix(".png").rename(path)


@pytest.mark.parametrize("pixels", [GREY, GREY.astype(np.uint16) * 257, COLOUR], ids=str)
def test_png_values_are_kept(tmp_path: Path, pixels: np.ndarray) -> None:
    path = _png(tmp_path / "picture without extension", pixels)
    source, frame = _open(path), _frame(path)
    assert frame.stored.dtype == pixels.dtype
    np.testing.assert_array_equal(frame.stored, pixels)
    assert (source.kind, source.shape, source.order_rule) == ("image", (60, 40), "none")
    assert source.photometric == ("RGB" if pixels.ndim == 3 else "MONOCHROME2")
    assert source.warnings == ()


def test_one_bit_and_palette_pictures_become_plain(tmp_path: Path) -> None:
    ones = b"".join(b"\0" + bytes([row]) for row in (0b10100000, 0b01000000))
    path = tmp_path / "bits.png"
    path.write_bytes(_raw_png(3, 2, 1, 0, ones))
    np.testing.assert_array_equal(_frame(path).stored, [[255, 0, 255], [0, 255, 0]])
    palette = (b"PLTE", bytes([1, 2, 3, 200, 100, 50]))
    path = tmp_path / "palette.png"
    path.write_bytes(_raw_png(3, 2, 1, 3, ones, palette))
    np.testing.assert_array_equal(
        _frame(path).stored[0], [[200, 100, 50], [1, 2, 3], [200, 100, 50]]
    )


def _raw_png(
    columns: int, rows: int, bits: int, colour: int, data: bytes, *more: tuple[bytes, bytes]
) -> bytes:
    header = struct.pack(">LLBBBBB", columns, rows, bits, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), *more, (b"IDAT", zlib.compress(data)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))
        for name, body in chunks
    )


def test_sixteen_bit_colour_is_shown_with_eight(tmp_path: Path) -> None:
    path = _png(tmp_path / "x.png", COLOUR.astype(np.uint16) * 257)
    np.testing.assert_array_equal(_frame(path).stored, COLOUR)
    assert _open(path).warnings == ("The colours have 16 bits; they are shown with 8.",)


def test_what_is_see_through_is_laid_over_black(tmp_path: Path) -> None:
    alpha = np.full((60, 40, 1), 255, np.uint8)
    alpha[:30] = 51  # a fifth
    path = _png(tmp_path / "x.png", np.concatenate([COLOUR, alpha], axis=-1))
    frame = _frame(path)
    np.testing.assert_array_equal(frame.stored[30:], COLOUR[30:])
    np.testing.assert_array_equal(frame.stored[:30], np.rint(COLOUR[:30] / 5))
    assert frame.warnings == ("The picture is partly see-through; it was laid over black.",)


def test_an_opaque_alpha_channel_is_not_worth_a_word(tmp_path: Path) -> None:
    alpha = np.full((60, 40, 1), 255, np.uint8)
    path = _png(tmp_path / "x.png", np.concatenate([COLOUR, alpha], axis=-1))
    assert _frame(path).warnings == ()


def test_grey_with_alpha_stays_grey(tmp_path: Path) -> None:
    data = b"\0" + bytes([10, 255, 200, 0]) + b"\0" + bytes([30, 255, 40, 255])
    path = tmp_path / "x.png"
    path.write_bytes(_raw_png(2, 2, 8, 4, data))
    np.testing.assert_array_equal(_frame(path).stored, [[10, 0], [30, 40]])


def test_jpeg_grey_and_colour(tmp_path: Path) -> None:
    smooth = cv2.GaussianBlur(COLOUR, (0, 0), 5)
    cv2.imwrite(str(tmp_path / "g.jpg"), smooth[..., 0], [cv2.IMWRITE_JPEG_QUALITY, 100])
    cv2.imwrite(str(tmp_path / "c.jpg"), smooth[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 100])
    grey, colour = _frame(tmp_path / "g.jpg"), _frame(tmp_path / "c.jpg")
    assert grey.stored.shape == (60, 40)
    assert np.abs(grey.stored.astype(int) - smooth[..., 0]).max() <= 3
    assert np.abs(colour.stored.astype(int) - smooth).max() <= 8
    assert _open(tmp_path / "g.jpg").lossy == "Lossy JPEG"


@pytest.mark.parametrize(
    ("orientation", "turns"), [(1, 0), (3, 2), (6, 3), (8, 1)], ids=["as is", "180", "90", "270"]
)
def test_the_cameras_orientation_is_applied(tmp_path: Path, orientation: int, turns: int) -> None:
    """Exif 2.3, 4.6.4: 6 means that row 0 is the right-hand side of the picture."""
    picture = np.zeros((60, 40), np.uint8)
    picture[:20, :10] = 250
    done, encoded = cv2.imencode(".jpg", picture)
    assert done
    entry = struct.pack(">HHLHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", 1) + entry + b"\0\0\0\0"
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    path = tmp_path / "x.jpg"
    path.write_bytes(bytes(encoded)[:2] + app1 + bytes(encoded)[2:])
    shown = _frame(path).stored.astype(int)
    assert np.abs(shown - np.rot90(picture, turns)).max() < 40
    assert _open(path).shape == shown.shape


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_cut_picture_is_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"x{suffix}"
    cv2.imwrite(str(path), COLOUR)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    assert _refusal(path) == f"{path.name} is damaged or stops in the middle."


def test_a_png_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = _png(tmp_path / "x.png", GREY)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert _refusal(path) == "x.png is damaged or stops in the middle."


def test_a_png_that_promises_too_much_is_not_decoded(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(_raw_png(65535, 65535, 8, 0, b""))
    assert _refusal(path) == ("x.png was not opened: it says that it has 65535 × 65535 pixels.")


@pytest.mark.parametrize("size", [(60, 40), (20, 90)])
def test_thumbnails_fit_and_keep_proportions(tmp_path: Path, size: tuple[int, int]) -> None:
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[..., 0] = 200
    source = _open(_png(tmp_path / "x.png", pixels))
    small = thumbnail(ThumbnailRequest(source.source_id, source.refs[0], 30), Task())
    assert max(small.shape[:2]) == 30
    assert small.shape[0] / small.shape[1] == pytest.approx(size[0] / size[1], rel=0.1)
    np.testing.assert_array_equal(small[0, 0], [200, 0, 0])


def test_small_pictures_are_not_blown_up(tmp_path: Path) -> None:
    source = _open(_png(tmp_path / "x.png", GREY))
    small = thumbnail(ThumbnailRequest(source.source_id, source.refs[0], 96), Task())
    assert small.shape == (60, 40)


def test_each_picture_comes_as_soon_as_it_is_open(tmp_path: Path) -> None:
    for number in range(3):
        _png(tmp_path / f"{number}.png", GREY + np.uint8(number))
    kinds: list[str] = []
    task = Task(lambda kind, value: kinds.append(kind))
    opened = open_sources(OpenRequest((str(tmp_path),)), task)
    assert kinds.count("partial") == 3
    assert kinds.index("partial") < 3
    assert len(opened.sources) == 3
