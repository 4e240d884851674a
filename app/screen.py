"""Whether there is a screen to show a window on; imports nothing, since every start asks."""

from __future__ import annotations

import os
import sys

WITHOUT_SCREEN = ("offscreen", "minimal")
"""Qt platforms that draw into memory."""


def has_screen() -> bool:
    """Whether a window would be seen by somebody."""
    if os.environ.get("QT_QPA_PLATFORM") in WITHOUT_SCREEN:
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def can_draw() -> bool:
    """Whether Qt can start here at all, seen or unseen."""
    return has_screen() or os.environ.get("QT_QPA_PLATFORM") in WITHOUT_SCREEN
