"""The rewritten copy of a network: the same answer to the bit, and nothing shared but memory."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn import functional
from torchvision import models as nets

from explain.call_modules import LogSumExp, MatrixProduct, Product
from explain.prepared_copy import prepared_copy, rewrite
from tests.explain.networks import small_cnn
from tests.explain.test_traces import fingerprint


def small_vit() -> nn.Module:
    model: nn.Module = nets.VisionTransformer(
        image_size=32, patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32
    )
    nn.init.normal_(model.get_parameter("heads.head.weight"))
    return model


def small_swin() -> nn.Module:
    model: nn.Module = nets.SwinTransformer([4, 4], 12, [2, 2], [2, 2], [4, 4], num_classes=5)
    return model


NETS: dict[str, Callable[[], nn.Module]] = {
    "resnet18": nets.resnet18,
    "densenet121": nets.densenet121,
    "mobilenet_v2": nets.mobilenet_v2,
    "mobilenet_v3_small": nets.mobilenet_v3_small,
    "shufflenet_v2_x1_0": nets.shufflenet_v2_x1_0,
    "squeezenet1_1": nets.squeezenet1_1,
    "googlenet": lambda: nets.googlenet(init_weights=False),
    "efficientnet_b0": nets.efficientnet_b0,
    "regnet_y_400mf": nets.regnet_y_400mf,
    "mnasnet0_5": nets.mnasnet0_5,
    "convnext_tiny": nets.convnext_tiny,
    "vit": small_vit,
    "swin": small_swin,
    "lraspp": lambda: nets.segmentation.lraspp_mobilenet_v3_large(weights_backbone=None),
}
SIZES = {"vit": 32, "densenet121": 64, "googlenet": 64}


def evaluating(make: Callable[[], nn.Module]) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return make().eval().requires_grad_(requires_grad=False)


def noise(*shape: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("name", NETS)
def test_networks_everybody_uses_answer_the_same_to_the_bit(name: str) -> None:
    model, inputs = evaluating(NETS[name]), noise(1, 3, *[SIZES.get(name, 48)] * 2)
    found = prepared_copy(model, inputs)
    assert (found.traced, found.exact) == (True, True)
    assert isinstance(found.model, fx.GraphModule)
    several = noise(2, *inputs.shape[1:])
    with torch.no_grad():
        theirs, ours = model(several), found.model(several)
    if isinstance(theirs, Mapping):
        theirs, ours = theirs["out"], ours["out"]
    assert torch.equal(ours, theirs)
    calls = [node.target for node in found.model.graph.nodes if node.op == "call_module"]
    assert len(calls) == len(set(calls))
    assert not any(getattr(module, "inplace", False) for module in found.model.modules())
    others = {
        getattr(node.target, "__name__", node.target)
        for node in found.model.graph.nodes
        if node.op in ("call_function", "call_method")
    }
    assert not others & {"relu", "hardtanh", "gelu", "silu", "sigmoid", "max_pool2d", "mul", "iadd"}


class Written(nn.Module):
    """A network that is one function."""

    def __init__(self, forward: Callable[[Any, Tensor], Tensor], **modules: nn.Module) -> None:
        super().__init__()
        self.written = forward
        for name, module in modules.items():
            self.add_module(name, module)

    def forward(self, x: Tensor) -> Tensor:
        return self.written(self, x)


CALLS: dict[type[nn.Module], tuple[Callable[[Tensor], Tensor], ...]] = {
    nn.ReLU: (
        functional.relu,
        torch.relu,
        lambda x: x.relu(),
        lambda x: (x * 1.5).relu_(),
        lambda x: functional.relu(x * 1.5, inplace=True),
        lambda x: torch.relu_(x * 1.5),
    ),
    nn.ReLU6: (functional.relu6,),
    nn.Hardtanh: (lambda x: functional.hardtanh(x, -0.5, max_val=0.25),),
    nn.LeakyReLU: (lambda x: functional.leaky_relu(x, 0.3), functional.leaky_relu),
    nn.ELU: (lambda x: functional.elu(x, alpha=0.3),),
    nn.SELU: (functional.selu,),
    nn.CELU: (lambda x: functional.celu(x, 0.3),),
    nn.GELU: (functional.gelu, lambda x: functional.gelu(x, approximate="tanh")),
    nn.SiLU: (functional.silu, lambda x: functional.silu(x * 1.5, inplace=True)),
    nn.Mish: (functional.mish,),
    nn.Hardswish: (functional.hardswish,),
    nn.Hardsigmoid: (functional.hardsigmoid,),
    nn.Softplus: (lambda x: functional.softplus(x, 2.0, threshold=3.0),),
    nn.LogSigmoid: (functional.logsigmoid,),
    nn.Sigmoid: (torch.sigmoid, functional.sigmoid, lambda x: x.sigmoid()),
    nn.Tanh: (torch.tanh, functional.tanh, lambda x: x.tanh()),
    nn.Softmax: (
        lambda x: torch.softmax(x, 1),
        lambda x: functional.softmax(x, dim=-1),
        lambda x: x.softmax(dim=2),
    ),
    nn.LogSoftmax: (lambda x: x.log_softmax(1), lambda x: functional.log_softmax(x, dim=2)),
    LogSumExp: (
        lambda x: torch.logsumexp(x, dim=2),
        lambda x: x.logsumexp((2, 3), keepdim=True),
    ),
    nn.MaxPool2d: (
        lambda x: functional.max_pool2d(x, 3, 2, padding=1, ceil_mode=True),
        lambda x: functional.max_pool2d(x, 2),
    ),
    nn.AdaptiveMaxPool2d: (lambda x: functional.adaptive_max_pool2d(x, (3, 2)),),
    nn.LayerNorm: (lambda x: functional.layer_norm(x, (5, 6), eps=0.1),),
    Product: (lambda x: x * x.sum(), lambda x: x.mul(x), lambda x: torch.mul(x, 2)),
    MatrixProduct: (lambda x: x @ x.mT, lambda x: torch.matmul(x, x.transpose(2, 3))),
}


@pytest.mark.parametrize(
    ("kind", "call"),
    [(kind, call) for kind, calls in CALLS.items() for call in calls],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_function_becomes_a_module(kind: type[nn.Module], call: Callable[[Tensor], Any]) -> None:
    model, inputs = Written(lambda self, x: call(x)), noise(2, 3, 5, 6)
    found = rewrite(model, inputs)
    assert (found.traced, found.exact) == (True, True)
    assert kind in [type(module) for module in found.model.modules()]
    assert torch.equal(found.model(inputs), call(inputs.clone()))


def test_a_layer_norm_by_function_keeps_its_parameters() -> None:
    model = Written(
        lambda self, x: functional.layer_norm(x, (6,), self.norm.weight, self.norm.bias),
        norm=nn.LayerNorm(6),
    )
    nn.init.normal_(model.get_parameter("norm.weight"))
    found = rewrite(model, noise(2, 3, 5, 6))
    assert (found.traced, found.exact) == (True, True)
    assert [type(one) for one in found.model.modules()][-1] is nn.LayerNorm


def test_indices_and_settings_known_only_in_passing_stay_functions() -> None:
    def forward(self: Any, x: Tensor) -> Tensor:
        found, places = functional.max_pool2d(x, 2, return_indices=True)
        return functional.max_unpool2d(found, places, (2, 2)) + functional.leaky_relu(
            x, 1 / x.shape[1]
        )

    model = Written(forward)
    found = rewrite(model, noise(1, 2, 4, 4))
    assert (found.exact, len(list(found.model.modules()))) == (True, 1)


def test_each_call_of_one_module_is_its_own() -> None:
    def forward(self: Any, x: Tensor) -> Tensor:
        found: Tensor = self.relu(self.line(self.relu(self.line(x))))
        return found

    model = Written(forward, relu=nn.ReLU(inplace=True), line=nn.Linear(4, 4))
    found = rewrite(model, noise(1, 4))
    first, second = (found.model.get_submodule(name) for name in ("line", "line_call_2"))
    assert first is not second
    pointers = [next(one.parameters()).data_ptr() for one in (first, second, model)]
    assert len(set(pointers)) == 1
    assert sum(type(one) is nn.ReLU for one in found.model.modules()) == 2


def in_place_before_a_shortcut(self: Any, x: Tensor) -> Tensor:
    x = x * 1.5
    y: Tensor = self.relu(x)  # x is now this, too
    return x + y * 2


def in_place_through_a_view(self: Any, x: Tensor) -> Tensor:
    x = x * 1.5
    self.relu(x.flatten(1))
    return x


def by_its_numbers(self: Any, x: Tensor) -> Tensor:
    x = x * 1.5
    return in_place_before_a_shortcut(self, x) if float(x.sum()) < 1e9 else x


def by_its_numbers_carefully(self: Any, x: Tensor) -> Tensor:
    found: Tensor = self.relu(x * 1.5) if float(x.sum()) < 1e9 else x
    return found


@pytest.mark.parametrize(
    ("forward", "traced", "exact"),
    [
        (in_place_before_a_shortcut, True, True),
        (in_place_through_a_view, False, False),
        (by_its_numbers, False, False),
        (by_its_numbers_carefully, False, True),
    ],
)
def test_what_is_changed_in_place(
    forward: Callable[[Any, Tensor], Tensor], traced: bool, exact: bool
) -> None:
    model, inputs = Written(forward, relu=nn.ReLU(inplace=True)), noise(2, 3, 4)
    found = rewrite(model, inputs)
    assert (found.traced, found.exact) == (traced, exact)
    assert torch.equal(found.model(inputs), model(inputs))
    assert model.get_submodule("relu").inplace
    # A plain copy is as it was; every other one leaves its inputs alone.
    assert any(getattr(one, "inplace", False) for one in found.model.modules()) is not exact
    assert found.words.endswith(".")


def test_the_original_is_left_alone() -> None:
    model, inputs = small_cnn((9, 9))
    before, kept = fingerprint(model), inputs.clone()
    copied = prepared_copy(model, inputs).model
    for parameter in copied.parameters():
        parameter.requires_grad_()
    copied(inputs).sum().backward()
    assert fingerprint(model) == before
    assert torch.equal(inputs, kept)


def test_one_copy_a_model_as_long_as_it_lives() -> None:
    first = nn.Linear(3, 4)
    model, inputs = nn.Sequential(first, nn.ReLU(), nn.BatchNorm1d(4)).eval(), noise(1, 3)
    found = prepared_copy(model, inputs)
    assert prepared_copy(model, noise(5, 3)) is found
    with torch.no_grad():
        first.weight.mul_(2)
    assert prepared_copy(model, inputs) is found
    assert torch.equal(found.model(inputs), model(inputs))
    first.weight = nn.Parameter(noise(4, 3))
    again = prepared_copy(model, inputs)
    assert again is not found
    assert torch.equal(again.model(inputs), model(inputs))
    alive = weakref.ref(model)
    del model
    gc.collect()
    assert alive() is None


def test_what_the_model_raises_is_raised() -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        prepared_copy(nn.Linear(3, 4), noise(1, 5))


def test_a_compiled_program_is_copied_as_it_is() -> None:
    model, inputs = nn.Sequential(nn.Linear(3, 4), nn.ReLU()).eval(), noise(1, 3)
    exported = torch.export.export(model, (inputs,)).module()
    found = prepared_copy(exported, inputs)
    assert found.exact
    assert torch.equal(found.model(inputs), model(inputs))
