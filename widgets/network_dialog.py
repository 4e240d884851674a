"""What a network saw, stage by stage, and the tree of its layers: a window beside the main one."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from widgets import theme
from widgets.icons import pixmap
from widgets.images import to_image
from widgets.labels import Notices, ShortLabel, text_label
from widgets.layer_tree import LayerTree
from widgets.stage_page import StagePage, StageRow
from widgets.stage_picture import Plane, levels, thinned

LIST_PX = 224
ICON_PX = 40
SIGN_PX = 20
BARS = 4
TREE = "tree"
_NAME = Qt.ItemDataRole.UserRole


class NetworkDialog(QDialog):
    """Stages on the left in their order, up and down moves between them; Escape closes."""

    tree_shown = Signal()
    """The tree of layers came in sight."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("What the network saw")
        self.setModal(False)
        self.resize(960, 680)
        self._stages: tuple[StageRow, ...] = ()
        self._head = ShortLabel("", "heading")
        self._under = ShortLabel("", "caption")
        self._notices = Notices()
        self._list = QListWidget()
        self._list.setProperty("kind", "table")
        self._list.setAccessibleName("Stages")
        self._list.setFixedWidth(LIST_PX)
        self._list.setIconSize(QSize(ICON_PX, ICON_PX))
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.currentItemChanged.connect(self._show_chosen)
        self._page = StagePage()
        self.tree = LayerTree()
        """The layers of the network, the last entry of the list."""
        self._nothing = text_label("", "quiet", wrap=True)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._right = QStackedWidget()
        for widget in (self._nothing, self._page, self.tree):
            self._right.addWidget(widget)
        self._arrange()
        self.set_stages(())

    def set_title(self, title: str, under: str) -> None:
        """Which model, and of which frame."""
        self._head.setText(title)
        self._under.setText(under)

    def set_stages(self, stages: tuple[StageRow, ...], nothing: str = "") -> None:
        """The stages of a frame; without any `nothing` says why. The one chosen stays so."""
        chosen = self.shown
        self._stages = stages
        self._nothing.setText(nothing)
        self._list.blockSignals(True)  # not one by one while they are exchanged
        self._list.clear()
        for stage in stages or (StageRow("", "What it saw", ""),):
            self._list.addItem(_item(stage))
        self._list.addItem(_layers_item())
        self._list.blockSignals(False)
        self.show_stage(chosen or (stages[0].name if stages else ""))
        self._show_chosen()

    def set_warnings(self, sentences: tuple[str, ...]) -> None:
        """What is off about the way, or why the last attempt failed."""
        self._notices.set_sentences(sentences)

    def show_stage(self, name: str) -> None:
        """Go to a stage, or to the tree by its name TREE; a name that is not there is passed by."""
        for row in range(self._list.count()):
            if self._list.item(row).data(_NAME) == name:
                self._list.setCurrentRow(row)
                return
        if self._list.currentRow() < 0:
            self._list.setCurrentRow(0)

    @property
    def shown(self) -> str:
        """The name of the stage in sight, TREE for the tree, "" for nothing."""
        item = self._list.currentItem()
        return str(item.data(_NAME)) if item is not None else ""

    @property
    def page(self) -> StagePage:
        """What shows the stage in sight."""
        return self._page

    def _show_chosen(self) -> None:
        name = self.shown
        stage = next((one for one in self._stages if one.name == name), None)
        if stage is not None:
            if stage is not self._page.stage:
                self._page.set_stage(stage)
            self._right.setCurrentWidget(self._page)
        elif name == TREE:
            self._right.setCurrentWidget(self.tree)
            self.tree_shown.emit()
        else:
            self._right.setCurrentWidget(self._nothing)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self._list)
        row.addWidget(self._right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(self._head)
        column.addWidget(self._under)
        column.addLayout(self._notices)
        column.addLayout(row, 1)
        self._list.setFocus()


def _item(stage: StageRow) -> QListWidgetItem:
    item = QListWidgetItem(_dressed(_small(stage)), f"{stage.title}\n{stage.shape}")
    item.setData(_NAME, stage.name)
    item.setSizeHint(QSize(0, ICON_PX + 12))
    item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{stage.title}. {stage.sentence}")
    return item


def _layers_item() -> QListWidgetItem:
    drawn = _blank()
    painter = QPainter(drawn)
    sign = pixmap("layers", QColor(theme.current().quiet), SIGN_PX)
    painter.drawPixmap((ICON_PX - SIGN_PX) // 2, (ICON_PX - SIGN_PX) // 2, sign)
    painter.end()
    item = QListWidgetItem(_dressed(drawn), "Layers\nof the model")
    item.setData(_NAME, TREE)
    item.setSizeHint(QSize(0, ICON_PX + 12))
    return item


def _dressed(drawn: QPixmap) -> QIcon:
    """The same picture for a row that is chosen: Qt would tint it."""
    icon = QIcon(drawn)
    icon.addPixmap(drawn, QIcon.Mode.Selected)
    return icon


def _blank() -> QPixmap:
    drawn = QPixmap(ICON_PX, ICON_PX)
    drawn.fill(Qt.GlobalColor.transparent)
    return drawn


def _small(stage: StageRow) -> QPixmap:
    """The first picture of a stage, its scores as bars, or nothing."""
    if stage.planes:
        return _picture(stage.planes[0])
    drawn = _blank()
    painter = QPainter(drawn)
    bars = sorted((max(0.0, min(one.score, 1.0)) for one in stage.scores), reverse=True)[:BARS]
    for number, share in enumerate(bars):
        top = 4 + number * (ICON_PX - 8) // BARS
        width = max(2, round(share * (ICON_PX - 8)))
        painter.fillRect(4, top, width, 5, QColor(theme.current().accent))
    painter.end()
    return drawn


def _picture(plane: Plane) -> QPixmap:
    """A plane in the middle of a square, so that the words beside it line up."""
    shown = levels(thinned(plane, 4 * ICON_PX))
    rows, columns = shown.shape[:2]
    side = max(rows, columns)
    square = np.zeros((side, side, *shown.shape[2:]), np.uint8)
    top, left = (side - rows) // 2, (side - columns) // 2
    square[top : top + rows, left : left + columns] = shown
    image = to_image(square).convertToFormat(QImage.Format.Format_RGB32)
    return QPixmap.fromImage(image).scaled(QSize(ICON_PX, ICON_PX))
