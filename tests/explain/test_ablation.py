"""Feature ablation against Captum with the same features, by hand, and asked to stop."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation

from explain.ablation import far_apart_first
from explain.question import Answer
from explain.superpixels import grid, superpixels
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn
from tests.explain.test_by_hand import Line, picture


@pytest.mark.parametrize("division", ["superpixels", "grid"])
@pytest.mark.parametrize(("size", "count"), [((15, 18), 20), ((7, 8, 9), 12)])
@pytest.mark.parametrize("batch", [0, 1, 7])
def test_against_captum(division: str, size: tuple[int, ...], count: int, batch: int) -> None:
    model, inputs = small_cnn(size)
    model, inputs = model.double(), inputs.double()
    pixels = inputs[0].numpy()
    mask = superpixels(pixels, count) if division == "superpixels" else grid(size, count)
    theirs = FeatureAblation(lambda one: first_output(model(one))).attribute(
        inputs, baselines=0.5, feature_mask=torch.from_numpy(mask)[None, None].long()
    )
    ours = ask(
        "feature_ablation",
        model,
        inputs,
        baseline=0.5,
        features=division,
        count=count,
        batch=batch,
    )
    assert torch.allclose(ours.values, theirs, rtol=0, atol=1e-9 * float(theirs.abs().max()))
    assert torch.equal(ours.map, ours.values[:, 0])


def test_a_line_by_hand() -> None:
    # 3·5 − 2·7 = 1; with the first pixel at 1 it is −11, with the second at 1 it is 13.
    answer = ask(
        "feature_ablation", Line(), picture([5.0, 7.0]), features="grid", count=2, baseline=1.0
    )
    assert answer.map.tolist() == [[[12.0, -12.0]]]


def test_ids_are_hidden_one_by_one() -> None:
    """Three words of a sentence; the model counts 10 · first + second − third."""

    class Words(torch.nn.Module):
        def forward(self, ids: torch.Tensor) -> torch.Tensor:
            return ids.float() @ torch.tensor([[10.0], [1.0], [-1.0]])

    answer = ask("feature_ablation", Words(), torch.tensor([[4, 5, 6]]))
    assert answer.values.tolist() == answer.map.tolist() == [[40.0, 5.0, -6.0]]


def test_the_first_features_lie_far_apart() -> None:
    rows, columns = np.mgrid[:8, :8]
    centres = np.stack([rows.ravel(), columns.ravel()], axis=1).astype(float)
    order = far_apart_first(centres)
    assert sorted(order) == list(range(64))
    assert {tuple(centres[number]) for number in order[:4]} == {(0, 0), (0, 7), (7, 0), (7, 7)}


def test_unfinished_answers_take_the_nearest_value() -> None:
    model, inputs = small_cnn((16, 16))
    shown: list[Answer] = []
    whole = ask(
        "feature_ablation",
        model,
        inputs,
        features="grid",
        count=16,
        batch=4,
        show=lambda make: shown.append(make() or pytest.fail("nothing to show")),
    )
    assert len(shown) == 3
    for number, unfinished in enumerate(shown, start=1):
        cells = unfinished.map[0, ::4, ::4]
        done = cells == whole.map[0, ::4, ::4]
        assert int(done.sum()) >= 4 * number
        assert set(cells.flatten().tolist()) <= set(whole.map.flatten().tolist())


def test_asked_to_stop_it_says_so() -> None:
    model, inputs = small_cnn((16, 16))
    task = Task()
    task.stop()
    stopped = ask("feature_ablation", model, inputs, features="grid", count=16, batch=5, task=task)
    assert stopped.warnings == ("Stopped after 5 of 16 features.",)
    assert bool(torch.isfinite(stopped.map).all())
