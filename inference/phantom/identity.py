"""The UIDs of phantoms: derived from what is in them, so that a phantom is known again by them."""

from __future__ import annotations

import uuid

NAMESPACE = uuid.UUID("6d0cf3a5-6e43-5c2b-9d0e-3f2f0a1b7c84")
"""Chosen once for this program; UIDs of phantoms are derived from it by name (RFC 9562 §5.5)."""


def phantom_uid(
    seed: int, case: int, role: str, index: int = 0, *, nodule: bool, marker: bool
) -> str:
    """A UID under 2.25 (PS3.5 B.2) that says which pixels these are, and of what in the file."""
    name = f"{seed}/{case}/{nodule}/{marker}/{role}/{index}"
    return f"2.25.{uuid.uuid5(NAMESPACE, name).int}"
