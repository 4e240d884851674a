"""Joins the session's cases with their table; holds no state but what is drawn."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.panes import Changes
from app.session import Session
from widgets.batch_table import CaseTable


class BatchView(CaseTable):
    """The table of cases, which follows the session as long as it lives."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._drawn = (-1, 0)
        """The number of the table that is drawn, and how many of its rows."""
        session.changed.connect(self._follow)
        self._show_cases()

    def _follow(self, changes: Changes) -> None:
        if changes.cases:
            self._show_cases()

    def _show_cases(self) -> None:
        book = self._session.cases
        number, count = self._drawn
        if book.number != number:
            self.set_rows(book.title or "Cases", book.rows)
        elif len(book.rows) > count:
            self.add_rows(book.rows[count:])
        self._drawn = (book.number, len(book.rows))
        self.set_work((book.done, book.total) if book.running else None)
