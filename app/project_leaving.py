"""The end of a window: nothing that a person did is lost without his word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.actions import keeping
from app.project_showing import reason_of

if TYPE_CHECKING:
    from app.main_window import MainWindow

PATIENCE_MS = 1500
"""How long the last changes are waited for before the person is asked."""

_SLOW = "the disk does not answer"


def may_close(window: MainWindow) -> bool:
    """Whether the window may close now; else it closes when all is kept, or the person is asked."""
    session = window.session
    waiting, book = session.waiting, session.project
    if book.ending or not waiting.things:
        return True
    if waiting.trouble:
        _ask(window, reason_of(waiting.trouble))
    elif not book.closing:
        book.closing = True
        keeping.send(session, window.jobs)
        QTimer.singleShot(PATIENCE_MS, window, lambda: _lose_patience(window))
    return False


def close_when_kept(window: MainWindow) -> None:
    """Close a window that only waits for its last changes, or ask where they cannot be kept."""
    waiting, book = window.session.waiting, window.session.project
    if book.closing and (waiting.trouble or not waiting.things):
        book.closing = False
        QTimer.singleShot(0, window, window.close)


def _lose_patience(window: MainWindow) -> None:
    waiting, book = window.session.waiting, window.session.project
    if book.closing:
        book.closing = False
        _ask(window, reason_of(waiting.trouble) if waiting.trouble else _SLOW)


def _ask(window: MainWindow, reason: str) -> None:
    from widgets.project_questions import UnsavedDialog

    session, book = window.session, window.session.project
    if window.findChild(UnsavedDialog) is not None:
        return
    dialog = UnsavedDialog(len(session.waiting.things), reason, window)

    def leave() -> None:
        book.ending = True
        dialog.accept()
        window.close()

    def stay() -> None:
        book.closing, book.next = False, None

    def again() -> None:
        book.closing = True  # closes once all is kept
        dialog.accept()
        keeping.send(session, window.jobs)
        if not session.waiting.things:
            close_when_kept(window)
        QTimer.singleShot(PATIENCE_MS, window, lambda: _lose_patience(window))

    dialog.quit_requested.connect(leave)
    dialog.again_requested.connect(again)
    dialog.rejected.connect(stay)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
