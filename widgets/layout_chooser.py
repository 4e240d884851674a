"""The button for the grid of viewports: pointed at, or chosen by keys; three planes; saved ones."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets import theme
from widgets.buttons import IconButton, TextButton
from widgets.labels import ShortLabel, plain_tip, rule, text_label
from widgets.layouts import empty

ROWS, COLUMNS = 2, 3
CELL = QSize(52, 36)
GAP_PX = 4
PLANES = "mpr"
_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
_TAKES = frozenset({Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space})


class GridPicker(QWidget):
    """Cells up to the one pointed at are lit; a click, or Enter, sends their rows and columns."""

    picked = Signal(int, int)
    pointed = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._at = (1, 1)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Rows and columns of viewports")
        self.setFixedSize(
            COLUMNS * (CELL.width() + GAP_PX) - GAP_PX, ROWS * (CELL.height() + GAP_PX) - GAP_PX
        )

    def set_at(self, rows: int, columns: int) -> None:
        """Light these rows and columns, counted from 1."""
        self._at = (rows, columns)
        self.setAccessibleDescription(f"{rows} by {columns}")
        self.pointed.emit(rows, columns)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.set_at(*self._cell_at(event.position().toPoint()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.set_at(*self._cell_at(event.position().toPoint()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.picked.emit(*self._at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        move = _MOVES.get(Qt.Key(event.key()))
        if move is not None:
            rows, columns = self._at[0] + move[0], self._at[1] + move[1]
            self.set_at(min(max(rows, 1), ROWS), min(max(columns, 1), COLUMNS))
        elif event.key() in _TAKES:
            self.picked.emit(*self._at)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for row in range(ROWS):
            for column in range(COLUMNS):
                lit = row < self._at[0] and column < self._at[1]
                edge = colours.accent if lit else colours.edge
                painter.setPen(QPen(QColor(edge), 1.5 if lit and self.hasFocus() else 1))
                painter.setBrush(QColor(colours.selected if lit else colours.ground))
                place = QPoint(column * (CELL.width() + GAP_PX), row * (CELL.height() + GAP_PX))
                painter.drawRoundedRect(QRect(place, CELL).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    @staticmethod
    def _cell_at(place: QPoint) -> tuple[int, int]:
        row = place.y() // (CELL.height() + GAP_PX) + 1
        column = place.x() // (CELL.width() + GAP_PX) + 1
        return (min(max(row, 1), ROWS), min(max(column, 1), COLUMNS))


class LayoutPanel(QFrame):
    """What opens below the button; Esc closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setProperty("kind", "floating")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return
        super().keyPressEvent(event)


class LayoutChooser(IconButton):
    """Sends the name of a layout: "1x1" to "2x3" as rows × columns, or "mpr"."""

    layout_chosen = Signal(str)
    save_requested = Signal()
    saved_chosen = Signal(str)
    saved_deleted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("grid", "Layout of the viewports", parent=parent)
        self._name = "1x1"
        self._panel = LayoutPanel(self)
        self._grid = GridPicker()
        self._words = text_label("", "caption")
        self._planes = TextButton("Three planes", "three_planes", "flat")
        self._save = TextButton("Save this layout", "add", "flat")
        self._saved = QVBoxLayout()
        self._arrange()
        self.clicked.connect(self.open)
        self._grid.pointed.connect(self._say)
        self._grid.picked.connect(lambda rows, columns: self._choose(f"{rows}x{columns}"))
        self._planes.clicked.connect(lambda: self._choose(PLANES))
        self._save.clicked.connect(self._ask_to_save)

    def set_layout_name(self, name: str) -> None:
        """The layout in use; a name that is none of the grid's lights its planes."""
        self._name = name
        self.set_icon("three_planes" if name == PLANES else "grid")

    def set_planes_enabled(self, enabled: bool, reason: str = "") -> None:
        """Three planes need a volume; else the reason is said."""
        self._planes.setEnabled(enabled)
        self._planes.setToolTip(reason)

    def set_saved(self, names: tuple[str, ...]) -> None:
        """The layouts that the person keeps, by name."""
        empty(self._saved)
        for name in names:
            self._saved.addWidget(self._saved_row(name))
        self._panel.adjustSize()

    def open(self) -> None:
        """Show the panel below the button, with the keyboard on the grid."""
        rows, _, columns = self._name.partition("x")
        if rows.isdecimal() and columns.isdecimal():
            self._grid.set_at(int(rows), int(columns))
        self._panel.adjustSize()
        corner = self.mapToGlobal(QPoint(self.width() - self._panel.width(), self.height() + 4))
        screen = self.screen().availableGeometry()
        corner.setX(max(screen.left(), corner.x()))
        corner.setY(min(screen.bottom() - self._panel.height(), corner.y()))
        self._panel.move(corner)
        self._panel.show()
        self._grid.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def panel(self) -> QWidget:
        """What opens below the button."""
        return self._panel

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_grid"):
            self._grid.update()

    def _say(self, rows: int, columns: int) -> None:
        count = rows * columns
        words = "1 viewport" if count == 1 else f"{count} viewports"
        self._words.setText(f"{rows} × {columns}   {words}")

    def _choose(self, name: str) -> None:
        self._panel.hide()
        self.layout_chosen.emit(name)

    def _choose_saved(self, name: str) -> None:
        self._panel.hide()
        self.saved_chosen.emit(name)

    def _ask_to_save(self) -> None:
        self._panel.hide()
        self.save_requested.emit()

    def _saved_row(self, name: str) -> QWidget:
        row = QWidget()
        words = ShortLabel(name)
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        take = TextButton("", None, "flat")
        take.setAccessibleName(name)
        take.setToolTip(plain_tip(name))
        take.clicked.connect(lambda: self._choose_saved(name))
        inside = QHBoxLayout(take)
        inside.setContentsMargins(8, 0, 4, 0)
        inside.addWidget(words)
        drop = IconButton("delete", f"Delete the layout “{name}”", role="quiet")
        drop.clicked.connect(lambda: self.saved_deleted.emit(name))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(take, 1)
        line.addWidget(drop)
        return row

    def _arrange(self) -> None:
        for button in (self._planes, self._save):
            button.setStyleSheet("text-align: left;")
        self._saved.setSpacing(0)
        column = QVBoxLayout(self._panel)
        column.setContentsMargins(12, 12, 12, 8)
        column.setSpacing(4)
        column.addWidget(self._grid, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._words, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._planes)
        column.addWidget(rule())
        column.addLayout(self._saved)
        column.addWidget(self._save)
