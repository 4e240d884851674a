"""Every method against plain Captum with the same options, in two and three dimensions."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, Occlusion, Saliency
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from explain.gradient import batches_of_steps
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn

SIZES = ((13, 17), (5, 9, 7))


def equal(ours: Tensor, theirs: Tensor, share: float = 1e-5) -> None:
    """max|a − b| ≤ share · max|b|."""
    assert ours.shape == theirs.shape
    theirs = theirs.detach()
    assert float((ours - theirs).abs().max()) <= share * float(theirs.abs().max())


@pytest.fixture(params=SIZES, ids=["picture", "volume"])
def case(request: pytest.FixtureRequest) -> Any:
    model, inputs = small_cnn(request.param)
    return model, inputs, lambda batch: first_output(model(batch))


@pytest.mark.parametrize("absolute", [True, False])
def test_saliency(case: Any, absolute: bool) -> None:
    model, inputs, forward = case
    theirs = Saliency(forward).attribute(inputs.clone().requires_grad_(), abs=absolute)
    equal(ask("saliency", model, inputs, abs=absolute).values, theirs)


@pytest.mark.parametrize(("steps", "batch"), [(8, 8), (50, 8), (51, 7), (9, 512)])
def test_integrated_gradients(case: Any, steps: int, batch: int) -> None:
    model, inputs, forward = case
    baseline = torch.full_like(inputs, 0.25)
    theirs, delta = IntegratedGradients(forward).attribute(
        inputs,
        baseline,
        n_steps=steps,
        internal_batch_size=batch,
        return_convergence_delta=True,
    )
    ours = ask(
        "integrated_gradients",
        model,
        inputs,
        baseline=0.25,
        n_steps=steps,
        max_steps=steps,
        internal_batch_size=batch,
    )
    equal(ours.values, theirs)
    equal(ours.map, theirs.sum(dim=1))
    assert dict(ours.taken) == {"n_steps": steps, "internal_batch_size": batch}
    assert ours.completeness is not None
    assert ours.completeness.sum - ours.completeness.difference == pytest.approx(
        float(delta), abs=1e-5
    )


@pytest.mark.parametrize(("most", "taken"), [(8, 8), (15, 8), (33, 32), (500, 64)])
def test_steps_are_doubled_until_the_map_adds_up(most: int, taken: int) -> None:
    """This network needs 64 steps to come within 5 % of the change of its score."""
    model, inputs = small_cnn((7, 11))
    notes: list[object] = []
    steps: list[object] = []
    heard = {"note": notes, "progress": steps, "partial": []}
    task = Task(lambda kind, value: heard[kind].append(value))
    ours = ask("integrated_gradients", model, inputs, task=task, n_steps=8, max_steps=most)
    assert dict(ours.taken)["n_steps"] == taken
    theirs = IntegratedGradients(lambda batch: first_output(model(batch))).attribute(
        inputs, n_steps=taken, internal_batch_size=8
    )
    equal(ours.values, theirs)
    assert ours.completeness is not None
    assert (ours.completeness.relative <= 0.05) == (taken == 64)
    doubled = [8 * 2**power for power in range(1, 6) if 8 * 2**power <= taken]
    assert [str(note).split()[-2] for note in notes] == [str(count) for count in doubled]
    assert steps[-1] == (1 + 8 + sum(doubled),) * 2


def test_input_x_gradient(case: Any) -> None:
    model, inputs, forward = case
    theirs = InputXGradient(forward).attribute(inputs.clone().requires_grad_())
    ours = ask("input_x_gradient", model, inputs)
    equal(ours.values, theirs)
    equal(ours.map, theirs.sum(dim=1))


@pytest.mark.parametrize("layer", ["first", "second"])
@pytest.mark.parametrize("positive", [True, False])
def test_grad_cam(case: Any, layer: str, positive: bool) -> None:
    model, inputs, forward = case
    theirs = LayerGradCam(forward, model.get_submodule(layer)).attribute(
        inputs.clone().requires_grad_(), relu_attributions=positive
    )
    equal(ask("grad_cam", model, inputs, layer=layer, relu_attributions=positive).values, theirs)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    size=st.one_of(st.tuples(*[st.integers(6, 15)] * 2), st.tuples(*[st.integers(5, 7)] * 3)),
    window=st.integers(2, 9),
    stride=st.integers(1, 9),
    batch=st.integers(1, 9),
    baseline=st.sampled_from([0.0, -0.5]),
)
def test_occlusion(
    size: tuple[int, ...], window: int, stride: int, batch: int, baseline: float
) -> None:
    """In float64, where nothing but other windows could make a difference."""
    stride = min(stride, window)
    model, inputs = small_cnn(size)
    model, inputs = model.double(), inputs.double()
    theirs = Occlusion(lambda one: first_output(model(one))).attribute(
        inputs,
        baselines=baseline,
        sliding_window_shapes=(2, *(min(window, length) for length in size)),
        strides=(2, *[stride] * len(size)),
    )
    ours = ask(
        "occlusion", model, inputs, baseline=baseline, window=window, stride=stride, batch=batch
    )
    equal(ours.values, theirs, share=1e-6)


def test_a_model_that_cannot_be_traced_is_occluded_as_it_is() -> None:
    class Choosing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner, _ = small_cnn((9, 9))

        def forward(self, batch: Tensor) -> Tensor:
            answer: Tensor = self.inner(batch)
            return answer if float(batch.sum()) > -1e9 else -answer

    model, inputs = Choosing(), small_cnn((9, 9))[1]
    theirs = Occlusion(lambda batch: first_output(model(batch))).attribute(
        inputs, sliding_window_shapes=(2, 3, 3), strides=(2, 2, 2)
    )
    equal(ask("occlusion", model, inputs, window=3, stride=2).values, theirs)


def test_occlusion_in_float32(case: Any) -> None:
    model, inputs, forward = case
    theirs = Occlusion(forward).attribute(
        inputs,
        sliding_window_shapes=(2, *[4] * (inputs.ndim - 2)),
        strides=(2, *[2] * (inputs.ndim - 2)),
    )
    equal(ask("occlusion", model, inputs, window=4, stride=2).values, theirs)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(steps=st.integers(8, 500), batch=st.integers(1, 512))
def test_batches_hold_every_step_once_in_captums_sizes(steps: int, batch: int) -> None:
    found = batches_of_steps(steps, batch)
    assert sorted(step for some in found for step in some) == list(range(steps))
    theirs = [min(batch, steps - first) for first in range(0, steps, batch)]
    assert [len(some) for some in found] == theirs
