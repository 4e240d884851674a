"""uv, found or brought, and what it is asked to do: make an environment, fill it from a lock."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys

from launcher.environment import FOREIGN, Environment
from launcher.words import SetUpError

UV_LOCK = os.path.join("packaging", "uv.lock.txt")
UV_SIZE = "about 20 MB to download, 60 MB on disk"


class Packages:
    """The tool that installs packages into the environment of one checkout."""

    def __init__(self, environment: Environment, held: int | None) -> None:
        """`held` is the descriptor of the set-up lock, which uv shall hold as long as it runs.

        Were the launcher killed alone, the next one would otherwise work beside the uv it left.
        """
        self.environment = environment
        self.own_folder = os.path.join(environment.root, ".lepton-uv")
        self._held = held

    def find(self) -> str | None:
        """A uv that works: the one on the path, or the one brought before."""
        for place in (shutil.which("uv"), self._inside("uv")):
            if place is not None and self._works(place):
                return place
        return None

    def can_bring(self) -> bool:
        """Whether this Python can make an environment with pip in it (bare Debian's cannot)."""
        return importlib.util.find_spec("ensurepip") is not None

    def bring(self) -> str:
        """Install uv, pinned and hashed, into a folder of its own; what was half made goes."""
        shutil.rmtree(self.own_folder, ignore_errors=True)
        self._run([sys.executable, "-m", "venv", self.own_folder], "uv was not installed")
        lock = os.path.join(self.environment.root, UV_LOCK)
        pip = [self._inside("python"), "-m", "pip", "--disable-pip-version-check", "install"]
        self._run([*pip, "--quiet", "--require-hashes", "-r", lock], "uv was not installed")
        return self._inside("uv")

    def make(self, uv: str) -> None:
        """An empty environment in the place of whatever is there."""
        folder = self.environment.folder
        if os.path.lexists(folder):
            try:
                if os.path.islink(folder):
                    os.remove(folder)
                else:
                    shutil.rmtree(folder)
            except OSError as error:
                raise SetUpError(
                    f"{folder} is not whole and cannot be removed: {error.strerror}. "
                    "End the programs that use it, remove it, and start again."
                ) from error
        self._run(
            [uv, "venv", "--quiet", "--python", sys.executable, folder],
            f"{folder} was not made",
        )

    def fill(self, uv: str, lock: str, *, exactly: bool) -> None:
        """Install what the lock names, checked by hash, compiled to bytecode.

        `exactly` removes what the lock does not name: for environments that the launcher made,
        never for one that somebody else made by hand.
        """
        words = ["sync", lock] if exactly else ["install", "-r", lock]
        checks = ["--require-hashes", "--compile-bytecode", "--python", self.environment.python]
        self._run([uv, "pip", *words, *checks], "The packages were not installed")

    def _inside(self, program: str) -> str:
        if os.name == "nt":
            return os.path.join(self.own_folder, "Scripts", program + ".exe")
        return os.path.join(self.own_folder, "bin", program)

    def _works(self, uv: str) -> bool:
        try:
            found = subprocess.run([uv, "--version"], capture_output=True, check=False)
        except OSError:
            return False
        return found.returncode == 0

    def _run(self, words: list[str], failed: str) -> None:
        """Run a program whose words go to standard error."""
        variables = {key: value for key, value in os.environ.items() if key not in FOREIGN}
        variables.pop("PYTHONPATH", None)
        variables["UV_PYTHON_DOWNLOADS"] = "never"
        held = () if self._held is None or os.name == "nt" else (self._held,)
        try:
            code = subprocess.run(
                words, env=variables, stdout=sys.stderr, pass_fds=held, check=False
            ).returncode
        except OSError as error:
            raise SetUpError(f"{failed}: {words[0]} does not start ({error.strerror}).") from error
        if code != 0:
            raise SetUpError(
                f"{failed}: {os.path.basename(words[0])} ended with code {code}, and its words "
                "stand above. Mend that (often it is the connection to the package index) and "
                "start again; what was downloaded is kept."
            )
