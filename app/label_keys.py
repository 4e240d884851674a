"""The keys of labels: one letter or digit says a class or takes a label in hand, on the picture."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.actions import saying
from app.jobs import Jobs
from app.session import Session
from inference.errors import UserError

_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


class LabelKeys(QObject):
    """Hears keys before pictures and commands do, in the work place Label alone."""

    def __init__(self, session: Session, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._jobs = jobs
        self._watched: set[QWidget] = set()

    def watch(self, pictures: Iterable[QWidget]) -> None:
        """Hear the keys of these pictures; those that are heard already stay so."""
        for picture in pictures:
            if picture not in self._watched:
                self._watched.add(picture)
                picture.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() not in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            return False
        assert isinstance(event, QKeyEvent)
        name = self._label_of(event)
        if name is None:
            return False
        event.accept()  # of an override: no command gets the key that follows
        if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
            self._press(name)
        return True

    def _label_of(self, event: QKeyEvent) -> str | None:
        """The label whose key this is."""
        session = self._session
        if session.place != "label" or event.modifiers() not in _PLAIN:
            return None
        key = event.key()
        pressed = chr(key) if 0x30 <= key <= 0x5A else ""
        labels = session.labels.label_set.labels
        return next((one.name for one in labels if pressed and one.key == pressed), None)

    def _press(self, name: str) -> None:
        session = self._session
        try:
            saying.press(session, self._jobs, name, moves_on=session.labels.moves_on)
        except UserError as error:
            session.say_error(error)
