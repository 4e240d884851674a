"""The segments of objects that lie over a scan: colours, names, and which of them are drawn."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from inference.records import Segment
from widgets.canvas_segments import segment_name
from widgets.labels import Notices, plain_tip, text_label
from widgets.theme import MARGIN_PX, RGB

MOST_ROWS = 9
"""Rows that are seen at once; with more of them the list scrolls."""

_ROW_PX = 26
_SWATCH_PX = 12
_PLACE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class SegmentGroup:
    """An object that is drawn, with its segments and the places of those that are not.

    `notes` are sentences that say what of the object could not be drawn.
    """

    object_id: str
    title: str
    segments: tuple[Segment, ...]
    hidden: frozenset[int]
    notes: tuple[str, ...] = ()


class SegmentList(QWidget):
    """Ticks draw or hide; a double click or Enter on a name asks for the slice that shows it."""

    hidden_changed = Signal(str, object)
    """An object's id, and the frozenset of places of its segments that are not to be drawn."""
    segment_chosen = Signal(str, int)
    """An object's id, and the place of one of its segments."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._groups: tuple[SegmentGroup, ...] = ()
        self._tree = QTreeWidget()
        self._tree.setHeaderHidden(True)
        self._tree.setIndentation(14)
        self._tree.setUniformRowHeights(True)
        self._tree.setIconSize(QSize(_SWATCH_PX, _SWATCH_PX))
        self._tree.setProperty("kind", "table")
        self._tree.setAccessibleName("Segments")
        self._tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._tree.itemChanged.connect(self._tick)
        self._tree.itemActivated.connect(self._choose)
        self._notes = Notices()
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 12, MARGIN_PX, 4)
        column.setSpacing(10)
        column.addWidget(text_label("Over this scan", "heading"))
        column.addWidget(self._tree)
        column.addLayout(self._notes)
        self.setVisible(False)

    def set_groups(self, groups: tuple[SegmentGroup, ...]) -> None:
        """What lies over the scan in sight; nothing hides the whole list."""
        if groups == self._groups:
            return
        before, self._groups = self._groups, groups
        self.setVisible(bool(groups))
        with QSignalBlocker(self._tree):
            if _names(before) != _names(groups):
                self._fill()
            self._show_ticks()
        notes = dict.fromkeys(note for group in groups for note in group.notes)
        self._notes.set_sentences(tuple(notes))

    # What the person does

    def _tick(self, item: QTreeWidgetItem) -> None:
        """A segment, or with its object's row all of them."""
        group = self._groups[self._number_of(item)]
        on = item.checkState(0) == Qt.CheckState.Checked
        if item.parent() is None:
            every = frozenset(range(len(group.segments)))
            hidden = frozenset() if on else every
        else:
            place = {int(item.data(0, _PLACE))}
            hidden = group.hidden - place if on else group.hidden | place
        self.hidden_changed.emit(group.object_id, hidden)

    def _choose(self, item: QTreeWidgetItem) -> None:
        if item.parent() is not None:
            group = self._groups[self._number_of(item)]
            self.segment_chosen.emit(group.object_id, int(item.data(0, _PLACE)))

    def _number_of(self, item: QTreeWidgetItem) -> int:
        return self._tree.indexOfTopLevelItem(item.parent() or item)

    # What is shown

    def _fill(self) -> None:
        self._tree.clear()
        rows = 0
        for group in self._groups:
            head = QTreeWidgetItem(self._tree, [group.title])
            head.setToolTip(0, plain_tip(group.title))
            for place, segment in enumerate(group.segments):
                item = QTreeWidgetItem(head, [segment_name(segment)])
                item.setIcon(0, _swatch(segment.colour))
                item.setData(0, _PLACE, place)
                item.setToolTip(0, plain_tip(_said(segment)))
            head.setExpanded(True)
            rows += 1 + len(group.segments)
        self._tree.setFixedHeight(min(rows, MOST_ROWS) * _ROW_PX + 4)

    def _show_ticks(self) -> None:
        for number, group in enumerate(self._groups):
            head = self._tree.topLevelItem(number)
            if head is None or not group.segments:
                continue
            for place in range(len(group.segments)):
                item = head.child(place)
                if item is not None:
                    item.setCheckState(0, _STATES[place not in group.hidden])
            some = Qt.CheckState.PartiallyChecked
            whole = len(group.hidden) in (0, len(group.segments))
            head.setCheckState(0, _STATES[not group.hidden] if whole else some)


_STATES = {True: Qt.CheckState.Checked, False: Qt.CheckState.Unchecked}


def _names(groups: tuple[SegmentGroup, ...]) -> list[tuple[str, str, tuple[Segment, ...]]]:
    return [(group.object_id, group.title, group.segments) for group in groups]


def _said(segment: Segment) -> str:
    lines = (segment_name(segment), segment.details, "Double click goes to where it is largest.")
    return "\n".join(line for line in lines if line)


def _swatch(colour: RGB) -> QIcon:
    drawn = QPixmap(QSize(_SWATCH_PX, _SWATCH_PX) * 2)
    drawn.setDevicePixelRatio(2)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(*colour))
    painter.drawRoundedRect(0, 0, _SWATCH_PX, _SWATCH_PX, 3, 3)
    painter.end()
    return QIcon(drawn)
