"""Where the program keeps its own files: store, settings, the user's models, unpacked archives."""

from __future__ import annotations

import os
from pathlib import Path


def data_folder() -> Path:
    """The user's data folder for this program; LEPTON_DATA_DIR names another."""
    chosen = os.environ.get("LEPTON_DATA_DIR")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_data_path("lepton", appauthor=False))


def personal_folder() -> Path:
    """The project of who has named none."""
    return data_folder() / "personal"


def is_project(folder: Path) -> bool:
    """Whether a folder is a project of this program."""
    return (folder / "project.sqlite").is_file()


def former_file() -> Path:
    """Where older versions kept what is in the personal project now."""
    return data_folder() / "lepton.sqlite"


def settings_path() -> Path:
    return data_folder() / "settings.json"


def scratch_path() -> Path:
    """Where the window unpacks archives: among what a system may remove to make room."""
    if os.environ.get("LEPTON_DATA_DIR"):
        return data_folder() / "unpacked"
    import platformdirs

    return Path(platformdirs.user_cache_path("lepton", appauthor=False)) / "unpacked"
