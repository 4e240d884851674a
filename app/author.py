"""Whose word an annotation is."""

from __future__ import annotations

import getpass


def own_name() -> str:
    """The name of the person at this machine; "" where the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
