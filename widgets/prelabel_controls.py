"""What a model proposes as labels: each to be taken or refused, above a threshold all at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from widgets.buttons import IconButton, TextButton, with_key
from widgets.labels import ShortLabel, plain_tip, rule, text_label
from widgets.layouts import empty
from widgets.theme import MARGIN_PX, RGB

_STEPS = 100
_MOST_ROWS = 6
_SWATCH_PX = 12


@dataclass(frozen=True)
class ProposalRow:
    """A proposal: its label in its colour, and how sure the model is.

    A `region` can be gone on with by the brush; a `new` label comes into the set with it.
    """

    title: str
    score: float
    colour: RGB
    region: bool
    new: bool


class PrelabelControls(QWidget):
    """States: no model, not asked yet, reckoning, nothing left, proposals."""

    visible_toggled = Signal(bool)
    threshold_changed = Signal(float)
    accepted = Signal(int)
    """Which of the rows."""
    refused = Signal(int)
    edited = Signal(int)
    all_accepted = Signal(str)
    """"frame", "scan" or "queue"."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.proposals: tuple[ProposalRow, ...] = ()
        self.sentence = ""
        self._keys: Mapping[str, str] = {}
        self._visible = True
        self._arrange()
        self.set_threshold(0.5)
        self.set_proposals((), "")

    def set_title(self, model: str) -> None:
        """The model that proposes; "" for none."""
        self._title.setText(f"Proposed by {model}" if model else "Proposals")

    def set_visible(self, visible: bool) -> None:
        """Whether proposals are shown."""
        self._visible = visible
        self._eye.set_icon("eye" if visible else "close")
        self._eye.set_tooltip("Hide the proposals" if visible else "Show the proposals")
        self._body.setVisible(visible)

    def set_threshold(self, threshold: float) -> None:
        """The share or score from which on something is proposed, or accepted with all."""
        self._value.setText(f"{threshold:.2f}")
        if not self._slider.isSliderDown():
            with QSignalBlocker(self._slider):
                self._slider.setValue(round(threshold * _STEPS))

    def set_proposals(self, rows: tuple[ProposalRow, ...], sentence: str) -> None:
        """What is proposed on the frame in sight, or why there is nothing."""
        self._sentence.setText(sentence)
        self._sentence.setVisible(bool(sentence) and not rows)
        if (rows, sentence) == (self.proposals, self.sentence):
            return
        self.proposals, self.sentence = rows, sentence
        empty(self._rows)
        for place, row in enumerate(rows[:_MOST_ROWS]):
            self._rows.addWidget(self._row(place, row))
        if len(rows) > _MOST_ROWS:
            more = text_label(f"{len(rows) - _MOST_ROWS} more", "caption")
            self._rows.addWidget(more)

    def set_counts(self, frame: int, *, scan: bool, queue: int, regions: bool) -> None:
        """How many reach the threshold here and in the list, and whether a scan has slices."""
        self._frame.setText(f"Slice · {frame}" if scan else f"All · {frame}")
        self._frame.setEnabled(frame > 0)
        self._scan.setVisible(scan)
        self._queue.setVisible(not regions)
        self._queue.setText(f"List · {queue:,}")
        self._queue.setEnabled(queue > 0)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of the commands, as people write them."""
        self._keys = keys
        for name, words, button in (
            ("accept_frame", "Accept all on this slice that reach the threshold", self._frame),
            ("accept_scan", "Accept all on this scan that reach the threshold", self._scan),
            ("accept_queue", "Accept all in the list that reach the threshold", self._queue),
        ):
            button.setToolTip(plain_tip(with_key(words, keys.get(name, ""))))

    def _row(self, place: int, row: ProposalRow) -> QWidget:
        whole = QWidget()
        swatch, square = QLabel(), QPixmap(_SWATCH_PX, _SWATCH_PX)
        square.fill(QColor(*row.colour))
        swatch.setPixmap(square)
        line = QHBoxLayout(whole)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(swatch)
        line.addSpacing(4)
        new = " · new label" if row.new else ""
        line.addWidget(ShortLabel(f"{row.title} {row.score:.2f}{new}"), 1)
        first = place == 0
        for icon, words, name, signal in (
            ("tick", "Accept", "accept_proposal", self.accepted),
            ("brush", "Accept and go on with the brush", "change_proposal", self.edited),
            ("cancel", "Refuse", "refuse_proposal", self.refused),
        ):
            if icon != "brush" or row.region:
                key = self._keys.get(name, "") if first else ""
                button = IconButton(icon, f"{words}: {row.title}", key)
                button.clicked.connect(lambda _on=False, it=signal: it.emit(place))
                line.addWidget(button)
        return whole

    def _arrange(self) -> None:
        self._title = ShortLabel("", "heading")
        self._eye = IconButton("eye", "Hide the proposals")
        self._eye.clicked.connect(lambda: self.visible_toggled.emit(not self._visible))
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN_PX, 8, 8, 4)
        head.addWidget(self._title, 1)
        head.addWidget(self._eye)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(MARGIN_PX, 0, MARGIN_PX, 12)
        body.setSpacing(8)
        self._sentence = text_label("", "quiet", wrap=True)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        body.addWidget(self._sentence)
        body.addLayout(self._rows)
        body.addLayout(self._threshold_row())
        body.addWidget(text_label("Accept all from the threshold on", "caption"))
        body.addLayout(self._all_row())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(rule())
        column.addLayout(head)
        column.addWidget(self._body)

    def _threshold_row(self) -> QHBoxLayout:
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(1, _STEPS)
        self._slider.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._slider.setAccessibleName("Threshold of the proposals")
        self._slider.valueChanged.connect(self._slide)
        self._value = text_label("", "caption")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text_label("Threshold"))
        row.addWidget(self._slider, 1)
        row.addWidget(self._value)
        return row

    def _all_row(self) -> QHBoxLayout:
        self._frame, self._scan, self._queue = (
            TextButton(words) for words in ("Slice", "Scan", "List")
        )
        row = QHBoxLayout()
        row.setSpacing(8)
        for name, button in (
            ("frame", self._frame),
            ("scan", self._scan),
            ("queue", self._queue),
        ):
            button.clicked.connect(lambda _on=False, one=name: self.all_accepted.emit(one))
            row.addWidget(button, 1)
        return row

    def _slide(self, step: int) -> None:
        self._value.setText(f"{step / _STEPS:.2f}")
        self.threshold_changed.emit(step / _STEPS)
