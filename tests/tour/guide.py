"""The window under way on the tour, and how its pictures are taken."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from app.child_lane import ChildLane
from app.main_window import MainWindow
from app.session import Session

SIZES = ((1280, 800), (2560, 1440))
PATIENCE_S = 180.0


class Tour:
    """The window under way, and where its pictures go."""

    def __init__(
        self,
        application: QApplication,
        window: MainWindow,
        lanes: dict[str, ChildLane],
        folder: Path,
    ) -> None:
        self.application = application
        self.window = window
        self.lanes = lanes
        """The lanes with children, which a stop may hold or kill."""
        self.folder = folder
        self.count = 0

    def wait(self, until: Callable[[], bool]) -> bool:
        """Let the window live until something is true; False if it never is."""
        limit = time.monotonic() + PATIENCE_S
        while not until():
            self.application.processEvents()
            time.sleep(0.005)
            if time.monotonic() > limit:
                return False
        self.settle(0.3)
        return True

    def settle(self, seconds: float) -> None:
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.application.processEvents()
            time.sleep(0.005)

    def take(self, name: str, of: QWidget | None = None) -> None:
        """Pictures of the window, or of a dialog over it, in both themes at both sizes."""
        self.count += 1
        for theme in ("dark", "light"):
            self.window.set_theme("dark" if theme == "dark" else "light")
            for columns, rows in SIZES:
                self.window.resize(columns, rows)
                self.settle(0.2)
                seen = of if of is not None else self.window
                picture = seen.grab()
                picture.save(str(self.folder / f"{self.count:02d}-{name}-{theme}-{columns}.png"))
        self.window.resize(*SIZES[0])
        self.window.set_theme("dark")
        self.settle(0.1)

    def skip(self, name: str, why: str) -> None:
        sys.stderr.write(f"left out {name}: {why}\n")

    @property
    def session(self) -> Session:
        return self.window.session

    def shared(self, name: str, *parts: str) -> Path | None:
        """A place in the shared data; None, and a word about it, where it is not here."""
        default = Path(__file__).resolve().parents[2].parent / "shared" / "data"
        place = Path(os.environ.get("LEPTON_TEST_DATA", default)).joinpath(*parts)
        if not place.exists():
            self.skip(name, "the shared test data are not here")
            return None
        return place

    def open(self, *places: Path) -> bool:
        """Open paths, and wait for the picture of their first scan and for the rest."""
        before = self.session.panes[self.session.active].source_id
        self.window.open_paths(tuple(str(place) for place in places))

        def shown() -> bool:
            pane = self.session.panes[self.session.active]
            return pane.source_id not in (None, before) and pane.frame is not None

        return self.wait(shown) and self.wait(lambda: not self.window.jobs.is_running("open"))

    def all_shown(self) -> bool:
        """Wait until every viewport in sight has its picture."""
        session = self.session
        return self.wait(
            lambda: all(session.panes[number].frame is not None for number in session.visible)
        )

    def run(self, name: str) -> None:
        """Do what the command of this name does."""
        command = next(one for one in self.window.commands if one.name == name)
        self.window.run_command(command)

    def clear_notes(self) -> None:
        for note in self.session.notes:
            self.session.dismiss(note.number)
