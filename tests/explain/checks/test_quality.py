"""Empty and constant maps, plain gradients under another name, and what one cell covers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from explain.checks.quality import contrast, cosine, quality, resolution
from inference.records import Frame, Verdict
from tests.explain.checks.finished import Squares, Weighted, finished
from tests.explain.networks import small_cnn

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    ("values", "value", "colour", "word"),
    [
        (np.zeros((4, 4)), 0.0, "red", "zero everywhere"),
        (np.full((4, 4), 2.5), 0.0, "red", "same value everywhere"),
        (np.array([[1.0, np.nan]]), 0.0, "red", "no numbers"),
        (np.array([[np.inf, 1.0]]), 0.0, "red", "no numbers"),
        (np.array([[1.0, 1.001]]), 0.001 / 1.001, "amber", "0.10%"),
        (np.array([[0.0, 2.0]]), 1.0, "green", "neither empty"),
        (np.array([[-2.0, 1.0]]), 1.5, "green", "neither empty"),
    ],
)
def test_contrast(values: np.ndarray, value: float, colour: Verdict, word: str) -> None:
    found = contrast(values)
    assert found.value == pytest.approx(value)
    assert found.verdict == colour
    assert word in found.sentence


def test_a_broken_map_gets_no_further_figures() -> None:
    case = finished(Squares(), torch.randn(1, 1, 8, 8), torch.zeros(8, 8))
    assert [figure.name for figure in quality(case)] == ["contrast"]


def test_the_cosine() -> None:
    assert cosine(torch.tensor([1.0, 0.0]), torch.tensor([1.0, 1.0])) == pytest.approx(2**-0.5)
    assert cosine(torch.tensor([1.0, 0.0]), torch.tensor([-2.0, 0.0])) == pytest.approx(-1.0)
    assert cosine(torch.zeros(2), torch.ones(2)) == 0.0


def likeness(values: Callable[[Tensor], Tensor], signed: bool, method: str) -> Verdict | None:
    """The verdict on values made of the true gradient, which is twice the input."""
    inputs = torch.from_numpy(RNG.normal(size=(1, 2, 6, 6)).astype(np.float32))
    made = values(2 * inputs)
    case = finished(
        Squares(), inputs, made.sum(dim=1)[0], method=method, signed=signed, values=made
    )
    found = {figure.name: figure.verdict for figure in quality(case)}
    return found.get("gradient_likeness")


def test_a_plain_gradient_under_another_name_is_found_out() -> None:
    method = "integrated_gradients"
    assert likeness(lambda slope: 3 * slope, signed=True, method=method) == "amber"
    assert likeness(lambda slope: -slope, signed=True, method=method) == "amber"
    assert likeness(lambda slope: slope.abs(), signed=False, method=method) == "amber"
    assert likeness(lambda slope: slope.square(), signed=True, method=method) == "green"
    assert likeness(lambda slope: slope.clamp(min=0), signed=True, method=method) == "green"


def test_saliency_and_methods_of_other_kinds_are_not_asked() -> None:
    assert likeness(lambda slope: slope, signed=True, method="saliency") is None
    assert likeness(lambda slope: slope, signed=True, method="occlusion") is None


def test_it_leaves_nothing_on_the_input() -> None:
    model, inputs = small_cnn((9, 9))
    case = finished(model, inputs, torch.randn(9, 9), method="integrated_gradients")
    quality(case)
    assert inputs.grad is None
    assert not inputs.requires_grad


def picture(rows: int, columns: int, spacing: tuple[float, float] | None) -> tuple[Frame, ...]:
    return (Frame(("0" * 12, 0), np.zeros((rows, columns), np.float32), spacing_mm=spacing),)


def test_one_cell_in_pixels_and_millimetres() -> None:
    """224 pixels in 7 cells are 32 a cell; stretched over 448 rows that is 64 of the scan."""
    frames = picture(448, 224, (0.25, 0.5))
    case = finished(Squares(), torch.zeros(1, 1, 224, 224), RNG.random((7, 7)), frames=frames)
    found = resolution(case)
    assert "7 × 7 cells; one covers 64 × 32 pixels = 16 × 16 mm of the scan" in found.sentence
    assert (found.value, found.verdict) == (7.0, "green")


def test_without_a_spacing_there_are_no_millimetres() -> None:
    frames = picture(8, 8, None)
    case = finished(Squares(), torch.zeros(1, 1, 8, 8), RNG.random((8, 8)), frames=frames)
    assert "8 × 8 cells; one covers 1 × 1 pixels of the scan." in resolution(case).sentence


def test_very_few_cells_are_named() -> None:
    case = finished(Squares(), torch.zeros(1, 1, 32, 32), RNG.random((3, 2)))
    found = resolution(case)
    assert (found.value, found.verdict) == (3.0, "amber")
    assert "which part of the picture" in found.sentence


def test_patches_are_counted_by_their_values() -> None:
    """Sixteen squares of 8 × 8 pixels; pixels of the value zero say nothing about patches."""
    squares = np.kron(np.arange(1.0, 17.0).reshape(4, 4), np.ones((8, 8)))
    found = resolution(finished(Squares(), torch.zeros(1, 1, 32, 32), squares))
    assert "about 16 patches; one covers 8 × 8 pixels" in found.sentence
    assert (found.value, dict(found.details)) == (4.0, {"patches": 16})
    sparse = np.zeros((32, 32))
    sparse[4:8] = RNG.random((4, 32))
    fine = resolution(finished(Squares(), torch.zeros(1, 1, 32, 32), sparse))
    assert "32 × 32 cells" in fine.sentence


def test_a_volume_in_the_model_s_order_of_axes() -> None:
    """Sagittal slices 3 mm apart, pixels of 1 × 0.5 mm; the model wants slices from foot to head.

    Its slices are the scan's rows, its rows the scan's columns, its columns the scan's slices.
    """
    frames = tuple(
        Frame(
            ("0" * 12, index),
            np.zeros((16, 24), np.float32),
            spacing_mm=(1.0, 0.5),
            affine=(
                (0.0, 0.0, 3.0, 3.0 * index),
                (0.5, 0.0, 0.0, 0.0),
                (0.0, 1.0, 0.0, 0.0),
                (0.0, 0.0, 0.0, 1.0),
            ),
        )
        for index in range(8)
    )
    card = {"orientation": "SPL"}
    inputs = torch.zeros(1, 1, 16, 24, 8)
    case = finished(Weighted(inputs[0, 0]), inputs, RNG.random((4, 4, 4)), frames=frames, card=card)
    expected = "4 × 4 × 4 cells; one covers 4 × 6 × 2 voxels = 4 × 3 × 6 mm of the scan"
    assert expected in resolution(case).sentence


def test_slices_on_each_other_have_no_depth_in_millimetres() -> None:
    """A film of one place, opened as a volume: 0 mm would be a length that nobody measured."""
    place = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 5.0), (0.0, 0.0, 0.0, 1.0))
    frames = tuple(
        Frame(("0" * 12, index), np.zeros((8, 8), np.float32), spacing_mm=(1.0, 1.0), affine=place)
        for index in range(4)
    )
    inputs = torch.zeros(1, 1, 4, 8, 8)
    case = finished(Weighted(inputs[0, 0]), inputs, RNG.random((4, 4, 4)), frames=frames)
    assert "one covers 1 × 2 × 2 voxels of the scan" in resolution(case).sentence
