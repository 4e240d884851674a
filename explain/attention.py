"""Attention rollout: which places a transformer's answer drew on, layer after layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce

import torch
from torch import Tensor

from explain.arithmetic import plain_arithmetic
from explain.attention_weights import Reading, read
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import InputKind, Option
from inference.errors import UserError


def attention_rollout(question: Question) -> Answer:
    """Attention multiplied through the layers (Abnar & Zuidema 2020, arXiv 2005.00928).

    Half of each layer is its attention, half the way past it; the map is the row of the token from
    which the answer is read (the class token), or the mean over those tokens. Raises UserError
    (usage) where the attention found does not lead from the answer back to the input's places.
    """
    with plain_arithmetic(question.model):
        reading = read(question)
    refusal = _why_not(reading)
    if refusal is not None:
        raise UserError(refusal, "Choose another method.", fault="usage")
    fuse, discard = FUSED[question.word("heads")], question.number("discard")
    whole = rollout([fuse(weights[0]) for weights in reading.weights], discard)
    row = whole[reading.rows].mean(dim=0)
    laid = row[reading.special :].reshape(1, 1, *reading.shape)
    values = laid.to(question.inputs.device, torch.float32)
    return Answer(
        values,
        values[:, 0],
        signed=False,
        reduction=f"attention of the tokens that the answer is read from; "
        f"{question.word('heads')} over heads",
        warnings=(NO_TARGET,),
    )


def rollout(layers: Sequence[Tensor], discard: float = 0.0) -> Tensor:
    """How much of each token's last state stems from each first one: [tokens, tokens].

    `layers` are attention [tokens, tokens] from the first layer to the last; each becomes half of
    itself and half identity, rows adding up to 1, and is multiplied to those before. The share
    `discard` of the weakest weights of each row is left out.
    """
    return reduce(lambda before, one: _with_residual(one, discard) @ before, layers, _eye(layers))


def _eye(layers: Sequence[Tensor]) -> Tensor:
    return torch.eye(layers[0].shape[-1], dtype=torch.float64)


def _with_residual(attention: Tensor, discard: float) -> Tensor:
    kept = attention.detach().cpu().double()
    dropped = int(discard * kept.shape[-1])
    if dropped:
        weakest = kept.argsort(dim=-1, stable=True)[:, :dropped]
        kept = kept.scatter(-1, weakest, 0.0)
    total, own = kept.sum(dim=-1, keepdim=True), torch.eye(len(kept), dtype=kept.dtype)
    # The weakest of several heads may attend to nothing at all: the token then stays what it was.
    return 0.5 * torch.where(total > 0, kept / total, own) + 0.5 * own


FUSED: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": lambda heads: heads.mean(dim=0),
    "max": lambda heads: heads.amax(dim=0),
    "min": lambda heads: heads.amin(dim=0),
}
"""How the heads of a layer, [heads, tokens, tokens], become one."""

NO_TARGET = (
    "Attention is the same for every target: the map shows what the network drew on, not what "
    "speaks for its answer."
)

SEEN: frozenset[InputKind] = frozenset({"image", "volume", "clip", "tokens"})


def _why_not(reading: Reading) -> str | None:
    """Why the attention that was read cannot be followed to the input, in a sentence."""
    if not reading.weights:
        return "No attention that can be read takes part in the answer of this model."
    if not reading.tokens:
        return "The attention of this model is not of all tokens to all tokens in each layer."
    if not reading.shape:
        return "What the attention of this model looks at does not lie over its input."
    return None


def _judge(facts: Facts) -> Judgement:
    if facts.attention:
        return Judgement("amber", NO_TARGET)
    reason = "This network has no attention over its whole input that can be read."
    return Judgement("red", reason, instead="saliency" if facts.differentiable else "occlusion")


def _trial(question: Question) -> Judgement:
    refusal = _why_not(read(question))
    if refusal is None:
        return Judgement("amber", NO_TARGET)
    return Judgement("red", refusal, instead="occlusion")


def _options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    words = "How the heads of a layer become one"
    return (
        Option("heads", "choice", "mean", None, None, words, tuple(FUSED)),
        Option("discard", "float", 0.0, 0.0, 0.99, "Share of the weakest attention left out"),
    )


ATTENTION_ROLLOUT = Method(
    "attention_rollout",
    "Attention Rollout",
    "attention",
    options=_options,
    passes=lambda options, size: 1,
    judge=_judge,
    run=attention_rollout,
    paper="Abnar & Zuidema 2020, arXiv 2005.00928",
    trial=_trial,
    seen=SEEN,
)
