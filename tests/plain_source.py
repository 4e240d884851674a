"""A described series for tests that ask for a few of its fields only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from inference.records import Source

PLAIN = Source(
    source_id="0" * 12,
    kind="series",
    title="",
    study_id="",
    study_title="",
    who="",
    modality="CT",
    body_part=None,
    photometric="MONOCHROME2",
    samples=1,
    shape=(1, 1),
    spacing_mm=None,
    spacing_source="",
    affine=None,
    positions_mm=None,
    order_rule="position",
    transfer_syntax=None,
    unit="HU",
    refs=(),
)


def plain_source(**changes: Any) -> Source:
    """A CT series without frames or geometry, but for what is named."""
    return replace(PLAIN, **changes)
