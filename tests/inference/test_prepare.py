"""Preparation: the same place in the patient forth and back, whatever way a file stores it."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
import SimpleITK
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.cards import ModelCard
from inference.errors import UserError
from inference.orientation import DIRECTIONS
from inference.prepare import Prepared, prepare
from inference.records import Frame, Window, affine_of
from tests.sample_models import CARD, VOLUME_CARD

ITK: Any = SimpleITK  # it has no types

ORIENTATIONS = [
    "".join(letters) for axes in permutations(("LR", "PA", "SI")) for letters in product(*axes)
]
orientations = st.sampled_from(ORIENTATIONS)
spacings = st.floats(0.5, 3.0)


def picture(values: np.ndarray) -> Frame:
    return Frame(("picture", 0), values)


def volume(values: np.ndarray, matrix: np.ndarray) -> tuple[Frame, ...]:
    """Frames of [slices, rows, columns]; `matrix` takes (column, row, slice, 1) to mm."""
    made = []
    for index, plane in enumerate(values):
        own = matrix.copy()
        own[:3, 3] += index * matrix[:3, 2]
        made.append(Frame(("volume", index), plane, affine=affine_of(own)))
    return tuple(made)


def matrix_of(stored: str, spacing: tuple[float, float, float]) -> np.ndarray:
    """The affine of an array whose slices, rows and columns count up towards `stored`."""
    matrix = np.eye(4)
    matrix[:3, :3] = 0
    for number, letter in enumerate(stored):
        patient, sign = DIRECTIONS[letter]
        matrix[patient, 2 - number] = sign * spacing[number]
    matrix[:3, 3] = (-12.5, 30.25, 7.0)
    return matrix


def model_to_mm(prepared: Prepared, matrix: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Patient millimetres of each model voxel, [*size, 3], by the geometry's own account."""
    geometry = prepared.geometry
    assert geometry.turn is not None
    grids = [one.to_source(np.arange(one.model_length)) for one in geometry.axes]
    turned = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1)
    source = np.ones((*turned.shape[:-1], 4))
    for place, (axis, flip) in enumerate(zip(geometry.turn.axes, geometry.turn.flips, strict=True)):
        along = turned[..., place]
        source[..., axis] = shape[axis] - 1 - along if flip else along
    return np.asarray((source[..., [2, 1, 0, 3]] @ matrix.T)[..., :3])


def centroid(values: np.ndarray) -> np.ndarray:
    weights = values.astype(float).ravel()
    places = np.stack(np.unravel_index(np.arange(weights.size), values.shape))
    return np.asarray(places @ weights / weights.sum())


def blob(shape: tuple[int, ...], place: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    grid = np.indices(shape).reshape(len(shape), -1).T
    squared = (((grid - place) / sigma) ** 2).sum(axis=1)
    return np.asarray(np.exp(-0.5 * squared).reshape(shape), dtype=np.float32)


@given(
    shape=st.tuples(st.integers(40, 120), st.integers(40, 120)),
    size=st.tuples(st.integers(24, 96), st.integers(24, 96)),
    resize=st.sampled_from(["stretch", "fit"]),
    at=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_blob_in_a_picture_comes_back_to_its_place(
    shape: tuple[int, int], size: tuple[int, int], resize: str, at: tuple[float, float]
) -> None:
    card = replace(CARD, size=size, resize="fit" if resize == "fit" else "stretch")
    steps = np.array(shape) / np.array(size)
    sigma = np.maximum(1.0, np.full(2, steps.max()) if resize == "fit" else steps)
    place = 3.5 * sigma + np.array(at) * (np.array(shape) - 1 - 7 * sigma)
    prepared = prepare([picture(blob(shape, place, sigma))], card)
    seen = prepared.tensor[0, 0].numpy()
    placed = [
        float(axis.to_source(one))
        for axis, one in zip(prepared.geometry.axes, centroid(seen), strict=True)
    ]
    np.testing.assert_allclose(placed, place, atol=0.5)
    back = prepared.back(prepared.tensor[:, 0].numpy())
    assert back.shape == (1, *shape)
    np.testing.assert_allclose(centroid(back[0]), place, atol=0.5)


@given(
    turn=st.tuples(orientations, orientations),
    shape=st.tuples(*[st.integers(14, 24)] * 3),
    spacing=st.tuples(spacings, spacings, spacings),
    model_mm=st.sampled_from([None, 1.0, 1.7]),
    at=st.tuples(*[st.floats(0.35, 0.65)] * 3),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_blob_in_a_volume_comes_back_to_its_place(
    turn: tuple[str, str],
    shape: tuple[int, int, int],
    spacing: tuple[float, float, float],
    model_mm: float | None,
    at: tuple[float, float, float],
) -> None:
    stored, wanted = turn
    card = replace(VOLUME_CARD, orientation=wanted, spacing_mm=model_mm, size=(72, 72, 72))
    matrix = matrix_of(stored, spacing)
    place = np.array(at) * (np.array(shape) - 1)
    sigma = np.maximum(1.0, (model_mm or 0) / np.array(spacing))
    prepared = prepare(volume(blob(shape, place, sigma), matrix), card)
    seen = prepared.tensor[0, 0].numpy()
    mm = (matrix @ (*place[::-1], 1.0))[:3]
    found = (model_to_mm(prepared, matrix, shape) * seen[..., None]).sum((0, 1, 2)) / seen.sum()
    assert (np.abs(found - mm) <= 0.5 * max(spacing)).all()
    back = prepared.back(prepared.tensor[:, 0].numpy())
    assert back.shape == shape
    np.testing.assert_allclose(centroid(back), place, atol=0.5)


@pytest.mark.parametrize("wanted", ORIENTATIONS)
def test_each_voxel_keeps_its_millimetres_exactly(wanted: str) -> None:
    shape, spacing = (5, 6, 7), (3.0, 0.5, 0.75)
    matrix = matrix_of("IAL", spacing)
    values = np.arange(1, 211, dtype=np.float32).reshape(shape)
    card = replace(VOLUME_CARD, orientation=wanted, size=(8, 8, 8), clip=None)
    prepared = prepare(volume(values, matrix), card)
    seen = prepared.tensor[0, 0].numpy()
    mm = model_to_mm(prepared, matrix, shape)
    stored = np.linalg.inv(matrix) @ np.moveaxis(
        np.concatenate([mm, np.ones((8, 8, 8, 1))], -1), -1, 0
    ).reshape(4, -1)
    column, row, slice_ = np.round(stored[:3]).astype(int)
    inside = np.all((stored[:3].T > -0.5) & (stored[:3].T < (6.5, 5.5, 4.5)), axis=1)
    assert inside.sum() == 210
    assert np.array_equal(seen.ravel()[inside], values[slice_[inside], row[inside], column[inside]])
    assert np.array_equal(prepared.back(seen[None]), values)


STORAGES = [
    (flips, order) for flips in product((1, -1), repeat=3) for order in permutations(range(3))
]


@pytest.mark.parametrize(("flips", "order"), STORAGES)
@pytest.mark.parametrize("model_mm", [None, 1.3])
def test_the_way_a_file_stores_a_volume_does_not_matter(
    flips: tuple[int, int, int], order: tuple[int, int, int], model_mm: float | None
) -> None:
    """Rows, columns and slices reversed or exchanged, the header corrected: equal to the bit."""
    rng = np.random.default_rng(5)
    values = rng.normal(100, 30, (9, 11, 13)).astype(np.float32)
    matrix = matrix_of("SPL", (2.0, 0.7, 0.9))
    card = replace(VOLUME_CARD, spacing_mm=model_mm, normalise="per_source")
    stored = np.transpose(values, order)[tuple(slice(None, None, flip) for flip in flips)]
    corrected = matrix.copy()
    for number, (axis, flip) in enumerate(zip(order, flips, strict=True)):
        step = matrix[:3, 2 - axis]
        corrected[:3, 2 - number] = step * flip
        if flip < 0:
            corrected[:3, 3] += step * (values.shape[axis] - 1)
    plain = prepare(volume(values, matrix), card)
    other = prepare(volume(np.ascontiguousarray(stored), corrected), card)
    assert np.array_equal(plain.tensor.numpy(), other.tensor.numpy())
    answer = rng.random((1, *card.size), dtype=np.float32)
    back = np.transpose(plain.back(answer), order)[tuple(slice(None, None, f) for f in flips)]
    np.testing.assert_allclose(other.back(answer), back, atol=1e-6)


@pytest.mark.parametrize("stored", ["SPL", "IAR", "LIP", "PSR"])
def test_volumes_are_resampled_as_simpleitk_resamples_them(stored: str) -> None:
    """Both centred on each other, 1 mm isotropic, from coarser voxels, so without smoothing."""
    values = np.random.default_rng(9).normal(size=(8, 9, 10)).astype(np.float32)
    matrix = matrix_of(stored, (2.5, 1.25, 1.4))
    size = (12, 14, 16)
    image = ITK.GetImageFromArray(values)
    image.SetSpacing((1.4, 1.25, 2.5))
    image.SetDirection((matrix[:3, :3] / (1.4, 1.25, 2.5)).ravel().tolist())
    image.SetOrigin(matrix[:3, 3].tolist())
    centre = image.TransformContinuousIndexToPhysicalPoint([(n - 1) / 2 for n in image.GetSize()])
    wanted = ITK.Resample(
        image,
        size[::-1],
        ITK.Transform(),
        ITK.sitkLinear,
        [middle - (n - 1) / 2 for middle, n in zip(centre, size[::-1], strict=True)],
        (1.0, 1.0, 1.0),
        np.eye(3).ravel().tolist(),
        float(values.min()),
    )
    card = replace(VOLUME_CARD, orientation="SPL", spacing_mm=1.0, size=size)
    seen = prepare(volume(values, matrix), card).tensor[0, 0].numpy()
    np.testing.assert_allclose(seen, ITK.GetArrayFromImage(wanted), atol=1e-4)


def test_slices_of_uneven_distance_stand_where_they_are() -> None:
    heights = np.array([0.0, 1.0, 2.0, 4.0, 7.0])
    frames = []
    for index, height in enumerate(heights):
        matrix = np.eye(4)
        matrix[2, 3] = height
        plane = np.full((4, 4), 10 * height, dtype=np.float32)
        frames.append(Frame(("uneven", index), plane, affine=affine_of(matrix)))
    card = replace(VOLUME_CARD, orientation="SPL", spacing_mm=0.5, size=(15, 8, 8))
    column = prepare(frames, card).tensor[0, 0, :, 4, 4].numpy()
    # Triangles reach a little over the mean distance of 1.75 mm / 0.5 mm: less than a sample.
    np.testing.assert_allclose(column, 10 * np.arange(0, 7.5, 0.5), atol=1e-4)


def test_padding_counts_as_the_lowest_measurement_and_in_no_statistic() -> None:
    stored = np.array([[-2000, 100], [300, 200]], dtype=np.int16)
    frame = Frame(("ct", 0), stored, slope=1.0, intercept=-1000.0, padding=(-2000, -2000))
    card = replace(CARD, size=(2, 2), normalise="per_source")
    made = prepare([frame], card).tensor.numpy()
    measured = np.array([-900.0, -700.0, -800.0])
    wanted = (np.array([[-900, -900], [-700, -800]]) - measured.mean()) / measured.std()
    np.testing.assert_allclose(made[0, 0], wanted, rtol=1e-6)


def test_values_are_clipped_shifted_and_scaled_by_hand() -> None:
    frame = Frame(("ct", 0), np.array([[0, 1024], [1224, 3000]], np.int16), intercept=-1024.0)
    card = replace(CARD, size=(2, 2), clip=(-1000.0, 400.0), mean=(-300.0,), scale=(700.0,))
    prepared = prepare([frame], card)
    np.testing.assert_allclose(
        prepared.tensor[0, 0].numpy(), [[-1.0, 300 / 700], [500 / 700, 1.0]], rtol=1e-6
    )
    assert prepared.words == ("2 × 2 → 2 × 2, as stored; clipped to -1000…400, (value + 300) / 700")


def test_not_a_number_is_no_measurement() -> None:
    stored = np.array([[np.nan, 2.0], [4.0, np.inf]], dtype=np.float32)
    made = prepare([picture(stored)], replace(CARD, size=(2, 2))).tensor.numpy()
    np.testing.assert_array_equal(made[0, 0], [[2, 2], [4, 2]])


def test_a_picture_without_contrast_is_all_zeros_and_not_infinite() -> None:
    card = replace(CARD, normalise="per_source")
    made = prepare([picture(np.full((8, 8), 7, np.int16))], card).tensor
    assert not made.any()


def test_displayed_pictures_go_through_their_window_and_inversion() -> None:
    stored = np.array([[0, 50], [100, 200]], dtype=np.uint16)
    frame = Frame(("dx", 0), stored, inverted=True, windows=(Window(50.0, 100.0, "LINEAR_EXACT"),))
    card = replace(CARD, size=(2, 2), input="displayed", mean=(0.0,), scale=(255.0,))
    prepared = prepare([frame], card)
    np.testing.assert_allclose(prepared.tensor[0, 0].numpy(), [[1.0, 0.5], [0.0, 0.0]], atol=0.003)
    assert "as displayed, window 50 / 100 LINEAR_EXACT" in prepared.words


@pytest.mark.parametrize("channels", [1, 3])
def test_colours_meet_grey_models_by_luma(channels: int) -> None:
    stored = np.zeros((2, 2, 3), dtype=np.uint8)
    stored[0, 0] = (255, 0, 0)
    stored[0, 1] = (0, 255, 0)
    stored[1, 0] = (0, 0, 255)
    card = replace(CARD, size=(2, 2), input="displayed", channels=1 if channels == 1 else 3)
    made = prepare([picture(stored)], card).tensor.numpy()
    if channels == 1:
        luma = np.array([[0.299 * 255, 0.587 * 255], [0.114 * 255, 0]])
        np.testing.assert_allclose(made[0, 0], luma, rtol=1e-5)
    else:
        np.testing.assert_array_equal(made[0], np.moveaxis(stored, -1, 0))


def test_grey_pictures_are_repeated_for_models_of_colour() -> None:
    card = replace(CARD, size=(2, 2), channels=3, mean=(1.0, 2.0, 3.0), scale=(1.0, 2.0, 4.0))
    made = prepare([picture(np.array([[1, 2], [3, 4]], np.int16))], card).tensor.numpy()
    np.testing.assert_allclose(made[0, :, 1, 1], [3.0, 1.0, 0.25])


def test_fitting_keeps_proportions_and_pads_with_the_lowest_value() -> None:
    stored = np.full((4, 2), 50, np.int16)
    stored[3, 1] = 10
    prepared = prepare([picture(stored)], replace(CARD, size=(4, 4), resize="fit"))
    seen = prepared.tensor[0, 0].numpy()
    np.testing.assert_array_equal(seen[:, 1:3], stored)
    np.testing.assert_array_equal(seen[:, [0, 3]], 10)
    np.testing.assert_array_equal(prepared.back(seen[None])[0], stored)


def test_what_is_cut_off_comes_back_as_zero() -> None:
    card = replace(VOLUME_CARD, orientation="SPL", size=(2, 2, 2))
    frames = volume(np.ones((4, 4, 4), np.float32), matrix_of("SPL", (1, 1, 1)))
    back = prepare(frames, card).back(np.full((1, 2, 2, 2), 3.0, np.float32))
    assert back.sum() == 8 * 3
    assert (back[1:3, 1:3, 1:3] == 3).all()


def test_several_pictures_are_prepared_each_alone() -> None:
    card = replace(CARD, size=(2, 2), normalise="per_source")
    dark, light = np.array([[0, 1], [2, 3]], np.int16), np.array([[90, 80], [70, 60]], np.int16)
    both = prepare([picture(dark), picture(light)], card).tensor
    assert np.array_equal(both[1:].numpy(), prepare([picture(light)], card).tensor.numpy())


def test_slices_of_different_size_are_no_volume() -> None:
    frames = [picture(np.zeros((4, 4), np.int16)), picture(np.zeros((4, 5), np.int16))]
    with pytest.raises(UserError, match="no volume"):
        prepare(frames, VOLUME_CARD)


@pytest.mark.parametrize(
    ("card", "change", "words"),
    [
        (VOLUME_CARD, None, "taken as stored"),
        (replace(VOLUME_CARD, orientation=None), None, ""),
        (VOLUME_CARD, np.eye(4), ""),
        (VOLUME_CARD, "turned", "25° oblique"),
        (VOLUME_CARD, "tilted", "tilted by 20°"),
    ],
)
def test_crooked_or_unknown_geometry_is_said(
    card: ModelCard, change: np.ndarray | str | None, words: str
) -> None:
    values = np.ones((3, 4, 4), np.float32)
    angle = np.radians(25)
    changes = {
        "turned": np.array(
            [
                [1, 0, 0, 0],
                [0, np.cos(angle), -np.sin(angle), 0],
                [0, np.sin(angle), np.cos(angle), 0],
                [0, 0, 0, 1],
            ]
        ),
        "tilted": np.array(
            [[1, 0, 0, 0], [0, 1, np.tan(np.radians(20)), 0], [0, 0, 1, 0], [0, 0, 0, 1]]
        ),
    }
    matrix = changes[change] if isinstance(change, str) else change
    if matrix is None:
        frames: tuple[Frame, ...] = tuple(Frame(("x", k), plane) for k, plane in enumerate(values))
    else:
        frames = volume(values, matrix)
    warnings = prepare(frames, card).warnings
    assert (len(warnings) == 1 and words in warnings[0]) if words else warnings == ()
