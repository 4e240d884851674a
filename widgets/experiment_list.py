"""What was taken out of a scan and what the model said then: how to do it, and what was tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from widgets.buttons import IconButton, TextButton, with_key
from widgets.choosers import Chooser
from widgets.labels import ShortLabel, bound, plain_tip, text_label
from widgets.question_form import named_row
from widgets.score_bars import ScoreBars, ScoreRow
from widgets.spin_boxes import WholeSpin
from widgets.theme import MARGIN_PX

BEGIN = "Take a part out of the picture and see what the model says then."
HOW = "Point at a place, or draw a region and take it out."


@dataclass(frozen=True)
class ExperimentRow:
    """An experiment: its title, "0.93 → 0.41", and a quiet line of label, fill and slice.

    `bars` are the scores after it with what they were; they are seen where it is `selected`.
    `picture` is whether its changed picture is shown.
    """

    experiment_id: str
    title: str
    numbers: str
    detail: str
    bars: tuple[ScoreRow, ...] = ()
    top: int = 0
    shares: bool = False
    selected: bool = False
    picture: bool = False


class ExperimentList(QWidget):
    """A section that folds; states: nothing to ask, ready, working, nothing tried, a list."""

    ask_requested = Signal()
    """To point at places from now on."""
    width_changed = Signal(int)
    patch_fill_chosen = Signal(str)
    fill_chosen = Signal(str)
    region_chosen = Signal(str)
    remove_requested = Signal(str)
    """The key of the region to be taken out."""
    chosen = Signal(str)
    picture_toggled = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, fills: tuple[tuple[str, str], ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, tuple[ExperimentRow, QWidget]] = {}
        self._regions: tuple[tuple[str, str], ...] = ()
        self._unfolded = False
        self._ready = False
        self._why_not = ""
        self._keys: Mapping[str, str] = {}
        self._make(fills)
        self._arrange()
        self.unfold(False)
        self.set_ready(False, "Open a scan first.")

    # How it stands

    def unfold(self, unfolded: bool) -> None:
        """Show all of it, or its heading alone."""
        self._unfolded = unfolded
        self._fold.set_icon("chevron_down" if unfolded else "chevron_right", "quiet")
        self._body.setVisible(unfolded)

    @property
    def is_unfolded(self) -> bool:
        """Whether more than the heading is seen."""
        return self._unfolded

    def set_ready(self, ready: bool, why: str = "") -> None:
        """Whether anything can be taken out here; `why` says what is missing."""
        self._ready = ready
        self._why_not = "" if ready else why
        self._note.setText(bound(self._why_not or (HOW if not self._rows else "")))
        self._note.setVisible(bool(self._note.text()))
        self._allow()

    def set_working(self, sentence: str | None) -> None:
        """What is being asked now; None if nothing is."""
        self._working.setText(bound(sentence or ""))
        self._working.setVisible(sentence is not None)

    def set_patch(self, width_px: int, most_px: int, fill: str) -> None:
        """How wide a patch is, how wide it may be, and what stands in its place."""
        if not self._width.hasFocus():
            with QSignalBlocker(self._width):
                self._width.setRange(1, max(most_px, 1))
                self._width.setValue(width_px)
        self._patch_fill.choose(fill)

    def set_regions(self, regions: tuple[tuple[str, str], ...], selected: str, fill: str) -> None:
        """What can be taken out, as keys and titles, and what is to stand in its place."""
        if regions != self._regions:
            self._regions = regions
            self._region.clear_entries()
            for key, title in regions:
                self._region.add_entry(key, title)
        keys = [key for key, _ in regions]
        self._region.choose(selected if selected in keys else (keys[0] if keys else None))
        self._fill.choose(fill)
        self._allow()

    def set_experiments(self, rows: tuple[ExperimentRow, ...]) -> None:
        """What was tried on this scan, the newest first; rows that are the same stay."""
        self._fold.setText(f"Experiments · {len(rows)}" if rows else "Experiments")
        wanted = {row.experiment_id: row for row in rows}
        for known, (row, widget) in list(self._rows.items()):
            if wanted.get(known) != row:
                self._list.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
                del self._rows[known]
        for place, row in enumerate(rows):
            if row.experiment_id not in self._rows:
                made = self._row(row)
                self._rows[row.experiment_id] = (row, made)
                self._list.insertWidget(place, made)
        self.set_ready(self._ready, self._why_not)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._keys = dict(keys)
        self._allow()

    # Within

    def _allow(self) -> None:
        keys, why = self._keys, plain_tip(self._why_not)
        self._ask.setEnabled(self._ready)
        tip = with_key("Hide the place that is clicked", keys.get("tool_ask", ""))
        self._ask.setToolTip(why or tip)
        some = bool(self._regions)
        self._remove.setEnabled(self._ready and some)
        for chooser in (self._region, self._fill):
            chooser.setEnabled(self._ready and some)
        tip = with_key("Take the region out and ask again", keys.get("remove_region", ""))
        none = "Draw a rectangle, an ellipse or a polygon first."
        self._remove.setToolTip(why or (tip if some else none))
        self._width.setEnabled(self._ready)
        self._patch_fill.setEnabled(self._ready)

    def _take_out(self) -> None:
        key = self._region.chosen_key()
        if key is not None:
            self.remove_requested.emit(key)

    def _row(self, row: ExperimentRow) -> QWidget:
        whole = QWidget()
        whole.setAccessibleName(f"{row.title}: {row.detail}, {row.numbers}")
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(ShortLabel(row.title), 1)
        head.addWidget(text_label(row.numbers))
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(ShortLabel(row.detail, "caption"), 1)
        shows = "Show the scan's own picture" if row.picture else "Show the changed picture"
        for icon, words, act in (
            ("target", "Go to it", self.chosen.emit),
            ("overlay", shows, self.picture_toggled.emit),
            ("delete", "Delete this experiment", self.delete_requested.emit),
        ):
            line.addWidget(_button(icon, words, row, act))
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(line)
        if row.selected:
            bars = ScoreBars()
            bars.set_rows(row.bars, row.top, shares=row.shares)
            column.addWidget(bars)
        return whole

    def _make(self, fills: tuple[tuple[str, str], ...]) -> None:
        self._fold = TextButton("Experiments", "chevron_right", "fold", role="quiet")
        self._fold.clicked.connect(lambda: self.unfold(not self._unfolded))
        self._ask = TextButton("Ask here")
        self._ask.clicked.connect(self.ask_requested)
        self._width = WholeSpin()
        self._width.setSuffix(" px")
        self._width.setAccessibleName("Width of the patch")
        self._width.setToolTip("Width of the patch that hides the place")
        self._width.valueChanged.connect(self.width_changed)
        self._patch_fill, self._fill = Chooser("Patch filled by"), Chooser("Region filled by")
        for chooser, signal in (
            (self._patch_fill, self.patch_fill_chosen),
            (self._fill, self.fill_chosen),
        ):
            for key, words in fills:
                chooser.add_entry(key, words)
            chooser.chosen.connect(signal)
            chooser.setToolTip("What stands where something was taken out")
        self._region = Chooser("Region")
        self._region.setPlaceholderText("Nothing is drawn here")
        self._region.chosen.connect(self.region_chosen)
        self._remove = TextButton("Take out")
        self._remove.clicked.connect(self._take_out)

    def _arrange(self) -> None:
        self._note: QLabel = text_label("", "quiet", wrap=True)
        self._working = text_label("", "caption", wrap=True)
        self._working.setVisible(False)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        body.addWidget(text_label(BEGIN, "caption", wrap=True))
        body.addWidget(self._note)
        body.addWidget(named_row("Patch", _pair(self._width, self._ask)))
        body.addWidget(named_row("Hidden by", self._patch_fill))
        body.addWidget(named_row("Region", self._region))
        body.addWidget(named_row("Filled by", _pair(self._fill, self._remove)))
        body.addWidget(self._working)
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        body.addLayout(self._list)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 8)
        column.setSpacing(8)
        column.addWidget(self._fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._body)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)


def _button(icon: str, words: str, row: ExperimentRow, act: Callable[[str], object]) -> IconButton:
    button = IconButton(icon, words, role="quiet")
    button.setIconSize(QSize(16, 16))
    button.setAccessibleName(f"{words}: {row.title}")
    button.clicked.connect(lambda: act(row.experiment_id))
    return button


def _pair(first: QWidget, second: QWidget) -> QWidget:
    """Controls side by side; the first one takes the room."""
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(8)
    line.addWidget(first, 1)
    line.addWidget(second)
    return row
