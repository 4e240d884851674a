"""A structured report to be read: its lines in their order, indented by their depth."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from inference.records import ReportLine, ReportText
from widgets import theme
from widgets.buttons import TextButton
from widgets.labels import ShortLabel, text_label

INDENT_PX = 18
DEEPEST = 8
"""Levels that are indented; a report may nest without end, a page is not so wide."""


class TextPage(QDialog):
    """A window beside the main one. Nothing of the report is taken as markup or as a link."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setModal(False)
        self.resize(620, 680)
        self._report: ReportText | None = None
        self._title = text_label("", "heading", wrap=True)
        self._page = QTextBrowser()
        self._page.setOpenLinks(False)
        self._page.setAccessibleName("Report")
        self._page.document().setDocumentMargin(0)
        self._said = ShortLabel("", "caption")
        self._copy = TextButton("Copy all", "copy")
        self._copy.setAutoDefault(False)
        self._copy.clicked.connect(self._copy_all)
        foot = QHBoxLayout()
        foot.addWidget(self._said, 1)
        foot.addWidget(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._page, 1)
        column.addLayout(foot)
        self.set_report(None)

    def set_report(self, report: ReportText | None) -> None:
        """The report to read; None while it is being read."""
        self._report = report
        title = report.title if report is not None else "Reading the report"
        self.setWindowTitle(title)
        self._title.setText(title)
        self._said.setText("" if report is None or report.lines else "The report has no text.")
        self._copy.setEnabled(report is not None and bool(report.lines))
        self._write()

    def set_trouble(self, sentence: str) -> None:
        """Why there is no report to read."""
        self.set_report(None)
        self.setWindowTitle("Report")
        self._title.setText("Report")
        self._said.setText(sentence)

    def text(self) -> str:
        """The whole as plain text, two spaces a level."""
        lines = self._report.lines if self._report is not None else ()
        return "\n".join("  " * line.depth + _joined(line) for line in lines)

    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText(self.text())
        self._said.setText("Copied the report.")

    def _write(self) -> None:
        self._page.clear()
        cursor = QTextCursor(self._page.document())
        cursor.beginEditBlock()
        lines = self._report.lines if self._report is not None else ()
        for number, line in enumerate(lines):
            form = QTextBlockFormat()
            form.setLeftMargin(min(line.depth, DEEPEST) * INDENT_PX)
            form.setTopMargin(10 if not line.text and number else 3)
            form.setLineHeight(130, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
            if number:
                cursor.insertBlock(form)
            else:
                cursor.setBlockFormat(form)
            _write_line(cursor, line)
        cursor.endEditBlock()
        self._page.moveCursor(QTextCursor.MoveOperation.Start)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_copy"):
            self._write()


def _write_line(cursor: QTextCursor, line: ReportLine) -> None:
    """A heading alone is a title of what follows; beside a text it is quiet."""
    heading, plain = QTextCharFormat(), QTextCharFormat()
    plain.setForeground(QColor(theme.current().text))
    heading.setForeground(QColor(theme.current().quiet if line.text else theme.current().text))
    if not line.text:
        heading.setFontWeight(QFont.Weight.DemiBold)
    if line.heading:
        cursor.insertText(line.heading + ("  " if line.text else ""), heading)
    cursor.insertText(line.text, plain)


def _joined(line: ReportLine) -> str:
    return ": ".join(part for part in (line.heading, line.text) if part)
