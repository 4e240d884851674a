"""A rewritten private copy of a network, for methods that must get at each activation by itself."""

from __future__ import annotations

import copy
import operator
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, fx, nn

from explain.call_modules import PLAIN, changes_in_place, inputs_of, module_of
from explain.question import Facts, Judgement, needs_gradients
from explain.tracing import REFUSALS, follow
from inference.predict import is_exhausted


@dataclass(frozen=True, eq=False)
class PreparedCopy:
    """A network that computes what another one computes, to the bit, made for hooks and rules.

    `traced` says that torch.fx followed it: then there is one module per call site, no activation
    is a function, and nothing changes a value in place. Else it is a copy whose modules change
    nothing in place. `exact` is False where neither gave the same answer and the copy is a plain
    one. It shares the memory of the parameters, not their flags. `words` say all this.
    """

    model: nn.Module
    traced: bool
    exact: bool
    words: str


_TRACED = (
    "A copy of the network was rewritten, with each activation as a module of its own; its answer "
    "is the same to the bit."
)
_UNTRACED = (
    "The way through the network depends on its input, so its copy could not be rewritten; only "
    "what its modules change in place was made to leave its input alone."
)
_PLAIN = "A rewritten copy of the network gave another answer, so a plain copy is asked."

_Signature = tuple[tuple[str, int], ...]

_made: WeakKeyDictionary[nn.Module, tuple[_Signature, PreparedCopy]] = WeakKeyDictionary()
_making = threading.Lock()


def prepared_copy(model: nn.Module, inputs: Tensor) -> PreparedCopy:
    """The prepared copy of `model`, checked on `inputs` [N, C, *size], which take no part in it.

    It is kept as long as the model lives and has the same parameters in the same memory; changed
    in place they change in the copy. Only one thread may use it at a time. Raises what the model
    raises for these inputs.
    """
    signature = _signature(model)
    with _making:
        known = _made.get(model)
    if known is not None and known[0] == signature:
        return known[1]
    made = rewrite(model, inputs)
    with _making:
        _made[model] = signature, made
    return made


def needs_rules(facts: Facts, instead: str) -> Judgement:
    """The word of every method that sets rules on a model's activations."""
    if facts.compiled and facts.differentiable:
        reason = "This model is a compiled program: no rule can be set on its activations."
        return Judgement("red", reason, instead)
    return needs_gradients(facts)


def rewrite(model: nn.Module, inputs: Any) -> PreparedCopy:
    """A prepared copy that is not kept; `inputs` is what the model takes."""
    with torch.no_grad():
        expected = model(inputs)
        traced = _traced(model)
        if traced is not None and _answers(traced, inputs, expected):
            return PreparedCopy(traced, traced=True, exact=True, words=_TRACED)
        careful = _without_changes_in_place(_twin(model))
        if _answers(careful, inputs, expected):
            return PreparedCopy(careful, traced=False, exact=True, words=_UNTRACED)
    return PreparedCopy(_twin(model), traced=False, exact=False, words=_PLAIN)


def _signature(model: nn.Module) -> _Signature:
    """Which tensors a model has, by name and place in memory."""
    held = [*model.named_parameters(), *model.named_buffers()]
    return tuple((name, tensor.data_ptr()) for name, tensor in held)


def _twin(model: nn.Module) -> nn.Module:
    """A copy with the same memory for parameters and buffers, frozen and evaluating."""
    shared: dict[int, Any] = {
        id(one): nn.Parameter(one.detach(), requires_grad=False) for one in model.parameters()
    }
    shared |= {id(one): one.detach() for one in model.buffers()}
    return copy.deepcopy(model, shared).eval()


def _without_changes_in_place(model: nn.Module) -> nn.Module:
    for module in model.modules():
        if getattr(module, "inplace", False) is True:
            module.__dict__["inplace"] = False
    return model


def _traced(model: nn.Module) -> nn.Module | None:
    """The rewritten copy, or None where the model's own code cannot be followed."""
    root = _twin(model)
    graph = follow(root)
    if graph is None:
        return None
    _rewrite_calls(root, graph)
    graph.lint()
    return fx.GraphModule(root, graph, type(model).__name__)


def _rewrite_calls(root: nn.Module, graph: fx.Graph) -> None:
    """One module per call site, activations as modules, nothing in place."""
    found = [
        (node, root.get_submodule(node.target) if node.op == "call_module" else None)
        for node in graph.nodes
        if node.op in ("call_module", "call_function", "call_method")
    ]
    changing = {node for node, called in found if changes_in_place(node, called)}
    calls: Counter[str] = Counter()
    for node, called in found:
        if called is None:
            _to_module(root, node)
        else:
            calls[node.target] += 1
            _own_module(root, node, called, calls[node.target])
        if node in changing:
            # Who read the changed argument later, reads the changed value now.
            node.args[0].replace_all_uses_with(node, delete_user_cb=partial(operator.lt, node))


def _own_module(root: nn.Module, node: fx.Node, called: nn.Module, call: int) -> None:
    """A twin for the second and each later call of one module."""
    if call > 1:
        called = _twin(called)
        node.target = _place(root, f"{node.target}_call_{call}", called)
    _without_changes_in_place(called)


def _to_module(root: nn.Module, node: fx.Node) -> None:
    """Let the node call a module instead of a function or a method, where there is one."""
    made = module_of(node, root)
    if made is not None:
        node.args, node.kwargs = node.args[: inputs_of(made)], {}
        node.target = _place(root, f"_calls.{node.name}", made.eval())
        node.op = "call_module"
    elif node.target in PLAIN:
        node.target = PLAIN[node.target]


def _place(root: nn.Module, path: str, module: nn.Module) -> str:
    """Put a module into `root` at a dotted path of one more step than what is there."""
    where, _, name = path.rpartition(".")
    if where == "_calls" and not hasattr(root, where):
        root.add_module(where, nn.Module())
    root.get_submodule(where).add_module(name, module)
    return path


def _answers(model: nn.Module, inputs: Any, expected: Any) -> bool:
    """Whether a copy answers, and as expected: what made it different may have broken it."""
    try:
        return _same(model(inputs), expected)
    except REFUSALS as error:
        if is_exhausted(error):
            raise
        return False


def _same(found: Any, expected: Any) -> bool:
    """Whether two answers of a network are equal to the bit; a NaN equals a NaN."""
    if isinstance(expected, Tensor):
        if not isinstance(found, Tensor) or found.shape != expected.shape:
            return False
        return bool(((found == expected) | (found.isnan() & expected.isnan())).all())
    if isinstance(expected, Mapping):
        return found.keys() == expected.keys() and _same([*found.values()], [*expected.values()])
    if isinstance(expected, (tuple, list)):
        return len(found) == len(expected) and all(map(_same, found, expected))
    return bool(found == expected)
