"""The training loop: draw a batch, compare, improve; the same numbers at every run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

from inference.training.run_folder import RunFolder

Batch = tuple[torch.Tensor, torch.Tensor]
REPORT_EVERY = 25
THREADS = 2
"""Sums depend on how many threads share them; with a fixed number they come out the same."""


@dataclass(frozen=True)
class Phase:
    """One stretch of training: AdamW, its rate rising over a fifth of `steps` and then falling.

    `rate` is the peak (one-cycle policy: Smith and Topin, 2019).
    """

    name: str
    steps: int
    rate: float
    decay: float = 1e-3


@contextmanager
def fixed_threads() -> Iterator[None]:
    """Compute on `THREADS` threads inside, on as many as before outside."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fit(
    network: nn.Module,
    draw: Callable[[], Batch],
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
    phase: Phase,
    run: RunFolder,
) -> None:
    """Train `network` in place for one phase; `draw` gives (inputs, truth) for each step."""
    optimiser = torch.optim.AdamW(network.parameters(), lr=phase.rate, weight_decay=phase.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, phase.rate, phase.steps, pct_start=0.2
    )
    network.train()
    total = 0.0
    for step in range(1, phase.steps + 1):
        inputs, truth = draw()
        value = loss(network(inputs), truth)
        optimiser.zero_grad()
        torch.autograd.backward(value)
        optimiser.step()
        schedule.step()
        total += value.item()
        run.task.progress(step, phase.steps)
        if step % REPORT_EVERY == 0:
            run.record(phase=phase.name, step=step, loss=round(total / REPORT_EVERY, 6))
            total = 0.0
    network.eval()
