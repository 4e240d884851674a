"""The running window: application, session, jobs and window, made and taken apart in order."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app import project_acts
from app.actions import keeping, models, sources
from app.calls import Lane
from app.early import EarlyOpening
from app.garbage import MainThreadCollector
from app.jobs import Jobs
from app.main_window import MainWindow
from app.places import settings_path
from app.session import Session
from app.settings import load_settings
from app.store import Store
from inference.errors import INTERRUPTED
from inference.records import Frame
from inference.worker import outline

log = logging.getLogger("lepton")
ENGINE_LATEST_MS = 1500
"""The engine starts after the first picture, or after this long where none comes."""


class FirstPicture(QObject):
    """Says once that a canvas has painted a frame."""

    painted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._said = False
        for viewport in window.review.viewports:
            viewport.canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        shown = any(
            pane.frame is not None or pane.preview is not None
            for pane in self._window.session.panes
        )
        if event.type() == QEvent.Type.Paint and shown and not self._said:
            self._said = True
            # The filter comes before the painting; the next turn of the loop comes after it.
            QTimer.singleShot(0, self.painted.emit)
        return False


@contextlib.contextmanager
def opened_window(
    lanes: Mapping[str, Lane], store: Store
) -> Iterator[tuple[QApplication, MainWindow]]:
    """The window, not yet shown; at the end no job, thread, process or file is left."""
    with _held_interrupts() as interrupts, _built(lanes, store) as (application, window):
        interrupts.pass_on(window)
        yield application, window


@contextlib.contextmanager
def _built(lanes: Mapping[str, Lane], store: Store) -> Iterator[tuple[QApplication, MainWindow]]:
    found = QApplication.instance()
    application = found if isinstance(found, QApplication) else QApplication(sys.argv[:1])
    application.setApplicationName("Lepton")
    application.setStyle("Fusion")
    collector = MainThreadCollector(application)
    settings = load_settings(settings_path())
    session = Session()
    session.set_devices((), settings.device)
    session.frames.set_budget(settings.memory_bytes)
    jobs = Jobs(lanes)
    window = MainWindow(session, jobs, settings)
    try:
        with _told_faults(session):
            yield application, window
    finally:
        session.project.ending = True
        window.view_keeper.keep()
        keeping.send_rest(session, jobs)
        jobs.close()
        store.close()
        window.close()
        window.deleteLater()
        application.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        collector.stop()
        collector.deleteLater()


def begin(window: MainWindow) -> None:
    """What follows the first paint: models, entries, and the engine."""
    models.load_models(window.session, window.jobs)
    models.load_entries(window.session, window.jobs)
    models.load_devices(window.session, window.jobs)


def run(
    lanes: Mapping[str, Lane],
    store: Store,
    early: EarlyOpening | None,
    paths: tuple[str, ...],
    *,
    project: Path | None = None,
) -> tuple[int, Path | None]:
    """Show the window until it is closed: the exit code, and the project to be opened next.

    On a `project` it begins where that was left, unless there is something else to be opened.
    """
    resume = project is not None and not paths
    with opened_window(lanes, store) as (application, window):
        if project is not None:
            project_acts.await_project(window, project, resume=resume)
        first = FirstPicture(window)
        started = Once(lambda: begin(window))
        first.painted.connect(started)
        QTimer.singleShot(ENGINE_LATEST_MS if paths or resume else 0, started)
        if os.environ.get("LEPTON_QUIT_WHEN_PAINTED"):  # for the benchmark of the start
            first.painted.connect(lambda: (os.write(1, b"."), application.quit()))
        if early is not None:
            adopt(window, early, paths)
        window.closing.connect(application.quit)
        window.interrupted.connect(lambda: application.exit(INTERRUPTED))
        window.show()
        code = int(application.exec())
        return code, window.session.project.next if code == 0 else None


def adopt(window: MainWindow, early: EarlyOpening, paths: tuple[str, ...]) -> None:
    """Take over what was begun before Qt was there."""
    session, jobs = window.session, window.jobs
    window.remember(paths)
    window.show_review()

    def show_first(session: Session, jobs: Jobs, source_id: str) -> None:
        picture = early.first_picture
        if picture is None:
            sources.choose_source(session, jobs, source_id)
            return
        sources.turn_to(session, jobs, 0, source_id)
        jobs.adopt("frame-0", "decode", picture, take_picture, take_picture)

    def take_picture(frames: tuple[Frame, ...]) -> None:
        sources.take_frame(session, jobs, 0, frames[0])

    intake = sources.Intake(session, jobs, show_first)
    jobs.adopt("open", "decode", early.opening, intake.finish, intake.take)


class Once:
    """A call that happens the first time only."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act: Callable[[], None] | None = act

    def __call__(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act()


class Interrupts:
    """Ctrl+C closes the window in good order, instead of breaking into whatever slot runs.

    So does the system's wish that the program end; nothing went wrong then, and the exit code is 0.

    Python hears of it when it next runs, which is at the collector's tick at the latest. One that
    comes while the window is built, or before the event loop turns, waits until it does.
    """

    def __init__(self) -> None:
        self._heard: int | None = None
        self._window: MainWindow | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self._heard = number
        if self._window is not None:
            self._tell(self._window, number)

    def pass_on(self, window: MainWindow) -> None:
        """Tell the window of what comes, and of what came."""
        self._window = window
        if self._heard is not None:
            self._tell(window, self._heard)

    def _tell(self, window: MainWindow, number: int) -> None:
        wish = window.interrupted if number == signal.SIGINT else window.closing
        QTimer.singleShot(0, wish.emit)


@contextlib.contextmanager
def _held_interrupts() -> Iterator[Interrupts]:
    """What hears Ctrl+C, and the system's wish that the program end, until the end."""
    interrupts = Interrupts()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, interrupts) for number in signals}
    try:
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _told_faults(session: Session) -> Iterator[None]:
    """Our own faults in slots and threads are logged and said once; the window lives on."""
    before, before_threads = sys.excepthook, threading.excepthook
    said: set[str] = set()

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        where = outline(error)
        log.error("fault: %s", where)
        if where not in said:
            said.add(where)
            session.say("This is a fault of Lepton. Your results are kept.", where, "bad")

    sys.excepthook = tell
    threading.excepthook = lambda args: log.error(
        "fault in a thread: %s", outline(args.exc_value) if args.exc_value else args.exc_type
    )
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = before, before_threads
