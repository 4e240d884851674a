"""Files that appear whole or not at all: written beside their place, then renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inference.errors import UserError


@contextmanager
def writing(path: Path) -> Iterator[Path]:
    """Yields a temporary path in the folder of `path`; on success it takes the place of `path`.

    The folder is made if it is missing. Raises UserError (surroundings) where the disk is full or
    the place may not be written; then `path` is as it was before and nothing is left beside it.
    """
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix
        )
        os.close(handle)
        temporary = Path(name)
        yield temporary
        # mkstemp makes files for the owner alone; what we leave has the user's usual rights.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except OSError as error:
        raise surroundings(error, path) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


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
