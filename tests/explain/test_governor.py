"""How many inputs go through a network at once, against what torch itself says it keeps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from explain import governor
from explain.governor import inner_batch
from explain.memory import Room, free_bytes, free_in_system
from explain.question import Question
from inference.task import Cancelled, Task
from tests.explain.networks import first_output, small_cnn
from tests.explain.test_traces import fingerprint

PIXELS = 1000
BYTES = 4 * PIXELS


def question(model: nn.Module, inputs: Tensor, room: Room | None = None) -> Question:
    return Question(
        model,
        inputs,
        torch.zeros_like(inputs),
        first_output,
        0.0,
        {},
        None,
        Task(),
        lambda make: None,
        room=room or Room(),
    )


def chain(length: int) -> tuple[nn.Module, Tensor]:
    """So many tanh after each other over 1,000 pixels, then a line with a large weight."""
    parts = [nn.Tanh() for _ in range(length)]
    line = nn.Linear(PIXELS, 100)
    return nn.Sequential(nn.Flatten(), *parts, line).eval().requires_grad_(
        requires_grad=False
    ), torch.randn(1, 1, 10, 100)


def chosen_under(cap: float, monkeypatch: pytest.MonkeyPatch, *asked: Any, **more: Any) -> int:
    monkeypatch.setattr(governor, "CAP_ELSEWHERE", int(cap * governor.WORKSPACE))
    return inner_batch(*asked, **more)


@pytest.mark.parametrize("length", [3, 10])
def test_gradients_keep_every_layer(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each tanh keeps its output, and two gradients are under way: length + 2 at most, with
    a few hundred bytes of scores."""
    asked = question(*chain(length))
    assert chosen_under(5 * (length + 3) * BYTES, monkeypatch, asked) == 5
    assert chosen_under(5 * length * BYTES - 1, monkeypatch, asked) < 5


@pytest.mark.parametrize("length", [3, 10])
def test_without_gradients_two_layers_are_there_at_once(
    length: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = question(*chain(length))
    assert chosen_under(6 * 2 * BYTES + 1, monkeypatch, asked, gradients=False) == 6
    assert chosen_under(6 * 2 * BYTES - 1, monkeypatch, asked, gradients=False) < 6


def test_it_counts_what_autograd_says_it_saves(monkeypatch: pytest.MonkeyPatch) -> None:
    model, inputs = small_cnn((40, 40))
    own = {tensor.data_ptr() for tensor in [*model.parameters(), *model.buffers()]}
    saved: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        model(inputs.clone().requires_grad_())
    total = sum(saved.values())
    asked = question(model, inputs)
    assert chosen_under(4 * 0.8 * total, monkeypatch, asked) < 4
    assert chosen_under(4 * 1.6 * total, monkeypatch, asked) >= 4


def test_at_least_one_and_at_most_what_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question(*chain(2))
    assert inner_batch(asked) == governor.MOST_ELSEWHERE
    assert inner_batch(asked, most=3) == 3
    assert inner_batch(asked, most=40) == 40
    assert chosen_under(1, monkeypatch, asked) == 1


def test_the_room_that_is_left_after_memory_ran_out() -> None:
    room = Room(limit=5)
    asked = question(*chain(2), room=room)
    assert inner_batch(asked) == 5
    assert room.chosen == 5
    assert inner_batch(asked, most=2) == 2
    assert room.chosen == 2


def test_short_memory_makes_smaller_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question(*chain(10))
    monkeypatch.setattr(governor, "free_bytes", lambda device: 80 * BYTES)
    # Half of it for three inputs of ten to twelve layers and their buffers.
    assert inner_batch(asked) == 2


def test_the_probe_leaves_nothing_and_counts_as_no_pass() -> None:
    model, inputs = small_cnn((12, 12))
    before, asked = fingerprint(model), question(model, inputs)
    inner_batch(asked)
    inner_batch(asked, gradients=False)
    assert fingerprint(model) == before
    assert asked.guard.passes == 0
    assert not inputs.requires_grad


def test_a_network_is_probed_once() -> None:
    class Counting(nn.Module):
        passes = 0

        def forward(self, batch: Tensor) -> Tensor:
            self.passes += 1
            return batch.flatten(1)

    model, inputs = Counting(), torch.randn(1, 2, 4, 4)
    for _ in range(3):
        inner_batch(question(model, inputs))
    assert model.passes == 1
    inner_batch(question(model, torch.randn(1, 2, 8, 8)))
    inner_batch(question(model, inputs), gradients=False)
    assert model.passes == 3


def test_another_model_is_asked_where_one_is_named() -> None:
    asked = question(*chain(2))

    def refuse(*batch: object) -> None:
        raise AssertionError("the question's own model was asked")

    asked.model.register_forward_pre_hook(refuse)
    assert inner_batch(asked, chain(3)[0]) == governor.MOST_ELSEWHERE


def test_nobody_waits_for_a_probe() -> None:
    asked = question(*chain(2))
    asked.task.cancel()
    with pytest.raises(Cancelled):
        inner_batch(asked)


class Words(nn.Module):
    """Token ids [N, length] → two scores, through a recurrent layer."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(20, 8)
        self.inner = nn.LSTM(8, 8, batch_first=True)
        self.line = nn.Linear(8, 2)

    def forward(self, tokens: Tensor) -> Tensor:
        answer: Tensor = self.line(self.inner(self.embedding(tokens))[0].mean(dim=1))
        return answer


def attending() -> tuple[nn.Module, Tensor]:
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return nn.Sequential(layer, nn.Flatten()).eval(), torch.randn(1, 5, 8)


@pytest.mark.parametrize("gradients", [True, False])
@pytest.mark.parametrize(
    "make", [lambda: (Words().eval(), torch.randint(0, 20, (1, 6))), attending]
)
def test_networks_of_other_kinds(
    make: Callable[[], tuple[nn.Module, Tensor]], gradients: bool
) -> None:
    assert inner_batch(question(*make()), gradients=gradients) == governor.MOST_ELSEWHERE


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def machine(root: Path, available_kib: int, groups: str = "") -> None:
    meminfo = f"MemTotal: 9000 kB\nMemFree: 10 kB\nMemAvailable: {available_kib} kB\n"
    write(root / "proc/meminfo", meminfo)
    write(root / "proc/self/cgroup", groups)


def test_free_memory_of_the_machine(tmp_path: Path) -> None:
    machine(tmp_path, 5000)
    assert free_in_system(tmp_path) == 5000 * 1024


@pytest.mark.parametrize(
    ("line", "folder", "limit", "used"),
    [
        ("0::/here/inner", "sys/fs/cgroup", "memory.max", "memory.current"),
        (
            "4:cpu,memory:/here/inner",
            "sys/fs/cgroup/memory",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
        ),
    ],
    ids=["version 2", "version 1"],
)
def test_free_memory_of_control_groups(
    tmp_path: Path, line: str, folder: str, limit: str, used: str
) -> None:
    """The outer group is the tighter one, with 3,000 of 9,000 used, 500 of that for files."""
    machine(tmp_path, 5000, f"7:pids:/elsewhere\n{line}\n")
    top = tmp_path / folder
    for group, most, now in (
        (top, "max", 1),
        (top / "here", "9000", 3000),
        (top / "here/inner", "90000", 3000),
    ):
        write(group / limit, most + "\n")
        write(group / used, f"{now}\n")
        write(group / "memory.stat", "anon 1\ninactive_file 500\n")
    assert free_in_system(tmp_path) == 6500


def test_a_group_whose_path_is_the_hosts(tmp_path: Path) -> None:
    machine(tmp_path, 5000, "0::/pods/of/the/host\n")
    top = tmp_path / "sys/fs/cgroup"
    write(top / "memory.max", "4000\n")
    write(top / "memory.current", "1000\n")
    write(top / "memory.stat", "")
    assert free_in_system(tmp_path) == 3000


def test_a_system_that_tells_little(tmp_path: Path) -> None:
    assert free_in_system(tmp_path) > 1 << 28


def test_this_machine_has_some() -> None:
    assert 1 << 20 < free_bytes(torch.device("cpu")) < 1 << 50
