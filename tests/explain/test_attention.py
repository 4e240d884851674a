"""Attention rollout against the paper's formula, softmax and product worked out in numpy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

from explain.arithmetic import plain_arithmetic
from explain.attention import ATTENTION_ROLLOUT, FUSED, rollout
from explain.attention_weights import read, watched
from explain.facts import examine
from explain.question import Question
from inference.errors import UserError
from inference.task import Cancelled, Task
from tests.explain.networks import ask, first_output
from tests.explain.test_traces import Failing, Impatient, fingerprint
from tests.explain.token_networks import TokenLstm, TokenTransformer, settled, token_ids


class Attending(nn.Module):
    """Two attentions of one head each, whose queries and keys are the tokens themselves.

    Each of the input's pixels is a token of one number; the answer is read from token `end`, or
    from the mean of all.
    """

    def __init__(self, end: int | None, batch_first: bool = True) -> None:
        super().__init__()
        self.end, self.batch_first = end, batch_first
        self.first = nn.MultiheadAttention(1, 1, bias=False, batch_first=batch_first)
        self.second = nn.MultiheadAttention(1, 1, bias=False, batch_first=batch_first)
        with torch.no_grad():
            for layer in (self.first, self.second):
                layer.in_proj_weight.fill_(1.0)
                layer.out_proj.weight.fill_(1.0)
        self.eval().requires_grad_(requires_grad=False)

    def forward(self, picture: Tensor) -> Tensor:
        tokens = picture.flatten(1)[:, :, None]
        state = tokens if self.batch_first else tokens.transpose(0, 1)
        for layer in (self.first, self.second):
            state = state + layer(state, state, state, need_weights=False)[0]
        state = state if self.batch_first else state.transpose(0, 1)
        return state.mean(dim=1) if self.end is None else state[:, self.end]


def softmax(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def by_hand(tokens: np.ndarray) -> np.ndarray:
    """(½A₂ + ½I)(½A₁ + ½I) with A = softmax(t tᵀ / √1): the paper's section 3."""
    first = softmax(np.outer(tokens, tokens))
    after = tokens + first @ tokens
    second = softmax(np.outer(after, after))
    one = np.eye(len(tokens))
    return np.asarray((0.5 * second + 0.5 * one) @ (0.5 * first + 0.5 * one))


SCAN = torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(3))
PICTURE = torch.linspace(-0.7, 0.8, 16).reshape(1, 1, 4, 4)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("end", [5, None])
def test_the_papers_formula(end: int | None, batch_first: bool) -> None:
    expected = by_hand(PICTURE.double().numpy().ravel())
    row = expected.mean(axis=0) if end is None else expected[end]
    answer = ask("attention_rollout", Attending(end, batch_first), PICTURE)
    assert answer.map.shape == (1, 4, 4)
    assert answer.map.numpy().ravel() == pytest.approx(row, abs=1e-6)
    assert not answer.signed
    assert answer.warnings


def test_weights_on_paper() -> None:
    """Two tokens: the first attends to both alike, then the second to the first alone.

    Layer 1 halves to [[¾, ¼], [0, 1]], layer 2 to [[1, 0], [½, ½]]; their product is
    [[¾, ¼], [⅜, ⅝]].
    """
    first = torch.tensor([[0.5, 0.5], [0.0, 1.0]])
    second = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert rollout([first, second]).tolist() == [[0.75, 0.25], [0.375, 0.625]]


def test_the_weakest_are_left_out_and_the_rest_made_whole_again() -> None:
    attention = torch.tensor([[0.1, 0.3, 0.6], [0.2, 0.2, 0.6], [0.5, 0.4, 0.1]])
    found = rollout([attention], discard=0.34)
    third = [[0.5, 1 / 6, 1 / 3], [0.0, 0.625, 0.375], [5 / 18, 4 / 18, 0.5]]
    assert found.numpy() == pytest.approx(np.array(third), abs=1e-6)


@pytest.mark.parametrize("heads", ["mean", "max", "min"])
def test_heads(heads: str) -> None:
    """Whatever they become, all rows add up to one, and so does the map of all tokens."""
    model = settled(TokenTransformer())
    answer = ask("attention_rollout", model, token_ids(), kind="tokens", heads=heads)
    mean = ask("attention_rollout", model, token_ids(), kind="tokens")
    assert (answer.map.equal(mean.map)) == (heads == "mean")
    assert 0 < float(answer.map.sum()) < 1  # the rest is the class token's own


def small_vit() -> nn.Module:
    """Of torchvision, with 4 × 4 patches and a class token."""
    made = VisionTransformer(
        image_size=32,
        patch_size=8,
        num_layers=3,
        num_heads=2,
        hidden_dim=12,
        mlp_dim=16,
        num_classes=4,
    )
    return settled(made)


def weights_of(model: nn.Module, inputs: Tensor) -> list[Tensor]:
    """The attention of a ViT by its own arithmetic, block by block."""
    vit: Any = model
    tokens = vit._process_input(inputs)
    tokens = torch.cat([vit.class_token, tokens], dim=1) + vit.encoder.pos_embedding
    found = []
    for block in vit.encoder.layers:
        normed = block.ln_1(tokens)
        found.append(block.self_attention(normed, normed, normed, need_weights=True)[1][0])
        tokens = block(tokens)
    return found


def test_a_vision_transformer() -> None:
    model, inputs = small_vit(), SCAN
    whole = np.eye(17)
    for one in weights_of(model, inputs):
        whole = (0.5 * one.double().numpy() + 0.5 * np.eye(17)) @ whole
    answer = ask("attention_rollout", model, inputs)
    assert answer.map.numpy() == pytest.approx(whole[0, 1:].reshape(1, 4, 4), rel=1e-5)
    assert answer.values.shape == (1, 1, 4, 4)


@pytest.mark.parametrize("need", [True, False])
@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("by_name", [True, False])
def test_reading_changes_no_answer(need: bool, average: bool, by_name: bool) -> None:
    """Neither the output nor the weights that the caller asked for itself."""
    layer = nn.MultiheadAttention(8, 2, batch_first=True)
    settled(layer)
    tokens = torch.randn(1, 5, 8, generator=torch.Generator().manual_seed(0))
    named = {"need_weights": need, "attn_mask": None, "average_attn_weights": average}
    given: tuple[Any, ...] = () if by_name else (None, *named.values())

    def run() -> Any:
        return layer(tokens, tokens, tokens, *given, **(named if by_name else {}))

    alone = run()
    seen: list[Tensor] = []

    def attended(part: nn.Module, weights: Tensor, output: Tensor) -> Tensor:
        seen.append(weights)
        return output

    with watched(layer, attended):
        watched_too = run()
    assert [one.shape for one in seen] == [(1, 2, 5, 5)]
    assert torch.allclose(alone[0], watched_too[0], atol=1e-6)
    assert (alone[1] is None) == (watched_too[1] is None)
    if alone[1] is not None:
        assert torch.allclose(alone[1], watched_too[1], atol=1e-6)


def question_of(model: nn.Module, inputs: Tensor) -> Question:
    return Question(
        model,
        inputs,
        torch.zeros_like(inputs),
        first_output,
        0.0,
        {},
        None,
        Task(),
        lambda make: None,
    )


def test_the_scored_answer_stays_the_same() -> None:
    model, inputs = small_vit(), SCAN
    scores: list[Tensor] = []

    def score(output: Tensor) -> Tensor:
        scores.append(output.detach())
        return output[:, 0]

    with plain_arithmetic(model):
        ask("attention_rollout", model, inputs, score=score)
    alone, seen = scores
    assert float((alone - seen).abs().max()) <= 1e-5 * float(alone.abs().max())


def test_the_answer_is_read_from_the_class_token() -> None:
    found = read(question_of(small_vit(), SCAN))
    assert (found.shape, found.special, found.rows) == ((4, 4), 1, [0])
    found = read(question_of(settled(TokenTransformer()), token_ids(9)))
    assert (found.shape, found.special, found.rows) == ((9,), 1, [0])


def test_padding_that_nothing_attends_to_has_no_part() -> None:
    ids = torch.tensor([[5, 3, 9, 0, 0]])
    answer = ask("attention_rollout", settled(TokenTransformer()), ids, kind="tokens")
    assert bool((answer.map[0, :3] > 0).all())
    assert answer.map[0, 3:].tolist() == [0.0, 0.0]


class Cutting(nn.Module):
    """Attends within halves of its tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(1, 1, batch_first=True)

    def forward(self, picture: Tensor) -> Tensor:
        windows = picture.reshape(2 * len(picture), -1, 1)
        answer: Tensor = self.attention(windows, windows, windows)[0]
        return answer.reshape(len(picture), -1)


class Elsewhere(nn.Module):
    """Attends over tokens that stand for nothing in the picture."""

    def __init__(self, more: bool) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(1, 1, batch_first=True, add_bias_kv=more)

    def forward(self, picture: Tensor) -> Tensor:
        few = picture.flatten(1)[:, :3, None]
        answer: Tensor = self.attention(few, few, few)[0]
        return answer[:, :, 0]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Cutting(), "not of all tokens to all tokens"),
        (Elsewhere(more=True), "not of all tokens to all tokens"),
        (Elsewhere(more=False), "does not lie over its input"),
        (nn.Sequential(nn.Flatten(), nn.Linear(16, 2)), "No attention that can be read"),
    ],
)
def test_what_does_not_lead_back_to_the_input_is_refused(model: nn.Module, words: str) -> None:
    settled(model)
    with pytest.raises(UserError, match=words):
        ask("attention_rollout", model, PICTURE)
    assert ATTENTION_ROLLOUT.trial is not None
    judgement = ATTENTION_ROLLOUT.trial(question_of(model, PICTURE))
    assert judgement.status == "red"
    assert words in judgement.reason


def test_its_own_word() -> None:
    """Amber where there is attention; red for windows of torchvision's Swin, and for an LSTM."""
    facts = examine(small_vit(), SCAN, first_output, torch.zeros_like(SCAN), "image")
    assert ATTENTION_ROLLOUT.judge(facts).status == "amber"
    swin = SwinTransformer([4, 4], 8, [1, 1], [1, 2], [4, 4], num_classes=3).eval()
    facts = examine(swin, SCAN, first_output, torch.zeros_like(SCAN), "image")
    judgement = ATTENTION_ROLLOUT.judge(facts)
    assert (judgement.status, judgement.instead) == ("red", "saliency")
    ids = token_ids()
    facts = examine(settled(TokenLstm()), ids, first_output, torch.zeros_like(ids), "tokens")
    assert ATTENTION_ROLLOUT.judge(facts).status == "red"


def test_nothing_is_left_however_it_ends() -> None:
    model, inputs = small_vit(), SCAN
    before = fingerprint(model)
    ask("attention_rollout", model, inputs)
    assert fingerprint(model) == before
    with pytest.raises(ValueError, match="broken"):
        ask("attention_rollout", model, inputs, score=Failing(1))
    assert fingerprint(model) == before
    with pytest.raises(Cancelled):
        ask("attention_rollout", model, inputs, task=Impatient(0))
    assert fingerprint(model) == before


def test_a_token_that_no_weakest_head_attends_with_stays_what_it_was() -> None:
    """Two sharp heads that look at different tokens: the smaller of their weights are zeros."""
    heads = torch.tensor([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 1.0], [0.5, 0.5]]])
    found = rollout([FUSED["min"](heads)])
    assert found.tolist() == [[1.0, 0.0], [0.25, 0.75]]
