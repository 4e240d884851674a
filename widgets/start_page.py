"""What is seen before anything is open: what the program is for, and the ways in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import PrimaryButton, TextButton, with_key
from widgets.entry_card import EntryCard, EntryRow
from widgets.icons import pixmap
from widgets.labels import ShortLabel, plain_tip, set_kind, text_label
from widgets.layouts import empty
from widgets.project_rows import ProjectRows
from widgets.scroll_column import WrappedPage

PURPOSE = "Open a scan, run a model on it, and see why it answered as it did."
CAUTION = "Research use only, not a medical device."
FORMATS = "DICOM, NIfTI, NRRD, MetaImage, TIFF, PNG, JPEG and WebP, also in zip archives"
WIDTH_PX = 880


@dataclass(frozen=True)
class RecentRow:
    """Something that was open before: its path, a title, and a quiet remark such as its folder."""

    path: str
    title: str
    detail: str = ""


class StartPage(QScrollArea):
    """Ways in leave as signals; files are dropped on the window, which shows it here."""

    open_files_requested = Signal()
    open_folder_requested = Signal()
    demo_requested = Signal()
    recent_chosen = Signal(str)
    entry_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: tuple[EntryRow, ...] = ()
        self._recent_rows: tuple[RecentRow, ...] = ()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        page = WrappedPage()
        page.setProperty("kind", "ground")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        outer = QHBoxLayout(page)
        outer.setContentsMargins(24, 24, 24, 24)
        outer.addStretch(1)
        outer.addWidget(self._content(), 100)
        outer.addStretch(1)
        self.setWidget(page)
        self._colour()

    def set_entries(self, entries: tuple[EntryRow, ...]) -> None:
        """The tasks in the box, a card each."""
        if entries == self._entries:
            return
        self._entries = entries
        empty(self._cards)
        for number, entry in enumerate(entries):
            card = EntryCard(entry)
            card.chosen.connect(self.entry_chosen)
            self._cards.addWidget(card, number // 2, number % 2)
        self._box.setVisible(bool(entries))

    def set_recent(self, recent: tuple[RecentRow, ...]) -> None:
        """What was open before, newest first."""
        if recent == self._recent_rows:
            return
        self._recent_rows = recent
        empty(self._recent)
        for row, one in enumerate(recent):
            button = TextButton(one.title, "history", "link", role="quiet")
            button.setToolTip(plain_tip(one.path))
            button.clicked.connect(lambda _=False, path=one.path: self.recent_chosen.emit(path))
            self._recent.addWidget(button, row, 0)
            detail = ShortLabel(one.detail, "caption", Qt.TextElideMode.ElideMiddle)
            self._recent.addWidget(detail, row, 1)
        self._past.setVisible(bool(recent))

    def set_first(self, first: QWidget | None) -> None:
        """Where the keyboard starts; None is the button that opens files."""
        had, now = self.focusProxy(), first or self._files
        self.setFocusProxy(now)
        if had is not None and had is not now and had.hasFocus():
            now.setFocus(Qt.FocusReason.OtherFocusReason)

    def set_drop_active(self, active: bool) -> None:
        """Files are being held over the window."""
        set_kind(self._drop, "drop-active" if active else "drop")
        self._invitation.setText("Let go to open." if active else "Drop files or a folder here")

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of "open_files" and "open_folder", for their buttons."""
        self._files.setToolTip(with_key("Open files", keys.get("open_files", "")))
        folder = "Open a folder and all within"
        self._folder.setToolTip(with_key(folder, keys.get("open_folder", "")))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_drop_icon"):
            self._colour()

    def _colour(self) -> None:
        self._drop_icon.setPixmap(pixmap("drop", self.palette().placeholderText().color(), 32))

    def _content(self) -> QWidget:
        content = QWidget()
        content.setMaximumWidth(WIDTH_PX)
        self._box, box = _part("Examples")
        self._box.setVisible(False)
        self._cards = QGridLayout()
        self._cards.setSpacing(12)
        self._cards.setColumnStretch(0, 1)
        self._cards.setColumnStretch(1, 1)
        box.addLayout(self._cards)
        self._past, past = _part("Recent")
        self._past.setVisible(False)
        self._recent = QGridLayout()
        self._recent.setHorizontalSpacing(12)
        self._recent.setVerticalSpacing(0)
        self._recent.setColumnStretch(1, 1)
        past.addLayout(self._recent)
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 16, 0, 0)
        column.setSpacing(8)
        column.addWidget(text_label("Lepton", "title"))
        column.addWidget(text_label(PURPOSE, "quiet", wrap=True))
        column.addSpacing(12)
        column.addWidget(self._drop_area())
        self.projects = ProjectRows()
        column.addWidget(self.projects)
        column.addWidget(self._past)
        column.addWidget(self._box)
        column.addStretch(1)
        column.addSpacing(12)
        column.addWidget(text_label(CAUTION, "caption", wrap=True))
        return content

    def _drop_area(self) -> QWidget:
        self._drop = QFrame()
        self._drop.setProperty("kind", "drop")
        self._drop_icon = text_label()
        self._drop_icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._invitation = text_label("Drop files or a folder here")
        self._invitation.setAlignment(Qt.AlignmentFlag.AlignCenter)
        formats = text_label(FORMATS, "caption")
        formats.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._files = PrimaryButton("Open files", "open")
        self.setFocusProxy(self._files)  # who comes here by keyboard starts at the main thing
        self._files.clicked.connect(self.open_files_requested)
        self._folder = TextButton("Open a folder", "folder")
        self._folder.clicked.connect(self.open_folder_requested)
        demo = TextButton("Show the demo", "play")
        demo.setToolTip("Two models, one scan, and the reason why one of them is wrong")
        demo.clicked.connect(self.demo_requested)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for button in (self._files, self._folder, demo):
            row.addWidget(button)
        row.addStretch(1)
        column = QVBoxLayout(self._drop)
        column.setContentsMargins(16, 28, 16, 28)
        column.setSpacing(6)
        column.addWidget(self._drop_icon)
        column.addWidget(self._invitation)
        column.addWidget(formats)
        column.addSpacing(10)
        column.addLayout(row)
        return self._drop


def _part(title: str) -> tuple[QWidget, QVBoxLayout]:
    part = QWidget()
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 12, 0, 0)
    column.setSpacing(8)
    column.addWidget(text_label(title, "heading"))
    return part, column
