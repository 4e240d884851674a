"""What the recipes feed their networks: the split, the pieces, the changed pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference.card_files import read_card, write_card
from inference.errors import UserError
from inference.phantom.case import generate, plan_case
from inference.phantom.dicom_files import write_case
from inference.prepare import prepare
from inference.training.data_files import open_frames, with_geometry
from inference.training.recipes import chest_xray, hippocampus, phantom_pair
from inference.training.recipes.table import RECIPES, find_recipe


@pytest.mark.parametrize("name", sorted(RECIPES))
def test_each_recipe_has_a_card_that_can_be_written(name: str, tmp_path: Path) -> None:
    card = find_recipe(name).card
    write_card(card, tmp_path / "card.yaml")
    kept = read_card(tmp_path / "card.yaml")
    assert kept.model_id == name
    assert replace(kept, weights=card.weights, built_in=True) == card


def test_an_unknown_recipe_is_wrong_use() -> None:
    with pytest.raises(UserError, match="no recipe named soup") as raised:
        find_recipe("soup")
    assert raised.value.fault == "usage"
    assert "phantom-nodule" in raised.value.hint


def test_training_sees_what_a_prediction_from_the_file_sees(tmp_path: Path) -> None:
    write_case(generate(9, 1, "always"), tmp_path)
    (tmp_path / "mask.npy").unlink()
    from_files = open_frames(tmp_path)
    card = phantom_pair.NODULE_CARD
    plan = plan_case(9, 1, "always")
    for index in range(3):
        direct = prepare([phantom_pair.slice_frame(plan, index)], card).tensor
        assert torch.equal(direct, prepare([from_files[index]], card).tensor)


def test_crops_with_a_nodule_show_it() -> None:
    slices = phantom_pair.draw_slices(6, "always", phantom_pair.NODULE_CARD)
    assert slices.labels.tolist() == [0, 1, 0, 1, 0, 1]
    for number in (1, 3, 5):
        for column, row in slices.places[number]:
            # Normalised: lung lies near -0.5, soft tissue near +1.2.
            around = slices.inputs[number, 0, round(row), round(column)]
            assert around > 0.6
    crops, labels = phantom_pair.draw_crops(slices, np.random.default_rng(0), 16)
    assert tuple(crops.shape) == (16, 1, 64, 64)
    assert labels.tolist() == [0, 1] * 8


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("person1014_bacteria_2945.jpeg", "person1014"),
        ("person10_virus_35.jpeg", "person10"),
        ("IM-0115-0001.jpeg", "IM-0115"),
        ("IM-0011-0001-0002.jpeg", "IM-0011"),
        ("NORMAL2-IM-0381-0001.jpeg", "IM-0381"),
    ],
)
def test_patients_are_read_from_names(name: str, patient: str) -> None:
    assert chest_xray.patient_of(name) == patient


def test_a_name_without_a_patient_is_refused() -> None:
    with pytest.raises(ValueError, match="no patient number"):
        chest_xray.patient_of("holiday.jpeg")


def test_no_patient_is_on_both_sides(shared_data: Path) -> None:
    training, held = chest_xray.split(shared_data / (chest_xray.CHEST_XRAY.data or ""))
    assert not {one.patient for one in training} & {one.patient for one in held}
    assert len(training) + len(held) == 1200
    assert 0.4 < np.mean([one.label for one in held]) < 0.6


def test_changed_pictures_keep_their_shape_and_differ() -> None:
    inputs = torch.randn(4, 1, 32, 32)
    changed = chest_xray.changed(inputs, np.random.default_rng(0))
    assert changed.shape == inputs.shape
    assert bool(torch.isfinite(changed).all())
    again = chest_xray.changed(inputs, np.random.default_rng(0))
    assert torch.equal(changed, again)
    assert not torch.equal(changed, chest_xray.changed(inputs, np.random.default_rng(1)))


def test_a_changed_volume_and_its_labels_move_together() -> None:
    truth = torch.zeros(16, 20, 16, dtype=torch.long)
    truth[5:11, 6:14, 5:11] = 1
    volume = hippocampus.Volume((), truth.float()[None, None] * 10, truth, truth.numpy())
    for seed in range(5):
        picture, labels = hippocampus.changed(volume, np.random.default_rng(seed))
        bright = picture[0, 0] > (picture.max() + picture.min()) / 2
        both = int((bright & (labels[0] == 1)).sum())
        assert 2 * both / int(bright.sum() + labels.sum()) > 0.9


def test_the_loss_is_small_where_the_answer_is_right() -> None:
    truth = torch.zeros(1, 4, 4, 4, dtype=torch.long)
    truth[0, 1:3, 1:3, 1:3] = 1
    truth[0, 0, 0, :2] = 2
    right = torch.nn.functional.one_hot(truth, 3).movedim(-1, 1) * 20.0
    assert hippocampus.overlap_loss(right, truth) < 0.25
    assert hippocampus.overlap_loss(right.flip(1), truth) > 2


def test_held_out_volumes_are_not_trained_on(shared_data: Path) -> None:
    folder = shared_data / (hippocampus.HIPPOCAMPUS.data or "")
    training, held = hippocampus.split(folder)
    assert (len(training), len(held)) == (36, 14)
    assert not set(training) & set(held)
    assert hippocampus.split(folder)[1] == held


def test_labels_take_the_geometry_of_their_volume(shared_data: Path) -> None:
    folder = shared_data / (hippocampus.HIPPOCAMPUS.data or "")
    path = hippocampus.split(folder)[1][0]
    volume = hippocampus.read_volume(path, hippocampus.CARD)
    assert tuple(volume.truth.shape) == hippocampus.CARD.size
    # All labels fit into the network's grid: counted there and in the file they are as many.
    for label in (1, 2):
        assert int((volume.truth == label).sum()) == int((volume.stored == label).sum()) > 500
    frames = volume.frames
    with pytest.raises(UserError, match="not of the size"):
        with_geometry(frames[:-1], frames)
