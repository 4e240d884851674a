"""Bodies and burned-in marks: generated pictures, and radiographs that were looked at by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from explain.body import Body, constant_border, find_body, lower_threshold
from explain.marks import find_marks
from inference.phantom.case import PhantomCase, generate
from inference.records import Frame

KEY = ("0" * 12, 0)
RADIOGRAPHS = "images/waliatushar+ai-pneumonia-detection/dataset/test"

LETTERS = {
    "PNEUMONIA/person1675_virus_2891.jpeg": (10, 0, 20, 16),
    "NORMAL/NORMAL2-IM-0305-0001.jpeg": (4, 60, 11, 72),
    "PNEUMONIA/person1614_virus_2800.jpeg": (8, 19, 22, 41),
    "NORMAL/NORMAL2-IM-0374-0001.jpeg": (1, 107, 9, 119),
    "NORMAL/IM-0010-0001.jpeg": (43, 0, 52, 9),
    "NORMAL/NORMAL2-IM-0274-0001.jpeg": (6, 85, 14, 97),
    "PNEUMONIA/person74_virus_135.jpeg": (7, 0, 17, 16),
    "PNEUMONIA/person1625_virus_2817.jpeg": (4, 0, 13, 13),
}
"""Where a letter stands that a person sees: x0, y0, x1, y1 in pixel edges."""

WITHOUT = (
    "NORMAL/NORMAL2-IM-0112-0001.jpeg",
    "NORMAL/NORMAL2-IM-0171-0001.jpeg",
    "NORMAL/IM-0043-0001.jpeg",
    "PNEUMONIA/person10_virus_35.jpeg",
)


def shown(stored: np.ndarray, **more: Any) -> Frame:
    return Frame(KEY, stored, **more)


def radiograph(folder: Path, name: str) -> np.ndarray:
    found = cv2.imread(str(folder / RADIOGRAPHS / name), cv2.IMREAD_GRAYSCALE)
    assert found is not None
    return np.asarray(found)


def marks_in(frame: Frame) -> np.ndarray:
    return find_marks(frame, find_body(frame))


def scan(case: PhantomCase) -> Frame:
    return shown(case.volume[1], unit="HU", affine=((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0)))


def disc(radius: int, size: int = 96) -> np.ndarray:
    rows, columns = np.ogrid[:size, :size]
    found: np.ndarray = (rows - size // 2) ** 2 + (columns - size // 2) ** 2 <= radius**2
    return found


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Dice."""
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


def test_a_body_of_ct_is_what_is_no_air_with_the_air_inside() -> None:
    body = disc(36)
    values = np.where(body, 40, -1000)
    values[disc(12)] = -900  # a lung
    values[90:92, :] = -300  # the table, a small piece
    found = find_body(shown(values.astype(np.int16), unit="HU"))
    assert agreement(found.mask, body) > 0.99
    assert not found.mask[91].any()
    assert found.words == "above -500 HU"


@pytest.mark.parametrize("inverted", [False, True])
def test_a_body_of_any_unit_stands_out_from_noise(inverted: bool) -> None:
    body = disc(30)
    rng = np.random.default_rng(1)
    values = np.hypot(rng.normal(0, 12, body.shape), rng.normal(0, 12, body.shape))
    values += np.where(body, 180, 0) + np.where(disc(15), 160, 0)
    stored = (values if not inverted else 400 - values).astype(np.int16)
    found = find_body(shown(stored, inverted=inverted))
    assert agreement(found.mask, body) > 0.97


@pytest.mark.parametrize("stored", [np.full((32, 32), 7, np.uint8), np.zeros((40, 8, 3), np.uint8)])
def test_a_picture_without_background_is_all_body(stored: np.ndarray) -> None:
    found = find_body(shown(stored))
    assert found.everywhere
    assert found.mask.all()


@pytest.mark.parametrize(("spacing_mm", "within"), [((1.0, 1.0), True), ((1.0, 1.05), False)])
def test_a_crop_of_less_than_100_mm_lies_within_the_body(
    spacing_mm: tuple[float, float], within: bool
) -> None:
    """96 × 96 pixels, dark fluid around bright tissue: 96 mm, and 100.8 mm."""
    found = find_body(shown(np.where(disc(30), 300, 40), spacing_mm=spacing_mm))
    assert found.everywhere == found.mask.all() == within


def test_padding_and_what_is_no_number_belong_to_no_body() -> None:
    values = np.where(disc(36), 40.0, -1000.0).astype(np.float32)
    values[:10], values[:, :10] = np.nan, 3000.0
    found = find_body(shown(values, unit="HU", padding=(3000.0, 3000.0)))
    assert not found.mask[:10].any()
    assert not found.mask[:, :10].any()
    assert found.mask[48, 48]


def test_the_lower_of_two_thresholds_lies_between_the_darkest_classes() -> None:
    rng = np.random.default_rng(0)
    values = np.concatenate([rng.normal(middle, 4, 500) for middle in (0, 100, 200)])
    assert 12 < lower_threshold(values) < 88
    assert lower_threshold(np.full(5, 3.0)) == 3.0


def test_even_values_that_reach_in_from_the_edge_are_a_border() -> None:
    values = np.random.default_rng(0).integers(1, 99, (40, 40))
    values[:, :7] = values[35:] = 0
    values[10:14, 20:24] = 0  # inside: no border
    found = constant_border(shown(values.astype(np.uint8)))
    assert found[:, :7].all()
    assert found[35:].all()
    assert not found[10:14, 20:24].any()
    assert found.sum() == 40 * 7 + 5 * 33


@pytest.mark.parametrize("seed", range(6))
def test_the_plate_of_a_phantom_is_found_and_nothing_else(seed: int) -> None:
    case = generate(seed, 1, "always")
    assert case.marker_box is not None
    x0, y0, x1, y1 = case.marker_box
    truth = np.zeros((512, 512), dtype=bool)
    truth[y0:y1, x0:x1] = True
    assert agreement(marks_in(scan(case)), truth) > 0.95


@pytest.mark.parametrize("seed", range(6))
def test_a_phantom_without_plate_has_no_marks(seed: int) -> None:
    assert not marks_in(scan(generate(seed, 1, "none"))).any()


@pytest.mark.parametrize("name", LETTERS)
def test_letters_of_lead_are_found(shared_data: Path, name: str) -> None:
    x0, y0, x1, y1 = LETTERS[name]
    found = marks_in(shown(radiograph(shared_data, name)))
    assert found[y0:y1, x0:x1].mean() > 0.4
    found[y0:y1, x0:x1] = False
    assert found.sum() <= 20


@pytest.mark.parametrize("name", WITHOUT)
def test_radiographs_without_letters_have_none(shared_data: Path, name: str) -> None:
    assert not marks_in(shown(radiograph(shared_data, name))).any()


@pytest.mark.parametrize("name", WITHOUT)
def test_letters_written_into_a_corner_are_found(shared_data: Path, name: str) -> None:
    clean = radiograph(shared_data, name)
    rng = np.random.default_rng(len(name))
    hits = 0
    for _ in range(10):
        picture = clean.copy()
        place = (int(rng.integers(4, 20)), int(rng.integers(24, 50)))
        cv2.putText(picture, "LR"[int(rng.integers(2))], place, 0, 0.6, 255, 2)
        found, drawn = marks_in(shown(picture)), picture != clean
        hits += bool(found[drawn].mean() > 0.8 and found.sum() < 4 * drawn.sum())
    assert hits >= 9


def test_the_whole_picture_as_body_leaves_its_edge() -> None:
    values = np.full((100, 100), 60, np.uint8)
    cv2.putText(values, "R", (4, 20), 0, 0.5, 255, 2)
    values[0, 0], values[99] = 0, 90
    everywhere = Body(np.ones((100, 100), dtype=bool), "", everywhere=True)
    assert find_marks(shown(values), everywhere)[8:20, 4:14].mean() > 0.5


def test_large_pictures_are_judged_smaller_and_come_back_whole() -> None:
    values = np.where(disc(1000, 2400), 40, -1000).astype(np.int16)
    cv2.putText(values, "R", (60, 260), 0, 8.0, 900, 24)
    body = find_body(shown(values, unit="HU"))
    assert agreement(body.mask, disc(1000, 2400)) > 0.99
    marks = find_marks(shown(values, unit="HU"), body)
    assert marks.shape == values.shape
    assert marks[values == 900].mean() > 0.9
