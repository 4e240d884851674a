"""Small networks whose layers lie over the input in every way, with fixed random weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchvision.models.convnext import CNBlockConfig, ConvNeXt
from torchvision.models.densenet import DenseNet
from torchvision.models.swin_transformer import SwinTransformer
from torchvision.models.vision_transformer import VisionTransformer

from explain.records import LayerStatus


class EveryLayout(nn.Module):
    """The same features three times: channels first, channels last, and as tokens.

    Patches of 4 × 4, then a class token that looks at all cells, then a line.
    """

    def __init__(self, special: int = 2) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 4, 4, stride=4)
        self.first = nn.Identity()
        self.last = nn.Identity()
        self.tokens = nn.Identity()
        self.special = nn.Parameter(torch.randn(1, special, 4))
        self.norm = nn.LayerNorm(4)
        self.attention = nn.MultiheadAttention(4, 2, batch_first=True)
        self.line = nn.Linear(4, 3)

    def forward(self, inputs: Tensor) -> Tensor:
        cells = self.last(self.first(self.patches(inputs)).permute(0, 2, 3, 1))
        special = self.special.expand(len(inputs), -1, -1)
        tokens = self.norm(self.tokens(torch.cat([special, cells.flatten(1, 2)], dim=1)))
        mixed, _ = self.attention(tokens, tokens, tokens, need_weights=False)
        answer: Tensor = self.line(torch.tanh(tokens + mixed)[:, 0])
        return answer


def every_layout(special: int = 2) -> tuple[nn.Module, Tensor, dict[str, LayerStatus]]:
    """The network, an input of 12 × 20 pixels, and its three layers of 3 × 5 cells by layout."""
    torch.manual_seed(5)
    model = EveryLayout(special).eval().requires_grad_(requires_grad=False)
    layers = {
        "first": LayerStatus("first", "Identity", (3, 5), default=False),
        "last": LayerStatus("last", "Identity", (3, 5), default=False, layout="channels last"),
        "tokens": LayerStatus(
            "tokens", "Identity", (3, 5), default=False, layout="tokens", special=special
        ),
    }
    return model, torch.randn(1, 3, 12, 20), layers


def seeded(make: Callable[[], nn.Module]) -> nn.Module:
    """A network that is the same each time, evaluating and frozen."""
    torch.manual_seed(3)
    return make().eval().requires_grad_(requires_grad=False)


def small_vit() -> nn.Module:
    """Pictures of 32 × 32, patches of 8 × 8, a class token, two blocks."""
    model: nn.Module = VisionTransformer(
        image_size=32,
        patch_size=8,
        num_layers=2,
        num_heads=2,
        hidden_dim=12,
        mlp_dim=20,
        num_classes=5,
    )
    nn.init.normal_(model.get_submodule("heads.head").get_parameter("weight"))  # it begins as zeros
    return model


def small_swin() -> nn.Module:
    """Patches of 4 × 4, windows of 4 × 4, two stages of two blocks; channels last."""
    model: nn.Module = SwinTransformer(
        patch_size=[4, 4],
        embed_dim=12,
        depths=[2, 2],
        num_heads=[2, 2],
        window_size=[4, 4],
        num_classes=5,
    )
    return model


def small_convnext() -> nn.Module:
    """Two stages of one block; channels last within a block, first between."""
    stages = [CNBlockConfig(8, 16, 1), CNBlockConfig(16, None, 1)]
    model: nn.Module = ConvNeXt(stages, num_classes=5)
    return model


def small_densenet() -> nn.Module:
    """Two blocks of two layers; its last activation is a function."""
    blocks = (2, 2)
    model: nn.Module = DenseNet(4, blocks, num_init_features=8, num_classes=5)
    return model
