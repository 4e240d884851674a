"""What made a result, written down the same way for predictions and explanations."""

from __future__ import annotations

import functools
import importlib.metadata
import platform
from datetime import UTC, datetime

from inference.cards import ModelCard
from inference.records import Options, Provenance

LEPTON_VERSION = "0.1.0"
"""As in pyproject.toml; the program also runs from a checkout, where nothing is installed."""


def provenance(
    card: ModelCard,
    preparation: str,
    device: str,
    seconds: float,
    *,
    method: str | None = None,
    options: Options = (),
    seed: int | None = None,
    packages: tuple[str, ...] = ("torch", "numpy"),
) -> Provenance:
    """The record of a result made just now with `card`, with the versions of `packages`."""
    return Provenance(
        model_id=card.model_id,
        sha256=card.sha256,
        preparation=preparation,
        device=device,
        seconds=seconds,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        versions=versions(packages),
        method=method,
        options=options,
        seed=seed,
    )


@functools.cache  # each look-up reads a file, and every unfinished map carries the versions too
def versions(packages: tuple[str, ...]) -> Options:
    """(name, version) of the program, of Python and of some installed packages."""
    found = [("lepton", LEPTON_VERSION), ("python", platform.python_version())]
    found += [(name, importlib.metadata.version(name)) for name in packages]
    return tuple(found)
