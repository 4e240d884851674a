"""Maps that are compared, seen one after another in the same viewport; no result changes by it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from app.panes import Changes
from app.session import Session
from inference.errors import UserError
from widgets.canvas import Canvas

PERIOD_MS = 1000
_STAYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
"""With these a command is chosen from the palette, so letting go of them ends nothing."""


def same_picture(session: Session, number: int) -> tuple[int, ...]:
    """The compared viewports with a map of the very picture that a viewport shows, in order."""
    frame = session.panes[number].frame
    return tuple(
        other
        for other in session.seats
        for pane in (session.panes[other],)
        if pane.compared and pane.attribution is not None
        if pane.frame is not None and frame is not None
        if (pane.frame.key, pane.frame.shape) == (frame.key, frame.shape)
        if pane.plane == session.panes[number].plane
    )


def seen_in(session: Session, number: int) -> int:
    """The viewport whose map is drawn in a viewport: its own, but while it blinks."""
    blinked = session.panes[number].blinked
    return blinked if blinked is not None and blinked in same_picture(session, number) else number


def after(session: Session, number: int) -> int:
    """The compared viewport after this one with another map of the same picture.

    Raises UserError where there is none.
    """
    others = [one for one in same_picture(session, number) if one != number]
    if not others:
        raise UserError(
            "There is no other map of this picture to blink with.",
            "Compare two or more, and wait until they are there.",
        )
    return next((one for one in others if one > number), others[0])


class Blinking(QObject):
    """Shows the next map while a key is held, or all in turn until it is told to stop."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._number: int | None = None
        self._canvas: Canvas | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(PERIOD_MS)
        self._timer.timeout.connect(self._go_on)
        session.changed.connect(self._follow)

    @property
    def active(self) -> bool:
        """Whether a viewport shows another's map now."""
        return self._number is not None

    def hold(self, canvas: Canvas) -> None:
        """Show the next map in the active viewport until the key is let go."""
        if self._number is None:
            self._begin(canvas)

    def toggle(self, canvas: Canvas) -> None:
        """Show all maps in turn in the active viewport, or stop."""
        if self._timer.isActive():
            self.stop()
            return
        self.stop()
        self._begin(canvas)
        self._timer.start()

    def stop(self) -> None:
        """Every viewport shows its own map again."""
        self._timer.stop()
        self._number = None
        if self._canvas is not None:
            self._canvas.removeEventFilter(self)
            self._canvas = None
        for number, pane in enumerate(self._session.panes):
            if pane.blinked is not None:
                self._session.edit_view(number, blinked=None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key that is let go, and Escape before any command that it is bound to."""
        if isinstance(event, QKeyEvent):
            return self._hear(event)
        if event.type() == QEvent.Type.FocusOut and not self._timer.isActive():
            self.stop()  # who holds the key would not be heard any more
        return False

    def _hear(self, event: QKeyEvent) -> bool:
        if event.key() == Qt.Key.Key_Escape:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
            elif event.type() == QEvent.Type.KeyPress:
                self.stop()
            return True
        released = event.type() == QEvent.Type.KeyRelease and not event.isAutoRepeat()
        if released and not self._timer.isActive() and event.key() not in _STAYS:
            self.stop()
        return False

    def _begin(self, canvas: Canvas) -> None:
        number = self._session.active
        other = after(self._session, number)
        self._number, self._canvas = number, canvas
        canvas.installEventFilter(self)
        self._session.edit_view(number, blinked=other)

    def _go_on(self) -> None:
        """The next map, the viewport's own among them; its own alone where there is no other."""
        session, number = self._session, self._number
        if number is None:
            return
        maps = same_picture(session, number)
        now = seen_in(session, number)
        following = next((one for one in maps if one > now), maps[0] if maps else number)
        session.edit_view(number, blinked=None if following == number else following)

    def _follow(self, changes: Changes) -> None:
        """End where the comparison ended, or another viewport is at hand."""
        session, number = self._session, self._number
        strayed = any(
            pane.blinked is not None and other != number for other, pane in enumerate(session.panes)
        )
        if strayed or (number is not None and not self._goes_on(number)):
            self.stop()

    def _goes_on(self, number: int) -> bool:
        session = self._session
        compared = [one for one in session.seats if session.panes[one].compared]
        return number == session.active and number in session.seats and len(compared) > 1
