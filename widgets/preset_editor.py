"""The windows on the keys 2 to 8, by modality: added, changed, put in order."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.buttons import IconButton, PrimaryButton, TextButton
from widgets.choosers import Chooser
from widgets.labels import SignLabel, plain_tip, set_kind, text_label
from widgets.preset_list import FIRST_KEY, LAST_KEY, PresetList, PresetRow

MODALITIES = ("CT", "PT", "MR", "CR", "DX", "MG", "US", "XA", "NM")
COLUMNS = ("Key", "Name", "Centre", "Width")
NUMBER_PX = 88


class PresetEditor(QDialog):
    """Nothing changes until `applied` sends all presets; `units` is by modality."""

    applied = Signal(object)
    """tuple[PresetRow, ...]"""

    def __init__(
        self,
        presets: tuple[PresetRow, ...],
        defaults: tuple[PresetRow, ...],
        units: dict[str, str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Windows on keys")
        self.resize(520, 560)
        self._defaults = defaults
        self._units = units
        self._list = PresetList(presets)
        self._modality = Chooser("Modality")
        self._table = QTableWidget(0, len(COLUMNS))
        self._title, self._center, self._width = QLineEdit(), QLineEdit(), QLineEdit()
        self._unit = text_label("", "quiet")
        self._sign = SignLabel("doubtful", 14)
        self._trouble = text_label("", "caption", wrap=True)
        self._make_buttons()
        self._dress()
        self._arrange()
        self._connect()
        for name in dict.fromkeys((*MODALITIES, *(row.modality for row in presets))):
            self._modality.add_entry(name, name)
        self.set_modality("CT")

    def set_modality(self, modality: str) -> None:
        """Show the windows of one modality; one that is not in the list is added to it."""
        self._modality.choose(modality)
        if self._modality.chosen_key() != modality:
            self._modality.add_entry(modality, modality)
            self._modality.choose(modality)
        self._show(0)

    # What the person does

    def _add(self) -> None:
        place = self._list.add(self._named())
        if place is not None:
            self._show(place)
            self._title.setFocus(Qt.FocusReason.OtherFocusReason)
            self._title.selectAll()

    def _remove(self) -> None:
        place = self._table.currentRow()
        self._list.remove(self._named(), place)
        self._show(place)

    def _move(self, by: int) -> None:
        self._show(self._list.move(self._named(), self._table.currentRow(), by))

    def _restore(self) -> None:
        self._list = PresetList(self._defaults)
        self._show(0)

    def _edit(self) -> None:
        place = self._table.currentRow()
        if place < 0:
            return
        self._list.edit(
            self._named(),
            place,
            title=self._title.text(),
            center=self._center.text(),
            width=self._width.text(),
        )
        self._write_row(place)
        self._judge()

    def _apply(self) -> None:
        if not self._list.trouble:
            self.applied.emit(self._list.rows())
            self.accept()

    # What is shown

    def _named(self) -> str:
        return self._modality.chosen_key() or "CT"

    def _show(self, place: int) -> None:
        """All windows of the modality, with the one at `place` (or the last) chosen."""
        drafts = self._list.of(self._named())
        with QSignalBlocker(self._table):
            self._table.setRowCount(len(drafts))
            for row in range(len(drafts)):
                self._write_row(row)
            self._table.setCurrentCell(min(place, len(drafts) - 1), 1)
        unit = self._units.get(self._named(), "")
        self._unit.setText(unit or "in the values of the file")
        self._choose()
        self._judge()

    def _choose(self) -> None:
        """The fields have what the chosen line has."""
        place, drafts = self._table.currentRow(), self._list.of(self._named())
        chosen = drafts[place] if 0 <= place < len(drafts) else None
        texts = (chosen.title, chosen.center, chosen.width) if chosen else ("", "", "")
        for field, text in zip((self._title, self._center, self._width), texts, strict=True):
            with QSignalBlocker(field):
                field.setText(text)
            field.setEnabled(chosen is not None)
        self._delete.setEnabled(chosen is not None)
        self._up.setEnabled(place > 0)
        self._down.setEnabled(0 <= place < len(drafts) - 1)
        free = len(drafts) <= LAST_KEY - FIRST_KEY
        self._new.setEnabled(free)
        full = f"The keys {FIRST_KEY} to {LAST_KEY} are taken; delete a window first"
        self._new.set_tooltip("Add a window" if free else full)

    def _write_row(self, row: int) -> None:
        draft = self._list.of(self._named())[row]
        texts = (str(row + FIRST_KEY), draft.title, draft.center, draft.width)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
            item.setToolTip(plain_tip(draft.trouble or text))
            item.setTextAlignment(_side(column))
            self._table.setItem(row, column, item)

    def _judge(self) -> None:
        trouble = self._list.trouble
        self._sign.setVisible(bool(trouble))
        if trouble:
            self._trouble.setText(trouble)
        elif not self._list.of(self._named()):
            self._trouble.setText(f"{self._named()} has the file's own window and all values only.")
        else:
            self._trouble.setText("Key 1 is the file's own window, key 9 all values of the frame.")
        set_kind(self._trouble, "" if trouble else "caption")
        self._take.setEnabled(not trouble)

    # How it is put together

    def _make_buttons(self) -> None:
        self._new = IconButton("add", "Add a window")
        self._delete = IconButton("delete", "Delete this window")
        self._up = IconButton("chevron_up", "One key earlier", "Alt+Up")
        self._down = IconButton("chevron_down", "One key later", "Alt+Down")
        self._reset = TextButton("Reset all", "reset")
        self._take = PrimaryButton("Apply")
        self._close = TextButton("Cancel")
        self._take.setDefault(True)
        for button in (self._reset, self._close):
            button.setAutoDefault(False)

    def _dress(self) -> None:
        table = self._table
        table.setProperty("kind", "table")
        table.setAccessibleName("Windows")
        for column, words in enumerate(COLUMNS):
            over = QTableWidgetItem(words)
            over.setTextAlignment(_side(column))
            table.setHorizontalHeaderItem(column, over)
        table.verticalHeader().hide()
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        head = table.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        for column, width in ((0, 48), (2, NUMBER_PX), (3, NUMBER_PX)):
            head.resizeSection(column, width)
        for field, name in (
            (self._title, "Name"),
            (self._center, "Centre"),
            (self._width, "Width"),
        ):
            field.setAccessibleName(name)

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(4)
        top.addWidget(self._modality, 1)
        for button in (self._new, self._delete, self._up, self._down):
            top.addWidget(button)
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        numbers.addWidget(self._center, 1)
        numbers.addWidget(text_label("Width"))
        numbers.addWidget(self._width, 1)
        numbers.addWidget(self._unit)
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("Name", self._title)
        form.addRow("Centre", numbers)
        said = QHBoxLayout()
        said.addWidget(self._sign)
        said.addWidget(self._trouble, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._reset)
        foot.addStretch(1)
        foot.addWidget(self._close)
        foot.addWidget(self._take)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(12)
        column.addLayout(top)
        column.addWidget(self._table, 1)
        column.addLayout(form)
        column.addLayout(said)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._modality.chosen.connect(lambda _: self._show(0))
        self._table.currentCellChanged.connect(lambda *_: self._choose())
        for field in (self._title, self._center, self._width):
            field.textEdited.connect(lambda _: self._edit())
        self._new.clicked.connect(self._add)
        self._delete.clicked.connect(self._remove)
        self._up.clicked.connect(lambda: self._move(-1))
        self._down.clicked.connect(lambda: self._move(1))
        self._up.setShortcut("Alt+Up")
        self._down.setShortcut("Alt+Down")
        self._reset.clicked.connect(self._restore)
        self._take.clicked.connect(self._apply)
        self._close.clicked.connect(self.reject)


def _side(column: int) -> Qt.AlignmentFlag:
    """Numbers stand at the right."""
    side = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
