"""What a method of explanation is asked, what it answers, and how it declares itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn

from explain.first_pass import FirstPass
from explain.guard import Guard, Score
from explain.memory import Room
from explain.records import InputKind, LayerStatus, Option, Status
from inference.records import Completeness, Options, Scalar
from inference.task import Task


@dataclass(frozen=True, eq=False)
class Question:
    """Why `score` of the model has its value at `inputs`.

    `model` is a private copy in evaluation mode. `inputs` and `baseline` are [1, C, *size] (see
    InputKind); a method changes neither. `score` takes the model's output for N inputs to [N]
    values; `value` is the score at `inputs`, from the unperturbed pass that comes before every
    question. `layer` is one of `Facts.layers`, chosen for methods that take one. `show` takes a
    function that makes an unfinished answer, or None while there is none; it may be called as
    often as one likes, and calls that function only when it is time for a picture. All chance
    comes from `seed` alone, never from torch's global generator.
    """

    model: nn.Module
    inputs: Tensor
    baseline: Tensor
    score: Score
    value: float
    options: Mapping[str, Scalar]
    layer: LayerStatus | None
    task: Task
    show: Callable[[Callable[[], Answer | None]], None]
    kind: InputKind = "image"
    seed: int = 0
    total: int | None = None
    """How many inputs the method says will go through the model."""
    room: Room = field(default_factory=Room)
    """What memory leaves for one pass; see explain.governor."""
    background: Tensor | None = None
    """Other rows of the table that the input is a row of, [rows, columns]."""
    first: FirstPass | None = None
    """The unperturbed pass, where the method needs no other; see explain.layer_features."""

    @property
    def size(self) -> tuple[int, ...]:
        """The spatial size of the input; the length of tokens, the columns of a table."""
        return size_of(self.inputs)

    @cached_property
    def guard(self) -> Guard:
        """What counts this question's passes; every pass goes through it."""
        return Guard(self.score, self.task, self.total)

    def forward(self, batch: Tensor) -> Tensor:
        """The score of each of N inputs, [N]; raises Cancelled between two passes."""
        return self.guard.run(self.model, batch)

    def leaf(self) -> Tensor:
        """A clone of the input that gradients may be asked of.

        A method that is cancelled in the middle leaves its flags on the clone.
        """
        return self.inputs.detach().clone().requires_grad_()

    def part(self, **changes: Any) -> Question:
        """A question within this one, with some fields changed; its passes count as this one's."""
        within = replace(self, **changes)
        vars(within)["guard"] = self.guard
        return within

    def generator(self) -> torch.Generator:
        """Chance that is the same for the same seed, on the processor."""
        return torch.Generator().manual_seed(self.seed)

    def whole(self, name: str) -> int:
        """An option that is a whole number."""
        value = self.options[name]
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name} is {value!r}")
        return value

    def number(self, name: str) -> float:
        """An option that is a number."""
        value = self.options[name]
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} is {value!r}")
        return float(value)

    def word(self, name: str) -> str:
        """An option that is a choice among words."""
        return str(self.options[name])

    def flag(self, name: str) -> bool:
        """An option that is on or off."""
        return self.options[name] is True


def size_of(inputs: Tensor) -> tuple[int, ...]:
    """The spatial size of inputs [N, C, *size], or (length,) of [N, length] tokens or columns."""
    return tuple(inputs.shape[2:] if inputs.ndim > 2 else inputs.shape[1:])


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method found.

    `values` is what Captum gives for the same question: [1, C, *size], or [1, C, *native] of a
    layer (its channels first, whatever its layout; one channel where the method adds them up).
    `map` is that in one channel, [1, *size] of the input or [1, *native] of the layer; `reduction`
    says in words how it was made. `spread` is the standard error of `map` where it is a mean over
    samples. `layer` is the dotted name that was looked at. `prepared` says that a rewritten
    copy of the network was asked. `warnings` are sentences on what this map cannot say. `taken` are
    options as they were in the end, where
    the method chose or raised some while it ran: asked for outright they give the same again, but
    for rounding.
    """

    values: Tensor
    map: Tensor
    signed: bool
    reduction: str
    completeness: Completeness | None = None
    layer: str | None = None
    uses_baseline: bool = False
    spread: Tensor | None = None
    prepared: bool = False
    warnings: tuple[str, ...] = ()
    taken: Options = ()


@dataclass(frozen=True)
class Facts:
    """What a trial pass through a model shows; from it the methods judge whether they fit.

    `rectifiers` counts the nn.ReLU modules, `activations` all places where an activation is
    computed, of modules and of functions, as the pass met them. `traced` says whether torch.fx
    can follow the model, so that it can be rewritten. `embedding` is the dotted name of the token
    embedding, `attention` those of the attention modules, in order.
    """

    size: tuple[int, ...]
    differentiable: bool
    sudden: bool
    """Most of the answer's change happens right beside the baseline, where no step falls."""
    layers: tuple[LayerStatus, ...]
    kind: InputKind = "image"
    rectifiers: int = 0
    activations: int = 0
    traced: bool = True
    compiled: bool = False
    """TorchScript or an exported program: no hooks, no rewriting."""
    quantised: bool = False
    half: bool = False
    recurrent: bool = False
    embedding: str | None = None
    attention: tuple[str, ...] = ()
    channels: int = 1


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
    is the number of inputs that go through the model for given options and size. `judge` says
    from the facts alone whether the method fits; `trial`, where there is one, runs it once on
    noise and says whether what came out can be true. `batch_option` names the option that is
    halved where memory runs out. `seen` are the kinds of input that it is right for. `several`
    says that it answers N inputs [N, C, …] of one question as well, with N values and maps.
    `layer_if` says for which options a method takes a layer that does not always. `can_stop` says
    that it looks at `Task.stopped` between two passes and then answers with what is known so far.
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
    takes_baseline: bool = False
    prepared: bool = False
    paper: str = ""
    trial: Callable[[Question], Judgement] | None = None
    seen: frozenset[InputKind] = frozenset({"image", "volume", "clip"})
    several: bool = False
    layer_if: Callable[[Mapping[str, Scalar]], bool] | None = None
    can_stop: bool = False

    def looks_at_layer(self, options: Mapping[str, Scalar]) -> bool:
        """Whether it takes a layer, with these options."""
        return self.takes_layer or (self.layer_if is not None and self.layer_if(options))


def needs_gradients(facts: Facts) -> Judgement:
    """The word of every method that works by gradients of the input."""
    if facts.differentiable:
        return Judgement("green")
    return Judgement("red", "No gradient reaches the input of this model.", instead="occlusion")
