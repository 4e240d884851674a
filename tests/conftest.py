"""What all tests share: real data where it is there, a data folder of their own, leak checks.

Qt is imported by no line here, so that tests/inference and tests/explain run without it.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

pytest_plugins = ["tests.leaks"]

ROOT = Path(__file__).resolve().parent.parent

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_numbers = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="run the tests marked slow as well")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: minutes long; runs with --slow alone")
    config.addinivalue_line("markers", "logs(pattern): the test may log warnings that match")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if item not in slow]
    config.hook.pytest_deselected(items=slow)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real scans beside the project, or the one LEPTON_TEST_DATA names."""
    place = Path(os.environ.get("LEPTON_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not place.is_dir():
        pytest.skip("the shared test data are not here (LEPTON_TEST_DATA names their folder)")
    return place


@pytest.fixture(autouse=True)
def own_data_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Each test has a user's data folder of its own, which does not exist before it is used."""
    folder = tmp_path_factory.getbasetemp() / f"user-data-{next(_numbers)}"
    monkeypatch.setenv("LEPTON_DATA_DIR", str(folder))
    return folder
