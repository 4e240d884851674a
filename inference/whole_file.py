"""Files that appear whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from inference.errors import UserError


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yields a temporary path in the folder of `path`; on success it takes the place of `path`.

    The folder is made if it is missing. Raises UserError (surroundings) where the disk is full or
    the place may not be written; then `path` is as it was before and nothing is left beside it.
    """
    # The name is known before there is a file, so that an interrupt at any moment leaves none.
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(8)}{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.touch(0o600, exist_ok=False)
        yield temporary
        # Until it is whole it is for the owner alone; what we leave has the user's usual rights.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise surroundings(error, path) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def refuse_unwritable(folder: Path) -> None:
    """Raise UserError (surroundings) where no file can be written to `folder`, which is left alone.

    Asked before long work; a disk may still be full, or taken away, when it is done.
    """
    nearest = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    if not nearest.is_dir():
        raise UserError(
            f"Nothing was begun: {nearest.name} is a file, and no folder to write to.",
            "Choose another folder.",
            fault="surroundings",
            path=str(folder),
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise surroundings(PermissionError(errno.EACCES, ""), folder / "result.json")


def write_bytes(path: Path, data: bytes) -> None:
    """Write a small file whole."""
    with writing(path) as temporary:
        temporary.write_bytes(data)


def surroundings(error: OSError, path: Path) -> UserError:
    """The sentence for a file that could not be written."""
    while error.errno is None and isinstance(error.__context__, OSError):
        error = error.__context__  # pydicom wraps what the system said in words of its own
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            f"{path.name} was not written: the disk is full.",
            f"Make room on the disk of {path.parent} and try again.",
            fault="surroundings",
            path=str(path),
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return UserError(
            f"{path.name} was not written: no permission to write to {path.parent}.",
            "Choose another folder.",
            fault="surroundings",
            path=str(path),
        )
    return UserError(
        f"{path.name} was not written: {error.strerror or 'the system refused'}.",
        "Choose another folder.",
        fault="surroundings",
        path=str(path),
    )


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
