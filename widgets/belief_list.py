"""How far to believe a map: its figures with signs, and the checks that were not run yet."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from widgets.buttons import TextButton
from widgets.labels import ShortLabel, ShortSentence, SignLabel, bound, plain_tip, text_label
from widgets.layouts import empty
from widgets.signs import State

SENTENCE_LINES = 2


@dataclass(frozen=True)
class FigureRow:
    """A figure: its name, its verdict as a state, its title and sentence; `opens` if it has more.

    `tip` says more of the check, such as its paper.
    """

    name: str
    state: State
    title: str
    sentence: str
    opens: bool = False
    tip: str = ""


@dataclass(frozen=True)
class OpenCheck:
    """A check that was not run on this map: what it is for, and what it takes.

    `time` is short, such as "about 12 s", and "" where it is not known.
    """

    name: str
    title: str
    words: str
    cost: str
    time: str = ""


class BeliefList(QWidget):
    """Takes no room without a map."""

    check_requested = Signal(object)
    """The names of checks to run, a tuple of str."""
    figure_opened = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[object, ...] = ()
        self._ready = True
        self._runs: list[TextButton] = []
        self._open: tuple[OpenCheck, ...] = ()
        self._all = TextButton("Check")
        self._all.clicked.connect(self._check_all)
        head = QHBoxLayout()
        head.addWidget(text_label("How far to believe it", "heading"), 1)
        head.addWidget(self._all)
        self._figures = QVBoxLayout()
        self._figures.setSpacing(6)
        self._checks = QVBoxLayout()
        self._checks.setSpacing(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        column.addLayout(self._figures)
        column.addLayout(self._checks)
        self.setVisible(False)

    def set_figures(
        self, figures: tuple[FigureRow, ...], checks: tuple[OpenCheck, ...], cost: str = ""
    ) -> None:
        """What was measured, and what could be; `cost` is that of all checks together."""
        if (figures, checks, cost) == self._shown:
            return
        self._shown, self._open = (figures, checks, cost), checks
        empty(self._figures)
        for figure in figures:
            self._figures.addWidget(self._figure(figure))
        empty(self._checks)
        self._runs = [self._check(check) for check in checks]
        self._all.setVisible(bool(checks))
        self._all.setToolTip(plain_tip(f"Run every check that is left: {cost}" if cost else ""))
        self._allow()
        self.setVisible(bool(figures or checks))

    def set_ready(self, ready: bool) -> None:
        """Whether checks can be run now: not while something else is being computed."""
        self._ready = ready
        self._allow()

    def _check_all(self) -> None:
        self.check_requested.emit(tuple(check.name for check in self._open))

    def _allow(self) -> None:
        for button in (self._all, *self._runs):
            button.setEnabled(self._ready)

    def _figure(self, figure: FigureRow) -> QWidget:
        row = QWidget()
        row.setAccessibleName(f"{figure.title}. {figure.sentence}")
        head = QHBoxLayout()
        head.setSpacing(8)
        title = ShortLabel(figure.title)
        title.setToolTip(plain_tip(figure.tip))
        head.addWidget(SignLabel(figure.state, 14))
        head.addWidget(title, 1)
        if figure.opens:
            more = TextButton("Show", None, "link")
            more.setAccessibleName(f"Show {figure.title}")
            more.clicked.connect(
                lambda _checked=False, name=figure.name: self.figure_opened.emit(name)
            )
            head.addWidget(more)
        sentence = ShortSentence(SENTENCE_LINES)
        sentence.setProperty("kind", "caption")
        sentence.setText(bound(figure.sentence))
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(sentence)
        return row

    def _check(self, check: OpenCheck) -> TextButton:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(22, 0, 0, 0)
        line.setSpacing(8)
        title = ShortLabel(check.title, "quiet")
        tip = f"{check.words} Not measured yet. {check.cost}".strip()
        run = TextButton("Check", None, "link")
        run.setAccessibleName(f"Check: {check.title}")
        run.setToolTip(plain_tip(tip))
        run.clicked.connect(
            lambda _checked=False, name=check.name: self.check_requested.emit((name,))
        )
        line.addWidget(title, 1)
        if check.time:
            line.addWidget(text_label(bound(check.time), "caption"))
        line.addWidget(run)
        self._checks.addWidget(row)
        return run
