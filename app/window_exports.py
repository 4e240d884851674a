"""Asking where a map is to be exported, and as what."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from app.actions import exporting
from app.map_files import FORMATS

if TYPE_CHECKING:
    from app.main_window import MainWindow

_CHOICES: tuple[tuple[str, str, bool], ...] = (
    ("dicom", "DICOM parametric map, without the patient", False),
    ("dicom", "DICOM parametric map that names the patient", True),
    ("nifti", "NIfTI volume", False),
    ("npy", "NumPy array", False),
    ("png", "Pictures", False),
)
"""Format, words, and whether the patient is named: said before anything is written."""


def export_maps(window: MainWindow, *, series: bool) -> None:
    """Ask for place and format, then write the map in sight, or those of the series."""
    exporting.maps_here(window.session, series=series)  # says at once where there is none
    filters = {
        f"{words} (*{FORMATS[name].suffix})": (name, identified)
        for name, words, identified in _CHOICES
    }
    title = "Export the maps of the series" if series else "Export the map"
    path, chosen = QFileDialog.getSaveFileName(window, title, "map.dcm", ";;".join(filters))
    if not path:
        return
    name, identified = filters.get(chosen, next(iter(filters.values())))
    exporting.export_maps(
        window.session,
        window.jobs,
        Path(path),
        name,
        series=series,
        identified=identified,
    )
