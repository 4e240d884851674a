"""Folders that appear whole or not at all: filled beside their place, then renamed."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.errors import UserError
from inference.whole_file import surroundings


@contextmanager
def writing_folder(path: Path) -> Iterator[Path]:
    """Yields an empty folder beside `path`; on success it takes the place of `path`.

    Raises UserError where there is a file or a folder that is not empty already, and where the
    disk is full or the place may not be written; then nothing is left.
    """
    path = path.absolute()
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        _refuse_taken(path)
        temporary.mkdir(parents=True)
        yield temporary
        if path.exists():
            path.rmdir()  # it is empty; other systems rename onto nothing alone
        temporary.rename(path)
    except OSError as error:
        raise surroundings(error, path) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _refuse_taken(path: Path) -> None:
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise UserError(
            f"{path.name} was not written: something of that name is there already.",
            "Choose a new folder, or an empty one.",
            fault="surroundings",
            path=str(path),
        )
