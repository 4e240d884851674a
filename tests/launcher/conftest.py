"""A small checkout with a fake uv and a fake apt-get that only write down what they were asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

UV = """#!/bin/sh
[ "$1" = --version ] && exit 0
echo "uv $*" >> "$FAKE_LOG"
if [ "$1" = venv ]; then
    for folder in "$@"; do :; done
    /bin/mkdir -p "$folder/bin"
    /bin/ln -s "$FAKE_PYTHON" "$folder/bin/python"
    exit 0
fi
echo "words of uv"
if [ -n "$FAKE_UV_HANGS" ]; then echo $$ > "$FAKE_UV_HANGS"; exec /bin/sleep 60; fi
/bin/sleep "${FAKE_UV_SECONDS:-0}"
exit "${FAKE_UV_CODE:-0}"
"""

APT = """#!/bin/sh
echo "apt-get $*" >> "$FAKE_LOG"
exit "${FAKE_APT_CODE:-0}"
"""

PROGRAM = """
import json, os, sys
sys.stdout.write(json.dumps({
    "module": "app", "words": sys.argv[1:], "folder": os.getcwd(), "path": sys.path,
    "variables": dict(os.environ), "bytecode": not sys.dont_write_bytecode,
}))
sys.exit(7 if "seven" in sys.argv else 0)
"""


@dataclass(frozen=True)
class Checkout:
    """A checkout in `root`, whose PATH holds the fake programs alone."""

    root: Path
    log_file: Path
    variables: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(self.root / "lepton"), *words]

    def start(self, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run the launcher to its end; as in a terminal, but its streams are kept."""
        return subprocess.run(
            self.command(*words),
            env={**self.variables, **variables},
            cwd=self.root.parent,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def begin(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        """Start the launcher and come back at once."""
        return subprocess.Popen(
            self.command(*words),
            env={**self.variables, **variables},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def calls(self) -> list[str]:
        """What the fake programs were asked so far, with the checkout's place cut out."""
        if not self.log_file.exists():
            return []
        text = self.log_file.read_text(encoding="utf-8").replace(f"{self.root}/", "")
        return text.replace(sys.executable, "PYTHON").splitlines()

    @property
    def stamp(self) -> Path:
        return self.root / ".venv" / "lepton-stamp"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root, programs = tmp_path / "checkout", tmp_path / "programs"
    programs.mkdir()
    for name, text in (("uv", UV), ("apt-get", APT)):
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    (root / "app").mkdir(parents=True)
    (root / "app" / "__init__.py").touch()
    (root / "app" / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    checks = PROGRAM.replace('"module": "app"', '"module": "checks"')
    (root / "app" / "checks.py").write_text(checks, encoding="utf-8")
    shutil.copy(ROOT / "lepton", root)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "packaging", root / "packaging", ignore=ignored)
    (root / "requirements.lock").write_text("alpha==1.0 --hash=sha256:00\n", encoding="utf-8")
    (root / "requirements-dev.lock").write_text(
        "alpha==1.0 --hash=sha256:00\npytest==1.0 --hash=sha256:00\n", encoding="utf-8"
    )
    log_file = tmp_path / "calls.log"
    variables = {
        "PATH": str(programs),
        "HOME": str(tmp_path),
        "FAKE_LOG": str(log_file),
        "FAKE_PYTHON": sys.executable,
        "LANG": os.environ.get("LANG", "C.UTF-8"),
    }
    return Checkout(root, log_file, variables)
