"""Pictures as DCMTK shows them: dcmj2pnm and dcml2pnm, run on one file at a time."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest

_JPEG_LS = ("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81")


def require_dcmtk() -> None:
    """Skip the test where DCMTK is not installed."""
    if shutil.which("dcmj2pnm") is None or shutil.which("dcml2pnm") is None:
        pytest.skip("DCMTK (dcmj2pnm and dcml2pnm) is not installed")


def shown_by_dcmtk(
    path: Path, folder: Path, *options: str, transfer_syntax: str = "", overlays: bool = False
) -> list[np.ndarray]:
    """All frames as 8-bit pictures, grey or RGB; none where DCMTK cannot read the file.

    `options` choose the VOI, such as `+Ww C W`; with none values go from minimum to maximum.
    """
    tool = "dcml2pnm" if transfer_syntax in _JPEG_LS else "dcmj2pnm"
    for old in folder.glob("dcmtk*"):
        old.unlink()
    drawn = ("+O", "0", "+Omr") if overlays else ("-O",)
    subprocess.run(
        [tool, "-q", *drawn, "+op", *options, "+Fa", str(path), str(folder / "dcmtk")],
        check=False,
        capture_output=True,
    )
    # One frame gives "dcmtk", several give "dcmtk.0.pgm", "dcmtk.1.pgm", …
    made = sorted(folder.glob("dcmtk*"), key=_number)
    found = [cv2.imread(str(one), cv2.IMREAD_UNCHANGED) for one in made]
    # OpenCV counts blue first.
    return [
        np.asarray(one[..., ::-1] if one.ndim == 3 else one) for one in found if one is not None
    ]


def _number(path: Path) -> int:
    parts = path.name.split(".")
    return int(parts[1]) if len(parts) > 1 else 0


def largest_difference(shown: np.ndarray, expected: np.ndarray) -> int:
    """In grey levels; pictures of unlike size differ by 256."""
    if shown.shape != expected.shape:
        return 256
    return int(np.abs(shown.astype(int) - expected.astype(int)).max())
