"""WebP pictures: lossless values, lossy ones, transparency, turning, animation, damage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from inference.records import Frame, Opened
from inference.requests import OpenRequest, read_request
from inference.sources import webp
from inference.sources.registry import open_sources, read_frames
from inference.task import Task

RGB = (np.arange(60 * 40 * 3).reshape(60, 40, 3) % 251).astype(np.uint8)


def _open(path: Path) -> Opened:
    return open_sources(OpenRequest((str(path),)), Task())


def _frame(path: Path) -> Frame:
    (source,) = _open(path).sources
    (frame,) = read_frames(read_request(source, (0,)), Task())
    assert frame.shape == source.shape
    assert frame.warnings == source.warnings
    return frame


def _write(path: Path, pixels: np.ndarray, **how: Any) -> Path:
    Image.fromarray(pixels).save(path, format="WEBP", **how)
    return path


def test_lossless_values_are_kept(tmp_path: Path) -> None:
    path = _write(tmp_path / "no ending", RGB, lossless=True)
    np.testing.assert_array_equal(_frame(path).stored, RGB)
    (source,) = _open(path).sources
    assert (source.kind, source.samples, source.lossy, source.warnings) == ("image", 3, None, ())


def test_lossy_values_are_those_that_opencv_reads(tmp_path: Path) -> None:
    smooth = cv2.GaussianBlur(RGB, (0, 0), 6)
    path = _write(tmp_path / "x.webp", smooth, quality=90)
    expected = cv2.imread(str(path))
    assert expected is not None
    np.testing.assert_array_equal(_frame(path).stored, expected[..., ::-1])
    assert _open(path).sources[0].lossy == "Lossy WebP"


def test_what_is_see_through_is_laid_over_black(tmp_path: Path) -> None:
    alpha = np.full((60, 40, 1), 255, np.uint8)
    alpha[:30] = 51  # a fifth
    pixels = np.concatenate([RGB, alpha], axis=-1)
    frame = _frame(_write(tmp_path / "x.webp", pixels, lossless=True, exact=True))
    np.testing.assert_array_equal(frame.stored[30:], RGB[30:])
    np.testing.assert_array_equal(frame.stored[:30], np.rint(RGB[:30] / 5))
    assert frame.warnings == ("The picture is partly see-through; it was laid over black.",)


def test_it_is_turned_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = _write(tmp_path / "x.webp", RGB, lossless=True, exif=exif)
    np.testing.assert_array_equal(_frame(path).stored, np.rot90(RGB, 3))


@pytest.mark.parametrize("lossless", [True, False])
def test_of_an_animation_the_first_picture_is_shown(tmp_path: Path, lossless: bool) -> None:
    flat = [Image.fromarray(np.full((8, 9, 3), value, np.uint8)) for value in (10, 200, 90)]
    path = tmp_path / "x.webp"
    flat[0].save(path, format="WEBP", save_all=True, append_images=flat[1:], lossless=lossless)
    frame = _frame(path)
    assert abs(int(frame.stored.mean()) - 10) <= (0 if lossless else 2)
    assert frame.warnings == ("The file holds 3 pictures; the first is shown.",)
    assert _open(path).sources[0].lossy == (None if lossless else "Lossy WebP")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_picture_is_refused(tmp_path: Path, share: float) -> None:
    path = _write(tmp_path / "x.webp", RGB)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert [one.reason for one in _open(path).refused] == [
        "x.webp is damaged or stops in the middle."
    ]


def test_a_picture_over_the_budget_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webp, "within_budget", lambda rows, columns, size: rows * columns < 100)
    path = _write(tmp_path / "x.webp", RGB)
    assert [one.reason for one in _open(path).refused] == [
        "x.webp was not opened: it says that it has 60 × 40 pixels."
    ]


def test_damaged_bytes_give_a_frame_or_a_sentence(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.webp", RGB)
    whole = path.read_bytes()
    for place in range(12, len(whole), max(1, len(whole) // 60)):
        content = bytearray(whole)
        content[place] ^= 0xA5
        path.write_bytes(content)
        opened = _open(path)
        assert len(opened.sources) + len(opened.refused) == 1
        assert all(one.reason.endswith(".") for one in opened.refused)
