"""In which format labels lie at a path, as far as a look at names and first bytes tells."""

from __future__ import annotations

from pathlib import Path

from inference.errors import UserError
from inference.exchange.reading import list_folder, require
from inference.exchange.table import FORMATS, Format

_SUFFIXES = {
    ".json": "coco",
    ".csv": "csv",
    ".png": "png",
    ".nii": "nifti",
    ".nii.gz": "nifti",
    ".dcm": "dicom_seg",
    ".yaml": "yolo",
    ".yml": "yolo",
}
_YOLO_NAMES = ("data.yaml", "data.yml", "classes.txt", "labels")
_PREAMBLE, _MAGIC = 128, b"DICM"
"""DICOM files say what they are behind a preamble (PS3.10 7.1)."""


def format_at(path: Path) -> Format:
    """The format of the labels at a path. Raises UserError where none is recognised."""
    require(path)
    name = _of_folder(path) if path.is_dir() else _of_file(path)
    if name is None:
        titles = ", ".join(one.title for one in FORMATS.values())
        raise UserError(
            f"{path.name} was not imported: it is in no format of labels that is known.",
            f"Known are {titles}. If it is one of these, name the format.",
            path=str(path),
        )
    return FORMATS[name]


def _of_file(path: Path) -> str | None:
    lower = path.name.lower()
    found = next((one for suffix, one in _SUFFIXES.items() if lower.endswith(suffix)), None)
    return found or ("dicom_seg" if _is_dicom(path) else None)


def _of_folder(path: Path) -> str | None:
    if any((path / name).exists() for name in _YOLO_NAMES):
        return "yolo"
    files = list_folder(path)
    for suffix, name in (
        (".png", "png"),
        (".nii.gz", "nifti"),
        (".nii", "nifti"),
        (".txt", "yolo"),
    ):
        if any(one.name.lower().endswith(suffix) for one in files):
            return name
    # Segmentations lie in the folders of their studies, and many have no suffix.
    return "dicom_seg" if any(map(_is_dicom, list_folder(path, deep=True))) else None


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(_PREAMBLE + len(_MAGIC))[_PREAMBLE:] == _MAGIC
    except OSError:
        return False
