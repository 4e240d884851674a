"""Keeps what was found out about a model, so that it is tried once and not at each start."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from pydantic import TypeAdapter, ValidationError

from explain.preflight import Word
from explain.records import LayerStatus
from inference.cards import ModelCard
from inference.errors import UserError
from inference.provenance import versions
from inference.whole_file import write_bytes

MOST_FILES = 200
"""Of more than so many the oldest go: each is of some kilobytes."""


@dataclass(frozen=True)
class Preflight:
    """What is known of one model: its layers, and a word on each method by name."""

    layers: tuple[LayerStatus, ...]
    words: dict[str, Word]


_LAYOUT = TypeAdapter(Preflight)


def folder() -> Path:
    """Where it is kept, among what a system may remove; LEPTON_DATA_DIR names another place."""
    moved = os.environ.get("LEPTON_DATA_DIR")
    cache = Path(moved) if moved else platformdirs.user_cache_path("lepton", appauthor=False)
    return cache / "preflight"


def key_of(card: ModelCard, device: str) -> str:
    """What all of it hangs on: weights, network, input, device, and the code that tries it."""
    facts = (
        *(card.sha256, card.architecture, card.arguments, len(card.labels), card.channels),
        *(card.size, card.baseline, card.layer, card.task, device),
        *(versions(("torch", "torchvision", "captum", "numpy", "scipy")), _code()),
    )
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def recall(key: str) -> Preflight | None:
    """What was kept under `key`; None where nothing was, or nothing that can be read."""
    try:
        return _LAYOUT.validate_json((folder() / f"{key}.json").read_bytes())
    except (OSError, ValidationError):
        return None


def keep(key: str, found: Preflight) -> None:
    """Keep it whole or not at all; where it cannot be, the model is tried again the next time."""
    place = folder()
    try:
        write_bytes(place / f"{key}.json", _LAYOUT.dump_json(found))
        files = sorted(place.glob("*.json"), key=lambda path: path.stat().st_mtime)
        for path in files[:-MOST_FILES]:
            path.unlink(missing_ok=True)
    except (UserError, OSError):
        return


@functools.cache
def _code() -> str:
    """A digest of this package's own files, as the methods' words depend on all of them.

    A packed program has none of them; there its version, which is in the key, says as much.
    """
    own = Path(__file__).parent
    files = sorted(own.rglob("*.py"))
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.relative_to(own).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
