"""The libraries of the system that Qt loads: which are missing, and the one line that brings them.

Found by loading them, as Qt would. The packages are those of Debian and Ubuntu; elsewhere the
library files are named.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable

from launcher.words import SetUpError

LIBRARIES: dict[str, dict[str, str]] = {
    "offscreen": {
        "libgl1": "libGL.so.1",
        "libegl1": "libEGL.so.1",
        "libxkbcommon0": "libxkbcommon.so.0",
        "libglib2.0-0": "libglib-2.0.so.0",
        "libfontconfig1": "libfontconfig.so.1",
        "libdbus-1-3": "libdbus-1.so.3",
    },
    "x11": {
        "libxcb-cursor0": "libxcb-cursor.so.0",
        "libxcb-icccm4": "libxcb-icccm.so.4",
        "libxcb-keysyms1": "libxcb-keysyms.so.1",
        "libxcb-shape0": "libxcb-shape.so.0",
        "libxcb-xkb1": "libxcb-xkb.so.1",
        "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
    },
    "wayland": {
        "libwayland-cursor0": "libwayland-cursor.so.0",
        "libwayland-egl1": "libwayland-egl.so.1",
    },
}
"""Group → package of Debian → the library that shows it is there."""

APT_SIZE = "up to 60 MB to download, 240 MB on disk"
APT_GB = 0.24
"""Of all of them on a Debian 12 with python3 and git only, by apt-get's own count."""


def missing_libraries(groups: Iterable[str]) -> dict[str, str]:
    """Packages whose library does not load, with that library."""
    return {
        package: library
        for group in sorted(groups)
        for package, library in LIBRARIES[group].items()
        if not loads(library)
    }


def loads(library: str) -> bool:
    """Whether the dynamic linker finds and loads a library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def venv_package() -> str:
    """The package of Debian without which its Python makes no environments."""
    return f"python3.{sys.version_info.minor}-venv"


def has_apt() -> bool:
    """Whether this is Debian, Ubuntu or one of their kin."""
    return os.path.exists("/etc/debian_version") and shutil.which("apt-get") is not None


def is_root() -> bool:
    """Whether packages can be installed without asking."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def apt_line(packages: Iterable[str]) -> str:
    """The one line that a person types to install packages."""
    names = " ".join(packages)
    sudo = "" if is_root() else "sudo "
    return f"{sudo}apt-get update && {sudo}apt-get install --yes --no-install-recommends {names}"


def install(packages: list[str]) -> None:
    """Install packages by apt-get; its words go to standard error."""
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (
        ["apt-get", "update", "-qq"],
        [
            *("apt-get", "install", "-qq", "--yes", "--no-install-recommends"),
            *("-o", "Dpkg::Use-Pty=0", *packages),
        ],
    ):
        if subprocess.run(words, env=variables, stdout=sys.stderr, check=False).returncode != 0:
            raise SetUpError(
                f"System packages were not installed: `{' '.join(words)}` failed, and its words "
                "stand above. Lepton itself was not touched; mend that and start again."
            )


def advice(libraries: dict[str, str], packages: list[str]) -> str:
    """What to do about missing libraries and packages where apt-get may not be called."""
    if has_apt():
        return f"Type this line once, then start again:\n{apt_line(packages)}"
    files = ", ".join(libraries.values()) or "the ensurepip module of Python"
    return f"Install what brings {files} with your system's package tool, then start again."
