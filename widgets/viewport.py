"""A canvas with what belongs to it: name above, slices beside, one sentence beneath."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from widgets.canvas import Canvas
from widgets.labels import ShortLabel, ShortSentence, SignLabel, bound, set_kind, text_label
from widgets.signs import State
from widgets.slice_slider import MarkKind, SliceSlider
from widgets.study_rows import SOURCE_MIME

LEAST_PX = 120
CAPTION_LINES = 4
"""More beneath a narrow picture would leave too little of it."""


class Viewport(QFrame):
    """One place in the grid of pictures; its index and frames are those of the source shown."""

    index_chosen = Signal(int)
    window_changed = Signal(object)
    view_changed = Signal(object)
    maximise_requested = Signal()
    probed = Signal(int, int)
    probe_left = Signal()
    activated = Signal()
    source_dropped = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self._index = 0
        self._count = 0
        self._caption: tuple[str, State] | None = None
        self._title: tuple[str, State, str, str] | None = None
        self._failed: str | None = None
        self.canvas = Canvas()
        self.setFocusProxy(self.canvas)
        self._slider = SliceSlider()
        self._arrange()
        self._connect()
        self.setAcceptDrops(True)
        self.set_patient(None)
        self.set_title("")
        self.set_caption("")
        self.set_frames(0, 0)

    def hasHeightForWidth(self) -> bool:
        """Rows of a grid are equally high, however long one viewport's caption is."""
        return False

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_PX, LEAST_PX)

    def set_patient(self, text: str | None) -> None:
        """Whose picture this is, on a line of its own above it; None hides the line."""
        self._patient_strip.setVisible(bool(text))
        self._patient.setText(text or "")

    def set_title(self, name: str, sign: State = "plain", chip: str = "", full: str = "") -> None:
        """The strip above: whose answer is seen, and whether its input fits; "" hides it.

        `full` is the tooltip of a name that says only what differs from the viewports beside it.
        """
        if (name, sign, chip, full) == self._title:
            return
        self._title = (name, sign, chip, full)
        self._strip.setVisible(bool(name))
        self._name.setText(name)
        self._name.set_full(full)
        self._chip.setVisible(bool(chip))
        self._chip.setText(chip)
        self._chip_sign.setVisible(bool(chip) and sign != "plain")
        self._chip_sign.set_state(sign)
        set_kind(self._chip, "chip" if sign == "plain" else f"chip-{sign}")

    def set_caption(self, text: str, state: State = "plain") -> None:
        """One sentence beneath the picture; "" hides the line."""
        if (text, state) != self._caption:
            self._caption = (text, state)
            self._show_caption()

    def set_failed_checks(self, sentence: str | None) -> None:
        """Hatch the picture's frame and say beneath it why its map is not to be trusted."""
        self._failed = sentence
        self.canvas.set_failed_checks(sentence)
        self._show_caption()

    def set_frames(self, count: int, index: int) -> None:
        """How many slices there are and which is shown; one slice needs no slider."""
        self._count = count
        self._slider.setVisible(count > 1)
        self.set_index(index)

    def set_index(self, index: int) -> None:
        self._index = index
        self._slider.set_position(index, self._count)

    def set_cached_ranges(self, ranges: tuple[tuple[int, int], ...]) -> None:
        """Which slices are in memory, as half-open ranges [first, last)."""
        count = max(self._count, 1)
        self._slider.set_cached(tuple((first / count, last / count) for first, last in ranges))

    def set_marks(self, indices: tuple[int, ...], kind: MarkKind) -> None:
        """Mark slices on the slider: "key" images or "damaged" ones."""
        self._slider.set_marks(indices, kind)

    def grab_picture(self, texts: bool) -> QImage:
        """The picture as it is seen, for saving; corner texts only if `texts`."""
        return self.canvas.grab_picture(texts)

    def set_selected(self, selected: bool) -> None:
        self.canvas.set_selected(selected)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(SOURCE_MIME):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        dropped = bytes(event.mimeData().data(SOURCE_MIME).data())
        event.acceptProposedAction()
        self.source_dropped.emit(dropped.decode("utf-8", "replace"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "canvas"):
            self.canvas.update()

    def _show_caption(self) -> None:
        text, state = self._caption or ("", "plain")
        if self._failed:
            text, state = self._failed, "bad"
        self._foot.setVisible(bool(text))
        self._words.setText(bound(text))
        self._sign.setVisible(state != "plain")
        self._sign.set_state(state)

    def _scroll(self, step: int) -> None:
        self._choose(self._index + step)

    def _choose(self, index: int) -> None:
        inside = min(max(index, 0), max(self._count - 1, 0))
        if inside != self._index:
            self.index_chosen.emit(inside)

    def _connect(self) -> None:
        self.canvas.scrolled.connect(self._scroll)
        self._slider.chosen.connect(self._choose)
        self.canvas.window_changed.connect(self.window_changed)
        self.canvas.view_changed.connect(self.view_changed)
        self.canvas.maximise_requested.connect(self.maximise_requested)
        self.canvas.probed.connect(self.probed)
        self.canvas.probe_left.connect(self.probe_left)
        self.canvas.activated.connect(self.activated)

    def _arrange(self) -> None:
        self._patient_strip, patient = _line()
        self._patient = ShortLabel()
        patient.addWidget(self._patient, 1)
        self._strip, strip = _line()
        self._name = ShortLabel()
        self._chip_sign = SignLabel("good", 12)
        self._chip = text_label("", "chip")
        strip.addWidget(self._name, 1)
        strip.addWidget(self._chip_sign)
        strip.addWidget(self._chip)
        self._foot, foot = _line()
        foot.setContentsMargins(12, 5, 12, 6)
        self._sign = SignLabel("plain", 14)
        self._words = ShortSentence(CAPTION_LINES)
        foot.addWidget(self._sign)
        foot.addWidget(self._words, 1)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.canvas, 1)
        middle.addWidget(self._slider)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._patient_strip)
        column.addWidget(self._strip)
        column.addLayout(middle, 1)
        column.addWidget(self._foot)


def _line() -> tuple[QWidget, QHBoxLayout]:
    line = QWidget()
    line.setMinimumHeight(30)
    row = QHBoxLayout(line)
    row.setContentsMargins(12, 0, 12, 0)
    row.setSpacing(6)
    row.setAlignment(Qt.AlignmentFlag.AlignVCenter)
    return line, row
