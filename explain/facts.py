"""What a trial pass shows of a model: the facts from which methods judge whether they fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from explain.arithmetic import plain_arithmetic
from explain.embeddings import embedding_name
from explain.layers import observe
from explain.question import Facts
from explain.recording import is_compiled, spatial_size
from explain.records import InputKind
from explain.taps import leaf_of, slope, tapped, tensors
from explain.tracing import follow
from inference.cards import ModelCard
from inference.predict import is_exhausted

FAINT = 0.02
SUDDEN = 0.5
"""Where a faint share of the input brings this share of the change, gradients between miss it."""

ACTIVATIONS = frozenset(
    {"relu", "leaky_relu", "prelu", "_prelu_kernel", "rrelu_with_noise", "elu", "celu", "selu"}
    | {"gelu", "silu", "mish", "hardswish", "hardsigmoid", "hardtanh", "relu6", "sigmoid", "tanh"}
    | {"softplus", "log_sigmoid_forward", "threshold", "hardshrink", "softshrink"}
)
"""Operations of torch that bend each value by itself; with an underscore they do so in place."""

_RECURRENT = (nn.RNNBase, nn.RNNCellBase)


def examine(
    model: nn.Module,
    inputs: Tensor,
    score: Callable[[Any], Tensor],
    baseline: Tensor,
    kind: InputKind,
    *,
    named: str | None = None,
) -> Facts:
    """What some passes with `inputs`, best noise, show; `model` is a private copy.

    `inputs` and `baseline` are [1, C, *size], token ids [1, length] or a row [1, columns]. `score`
    takes the model's output, whatever it is, to [N] values. `named` is the layer that the card
    names. Of token ids, differentiable says whether a gradient reaches what stands for them.
    Raises what the model raises for these inputs; a model that refuses gradients has no
    `differentiable`.
    """
    held = [*model.parameters(), *model.buffers()]
    with plain_arithmetic(model):
        output, activations = _counted(model, inputs)
        embedding = None
        if not inputs.is_floating_point():
            embedding = embedding_name(model, inputs, lambda: model(inputs))
        return Facts(
            size=spatial_size(inputs) or tuple(inputs.shape[1:]),
            differentiable=_reaches(model, inputs, score, embedding),
            sudden=kind != "tokens" and _is_sudden(model, inputs, baseline, output),
            layers=() if kind == "table" else observe(model, inputs, named, score)[1],
            kind=kind,
            rectifiers=sum(isinstance(part, nn.ReLU) for part in model.modules()),
            activations=activations,
            traced=follow(model) is not None,
            compiled=is_compiled(model),
            quantised=any(one.is_quantized or one.dtype is torch.int8 for one in held)
            or any(_is_packed(part) for part in model.modules()),
            half=any(one.dtype in (torch.float16, torch.bfloat16) for one in held),
            recurrent=any(isinstance(part, _RECURRENT) for part in model.modules()),
            embedding=embedding,
            attention=_attention(model),
            channels=1 if inputs.ndim == 2 else inputs.shape[1],
        )


def facts_of_card(model: nn.Module, card: ModelCard) -> Facts:
    """The facts of a model as its card describes it, by noise of the model's size.

    The largest value of its answer stands for the score, since no target is chosen yet.
    """
    noise = torch.randn(1, card.channels, *card.size, generator=torch.Generator().manual_seed(0))
    first = next(model.parameters(), None)
    inputs = noise if first is None else noise.to(first.device)
    return examine(
        model,
        inputs,
        lambda output: output.flatten(1).amax(dim=1),
        torch.full_like(inputs, card.baseline),
        "image" if len(card.size) == 2 else "volume",
        named=card.layer,
    )


def _counted(model: nn.Module, inputs: Tensor) -> tuple[Any, int]:
    """The model's output, and how many activations were computed for it."""
    counted = _Activations()
    with torch.no_grad(), counted:
        output = model(inputs)
    return output, counted.met


def _is_packed(part: nn.Module) -> bool:
    """Whether it keeps whole numbers as its weights, packed away where no parameter shows them."""
    return type(part).__module__.startswith("torch.ao.nn.quantized")


def _attention(model: nn.Module) -> tuple[str, ...]:
    """Modules whose weights of attention can be read, in their order."""
    kept = nn.MultiheadAttention
    return tuple(name for name, part in model.named_modules() if isinstance(part, kept))


def _reaches(
    model: nn.Module, inputs: Tensor, score: Callable[[Any], Tensor], embedding: str | None
) -> bool:
    """Whether a gradient that is not zero everywhere comes from the score to the input."""
    starts: list[Tensor] = []

    def start(name: str, output: Tensor) -> Tensor:
        starts.append(leaf_of(output))
        return starts[-1].clone()

    begin = {} if embedding is None else {embedding: model.get_submodule(embedding)}
    asked = inputs.detach().clone()
    if asked.is_floating_point():
        starts.append(asked.requires_grad_())
    try:
        with torch.enable_grad(), tapped(begin, start):
            value = score(model(asked))
            gradients = [slope(value, one) for one in starts]
    except RuntimeError as error:
        if is_exhausted(error):
            raise
        return False
    return any(bool(torch.isfinite(one).all() & one.any()) for one in gradients)


def _is_sudden(model: nn.Module, inputs: Tensor, baseline: Tensor, there: Any) -> bool:
    """Whether most of the change from the baseline to the input happens beside the baseline."""
    with torch.no_grad():
        none, faint = model(baseline), model(baseline + FAINT * (inputs - baseline))
    first = [next(tensors(one), torch.zeros(1)) for one in (there, none, faint)]
    if len({one.shape for one in first}) > 1:
        return False  # a detection finds another number of things: there is nothing to compare
    change, early = (float((one - first[1]).norm()) for one in (first[0], first[2]))
    return early > SUDDEN * change


_Mode: Any = TorchDispatchMode  # torch does not say the types of its methods


class _Activations(_Mode):
    """Counts the activations that are computed while it is on, of modules and of functions."""

    def __init__(self) -> None:
        super().__init__()
        self.met = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        _, _, name = func._schema.name.rpartition("::")
        self.met += name.removesuffix("_") in ACTIVATIONS
        return func(*args, **(kwargs or {}))
