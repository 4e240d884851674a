"""Data that ships with the program: icons, built-in models with their cards, entries."""

from __future__ import annotations

from pathlib import Path


def path(*parts: str) -> Path:
    """The place of a resource on disk, in a checkout and in a frozen program alike."""
    return Path(__file__).resolve().parent.joinpath(*parts)
