"""One stage on a network's way: its picture or pictures, shape, range, unit, values, scores."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.choosers import Chooser
from widgets.labels import ShortLabel, text_label
from widgets.layouts import empty
from widgets.stage_picture import Plane, StagePicture

COLUMNS = 4
"""Of small pictures beside each other."""
TABLE_PX = 132
LABEL_PX = 220


@dataclass(frozen=True)
class ScoreLine:
    """A label with its two numbers: before the activation, and after it."""

    label: str
    logit: float
    score: float


@dataclass(frozen=True, eq=False)
class StageRow:
    """All of a stage that is shown; `grid` puts its pictures side by side.

    `before_unit` is the unit once the normalisation is undone; None where there is none to undo.
    """

    name: str
    title: str
    sentence: str
    shape: str = ""
    unit: str = ""
    planes: tuple[Plane, ...] = ()
    scores: tuple[ScoreLine, ...] = ()
    score_names: tuple[str, str] = ("", "")
    before_unit: str | None = None
    grid: bool = False


class StagePage(QWidget):
    """Which channel is seen, and whether numbers are normalised, stays from frame to frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = StageRow("", "", "")
        self._wanted: dict[str, str] = {}
        """The channel that was chosen of each stage, by its name."""
        self._title = text_label("", "heading")
        self._sentence = text_label("", wrap=True)
        self._facts = ShortLabel("", "quiet")
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._channel = Chooser("Channel")
        self._channel.chosen.connect(self._choose_channel)
        self._undo = QCheckBox("Undo the normalisation")
        self._undo.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._undo.toggled.connect(self._show_numbers)
        self._picture = StagePicture("Picture of the stage")
        self._picture.pointed.connect(partial(self._point, self._picture))
        self._many = QWidget()
        self._grid = QGridLayout(self._many)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self._value = ShortLabel("", "quiet")
        self._scores = _table()
        self._arrange()

    def set_stage(self, row: StageRow) -> None:
        """Show a stage, or the same one of another frame."""
        self._row = row
        self._title.setText(row.title)
        self._sentence.setText(row.sentence)
        self._fill_channels()
        self._undo.setVisible(row.before_unit is not None and bool(row.planes))
        self._show_pictures()
        self._show_scores()
        self._show_numbers()

    @property
    def stage(self) -> StageRow:
        """What is shown."""
        return self._row

    # Within

    def _fill_channels(self) -> None:
        row = self._row
        self._channel.clear_entries()
        names = [plane.title for plane in row.planes]
        for name in names:
            self._channel.add_entry(name, name)
        wanted = self._wanted.get(row.name)
        if names:
            self._channel.choose(wanted if wanted in names else names[0])
        self._channel.setVisible(len(names) > 1 and not row.grid)

    def _choose_channel(self, title: str) -> None:
        self._wanted[self._row.name] = title
        self._show_pictures()
        self._show_numbers()

    def _shown(self) -> Plane | None:
        chosen = self._channel.chosen_key()
        found = (plane for plane in self._row.planes if plane.title == chosen)
        return None if self._row.grid else next(found, None)

    def _show_pictures(self) -> None:
        plane = self._shown()
        self._picture.set_plane(plane)
        self._picture.setVisible(plane is not None)
        empty(self._grid)
        self._many.setVisible(self._row.grid and bool(self._row.planes))
        if self._row.grid:
            for number, one in enumerate(self._row.planes):
                self._grid.addWidget(self._small(one), number // COLUMNS, number % COLUMNS)

    def _small(self, plane: Plane) -> QWidget:
        """A channel in small, with its number and its range."""
        cell = QWidget()
        picture = StagePicture(plane.title)
        picture.set_plane(plane)
        picture.pointed.connect(partial(self._point, picture))
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(picture, 1)
        words = f"{plane.title} · {_number(plane.low)} to {_number(plane.high)}"
        column.addWidget(ShortLabel(words, "caption"))
        return cell

    def _show_scores(self) -> None:
        row = self._row
        self._scores.clear()
        self._scores.setVisible(bool(row.scores))
        self._scores.setMaximumHeight(TABLE_PX if row.planes else 16_777_215)
        self._scores.setHeaderLabels(["Label", *row.score_names])
        for one in sorted(row.scores, key=lambda line: -line.score):
            item = QTreeWidgetItem([one.label, _number(one.logit), f"{one.score:.4f}"])
            for column in (1, 2):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            self._scores.addTopLevelItem(item)

    def _show_numbers(self) -> None:
        row, plane = self._row, self._shown()
        parts = [row.shape] if row.shape else []
        if plane is not None:
            parts.append(
                f"{_number(self._as_said(plane.low, plane))} to "
                f"{_number(self._as_said(plane.high, plane))} {self._unit()}"
            )
        elif row.planes:
            low, high = min(one.low for one in row.planes), max(one.high for one in row.planes)
            parts.append(f"{_number(low)} to {_number(high)} {row.unit}")
        if row.before_unit is not None and plane is not None:
            done = self._undo.isChecked()
            parts.append("normalisation undone" if done else "as the network gets it")
        self._facts.setText(" · ".join(parts))
        self._point(self._picture, -1, -1)

    def _as_said(self, value: float, plane: Plane) -> float:
        """A value as it stands, or with its normalisation undone."""
        undone = self._undo.isChecked() and self._row.before_unit is not None
        return value * plane.scale + plane.mean if undone else value

    def _unit(self) -> str:
        undone = self._undo.isChecked() and self._row.before_unit is not None
        return (self._row.before_unit or "") if undone else self._row.unit

    def _point(self, picture: StagePicture, row: int, column: int) -> None:
        plane = picture.plane
        if plane is None or row < 0:
            hint = "Point at the picture to read its values." if self._row.planes else ""
            self._value.setText(hint)
            return
        found = plane.values[row, column]
        if plane.values.ndim == 3:
            said = ", ".join(str(int(one)) for one in found)
        else:
            said = _number(self._as_said(float(found), plane))
        where = f"{plane.title}, row {row}, column {column}"
        self._value.setText(f"{where}: {said} {self._unit()}".rstrip())

    def _arrange(self) -> None:
        choice = QHBoxLayout()
        choice.setSpacing(12)
        self._channel.setFixedWidth(LABEL_PX)
        choice.addWidget(self._channel)
        choice.addWidget(self._undo)
        choice.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self._title, self._sentence, self._facts):
            column.addWidget(widget)
        column.addLayout(choice)
        column.addWidget(self._picture, 1)
        column.addWidget(self._many, 1)
        column.addWidget(self._value)
        column.addWidget(self._scores)
        column.addStretch(0)


def _table() -> QTreeWidget:
    table = QTreeWidget()
    table.setProperty("kind", "table")
    table.setAccessibleName("Scores before and after the activation")
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setColumnCount(3)
    table.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    header = table.header()
    header.setStretchLastSection(False)
    header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2):
        header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table


def _number(value: float) -> str:
    """Four digits, and a minus sign as it is printed."""
    return f"{value:.4g}".replace("-", "−")
