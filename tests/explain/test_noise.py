"""SmoothGrad over other methods, against Captum's NoiseTunnel with the same noise."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
import torch
from captum.attr import InputXGradient, IntegratedGradients, LayerGradCam, NoiseTunnel, Saliency
from torch import Tensor, nn

from explain import governor
from explain.methods import METHODS
from explain.noise import KINDS, noise
from explain.question import Question
from explain.settling import LEAST
from inference.task import Task
from tests.explain.networks import ask, first_output, small_cnn
from tests.explain.test_by_hand import Line, picture

SAMPLES = 7  # fewer than it takes to settle


def drawn(inputs: Tensor, share: float, count: int, seed: int = 0) -> Tensor:
    """The noise that a question about `inputs` gets, [count, C, *size]."""
    asked = Question(
        nn.Identity(),
        inputs,
        torch.zeros_like(inputs),
        first_output,
        0.0,
        {},
        None,
        Task(),
        lambda make: None,
        seed=seed,
    )
    return torch.cat(list(islice(noise(asked, share), count)))


class SameNoise(NoiseTunnel):
    """Captum's, with noise from outside instead of torch's global generator."""

    def __init__(self, method: Any, given: Tensor) -> None:
        super().__init__(method)
        self.given: Iterator[Tensor] = iter(given)

    def _add_noise_to_input(self, input: Tensor, stdev: float, nt_samples_partition: int) -> Tensor:
        return input + torch.stack(list(islice(self.given, nt_samples_partition)))


def bases(model: nn.Module) -> dict[str, tuple[Any, dict[str, Any]]]:
    def forward(batch: Tensor) -> Tensor:
        return first_output(model(batch))

    return {
        "saliency": (Saliency(forward), {}),
        "input_x_gradient": (InputXGradient(forward), {}),
        "integrated_gradients": (IntegratedGradients(forward), {"n_steps": 50}),
        "grad_cam": (
            LayerGradCam(forward, model.get_submodule("second")),
            {"relu_attributions": True},
        ),
    }


@pytest.mark.parametrize("size", [(13, 17), (5, 9, 7)], ids=["picture", "volume"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("base", ["saliency", "input_x_gradient", "grad_cam"])
def test_equal_to_captum(base: str, kind: str, size: tuple[int, ...]) -> None:
    check(base, kind, size)


def test_equal_to_captum_over_integrated_gradients() -> None:
    check("integrated_gradients", "smoothgrad", (9, 9))


def check(base: str, kind: str, size: tuple[int, ...]) -> None:
    model, inputs = small_cnn(size)
    method, options = bases(model)[base]
    tunnel = SameNoise(method, drawn(inputs, 0.2, SAMPLES))
    theirs = tunnel.attribute(
        inputs, nt_type=kind, nt_samples=SAMPLES, nt_samples_batch_size=2, **options
    )
    ours = ask(
        "smoothgrad",
        model,
        inputs,
        layer="second",
        base=base,
        type=kind,
        samples=SAMPLES,
        stdev=0.2,
        batch=3,
    )
    # The variance is a small difference of large squares in Captum's float32.
    off = float((ours.values - theirs).abs().max())
    assert off <= (1e-4 if kind == "vargrad" else 1e-5) * float(theirs.abs().max())


def test_map_and_spread_are_of_the_bases_maps() -> None:
    model, inputs = small_cnn((9, 9))
    maps = torch.cat(
        [
            ask("saliency", model, inputs + one).map
            for one in drawn(inputs, 0.15, SAMPLES, seed=5)[:, None]
        ]
    )
    expected = {
        "smoothgrad": (maps.mean(dim=0), maps.std(dim=0)),
        "smoothgrad_sq": (maps.square().mean(dim=0), maps.square().std(dim=0)),
        "vargrad": (maps.var(dim=0, correction=0), None),
    }
    for kind, (mean, spread) in expected.items():
        ours = ask("smoothgrad", model, inputs, type=kind, samples=SAMPLES, seed=5)
        torch.testing.assert_close(ours.map[0], mean, rtol=1e-4, atol=1e-6)
        assert (ours.spread is None) == (spread is None)
        if spread is not None and ours.spread is not None:
            torch.testing.assert_close(ours.spread[0], spread / SAMPLES**0.5, rtol=1e-4, atol=1e-6)


def test_a_line_settles_at_once() -> None:
    """Its gradient is the same everywhere."""
    passes: list[int] = []

    class Counting(Line):
        def forward(self, inputs: Tensor) -> Tensor:
            passes.append(len(inputs))
            return super().forward(inputs)

    ours = ask("smoothgrad", Counting(), picture([5.0, 7.0]), samples=100, batch=3)
    assert ours.map.tolist() == [[[3.0, 2.0]]]
    assert ours.spread is not None
    assert not ours.spread.any()
    assert dict(ours.taken) == {"samples": LEAST, "batch": 3}
    assert f"over {LEAST} noisy copies" in ours.reduction
    assert sum(passes) == 1 + 9  # the unperturbed one, and three batches


def test_what_was_taken_gives_the_same_again() -> None:
    model, inputs = small_cnn((9, 9))
    first = ask("smoothgrad", model, inputs, samples=300, stdev=0.05)
    taken: dict[str, Any] = dict(first.taken)
    assert LEAST <= taken["samples"] < 300
    again = ask("smoothgrad", model, inputs, stdev=0.05, **taken)
    torch.testing.assert_close(first.map, again.map)
    assert first.taken == again.taken


def test_samples_do_not_depend_on_how_many_go_at_once() -> None:
    model, inputs = small_cnn((9, 9))
    maps = [ask("smoothgrad", model, inputs, stdev=0.05, batch=batch) for batch in (1, 4, 9)]
    for other in maps[1:]:
        assert dict(other.taken)["samples"] == dict(maps[0].taken)["samples"]
        torch.testing.assert_close(other.map, maps[0].map, rtol=1e-5, atol=1e-6)


def test_equal_seeds_and_others() -> None:
    model, inputs = small_cnn((9, 9))
    one, two, other = (ask("smoothgrad", model, inputs, seed=seed).map for seed in (3, 3, 4))
    assert torch.equal(one, two)
    assert not torch.allclose(one, other)


def test_noise_is_a_share_of_the_range() -> None:
    inputs = torch.linspace(-3, 5, 40_000).reshape(1, 1, 200, 200)
    assert float(drawn(inputs, 0.1, 1).std()) == pytest.approx(0.8, rel=0.02)
    assert not drawn(inputs, 0.0, 1).any()


def test_the_sign_is_the_bases_unless_it_is_squared_away() -> None:
    model, inputs = small_cnn((9, 9))
    signs = {
        kind: ask("smoothgrad", model, inputs, base="input_x_gradient", type=kind, samples=2).signed
        for kind in KINDS
    }
    assert signs == {"smoothgrad": True, "smoothgrad_sq": False, "vargrad": False}
    assert not ask("smoothgrad", model, inputs, samples=2).signed


def test_unfinished_maps_come_and_sharpen() -> None:
    model, inputs = small_cnn((9, 9))
    seen: list[Tensor] = []

    def show(make: Any) -> None:
        seen.append(make().map)

    final = ask("smoothgrad", model, inputs, samples=40, batch=4, show=show, type="vargrad").map
    assert len(seen) == 9
    off = [float((one - final).abs().mean()) for one in seen]
    assert off[-1] < 0.5 * off[0]


def test_progress_is_that_of_all_samples() -> None:
    model, inputs = small_cnn((9, 9))
    steps: list[Any] = []
    task = Task(lambda kind, value: steps.append(value) if kind == "progress" else None)
    more: dict[str, Any] = {"base": "integrated_gradients", "type": "vargrad", "samples": 3}
    ask("smoothgrad", model, inputs, task=task, **more)
    assert steps[-1] == (3 * (51 + 1), 3 * (51 + 1))
    assert steps == sorted(steps)


def test_several_at_once_are_answered_as_one_by_one() -> None:
    """What `several` promises, for every method that does."""
    model, inputs = small_cnn((9, 9))
    stack = torch.cat([inputs, inputs * 0.5, inputs + 1])
    promised = [name for name, method in METHODS.items() if method.several]
    assert "saliency" in promised
    for name in promised:
        layer = "second" if METHODS[name].takes_layer else None
        alone = [ask(name, model, one[None], layer=layer) for one in stack]
        value = torch.zeros(1)  # these have no use for it
        together = ask(name, model, stack, layer=layer, score=ScoreOf(value))
        torch.testing.assert_close(together.map, torch.cat([one.map for one in alone]))
        torch.testing.assert_close(together.values, torch.cat([one.values for one in alone]))


class ScoreOf:
    """The first output's; of the unperturbed pass of a stack, one number."""

    def __init__(self, value: Tensor) -> None:
        self.value: Tensor | None = value

    def __call__(self, output: Tensor) -> Tensor:
        value, self.value = self.value, None
        return first_output(output) if value is None else value


def test_a_layer_is_taken_where_the_base_takes_one() -> None:
    method = METHODS["smoothgrad"]
    assert not method.takes_layer
    assert method.looks_at_layer({"base": "grad_cam"})
    assert not method.looks_at_layer({"base": "saliency"})
    assert METHODS["grad_cam"].looks_at_layer({})


def test_the_batch_is_the_governors(monkeypatch: pytest.MonkeyPatch) -> None:
    model, inputs = small_cnn((9, 9))
    monkeypatch.setattr(governor, "MOST_ELSEWHERE", 5)
    assert dict(ask("smoothgrad", model, inputs, samples=6).taken)["batch"] == 5
    one_by_one = ask("smoothgrad", model, inputs, samples=2, base="integrated_gradients")
    assert dict(one_by_one.taken)["batch"] == 1
