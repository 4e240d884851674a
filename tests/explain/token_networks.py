"""Small networks over token ids and over rows of a table, with fixed random weights."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WORDS = 20
"""Token ids are 0 (padding) to 19."""


class TokenTransformer(nn.Module):
    """A class token, embedded ids, two encoder layers; the answer is read from the class token.

    Nothing attends to padding.
    """

    def __init__(self, width: int = 8, heads: int = 2, length: int = 32, labels: int = 3) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, width, padding_idx=0)
        self.position = nn.Parameter(torch.zeros(1, length + 1, width))
        self.first = nn.Parameter(torch.zeros(1, 1, width))
        layer = nn.TransformerEncoderLayer(width, heads, 2 * width, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.line = nn.Linear(width, labels)

    def forward(self, ids: Tensor) -> Tensor:
        embedded = torch.cat([self.first.expand(len(ids), -1, -1), self.embedding(ids)], dim=1)
        states = self.encoder(
            embedded + self.position[:, : embedded.shape[1]],
            src_key_padding_mask=nn.functional.pad(ids == 0, (1, 0)),
        )
        answer: Tensor = self.line(states[:, 0])
        return answer


class TokenLstm(nn.Module):
    """Embedded ids through an LSTM of both directions; the answer is of the mean state."""

    def __init__(self, width: int = 6, labels: int = 3) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, width, padding_idx=0)
        self.lstm = nn.LSTM(width, 5, batch_first=True, bidirectional=True)
        self.line = nn.Linear(10, labels)

    def forward(self, ids: Tensor) -> Tensor:
        states, _ = self.lstm(self.embedding(ids))
        answer: Tensor = self.line(states.mean(dim=1))
        return answer


class TokenSum(nn.Module):
    """The sum of one number for each token: what each contributes is known."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, 1)
        with torch.no_grad():
            self.embedding.weight.copy_(torch.arange(WORDS)[:, None] ** 2)

    def forward(self, ids: Tensor) -> Tensor:
        answer: Tensor = self.embedding(ids).sum(dim=1)
        return answer


def settled(model: nn.Module, seed: int = 0) -> nn.Module:
    """The same module with random weights from `seed`, evaluating, without gradients to weights."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(0.6 * torch.randn(parameter.shape, generator=generator))
    return model.eval().requires_grad_(requires_grad=False)


def token_ids(length: int = 7, seed: int = 0) -> Tensor:
    """Ids [1, length], none of them padding."""
    return torch.randint(1, WORDS, (1, length), generator=torch.Generator().manual_seed(seed))


def table_network(columns: int = 5) -> tuple[nn.Module, Tensor, Tensor]:
    """An MLP over rows, one row [1, columns], and a background of 9 rows."""
    model = nn.Sequential(nn.Linear(columns, 8), nn.Tanh(), nn.Linear(8, 2))
    rows = torch.randn(10, columns, generator=torch.Generator().manual_seed(1))
    return settled(model), rows[:1], rows[1:]
