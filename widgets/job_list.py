"""The foot of the window: what runs in the background, and what was saved."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from widgets.buttons import IconButton, TextButton
from widgets.labels import ShortLabel, text_label
from widgets.project_saved import SavedSign
from widgets.theme import ROW_PX

LIST_WIDTH_PX = 380


@dataclass(frozen=True)
class JobRow:
    """One job: what it does, how far it is (0 to 1, None if unknown), what is left, in words."""

    job_id: str
    title: str
    fraction: float | None = None
    left: str = ""

    @property
    def words(self) -> str:
        """Such as "Occlusion 43 % · 12 s left"."""
        done = "" if self.fraction is None else f" {self.fraction * 100:.0f} %"
        return f"{self.title}{done}" + (f" · {self.left}" if self.left else "")


class JobList(QFrame):
    """One line with the newest job; the rest opens upward."""

    cancel_requested = Signal(str)
    messages_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "foot")
        self.setFixedHeight(ROW_PX + 2)
        self._jobs: tuple[JobRow, ...] = ()
        self._popup: JobPopup | None = None
        self._fold = TextButton("", "chevron_right", "fold", role="quiet")
        self._fold.clicked.connect(self._toggle)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedWidth(120)
        self._bar.setAccessibleName("Progress of the newest job")
        self._cancel = IconButton("close", "Cancel this job", role="quiet")
        self._cancel.setFixedSize(24, 24)
        self._cancel.clicked.connect(self._cancel_newest)
        self.saved = SavedSign()
        self._messages = TextButton("", None, "flat")
        self._messages.clicked.connect(self.messages_requested)
        for button in (self._fold, self._messages):
            button.setStyleSheet("min-height: 20px; font-size: 11px;")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(6)
        row.addWidget(self._fold)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        row.addStretch(1)
        row.addWidget(self.saved)
        row.addWidget(self._messages)
        self.set_jobs(())
        self.set_message_count(0)

    def set_jobs(self, jobs: tuple[JobRow, ...]) -> None:
        """All jobs under way, oldest first."""
        self._jobs = jobs
        newest = jobs[-1] if jobs else None
        self._fold.setVisible(newest is not None)
        self._cancel.setVisible(newest is not None)
        self._bar.setVisible(newest is not None and newest.fraction is not None)
        if newest is not None:
            self._write(newest, len(jobs) - 1)
            self._fold.setToolTip("Show all jobs")
            self._bar.setValue(round((newest.fraction or 0.0) * 1000))
        if self._popup is not None:
            if jobs:
                self._popup.set_jobs(jobs)
                self._place()
            else:
                self._close()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._jobs:
            self._write(self._jobs[-1], len(self._jobs) - 1)

    def _write(self, job: JobRow, others: int) -> None:
        more = f" · and {others} more" if others else ""
        taken = 200 + self.saved.sizeHint().width() + self._messages.sizeHint().width()
        room = self.width() - taken - 60 - self.fontMetrics().horizontalAdvance(more)
        words = self.fontMetrics().elidedText(
            job.words, Qt.TextElideMode.ElideMiddle, max(room, 80)
        )
        self._fold.setText(words + more)

    def set_message_count(self, count: int) -> None:
        """How many messages can be read again."""
        self._messages.setVisible(count > 0)
        self._messages.setText(f"{count} message{'' if count == 1 else 's'}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self._popup is not None:
            self._place()
        return super().eventFilter(watched, event)

    def _cancel_newest(self) -> None:
        if self._jobs:
            self.cancel_requested.emit(self._jobs[-1].job_id)

    def _toggle(self) -> None:
        if self._popup is not None:
            self._close()
            return
        self._popup = JobPopup(self.window())
        self._popup.cancel_requested.connect(self.cancel_requested)
        self._popup.closed.connect(self._close)
        self._popup.set_jobs(self._jobs)
        self._fold.set_icon("chevron_down", "quiet")
        self.window().installEventFilter(self)
        self._place()
        self._popup.show()
        self._popup.raise_()

    def _place(self) -> None:
        if self._popup is not None:
            self._popup.adjustSize()
            corner = self.mapTo(self.window(), QPoint(8, -self._popup.height() - 6))
            self._popup.move(corner)

    def _close(self) -> None:
        if self._popup is not None:
            self.window().removeEventFilter(self)
            self._popup.hide()
            self._popup.deleteLater()
            self._popup = None
            self._fold.set_icon("chevron_right", "quiet")


class JobPopup(QFrame):
    """All jobs, a row each: title, what is left, a bar, Cancel."""

    cancel_requested = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "floating")
        self.setFixedWidth(LIST_WIDTH_PX)
        self._shown: dict[str, _JobLine] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 8, 8)
        self._column.setSpacing(6)

    def set_jobs(self, jobs: tuple[JobRow, ...]) -> None:
        """Rows that stay keep their widgets, so that no focus is lost while numbers change."""
        wanted = {job.job_id for job in jobs}
        for job_id in [known for known in self._shown if known not in wanted]:
            line = self._shown.pop(job_id)
            self._column.removeWidget(line)
            line.hide()
            line.deleteLater()
        for job in jobs:
            if job.job_id not in self._shown:
                line = _JobLine(job.job_id)
                line.cancel_requested.connect(self.cancel_requested)
                self._shown[job.job_id] = line
                self._column.addWidget(line)
            self._shown[job.job_id].set_job(job)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)


class _JobLine(QWidget):
    cancel_requested = Signal(str)

    def __init__(self, job_id: str) -> None:
        super().__init__()
        self._title = ShortLabel()
        self._left = text_label("", "caption")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        cancel = IconButton("close", "Cancel this job", role="quiet")
        cancel.clicked.connect(lambda: self.cancel_requested.emit(job_id))
        words = QHBoxLayout()
        words.addWidget(self._title, 1)
        words.addWidget(self._left)
        texts = QVBoxLayout()
        texts.setSpacing(6)
        texts.addLayout(words)
        texts.addWidget(self._bar)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addLayout(texts, 1)
        row.addWidget(cancel)

    def set_job(self, job: JobRow) -> None:
        done = "" if job.fraction is None else f"{job.fraction * 100:.0f} %"
        self._title.setText(job.title)
        self._left.setText(" · ".join(part for part in (done, job.left) if part))
        self._bar.setValue(round((job.fraction or 0.0) * 1000))
        self._bar.setAccessibleName(f"Progress of {job.title}")
