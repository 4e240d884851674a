"""Where the environment of a checkout lies, and whether it is the one that the locks describe."""

from __future__ import annotations

import os
from collections.abc import Mapping

RUNTIME_LOCK = "requirements.lock"
DEVELOPER_LOCK = "requirements-dev.lock"
FOREIGN = (
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONOPTIMIZE",
    "PYTHONHOME",
    "PYTHONSTARTUP",
    "PYTHONEXECUTABLE",
    "__PYVENV_LAUNCHER__",
)
"""The first three would have every module compiled anew, the others lead to another Python."""


class Environment:
    """The `.venv` of one checkout.

    A stamp is written last when it is made, and removed first when it is changed: it holds the
    digests of the locks that were installed, the real place of the interpreter, and the groups of
    system libraries that were found. An environment without a stamp is not used as it is.
    """

    def __init__(self, root: str) -> None:
        self.root = root
        self.folder = os.path.join(root, ".venv")
        self.stamp = os.path.join(self.folder, "lepton-stamp")
        self.installed_lock = os.path.join(self.folder, "lepton-installed.lock")
        self.making = os.path.join(root, ".lepton-making")
        """There while an environment is being made; what a killed start leaves tells by it."""
        windows = os.path.join(self.folder, "Scripts", "python.exe")
        posix = os.path.join(self.folder, "bin", "python")
        self.python = windows if os.name == "nt" else posix

    def lock(self, *, developer: bool) -> str:
        """The file with the pinned packages; the developer's holds the runtime's as well."""
        return os.path.join(self.root, DEVELOPER_LOCK if developer else RUNTIME_LOCK)

    def read_stamp(self) -> dict[str, str]:
        """What the stamp says; empty where there is none or it cannot be read."""
        try:
            with open(self.stamp, encoding="utf-8") as file:
                lines = [line.rstrip("\n").partition(" ") for line in file]
        except (OSError, UnicodeDecodeError):
            return {}
        return {key: value for key, _, value in lines}

    def write_stamp(self, *, developer: bool, system: frozenset[str]) -> None:
        """Say that the environment is whole; the stamp appears at once or not at all."""
        self._write(
            {
                "runtime": digest(self.lock(developer=False)),
                "developer": digest(self.lock(developer=True)) if developer else "",
                "python": os.path.realpath(self.python),
                "system": ",".join(sorted(system)),
            }
        )

    def add_system(self, groups: frozenset[str]) -> None:
        """Note in the stamp that these groups of system libraries were found as well."""
        stamp = self.read_stamp()
        known = {group for group in stamp.get("system", "").split(",") if group}
        self._write({**stamp, "system": ",".join(sorted(known | groups))})

    def _write(self, stamp: Mapping[str, str]) -> None:
        write_whole(self.stamp, "".join(f"{key} {value}\n" for key, value in stamp.items()))

    def is_current(self, *, developer: bool) -> bool:
        """Whether the packages of the wanted lock are installed, all of them."""
        stamp = self.read_stamp()
        return (
            not os.path.exists(self.making)
            and stamp.get("runtime") == digest(self.lock(developer=False))
            and (not developer or stamp.get("developer") == digest(self.lock(developer=True)))
            and stamp.get("python") == os.path.realpath(self.python)
            and os.access(self.python, os.X_OK)
        )

    def has_system(self, wanted: frozenset[str]) -> bool:
        """Whether these groups of system libraries were found when the stamp was written."""
        return wanted <= frozenset(self.read_stamp().get("system", "").split(","))

    def variables(self, given: Mapping[str, str]) -> dict[str, str]:
        """The variables for the program and its children.

        Only this checkout is on the path, and not the folder one happens to stand in
        (PYTHONSAFEPATH): a folder of downloaded scans may hold an `app/__init__.py`.
        """
        kept = {key: value for key, value in given.items() if key not in FOREIGN}
        kept.update(PYTHONPATH=self.root, PYTHONSAFEPATH="1", PYTHONUTF8="1")
        return kept


def digest(path: str) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    from hashlib import sha256

    with open(path, "rb") as file:
        return sha256(file.read()).hexdigest()


def write_whole(path: str, text: str) -> None:
    """Write a small text file by a temporary name, so that a kill leaves the old one or none."""
    temporary = f"{path}.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)
