"""Which labels are to be imported: their place and format, and what of them would come in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import PrimaryButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import ShortLabel, SignLine, text_label
from widgets.layouts import empty
from widgets.signs import State
from widgets.theme import ROW_PX

_WIDTH_PX, _MARGIN_PX, _FOUND_PX = 620, 16, 116
_FIRST = "Choose a file or a folder of labels."
BY_LOOKING = "by looking"


class LabelImportDialog(QDialog):
    """Nothing is taken over until `accepted`."""

    place_chosen = Signal(str)
    format_chosen = Signal(str)

    def __init__(self, formats: tuple[tuple[str, str], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import labels")
        self._place = ShortLabel("", "quiet")
        file, folder = TextButton("File …", "document"), TextButton("Folder …", "folder")
        file.clicked.connect(self._choose_file)
        folder.clicked.connect(self._choose_folder)
        self.format = Chooser("Format")
        self.format.add_entry(BY_LOOKING, "Found out by looking")
        for name, title in formats:
            self.format.add_entry(name, title)
        self.format.choose(BY_LOOKING)
        self.format.chosen.connect(self.format_chosen)
        self.take, close = PrimaryButton("Import"), TextButton("Cancel")
        self.take.setDefault(True)
        self.take.clicked.connect(self.accept)
        close.clicked.connect(self.reject)
        for button in (file, folder, close):
            button.setAutoDefault(False)
        form = QGridLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(10)
        form.setColumnStretch(1, 1)
        form.setRowMinimumHeight(0, ROW_PX)
        form.addWidget(text_label("Labels", "quiet"), 0, 0)
        form.addWidget(self._place, 0, 1)
        form.addWidget(file, 0, 2)
        form.addWidget(folder, 0, 3)
        form.addWidget(text_label("Format", "quiet"), 1, 0)
        form.addWidget(self.format, 1, 1, 1, 3)
        self._found = QVBoxLayout()
        self._found.setSpacing(6)
        self._found.setContentsMargins(0, 0, 0, 0)
        self._room = QWidget()
        self._room.setLayout(self._found)
        foot = QHBoxLayout()
        foot.addWidget(text_label("One undo takes all of it back.", "caption"))
        foot.addStretch(1)
        foot.addWidget(close)
        foot.addWidget(self.take)
        column = QVBoxLayout(self)
        column.setContentsMargins(_MARGIN_PX, 16, _MARGIN_PX, 12)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self._room, 1)
        column.addLayout(foot)
        self.setMinimumWidth(_WIDTH_PX)
        self.set_place("")
        self.set_found((("plain", _FIRST),), takes=False)

    def set_place(self, path: str) -> None:
        """Which file or folder it is; "" for none yet."""
        self._place.setText(path or "Nothing chosen yet")
        self._place.set_full(path)

    def set_found(self, lines: tuple[tuple[State, str], ...], *, takes: bool) -> None:
        """What was found there, in sentences, and whether that can be taken over."""
        empty(self._found)
        for state, words in lines:
            line = SignLine(state, words)
            self._found.addWidget(line)
            line.show()  # Qt shows it later by itself, and would count it only then
        self._found.addStretch(1)
        width = max(self.width(), _WIDTH_PX) - 2 * _MARGIN_PX
        self._room.setMinimumHeight(max(_FOUND_PX, self._found.totalHeightForWidth(width)))
        self.take.setEnabled(takes)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Import labels from a file")
        if path:
            self.place_chosen.emit(path)

    def _choose_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Import labels from a folder")
        if path:
            self.place_chosen.emit(path)

    @property
    def chosen_format(self) -> str:
        """The name of the chosen format; "" where it is found out by looking."""
        found = self.format.chosen_key()
        return "" if found in (None, BY_LOOKING) else str(found)
