"""Methods for sequences of token ids: gradients at their embedding, and tokens hidden."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod

from explain.embeddings import at_embedding
from explain.gradient import ENOUGH
from explain.layer_features import features_and_slopes, layer_of
from explain.layer_paths import layer_integrated_gradients
from explain.perturbation import occlusion
from explain.perturbed import BATCH
from explain.question import Answer, Facts, Judgement, Method, Question, needs_gradients
from explain.records import InputKind, Option
from inference.records import Scalar

TOKENS: frozenset[InputKind] = frozenset({"tokens"})

ENDS = 4
"""Passes beside the steps: one finds the embedding, three are the way's ends."""


def embedding_integrated_gradients(question: Question) -> Answer:
    """Integrated Gradients between the embedded baseline and the embedded tokens.

    Sundararajan et al. 2017 (arXiv 1703.01365) do so for text: ids have nothing between them. As
    Captum's LayerIntegratedGradients at the embedding with the baseline's ids for reference; the
    steps are doubled up to `max_steps` where the map does not add up. The model is asked with the
    question's own ids throughout, so a mask that it makes of padding stays as it is.
    """
    asked, steps = at_embedding(question), question.whole("n_steps")
    while True:
        options = {**question.options, "n_steps": steps}
        found = layer_integrated_gradients(asked.part(options=options))
        whole = found.completeness
        if whole is None or whole.relative <= ENOUGH or 2 * steps > question.whole("max_steps"):
            return replace(found, reduction=SUM)
        steps *= 2
        question.task.note(
            f"The map's sum was {whole.relative:.0%} off the change it should account for; "
            f"going on with {steps} steps."
        )
        if question.guard.total is not None:
            question.guard.total += steps + ENDS - 1


def embedding_gradient(question: Question) -> Answer:
    """The size of the gradient at each token's embedding (Li et al. 2016, arXiv 1506.01066).

    With `times_embedding` the gradient times the embedded token instead, which has a sign (Denil
    et al. 2014, arXiv 1412.6815).
    """
    asked = at_embedding(question)
    embedded, gradient = features_and_slopes(asked, question.inputs)
    times = question.flag("times_embedding")
    values = embedded * gradient if times else gradient
    return Answer(
        values,
        values.sum(dim=1) if times else values.norm(dim=1),
        signed=times,
        reduction=SUM if times else "length over the numbers of a token's embedding",
        layer=layer_of(asked).name,
    )


def token_occlusion(question: Question) -> Answer:
    """The change of the score where tokens side by side are replaced by the baseline's.

    Zeiler & Fergus 2013 (arXiv 1311.2901) in one dimension, one token further each time; a token's
    value is the mean over the windows that hide it. Captum's Occlusion.
    """
    found = occlusion(question.part(options={**question.options, "stride": 1}))
    return replace(found, reduction="one value for each token")


SUM = "sum over the numbers of a token's embedding"


def _judge_embedding(facts: Facts) -> Judgement:
    if facts.kind != "tokens":
        return _NO_TOKENS
    if facts.embedding is None:
        return Judgement(
            "red",
            "This model has no embedding of its tokens that can be seen.",
            instead="token_occlusion",
        )
    found = needs_gradients(facts)
    return replace(found, instead="token_occlusion") if found.instead else found


def _judge_tokens(facts: Facts) -> Judgement:
    return Judgement("green") if facts.kind == "tokens" else _NO_TOKENS


_NO_TOKENS = Judgement("red", "This model takes no token ids.", instead="occlusion")


def _way_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("n_steps", "int", 50, 8, 500, "Steps from the baseline to the tokens"),
        Option(
            "max_steps", "int", 400, 8, 500, "Up to how many, where the map does not add up yet"
        ),
        Option(
            "internal_batch_size", "int", 0, 0, 512, "Steps in one pass; 0 is chosen when it runs"
        ),
    )


def _gradient_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    words = "Times the embedding itself, with a sign"
    return (Option("times_embedding", "bool", False, None, None, words),)


def _window_options(size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (Option("window", "int", 1, 1, 512, "Tokens that are hidden at once"), BATCH)


def _window_passes(options: Mapping[str, Scalar], size: tuple[int, ...]) -> int:
    return max(1, prod(size) - int(options["window"] or 1) + 1) + 1


EMBEDDING_INTEGRATED_GRADIENTS = Method(
    "embedding_integrated_gradients",
    "Integrated Gradients at the embedding",
    "gradient",
    options=_way_options,
    passes=lambda options, size: int(options["n_steps"] or 0) + ENDS,
    judge=_judge_embedding,
    run=embedding_integrated_gradients,
    batch_option="internal_batch_size",
    takes_baseline=True,
    paper="Sundararajan et al. 2017, arXiv 1703.01365",
    seen=TOKENS,
)

EMBEDDING_GRADIENT = Method(
    "embedding_gradient",
    "Gradient at the embedding",
    "gradient",
    options=_gradient_options,
    passes=lambda options, size: 2,
    judge=_judge_embedding,
    run=embedding_gradient,
    paper="Li et al. 2016, arXiv 1506.01066",
    seen=TOKENS,
)

TOKEN_OCCLUSION = Method(
    "token_occlusion",
    "Token Occlusion",
    "perturbation",
    options=_window_options,
    passes=_window_passes,
    judge=_judge_tokens,
    run=token_occlusion,
    batch_option="batch",
    can_stop=True,
    takes_baseline=True,
    paper="Zeiler & Fergus 2013, arXiv 1311.2901",
    seen=TOKENS,
)
