"""One figure of belief in full: its sentence, its numbers, its curves beside their floors."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from inference.records import Curve, Figure, Scalar
from widgets import theme
from widgets.buttons import TextButton
from widgets.labels import SignLine, plain_tip, text_label
from widgets.signs import State

PENS = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine)
"""Curves differ in their lines as well as in their colours."""

WIDTH_PX, PLOT_PX = 560, 260


class BeliefDialog(QDialog):
    """Closes with Escape; what it shows can be copied as CSV."""

    def __init__(
        self, figure: Figure, state: State, source: str = "", parent: QWidget | None = None
    ) -> None:
        """`source` says who thought of the check, or who set its limits; "" if nobody is named."""
        super().__init__(parent)
        self._figure = figure
        self.setWindowTitle(figure.title)
        self.setMinimumWidth(WIDTH_PX)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(text_label(figure.title, "heading"))
        column.addWidget(SignLine(state, figure.sentence))
        if figure.curves:
            column.addWidget(_plot(figure.curves))
        if figure.details or figure.value is not None:
            column.addLayout(_numbers(figure))
        if source:
            column.addWidget(text_label(source, "caption", wrap=True))
        copy = TextButton("Copy as CSV", "copy")
        copy.setToolTip(plain_tip("Put the figure, its numbers and curves on the clipboard"))
        copy.clicked.connect(self.copy)
        close = TextButton("Close")
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(copy)
        row.addStretch(1)
        row.addWidget(close)
        column.addLayout(row)

    def copy(self) -> None:
        """Put the figure on the clipboard."""
        QGuiApplication.clipboard().setText(csv_of(self._figure))


def csv_of(figure: Figure) -> str:
    """The figure as lines of name and value, then a table with a column pair a curve."""
    rows = [["figure", figure.name], ["value", _number(figure.value)]]
    rows += [[name, _number(value)] for name, value in figure.details]
    for curve in figure.curves:
        rows.append([])
        rows.append(["x", curve.name])
        rows += [
            [f"{x:.9g}", f"{y:.9g}"]
            for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True)
        ]
    return "".join(",".join(_quoted(cell) for cell in row) + "\n" for row in rows)


def _plot(curves: tuple[Curve, ...]) -> QWidget:
    """The curves over each other, with a legend; nothing of it moves."""
    import pyqtgraph

    colours = theme.current()
    plot = pyqtgraph.PlotWidget(background=colours.panel)
    plot.setFixedHeight(PLOT_PX)
    plot.setAccessibleName("Curves: " + ", ".join(curve.name for curve in curves))
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.addLegend(offset=(-10, 10), labelTextColor=colours.text)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(colours.quiet)
        axis.setTextPen(colours.quiet)
    inks = (colours.accent, colours.quiet, colours.doubtful)
    for number, curve in enumerate(curves):
        kind = number % len(PENS)
        pen = pyqtgraph.mkPen(inks[kind], width=2, style=PENS[kind])
        plot.plot(curve.x, curve.y, pen=pen, name=curve.name)
    found: QWidget = plot
    return found


def _numbers(figure: Figure) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate((("value", figure.value), *figure.details)):
        grid.addWidget(text_label(name.replace("_", " ").capitalize(), "quiet"), row, 0)
        number = text_label(_number(value, 4))
        number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(number, row, 1)
    return grid


def _number(value: Scalar, digits: int = 9) -> str:
    if value is None:
        return "not measured"
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if set(cell) & set(',"\n') else cell
