"""Methods for token ids against plain Captum, and against sums that are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from captum.attr import (
    FeatureAblation,
    LayerGradientXActivation,
    LayerIntegratedGradients,
    Occlusion,
    ShapleyValues,
    TokenReferenceBase,
)
from torch import Tensor, nn

from explain.facts import examine
from explain.methods import METHODS
from explain.question import Facts
from inference.errors import UserError
from inference.task import Cancelled, Task
from tests.explain.networks import ask, first_output
from tests.explain.test_against_captum import equal
from tests.explain.test_traces import Failing, Impatient, ends, fingerprint
from tests.explain.token_networks import (
    TokenLstm,
    TokenSum,
    TokenTransformer,
    settled,
    token_ids,
)

NETWORKS = {"transformer": TokenTransformer, "lstm": TokenLstm}
TOKENS = ("embedding_gradient", "embedding_integrated_gradients", "token_occlusion")


@pytest.fixture(params=NETWORKS)
def network(request: pytest.FixtureRequest) -> nn.Module:
    return settled(NETWORKS[request.param]())


def padding(ids: Tensor) -> Tensor:
    """Captum's own reference sequence, of the padding id."""
    found: Tensor = TokenReferenceBase(0).generate_reference(ids.shape[1], ids.device)[None]
    return found


@pytest.mark.parametrize(("steps", "batch"), [(20, 5), (33, 0)])
def test_integrated_gradients(network: nn.Module, steps: int, batch: int) -> None:
    ids = token_ids()
    theirs = LayerIntegratedGradients(
        lambda some: first_output(network(some)), network.get_submodule("embedding")
    ).attribute(ids, padding(ids), n_steps=steps)
    answer = ask(
        "embedding_integrated_gradients",
        network,
        ids,
        kind="tokens",
        n_steps=steps,
        max_steps=8,
        internal_batch_size=batch,
    )
    equal(answer.values.transpose(1, 2), theirs)
    equal(answer.map, theirs.sum(dim=2))


def test_integrated_gradients_add_up_where_steps_are_doubled(network: nn.Module) -> None:
    """To the change when every token is embedded as padding, but is not masked as such."""
    ids, embedding = token_ids(12), network.get_submodule("embedding")
    answer = ask("embedding_integrated_gradients", network, ids, kind="tokens", n_steps=8)
    there = first_output(network(ids))
    handle = embedding.register_forward_hook(
        lambda layer, given, output: layer.weight[0].expand_as(output)
    )
    change = float(there - first_output(network(ids)))
    handle.remove()
    assert answer.completeness is not None
    assert answer.completeness.difference == pytest.approx(change, rel=1e-4)
    assert float(answer.map.sum()) == pytest.approx(change, rel=0.05)


class Steep(nn.Module):
    """A hyperbolic tangent so steep that few steps miss its rise."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = TokenSum().embedding

    def forward(self, ids: Tensor) -> Tensor:
        return torch.tanh(self.embedding(ids).sum(dim=1) - 1)


def test_doubled_steps_are_said_and_counted() -> None:
    notes: list[object] = []
    seen: list[tuple[int, int]] = []

    def report(kind: str, value: object) -> None:
        if kind == "note":
            notes.append(value)
        if kind == "progress" and isinstance(value, tuple):
            seen.append(value)

    ids = torch.tensor([[9]])
    answer = ask(
        "embedding_integrated_gradients",
        Steep(),
        ids,
        kind="tokens",
        task=Task(report),
        n_steps=8,
        max_steps=70,
    )
    steps = dict(answer.taken)["n_steps"]
    assert isinstance(steps, int)
    assert steps > 8
    assert notes
    assert seen[-1][0] == seen[-1][1]  # all the passes that were announced
    again = ask(
        "embedding_integrated_gradients", Steep(), ids, kind="tokens", n_steps=steps, max_steps=8
    )
    assert torch.equal(again.map, answer.map)


def test_gradient(network: nn.Module) -> None:
    ids = token_ids()
    embedding = network.get_submodule("embedding")
    theirs = LayerGradientXActivation(
        lambda some: first_output(network(some)), embedding
    ).attribute(ids)
    times = ask("embedding_gradient", network, ids, kind="tokens", times_embedding=True)
    equal(times.map, theirs.sum(dim=2))
    assert times.signed
    plain = ask("embedding_gradient", network, ids, kind="tokens")
    slopes = theirs / embedding(ids)
    equal(plain.map, slopes.norm(dim=2), share=1e-4)  # their quotient loses a digit
    assert not plain.signed
    assert plain.layer == "embedding"


@pytest.mark.parametrize("window", [1, 3, 40])
def test_occlusion(network: nn.Module, window: int) -> None:
    ids = token_ids(9)
    theirs = Occlusion(lambda some: first_output(network(some))).attribute(
        ids, sliding_window_shapes=(min(window, 9),), baselines=0
    )
    answer = ask("token_occlusion", network, ids, kind="tokens", window=window)
    equal(answer.map, theirs.float())


def test_ablation(network: nn.Module) -> None:
    """Each token is one feature of the methods that hide features."""
    ids = token_ids()
    theirs = FeatureAblation(lambda some: first_output(network(some))).attribute(ids, baselines=0)
    equal(ask("feature_ablation", network, ids, kind="tokens").map, theirs.float())


def test_exact_shapley_values(network: nn.Module) -> None:
    ids = token_ids(4)
    theirs = ShapleyValues(lambda some: first_output(network(some))).attribute(ids, baselines=0)
    answer = ask("kernel_shap", network, ids, kind="tokens", samples=200)
    equal(answer.map, theirs.float(), share=1e-4)


@pytest.mark.parametrize(
    "method", ["embedding_integrated_gradients", "token_occlusion", "shapley_value_sampling"]
)
def test_each_token_gets_what_it_adds(method: str) -> None:
    """The score is the sum of the squares of the ids; the padding adds nothing."""
    answer = ask(method, TokenSum(), torch.tensor([[3, 1, 0, 7]]), kind="tokens")
    assert answer.map.tolist() == [pytest.approx([9, 1, 0, 49], rel=1e-4)]


def test_another_padding_id() -> None:
    answer = ask("token_occlusion", TokenSum(), torch.tensor([[3, 1]]), kind="tokens", baseline=2)
    assert answer.map.tolist() == [pytest.approx([9 - 4, 1 - 4])]


def test_their_own_word() -> None:
    """Green for a transformer over tokens; red for one over pictures, with a reason."""
    ids = token_ids()
    facts = examine(settled(TokenTransformer()), ids, first_output, torch.zeros_like(ids), "tokens")
    picture = Facts(size=(8, 8), differentiable=True, sudden=False, layers=())
    for name in TOKENS:
        method = METHODS[name]
        assert method.judge(facts).status == "green"
        assert method.judge(picture).status == "red"
        assert method.seen == {"tokens"}
    blind = METHODS["embedding_gradient"].judge(replace(facts, embedding=None))
    assert (blind.status, blind.instead) == ("red", "token_occlusion")
    flat = METHODS["embedding_gradient"].judge(replace(facts, differentiable=False))
    assert (flat.status, flat.instead) == ("red", "token_occlusion")


class OneHot(nn.Module):
    def forward(self, ids: Tensor) -> Tensor:
        return nn.functional.one_hot(ids, 20).float().mean(dim=1)


def test_a_model_without_an_embedding() -> None:
    with pytest.raises(UserError, match="embedding"):
        ask("embedding_gradient", OneHot(), token_ids(), kind="tokens")


def run(kind: str, method: str, task: Task, score: Failing) -> None:
    """Ask a new network; whatever comes of it, nothing may be left on network and input."""
    network, ids = settled(NETWORKS[kind]()), token_ids()
    before, few = fingerprint(network), {"n_steps": 8, "max_steps": 8}
    declared = {option.name for option in METHODS[method].options(None)}
    options: dict[str, Any] = {name: value for name, value in few.items() if name in declared}
    try:
        ask(method, network, ids, kind="tokens", task=task, score=score, **options)
    finally:
        assert fingerprint(network) == before
        assert torch.equal(ids, token_ids())


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("method", TOKENS)
def test_nothing_is_left_however_it_ends(method: str, kind: str) -> None:
    task, score = Impatient(), Failing()
    run(kind, method, task, score)
    for at in ends(score.passes, 1):
        with pytest.raises(ValueError, match="broken"):
            run(kind, method, Task(), Failing(at))
    for at in ends(task.checks, 0):
        with pytest.raises(Cancelled):
            run(kind, method, Impatient(at), Failing())
