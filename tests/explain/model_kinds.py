"""The kinds of networks that the table of methods is about: small ones with fixed random weights.

Random weights suffice to say whether a method can say anything true of a kind of network, never
for figures of belief.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models.detection import fasterrcnn_mobilenet_v3_large_320_fpn
from torchvision.models.mobilenetv2 import MobileNetV2
from torchvision.models.mobilenetv3 import mobilenet_v3_small
from torchvision.models.resnet import BasicBlock, ResNet
from torchvision.models.segmentation import deeplabv3_mobilenet_v3_large
from torchvision.models.vgg import make_layers
from torchvision.models.video.resnet import BasicBlock as ClipBlock
from torchvision.models.video.resnet import BasicStem, Conv3DSimple, VideoResNet

from explain.facts import examine
from explain.records import InputKind
from explain.reduction import part_score, top_part
from explain.subject import Subject, smooth_noise
from inference.architectures.table import build
from inference.models import make_ready
from tests.explain.layered_networks import small_convnext, small_densenet, small_swin, small_vit
from tests.explain.networks import SmallCnn
from tests.explain.token_networks import TokenLstm, TokenTransformer, settled, token_ids

SEED = 3


@dataclass(frozen=True, eq=False)
class ModelKind:
    """One column of the table; `make` builds the network, `size` is its input without the N."""

    name: str
    title: str
    make: Callable[[], nn.Module]
    size: tuple[int, ...]
    kind: InputKind = "image"
    calibrated: bool = False
    """Its batch norms have seen noise: else a deep network answers all inputs alike."""

    def inputs(self, seed: int = 0) -> Tensor:
        """An input like those of this kind: [1, C, *size], token ids [1, length] or a row."""
        if self.kind == "tokens":
            return token_ids(self.size[0], seed)
        if self.kind == "table":
            return torch.randn(1, *self.size, generator=torch.Generator().manual_seed(seed))
        return smooth_noise((1, *self.size), seed)

    def subject(self) -> Subject:
        """The network with its facts, asked about the strongest part of its answer."""
        torch.manual_seed(SEED)
        model, inputs = self.make(), self.inputs()
        if self.calibrated:
            _calibrate(model, self.size)
        baseline = torch.zeros_like(inputs)
        with torch.no_grad():
            output = model(inputs)
        score = part_score(output, top_part(output))
        facts = examine(model, inputs, score, baseline, self.kind)
        rows = torch.cat([self.inputs(seed) for seed in range(1, 9)])
        return Subject(
            model, inputs, baseline, score, facts, rows if self.kind == "table" else None
        )


def _ready(make: Callable[[], nn.Module]) -> nn.Module:
    return make_ready(make(), 0)


def _calibrate(model: nn.Module, size: tuple[int, ...]) -> None:
    norms = [part for part in model.modules() if isinstance(part, nn.modules.batchnorm._BatchNorm)]
    for norm in norms:
        norm.momentum = None  # the mean over all that it sees
        norm.train()
    with torch.no_grad():
        for seed in range(3):
            model(smooth_noise((8, *size), seed))
    for norm in norms:
        norm.eval()


def _small_vgg() -> nn.Module:
    features = make_layers([8, "M", 16, "M", 16, 16, "M"], batch_norm=True)
    head = [nn.Flatten(), nn.Linear(16 * 16, 24), nn.ReLU(True), nn.Linear(24, 5)]
    return nn.Sequential(features, *head)


def _small_deeplab() -> nn.Module:
    made: nn.Module = deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=3, aux_loss=False
    )
    return made


def _small_detector() -> nn.Module:
    made: nn.Module = fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None,
        weights_backbone=None,
        num_classes=3,
        min_size=64,
        max_size=64,
        rpn_pre_nms_top_n_test=50,
        rpn_post_nms_top_n_test=10,
        box_detections_per_img=5,
        box_score_thresh=0.0,
    )
    return made


def _small_r3d() -> nn.Module:
    made: nn.Module = VideoResNet(
        ClipBlock, [Conv3DSimple] * 4, [1, 1, 1, 1], BasicStem, num_classes=4
    )
    return made


class _FunctionalCnn(nn.Module):
    """Its activations are functions; one convolution is called twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.again = nn.Conv2d(6, 6, 3, padding=1)
        self.line = nn.Linear(6, 4)

    def forward(self, inputs: Tensor) -> Tensor:
        features = functional.relu(self.first(inputs))
        features = functional.max_pool2d(functional.relu(self.again(features)), 2)
        features = functional.relu_(self.again(features))
        answer: Tensor = self.line(features.mean(dim=(2, 3)))
        return answer


def _plain(parts: Callable[[], nn.Module] = nn.ReLU) -> nn.Module:
    convolutions = [nn.Conv2d(3, 6, 3, padding=1), parts(), nn.Conv2d(6, 6, 3, stride=2), parts()]
    return nn.Sequential(*convolutions, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 4))


def _instance_norms() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(3, 4, 3, bias=False), nn.InstanceNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3)),
        *(nn.AdaptiveMaxPool2d(1), nn.Flatten()),
    )


def _script() -> nn.Module:
    trace: Any = torch.jit.trace
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # people still bring such files
        made: nn.Module = trace(_ready(_plain), torch.randn(2, 3, 24, 24))
    return made


def _exported() -> nn.Module:
    many = ({0: torch.export.Dim("n", min=1, max=512)},)
    program = torch.export.export(_ready(_plain), (torch.randn(2, 3, 24, 24),), dynamic_shapes=many)
    made: nn.Module = program.module()
    # A program checks its inputs by hooks of its own, which would seem to be left by a method.
    for part in made.modules():
        for name, held in vars(part).items():
            if name.endswith("_hooks") and isinstance(held, dict):
                held.clear()
    return made


class _Int8(nn.Module):
    """A convolution of 8-bit weights and 8-bit inputs, as it computes on a processor's integers."""

    weight: Tensor

    def __init__(self, channels: int, wanted: int) -> None:
        super().__init__()
        weight = torch.randint(-127, 128, (wanted, channels, 3, 3), dtype=torch.int8)
        self.register_buffer("weight", weight)

    def forward(self, inputs: Tensor) -> Tensor:
        packed = torch.clamp(torch.round(inputs * 32), -128, 127)
        return functional.conv2d(packed, self.weight.float()) / (32 * 127 * 4)


def _int8() -> nn.Module:
    first, second = _Int8(3, 6), _Int8(6, 4)
    return nn.Sequential(first, nn.ReLU(), second, nn.AdaptiveAvgPool2d(1), nn.Flatten())


MODEL_KINDS: dict[str, ModelKind] = {
    kind.name: kind
    for kind in (
        ModelKind(
            "resnet",
            "ResNet",
            partial(_ready, partial(ResNet, BasicBlock, [1, 1, 1, 1], num_classes=5)),
            (3, 112, 112),
            calibrated=True,
        ),
        ModelKind(
            "densenet", "DenseNet", partial(_ready, small_densenet), (3, 48, 48), calibrated=True
        ),
        ModelKind(
            "vgg", "VGG with batch norm", partial(_ready, _small_vgg), (3, 32, 32), calibrated=True
        ),
        ModelKind(
            "mobilenet_v2",
            "MobileNetV2",
            partial(_ready, partial(MobileNetV2, num_classes=5, width_mult=0.25)),
            (3, 112, 112),
            calibrated=True,
        ),
        ModelKind(
            "mobilenet_v3",
            "MobileNetV3 (squeeze-excitation)",
            partial(_ready, partial(mobilenet_v3_small, num_classes=5, width_mult=0.5)),
            (3, 112, 112),
            calibrated=True,
        ),
        ModelKind("convnext", "ConvNeXt", partial(_ready, small_convnext), (3, 64, 64)),
        ModelKind("vit", "ViT", partial(_ready, small_vit), (3, 32, 32)),
        ModelKind("swin", "Swin", partial(_ready, small_swin), (3, 64, 64)),
        ModelKind(
            "unet3d",
            "U-Net (volumes)",
            partial(_ready, partial(build, "unet3d", (("base", 4),), 2, 1)),
            (1, 16, 16, 16),
            "volume",
        ),
        ModelKind(
            "deeplab", "DeepLab", partial(_ready, _small_deeplab), (3, 64, 64), calibrated=True
        ),
        ModelKind("faster_rcnn", "Faster R-CNN", partial(_ready, _small_detector), (3, 64, 64)),
        ModelKind(
            "r3d",
            "R3D (clips)",
            partial(_ready, _small_r3d),
            (3, 4, 56, 56),
            "clip",
            calibrated=True,
        ),
        ModelKind(
            "transformer",
            "Transformer over tokens",
            lambda: settled(TokenTransformer()),
            (7,),
            "tokens",
        ),
        ModelKind("lstm", "LSTM over tokens", lambda: settled(TokenLstm()), (7,), "tokens"),
        ModelKind(
            "table",
            "MLP over a table",
            lambda: settled(nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 2))),
            (5,),
            "table",
        ),
        ModelKind(
            "functional",
            "ReLU as a function, layers called twice",
            partial(_ready, _FunctionalCnn),
            (3, 24, 24),
        ),
        ModelKind(
            "smooth", "GELU for ReLU", partial(_ready, partial(_plain, nn.GELU)), (3, 24, 24)
        ),
        ModelKind("instance_norm", "Instance norm", partial(_ready, _instance_norms), (3, 24, 24)),
        ModelKind(
            "half", "Half precision", partial(_ready, lambda: SmallCnn(2, 3).half()), (3, 24, 24)
        ),
        ModelKind("script", "TorchScript", _script, (3, 24, 24)),
        ModelKind("exported", "Exported program (.pt2)", _exported, (3, 24, 24)),
        ModelKind("int8", "int8", partial(_ready, _int8), (3, 24, 24)),
    )
}
"""By name, in the order of the table."""
