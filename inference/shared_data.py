"""Where the real data are that recipes, entries and tests read in place; never shipped."""

from __future__ import annotations

import os
from pathlib import Path

import resources
from inference.errors import UserError

VARIABLE = "LEPTON_TEST_DATA"


def data_root() -> Path:
    """The folder that LEPTON_TEST_DATA names, else `shared/data` beside the program's checkout."""
    named = os.environ.get(VARIABLE)
    return Path(named) if named else resources.path().parent.parent / "shared" / "data"


def data_folder(relative: str, root: Path | None = None) -> Path:
    """A file or folder below the data; raises UserError (surroundings) where it is not."""
    place = (root or data_root()) / relative
    if not place.exists():
        raise UserError(
            f"The data {relative} are not here.",
            f"Fetch them and name their folder in the variable {VARIABLE}.",
            fault="surroundings",
            path=str(place),
        )
    return place
