"""The models in the box do what their cards say, measured again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import resources
from inference import evaluation
from inference.card_files import CARD_NAME, find_model, read_card
from inference.cards import CardMetric, ModelCard
from inference.models import load_model
from inference.predict import predict
from inference.records import Frame
from inference.requests import PredictRequest
from inference.task import Task
from inference.training.data_files import open_frames
from inference.training.recipes import chest_xray, hippocampus, phantom_pair
from inference.training.recipes.table import RECIPES

MODELS = sorted(RECIPES)
CROP = "dicom/udacity+nd320-c3-3d-imaging-starter/data/TestVolumes/Study3/11_HCropVolume"
LARGEST_BYTES = 12_000_000
FEW = range(60)


def card_of(name: str) -> ModelCard:
    return read_card(resources.path("models", name, CARD_NAME))


def figure(metrics: tuple[CardMetric, ...], name: str, data: str = "") -> CardMetric:
    (found,) = [metric for metric in metrics if metric.name == name and data in metric.data]
    return found


@pytest.mark.parametrize("name", MODELS)
def test_card_and_weights_agree_with_the_recipe(name: str) -> None:
    card, recipe = card_of(name), RECIPES[name].card
    assert hashlib.sha256(Path(card.weights).read_bytes()).hexdigest() == card.sha256
    made = replace(card, metrics=(), weights=recipe.weights, sha256=recipe.sha256, built_in=True)
    assert made == recipe
    assert load_model(card, torch.device("cpu"))
    assert card.metrics
    for metric in card.metrics:
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low <= metric.value <= metric.high


def test_there_is_no_model_without_a_recipe() -> None:
    assert (
        sorted(path.parent.name for path in resources.path("models").glob("*/card.yaml")) == MODELS
    )


def test_together_they_stay_small() -> None:
    files = [path for path in resources.path("models").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= LARGEST_BYTES


def test_the_pair_is_as_good_as_the_issue_asks() -> None:
    """The figures themselves; that they are true, the tests below and the slow one show."""
    nodule, shortcut = card_of("phantom-nodule").metrics, card_of("phantom-shortcut").metrics
    correlated = [figure(card, "AUROC, marker correlated").value for card in (nodule, shortcut)]
    assert min(correlated) >= 0.95
    assert abs(correlated[0] - correlated[1]) <= 0.02
    assert figure(nodule, "AUROC, marker independent").value >= 0.93
    assert figure(shortcut, "AUROC, marker independent").value <= 0.60
    assert abs(figure(nodule, "median fall of p(nodule), marker erased").value) <= 0.05
    assert figure(nodule, "median fall of p(nodule), nodules erased").value >= 0.5


@pytest.mark.parametrize("name", ["phantom-nodule", "phantom-shortcut"])
def test_a_few_phantoms_bear_the_card_out(name: str) -> None:
    """Sixty of the four hundred; the card's value lies within what so few can tell."""
    card = card_of(name)
    for again in phantom_pair.measure_cases(card, FEW):
        stated = figure(card.metrics, again.name)
        assert again.low is not None
        assert again.high is not None
        slack = 0.5 * (again.high - again.low) + 0.03
        assert again.low - slack <= stated.value <= again.high + slack


@pytest.mark.parametrize("name", ["phantom-nodule", "phantom-shortcut"])
def test_four_hundred_phantoms_give_the_figures_of_the_card(name: str) -> None:
    card = card_of(name)
    for again in phantom_pair.measure(card, Path()):
        assert again.value == pytest.approx(figure(card.metrics, again.name).value, abs=0.005)


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_real_data_give_the_figures_of_the_card(name: str, shared_data: Path) -> None:
    recipe = RECIPES[name]
    if recipe.data is None:
        pytest.skip("a generated phantom's figures have a test of their own")
    card = card_of(name)
    for again in recipe.measure(card, shared_data / recipe.data):
        stated = figure(card.metrics, again.name, again.data)
        assert again.value == pytest.approx(stated.value, abs=0.005)


def test_three_hippocampi_reach_about_the_dice_of_the_card(shared_data: Path) -> None:
    card = card_of("hippocampus-mr")
    held = hippocampus.split(shared_data / (hippocampus.HIPPOCAMPUS.data or ""))[1]
    again = figure(hippocampus.measure_volumes(card, held[:3]), "Dice, mean of both parts")
    stated = figure(card.metrics, "Dice, mean of both parts")
    assert stated.value >= 0.86
    assert again.value == pytest.approx(stated.value, abs=0.05)


def test_the_hippocampus_is_found_in_dicom_stored_the_other_way_round(shared_data: Path) -> None:
    card = card_of("hippocampus-mr")
    frames = open_frames(shared_data / CROP)
    turned = _mask(frames, card)
    # Voxels of 1 mm³; the training volumes hold 2,500 to 4,700 of both parts.
    assert 2500 < np.count_nonzero(turned) < 5000
    assert _largest_share(turned > 0) > 0.97
    middle = np.argwhere(turned > 0).mean(axis=0) / turned.shape
    assert np.all(np.abs(middle - 0.5) < 0.15)
    # The anterior part lies in front: here rows count to the back (LPS).
    assert np.argwhere(turned == 1)[:, 1].mean() + 8 < np.argwhere(turned == 2)[:, 1].mean()
    as_stored = _mask(frames, replace(card, orientation=None))
    assert np.count_nonzero(as_stored) < 2500  # less than any volume it was trained on


def test_without_the_header_the_same_volumes_are_worse(shared_data: Path) -> None:
    """Rows and columns turned round with nothing said of it: what reorientation spares us."""
    card = card_of("hippocampus-mr")
    path = hippocampus.split(shared_data / (hippocampus.HIPPOCAMPUS.data or ""))[1][0]
    volume = hippocampus.read_volume(path, card)
    silent = tuple(
        replace(frame, stored=frame.stored[::-1, ::-1].copy()) for frame in volume.frames
    )
    right = _dice(_mask(volume.frames, card), volume.stored)
    wrong = _dice(_mask(silent, card)[:, ::-1, ::-1], volume.stored)
    assert right > wrong + 0.15


def test_a_few_radiographs_bear_the_card_out(shared_data: Path) -> None:
    card = find_model("chest-xray-pneumonia", Task())
    found = chest_xray.pictures(shared_data / (chest_xray.CHEST_XRAY.data or "") / "test")
    again = chest_xray.measure_pictures(card, found[::5], "the test folder")
    for metric in again:
        stated = figure(card.metrics, metric.name, metric.data)
        assert metric.low is not None
        assert metric.high is not None
        assert metric.low - 0.05 <= stated.value <= metric.high + 0.05


def test_the_chest_card_states_both_figures_and_the_overlap() -> None:
    card = card_of("chest-xray-pneumonia")
    assert figure(card.metrics, "accuracy", "train folder").value > 0.9
    assert figure(card.metrics, "accuracy", "test folder")
    assert any("18 patient numbers" in limit for limit in card.limits)


def _mask(frames: tuple[Frame, ...], card: ModelCard) -> np.ndarray:
    answers = predict(PredictRequest(frames, card, device="cpu"), Task())
    return np.stack([answer.mask for answer in answers if answer.mask is not None])


def _dice(mask: np.ndarray, truth: np.ndarray) -> float:
    return float(np.mean([evaluation.dice(mask == part, truth == part) for part in (1, 2)]))


def _largest_share(mask: np.ndarray) -> float:
    """The largest connected piece's share of all voxels, counted by SimpleITK."""
    itk = pytest.importorskip("SimpleITK")
    pieces = itk.ConnectedComponent(itk.GetImageFromArray(mask.astype(np.uint8)), True)
    counts = np.bincount(itk.GetArrayFromImage(pieces).ravel())[1:]
    return float(counts.max() / counts.sum())
