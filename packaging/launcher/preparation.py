"""The first start, and the first after new locks: what is missing is said, then brought."""

from __future__ import annotations

import os
import shutil
import subprocess

from launcher import system
from launcher.disk import cache_folder, check_disk, check_room, folder_bytes, need_of
from launcher.environment import Environment, write_whole
from launcher.packages import UV_SIZE, Packages
from launcher.set_up_lock import set_up_lock
from launcher.words import SetUpError, say

SYSTEM_FOLDER = "/usr"


class Preparation:
    """Brings one environment to what a start wants; it may be killed at any moment.

    Before anything is downloaded or installed, all of it has been said and has room.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        developer: bool,
        system_groups: frozenset[str],
        may_call_system: bool,
    ) -> None:
        self.environment = environment
        self.system_groups = system_groups
        self.may_call_system = may_call_system
        self.developer = developer

    def run(self) -> None:
        """Do what is missing. Raises SetUpError with the sentence that says what to do."""
        try:
            with set_up_lock(self.environment.root) as held:
                self._run_alone(Packages(self.environment, held))
        except OSError as error:
            place = f" ({error.filename})" if error.filename else ""
            raise SetUpError(f"Lepton was not set up: {error.strerror or error}{place}.") from error

    def _run_alone(self, packages: Packages) -> None:
        # Asked again under the lock: another start may have done it meanwhile.
        ready = self.environment.is_current(developer=self.developer)
        uv = None if ready else packages.find()
        bring_uv = uv is None and not ready
        libraries = system.missing_libraries(self.system_groups)
        wanted = list(libraries)
        if bring_uv and not packages.can_bring():
            wanted.append(system.venv_package())
        if wanted:
            self._must_install(libraries, wanted)
        if not ready:
            self._announce(bring_uv=bring_uv)
        if wanted:
            self._install(wanted)
        if ready:
            self.environment.add_system(self.system_groups)
        else:
            self._fill(packages, packages.bring() if uv is None else uv)

    def _must_install(self, libraries: dict[str, str], wanted: list[str]) -> None:
        """Say which system packages come, or raise with the line that brings them."""
        if not (self.may_call_system and system.has_apt() and system.is_root()):
            names = ", ".join([*libraries.values(), *wanted[len(libraries) :]])
            raise SetUpError(
                f"The system lacks what Lepton needs: {names}. {system.advice(libraries, wanted)}"
            )
        say(
            f"System packages by apt-get, {system.APT_SIZE}, in the system's own folders: "
            f"{' '.join(wanted)}."
        )
        check_disk(SYSTEM_FOLDER, system.APT_GB)

    def _announce(self, *, bring_uv: bool) -> None:
        """Say what comes, how much and where; raise where a disk has too little room."""
        environment = self.environment
        lock = environment.lock(developer=self._keeps_developer())
        usable = self._usable()
        if not usable and os.path.lexists(environment.folder):
            say(f"The environment in {environment.folder} is not whole and is made anew.")
        need = need_of(environment.installed_lock if usable else "", lock)
        say(
            f"Lepton sets itself up in {environment.folder}: Python packages by uv, {need}. "
            f"Downloads are kept in {cache_folder()} and used again."
        )
        if bring_uv:
            say(f"uv itself goes to {environment.root}/.lepton-uv, {UV_SIZE}.")
        brought = 0
        if os.path.exists(environment.making):
            brought = folder_bytes(environment.folder) + folder_bytes(cache_folder())
        check_room(environment.folder, need, brought)

    def _install(self, wanted: list[str]) -> None:
        system.install(wanted)
        still = system.missing_libraries(self.system_groups)
        if still:
            raise SetUpError(
                f"apt-get installed {' '.join(wanted)}, and yet {', '.join(still.values())} "
                "does not load. Install what brings it, then start again."
            )

    def _fill(self, packages: Packages, uv: str) -> None:
        environment = self.environment
        developer = self._keeps_developer()
        lock = environment.lock(developer=developer)
        usable = self._usable()
        stamped = os.path.exists(environment.stamp)
        write_whole(environment.making, "being made\n")
        if stamped:
            os.remove(environment.stamp)
        if not usable:
            packages.make(uv)
        packages.fill(uv, lock, exactly=stamped or not usable)
        shutil.copyfile(lock, environment.installed_lock)
        # In this order: killed between the two, the next start finds an environment without a
        # stamp, has uv compare it with the lock, and is done in a second or two.
        os.remove(environment.making)
        environment.write_stamp(developer=developer, system=self.system_groups)

    def _keeps_developer(self) -> bool:
        """An environment with the tools of development keeps them when the locks change."""
        return self.developer or bool(self.environment.read_stamp().get("developer"))

    def _usable(self) -> bool:
        """Whether packages can be installed into the environment as it is."""
        if os.path.exists(self.environment.making):
            return False
        python = self.environment.python
        recorded = self.environment.read_stamp().get("python")
        if recorded not in (None, os.path.realpath(python)):
            return False
        question = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
        try:
            answer = subprocess.run([python, "-c", question], capture_output=True, check=False)
        except OSError:
            return False
        return answer.returncode == 0
