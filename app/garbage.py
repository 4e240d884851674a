"""Keeps Python's cyclic garbage collector on the main thread."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

YOUNG_MS = 1_000
WHOLE_EVERY = 30


class MainThreadCollector(QObject):
    """Collects from a timer of the window's thread instead of on whichever thread allocates.

    A collection on a worker's thread would destroy Qt objects there and end the process. Young
    generations are collected often, since that takes under a millisecond; all of it rarely.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.freeze()  # what start-up made stays; later collections need not walk through it
        gc.disable()
        self._rounds = 0
        self._timer = QTimer(self)
        self._timer.setInterval(YOUNG_MS)
        self._timer.timeout.connect(self._collect)
        self._timer.start()

    def stop(self) -> None:
        """Give the collector back, at the end of the program or of a test."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def _collect(self) -> None:
        self._rounds += 1
        gc.collect(2 if self._rounds % WHOLE_EVERY == 0 else 1)
