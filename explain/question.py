"""What a method of explanation is asked, what it answers, and how it declares itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor, nn

from explain.records import LayerStatus, Option, Status
from inference.records import Completeness, Scalar
from inference.task import Task


@dataclass(frozen=True, eq=False)
class Question:
    """Why `score` of the model has its value at `inputs`.

    `model` is a private copy in evaluation mode. `inputs` and `baseline` are [1, C, *size]; a
    method changes neither. `score` takes the model's output for N inputs to [N] values; `value` is
    the score at `inputs`, from the unperturbed pass that comes before every question. `show` takes
    a function that makes an unfinished answer, or None while there is none; it may be called as
    often as one likes, and calls that function only when it is time for a picture.
    """

    model: nn.Module
    inputs: Tensor
    baseline: Tensor
    score: Callable[[Tensor], Tensor]
    value: float
    options: Mapping[str, Scalar]
    layer: str | None
    task: Task
    show: Callable[[Callable[[], Answer | None]], None]

    @property
    def size(self) -> tuple[int, ...]:
        """The spatial size of the input."""
        return tuple(self.inputs.shape[2:])

    def forward(self, batch: Tensor) -> Tensor:
        """The score of each of N inputs, [N]; raises Cancelled between two passes."""
        self.task.check()
        return self.score(self.model(batch))

    def leaf(self) -> Tensor:
        """A clone of the input that gradients may be asked of.

        A method that is cancelled in the middle leaves its flags on the clone.
        """
        return self.inputs.detach().clone().requires_grad_()

    def whole(self, name: str) -> int:
        """An option that is a whole number."""
        value = self.options[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} is {value!r}")
        return value

    def flag(self, name: str) -> bool:
        """An option that is on or off."""
        return self.options[name] is True


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method found.

    `values` is what Captum gives for the same question: [1, C, *size], or [1, 1, *native] of a
    layer. `map` is that in one channel, [1, *size] of the input or [1, *native] of the layer;
    `reduction` says in words how it was made.
    """

    values: Tensor
    map: Tensor
    signed: bool
    reduction: str
    completeness: Completeness | None = None
    layer: str | None = None
    uses_baseline: bool = False


@dataclass(frozen=True)
class Facts:
    """What a trial pass through a model shows; from it the methods judge whether they fit."""

    size: tuple[int, ...]
    differentiable: bool
    sudden: bool
    """Most of the answer's change happens right beside the baseline, where no step falls."""
    layers: tuple[LayerStatus, ...]


@dataclass(frozen=True)
class Judgement:
    """A method's word on itself for one model."""

    status: Status
    reason: str = ""
    instead: str | None = None


@dataclass(frozen=True)
class Method:
    """One line of the table: all that the program knows about a method.

    `options` gives the declared options for a spatial size (None: no model is named). `passes`
    is the number of passes for given options and size. `batch_option` names the option that is
    halved where memory runs out.
    """

    name: str
    title: str
    family: str
    options: Callable[[tuple[int, ...] | None], tuple[Option, ...]]
    passes: Callable[[Mapping[str, Scalar], tuple[int, ...]], int]
    judge: Callable[[Facts], Judgement]
    run: Callable[[Question], Answer]
    batch_option: str | None = None
    takes_layer: bool = False


def needs_gradients(facts: Facts) -> Judgement:
    """The word of every method that works by gradients of the input."""
    if facts.differentiable:
        return Judgement("green")
    return Judgement("red", "No gradient reaches the input of this model.", instead="occlusion")
