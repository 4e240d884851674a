"""Choosing where to run, with and without a graphics processor."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import torch

from inference import devices
from inference.devices import choose, list_devices
from inference.errors import Fault, UserError
from inference.requests import OpenRequest
from inference.task import Task


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A machine with as many graphics processors as the test's parameter says: (CUDA, MPS)."""
    cuda, mps = request.param
    monkeypatch.setitem(devices._COUNTS, "cuda", lambda: cuda)
    monkeypatch.setitem(devices._COUNTS, "mps", lambda: mps)


CHOICES = [
    ((0, 0), "auto", "cpu"),
    ((0, 0), "cpu", "cpu"),
    ((2, 0), "auto", "cuda:0"),
    ((2, 0), "cuda", "cuda:0"),
    ((2, 0), "cuda:1", "cuda:1"),
    ((2, 0), "cpu", "cpu"),
    ((0, 1), "auto", "mps"),
    ((0, 1), "mps", "mps"),
]


@pytest.mark.parametrize(("machine", "name", "chosen"), CHOICES, indirect=["machine"])
@pytest.mark.usefixtures("machine")
def test_the_fastest_or_the_named_device_is_chosen(name: str, chosen: str) -> None:
    assert choose(name) == torch.device(chosen)


@pytest.mark.parametrize(
    ("machine", "name", "fault"),
    [
        ((0, 0), "cuda", "surroundings"),
        ((2, 0), "cuda:2", "surroundings"),
        ((2, 0), "mps", "surroundings"),
        ((0, 0), "cpu:1", "surroundings"),
        ((0, 0), "gpu", "usage"),
        ((0, 0), "cuda:x", "usage"),
        ((0, 0), "", "usage"),
    ],
    indirect=["machine"],
)
@pytest.mark.usefixtures("machine")
def test_other_devices_are_refused(name: str, fault: Fault) -> None:
    with pytest.raises(UserError) as caught:
        choose(name)
    assert caught.value.fault == fault


@pytest.mark.parametrize("machine", [(0, 0)], indirect=True)
@pytest.mark.usefixtures("machine")
def test_devices_are_listed_with_words() -> None:
    found = list_devices(OpenRequest(()), Task())
    assert [name for name, _ in found] == ["auto", "cpu"]
    assert found[0][1].startswith("Automatic (Processor, ")


def test_the_way_to_pickled_programs_is_closed_before_torch_loads_anything() -> None:
    code = (
        "import inference.devices, inference.weights, os;"
        "assert 'TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD' not in os.environ;"
        "assert os.environ['TORCH_FORCE_WEIGHTS_ONLY_LOAD'] == '1'"
    )
    environment = {**os.environ, "TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD": "1"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
