"""Any gradient or layer method averaged over noisy copies of the input: SmoothGrad."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from explain.governor import inner_batch
from explain.perturbed import stopped_after
from explain.question import Answer, Method, Question, needs_gradients
from explain.records import Option
from explain.settling import Settling
from inference.records import Scalar
from inference.task import Task

AS_IT_IS: dict[str, Scalar] = {"max_steps": 0}
"""What bases get besides their defaults: single samples of a mean are not refined."""


def smoothgrad(bases: Sequence[Method]) -> Method:
    """The line of the table for noise over those of `bases` that follow gradients or a layer."""
    known = {
        method.name: method
        for method in bases
        if method.family in ("gradient", "layer") and "image" in method.seen
    }
    return Method(
        "smoothgrad",
        "SmoothGrad",
        "gradient",
        options=partial(_options, tuple(known)),
        passes=partial(_passes, known),
        judge=needs_gradients,
        run=partial(_smooth, known),
        batch_option="batch",
        can_stop=True,
        takes_baseline=True,
        paper="Smilkov et al. 2017, arXiv 1706.03825",
        layer_if=lambda options: known[str(options["base"])].takes_layer,
    )


def noise(question: Question, share: float) -> Iterator[Tensor]:
    """Noise like the input, one [1, C, *size] after another, the same for the same seed.

    Its standard deviation is `share` of the input's range, as Smilkov et al. state theirs.
    """
    generator, inputs = question.generator(), question.inputs
    deviation = share * float(inputs.max() - inputs.min())
    while True:
        yield deviation * torch.randn(inputs.shape, generator=generator).to(inputs)


def _smooth(bases: Mapping[str, Method], question: Question) -> Answer:
    """The mean over noisy copies (Smilkov et al. 2017), the mean of squares, or the variance.

    Squares after Hooker et al. 2019 (arXiv 1806.10758), variance after Adebayo et al. 2018 (arXiv
    1810.03307). Copies are taken until the mean settles or somebody wants what is known so far, at
    most `samples`. Which ones they are does not depend on how many go through the model at once.
    """
    base = bases[question.word("base")]
    batch = (question.whole("batch") or inner_batch(question)) if base.several else 1
    most, found = question.whole("samples"), _Samples(KINDS[question.word("type")], batch)
    drawn = noise(question, question.number("stdev"))
    while True:
        some = [next(drawn) for _ in range(min(batch, most - found.values.count))]
        answer = _ask(question, base, question.inputs + torch.cat(some))
        for values, one in zip(answer.values[:, None], answer.map[:, None], strict=True):
            found.add(values, one)
            if found.settled or found.values.count == most:
                return found.answer(answer)
        if question.task.stopped:
            warnings = stopped_after(found.values.count, most, "noisy copies")
            return replace(found.answer(answer), warnings=(*answer.warnings, *warnings))
        question.show(partial(found.answer, answer))


def _ask(question: Question, base: Method, inputs: Tensor) -> Answer:
    """What `base` says with its defaults to `inputs`, one noisy copy or several."""
    options = {option.name: option.default for option in base.options(question.size)}
    value = question.value
    if not base.several:  # those of one pass have no use for it
        with torch.no_grad():
            value = float(question.forward(inputs))
    return base.run(
        question.part(
            inputs=inputs,
            value=value,
            options=options | AS_IT_IS,
            task=_Whole(question.task),
            show=lambda make: None,
        )
    )


class _Whole(Task):
    """For one copy of many: it is cancelled with the rest, but not stopped half way."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self._task = task

    def check(self) -> None:
        self._task.check()


@dataclass(frozen=True)
class _Kind:
    """What is averaged of the base's answers, and what of the average is the map.

    A variance has no spread of its own, and settles too slowly to be waited for: a tenth of it
    takes 200 samples.
    """

    words: str
    of: Callable[[Tensor], Tensor]
    taken: Callable[[Settling], Tensor]
    signed: bool
    settles: bool


KINDS = {
    "smoothgrad": _Kind("mean", Tensor.detach, lambda found: found.mean, True, True),
    "smoothgrad_sq": _Kind("mean square", torch.square, lambda found: found.mean, False, True),
    "vargrad": _Kind("variance", Tensor.detach, lambda found: found.variance, False, False),
}
"""By Captum's names of them."""


class _Samples:
    """The base's answers so far, as Captum gives them and in one channel."""

    def __init__(self, kind: _Kind, batch: int) -> None:
        self.values, self.maps = Settling(), Settling()
        self._kind, self._batch = kind, batch

    def add(self, values: Tensor, one: Tensor) -> None:
        """Take in the values [1, C, *size] and the map [1, *size] of one copy."""
        self.values.add(self._kind.of(values))
        self.maps.add(self._kind.of(one))

    @property
    def settled(self) -> bool:
        return self._kind.settles and self.maps.settled

    def answer(self, last: Answer) -> Answer:
        """The answer from the samples so far; all but the numbers is as in the base's last one."""
        kind, count = self._kind, self.values.count
        return replace(
            last,
            values=kind.taken(self.values).to(last.values),
            map=kind.taken(self.maps).to(last.map),
            signed=last.signed and kind.signed,
            reduction=f"{last.reduction}; then the {kind.words} over {count} noisy copies",
            completeness=None,
            spread=self.maps.error.to(last.map) if kind.settles and count > 1 else None,
            taken=(("samples", count), ("batch", self._batch)),
        )


def _options(bases: tuple[str, ...], size: tuple[int, ...] | None) -> tuple[Option, ...]:
    return (
        Option("base", "choice", bases[0], None, None, "The method that is averaged", bases),
        Option(
            "type",
            "choice",
            "smoothgrad",
            None,
            None,
            "The mean, the mean of squares, or the variance over the samples",
            tuple(KINDS),
        ),
        Option("samples", "int", 50, 1, 1000, "Noisy copies at most; fewer where the mean settles"),
        Option("stdev", "float", 0.15, 0.0, 1.0, "Noise as a share of the input's range"),
        Option("batch", "int", 0, 0, 512, "Copies in one pass; 0 is chosen when it runs"),
    )


def _passes(
    bases: Mapping[str, Method], options: Mapping[str, Scalar], size: tuple[int, ...]
) -> int:
    base = bases[str(options["base"])]
    of_base = base.passes({option.name: option.default for option in base.options(size)}, size)
    return int(options["samples"] or 0) * (of_base + (not base.several))
