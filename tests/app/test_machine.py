"""How much memory open scans may take, on this machine and on others."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app import machine
from app.settings import Settings, load_settings, save_settings


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="Linux tells it in /proc")
def test_the_memory_is_what_the_system_says() -> None:
    line = Path("/proc/meminfo").read_text().splitlines()[0]
    assert machine.memory_bytes() == int(line.split()[1]) * 1024


@pytest.mark.parametrize(("memory_gib", "budget_gib"), [(1, 0.5), (6, 2), (24, 8), (512, 8)])
def test_scans_take_a_third_within_bounds(
    monkeypatch: pytest.MonkeyPatch, memory_gib: int, budget_gib: float
) -> None:
    monkeypatch.setattr(machine, "memory_bytes", lambda: memory_gib << 30)
    assert machine.default_budget_bytes() == budget_gib * 2**30


def test_a_system_that_does_not_tell_is_taken_for_a_small_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(name: str) -> int:
        raise ValueError(name)

    monkeypatch.setattr(os, "sysconf", refuse)
    assert machine.memory_bytes() == 4 << 30


def test_a_person_can_set_it(tmp_path: Path) -> None:
    save_settings(tmp_path / "s.json", Settings(memory_mib=300))
    assert load_settings(tmp_path / "s.json").memory_mib == 300
    (tmp_path / "s.json").write_text('{"memory_mib": "much"}')
    assert load_settings(tmp_path / "s.json").memory_mib == 0
