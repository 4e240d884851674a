"""DeepLIFT, and its mean over several baselines: contributions that add up to the change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, fx, nn

from explain.channels import SUM, said, summed
from explain.governor import inner_batch
from explain.guard import Score
from explain.module_rules import under_rules
from explain.perturbed import stopped_after
from explain.prepared_copy import PreparedCopy, needs_rules, prepared_copy, rewrite
from explain.question import Answer, Facts, Judgement, Method, Question
from explain.records import Option
from explain.rescale_rules import rule_of
from inference.records import Completeness, Scalar

COMPLETE = 0.01
INCOMPLETE = 0.05
"""Relative completeness errors up to which a model is green, and amber; Lepton's own rule.

On a network that the rules cover the error is rounding, below 1e-5: what is beyond 1 % is an
operation without a rule.
"""

NOISE = 0.1
"""The spread of baselines, as a share of the input's range; SmoothGrad's lower bound (Smilkov et
al. 2017, arXiv 1706.03825, takes 10 to 20 %)."""


def deep_lift(question: Question) -> Answer:
    """Contributions by the rescale rule (Shrikumar et al. 2017, arXiv 1704.02685).

    As in Captum, where Captum is right: softmax, products, norms and windows that overlap have
    rules of their own here.
    """
    contributions, change = _Pairs(question)(question.baseline)
    return replace(
        _answer(contributions, SUM),
        completeness=Completeness(float(contributions.cpu().double().sum()), float(change)),
    )


def deep_lift_shap(question: Question) -> Answer:
    """The mean of DeepLIFT over several baselines (Lundberg & Lee 2017, arXiv 1705.07874).

    The question's baseline is the first; the others are it with normal noise. Ends early where
    somebody wants what is known so far.
    """
    baselines, pairs = _baselines(question), _Pairs(question)
    batch = question.whole("batch") or pairs.batch()
    contributions, changes = torch.empty_like(baselines), torch.empty(len(baselines))
    done = 0
    while done < len(baselines) and not (done and question.task.stopped):
        some = slice(done, done + batch)
        contributions[some], changes[some] = pairs(baselines[some])
        done = min(done + batch, len(baselines))
        if done < len(baselines):
            question.show(partial(_mean, contributions[:done]))
    return replace(
        _mean(contributions[:done]),
        completeness=Completeness(
            float(contributions[:done].mean(dim=0).cpu().double().sum()),
            float(changes[:done].double().mean()),
        ),
        taken=(("batch", batch),),
        warnings=stopped_after(done, len(baselines), "baselines"),
    )


def _mean(contributions: Tensor) -> Answer:
    """The answer from the contributions against each of N baselines, [N, C, *size]."""
    maps = contributions.sum(dim=1)
    count = len(maps)
    words = f"{SUM}, mean over {count} baselines, all but the first with noise"
    spread = maps.std(dim=0, keepdim=True) / count**0.5 if count > 1 else None
    values = contributions.mean(dim=0, keepdim=True)
    return replace(_answer(values, words), spread=spread)


def _answer(values: Tensor, reduction: str) -> Answer:
    return Answer(
        values,
        summed(values),
        signed=True,
        reduction=said(reduction, values),
        uses_baseline=True,
        prepared=True,
    )


class _Pairs:
    """Sends the input and baselines through the prepared copy together, under the rules."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._model = prepared_copy(question.model, question.inputs).model
        self._score: nn.Module | None = None

    def batch(self) -> int:
        """How many baselines go with the input in one pass.

        A pair is two inputs, and the rules keep about half as much again as plain gradients.
        """
        return max(1, inner_batch(self._question, self._model) // 3)

    def __call__(self, baselines: Tensor) -> tuple[Tensor, Tensor]:
        """Contributions [N, C, *size] against each of N baselines, and changes of the score [N]."""
        question, count = self._question, len(baselines)
        question.task.check()
        inputs = question.inputs.detach().expand_as(baselines)
        both = torch.cat([inputs, baselines]).requires_grad_()
        with torch.enable_grad(), under_rules(self._model, rule_of, len(both)):
            output = self._model(both)
            # A probability is a function of the output like any other: it takes rules as well.
            self._score = self._score or rewrite(_Scored(question.score), output).model
            with under_rules(self._score, rule_of, len(both)):
                scores = question.guard.took(self._score(output))
            (multipliers,) = torch.autograd.grad(scores.sum(), both)
        there, here = scores.detach().chunk(2)
        return (inputs - baselines) * multipliers[:count], there - here


class _Scored(nn.Module):
    """A score as a module, so that it can be rewritten."""

    def __init__(self, score: Score) -> None:
        super().__init__()
        self._score = score

    def forward(self, output: Tensor) -> Tensor:
        return self._score(output)


def _baselines(question: Question) -> Tensor:
    """The question's baseline, and as often as asked for with noise, [N, C, *size]."""
    several = question.baseline.repeat(
        question.whole("baselines"), *[1] * (question.inputs.ndim - 1)
    )
    noise = torch.randn(several[1:].shape, generator=question.generator())
    size = NOISE * (question.inputs.max() - question.inputs.min())
    several[1:] += size * noise.to(several)
    return several


def _trial(question: Question) -> Judgement:
    """Whether contributions add up; where something has no rule they do so by chance at best."""
    found = deep_lift(question).completeness
    error = 0.0 if found is None else found.relative
    gap = _without_rule(prepared_copy(question.model, question.inputs))
    if error <= COMPLETE and gap is None:
        return Judgement("green")
    reason = (
        f"Its contributions are {error:,.1%} off the change they should account for on this "
        f"model: {gap or 'something that it computes'} has no rule."
    )
    if error <= INCOMPLETE:
        return Judgement("amber", reason)
    return Judgement("red", reason, instead="integrated_gradients")


def _without_rule(copied: PreparedCopy) -> str | None:
    """What in a network the rules are known not to cover."""
    parts = [type(module) for module in copied.model.modules()]
    if any(issubclass(part, nn.RNNBase) for part in parts):
        return "its recurrent layer"
    called = [part.__name__ for part in parts]
    if isinstance(copied.model, fx.GraphModule):
        called += [getattr(node.target, "__name__", "") for node in copied.model.graph.nodes]
    if any("attention" in name.lower() for name in called):
        return "its attention"
    return None


def _judge(facts: Facts) -> Judgement:
    return needs_rules(facts, instead="integrated_gradients")


def _shap_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("baselines", "int", 8, 2, 64, "Baselines that the mean is taken over"),
        Option("batch", "int", 0, 0, 64, "Baselines in one pass; 0 is chosen when it runs"),
    )


def _shap_passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return 2 * int(options["baselines"] or 0)


DEEP_LIFT = Method(
    "deep_lift",
    "DeepLIFT",
    "gradient",
    options=lambda size: (),
    passes=lambda options, size: 2,
    judge=_judge,
    run=deep_lift,
    takes_baseline=True,
    prepared=True,
    paper="Shrikumar et al. 2017, arXiv 1704.02685",
    trial=_trial,
    seen=frozenset({"image", "volume", "clip", "table"}),
)

DEEP_LIFT_SHAP = Method(
    "deep_lift_shap",
    "DeepLIFT SHAP",
    "gradient",
    options=_shap_options,
    passes=_shap_passes,
    judge=_judge,
    run=deep_lift_shap,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    prepared=True,
    paper="Lundberg & Lee 2017, arXiv 1705.07874",
    trial=_trial,
)
