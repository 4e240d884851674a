"""Joins the session with the list of experiments, and draws them over the pictures."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from app.actions import experiments
from app.experiments import Experiment, Pointing, usual_width
from app.jobs import Jobs
from app.panes import Changes, Pane
from app.session import Session
from app.views.viewport_grid import ViewportGrid
from explain.records import Change, Fill
from inference.cards import ModelCard
from inference.records import Source
from widgets.canvas_spot import Spot
from widgets.experiment_list import ExperimentList, ExperimentRow
from widgets.score_bars import ScoreRow

FILL_WORDS: dict[Fill, str] = {
    "in-paint": "In-paint",
    "blur": "Blur",
    "mean": "Mean",
    "baseline": "Baseline",
}
FILLS = tuple(FILL_WORDS.items())
"""What may stand where something was taken out, as keys and words."""


class ExperimentsView(QObject):
    """Draws what the session says, and calls one action for each wish; holds no state."""

    def __init__(
        self, session: Session, jobs: Jobs, panel: ExperimentList, grid: ViewportGrid
    ) -> None:
        super().__init__(panel)
        self._session = session
        self._jobs = jobs
        self._panel = panel
        self._grid = grid
        panel.width_changed.connect(lambda width: experiments.adjust(session, width=width))
        panel.patch_fill_chosen.connect(lambda fill: experiments.adjust(session, patch_fill=fill))
        panel.fill_chosen.connect(lambda fill: experiments.adjust(session, fill=fill))
        panel.region_chosen.connect(lambda key: experiments.adjust(session, region=key))
        panel.delete_requested.connect(partial(experiments.delete, session, jobs))
        panel.chosen.connect(self.go_to)
        session.changed.connect(self._follow)
        jobs.changed.connect(self._show_work)
        self._show_panel()

    def go_to(self, experiment_id: str) -> None:
        """Turn the active viewport to an experiment's frame, and see it in full."""
        found = self._session.marks.experiments.find(experiment_id)
        if found is not None:
            experiments.select(self._session, experiment_id)
            self._grid.scroll_to(self._session.active, found.key[1])

    def _follow(self, changes: Changes) -> None:
        session = self._session
        touched = changes.frame | changes.results | changes.methods | changes.view
        if changes.marks or changes.layout or changes.tool:
            touched |= set(session.visible)
        for number in touched & set(session.visible):
            self._show_picture(number)
            self._show_spot(number)
        other = changes.marks or changes.layout or changes.models or changes.objects
        drawn = changes.place or (changes.labels and session.place == "review")
        if other or drawn or session.active in touched:
            self._show_panel()

    def _show_work(self) -> None:
        """What is being asked, and the places that wait for it."""
        jobs, number = self._jobs, self._session.active
        slots = (f"what-if-{number}", f"ask-here-{number}")
        running = [found for slot in slots if (found := jobs.running_in(slot)) is not None]
        self._panel.set_working(f"{running[0].title} …" if running else None)
        for number in self._session.visible:
            self._show_spot(number)

    # The panel

    def _show_panel(self) -> None:
        session, panel = self._session, self._panel
        book, pane = session.marks.experiments, session.panes[session.active]
        lack = experiments.lack(session, session.active)
        source = session.source_of(session.active)
        shape = source.shape if source is not None else (1, 1)
        panel.set_patch(book.width or usual_width(shape), min(shape), book.patch_fill)
        regions = experiments.regions_here(session, session.active)
        panel.set_regions(regions, book.region, book.fill)
        tried = book.of_source(source.source_id) if source is not None else ()
        panel.set_experiments(tuple(self._row(one, pane, source) for one in tried))
        panel.set_ready(not lack, lack)

    def _row(self, made: Experiment, pane: Pane, source: Source | None) -> ExperimentRow:
        session, change = self._session, made.change
        card = session.card(made.model_id)
        said = [change.labels[made.target], FILL_WORDS[change.fill].lower()]
        if source is not None and source.frames > 1:
            said.append(f"slice {made.key[1] + 1}")
        if made.model_id != pane.model_id:
            said.append(card.title if card is not None else "another model")
        shares = is_shares(card)
        digits = "{:.1f} %" if shares else "{:.2f}"
        bars = tuple(
            ScoreRow(
                label,
                float(change.after[at]),
                detail="was " + digits.format(float(change.before[at]) * (100 if shares else 1)),
            )
            for at, label in enumerate(change.labels)
        )
        book = session.marks.experiments
        return ExperimentRow(
            made.experiment_id,
            made.title,
            moved_words(change, made.target, shares=shares),
            " · ".join(said),
            bars,
            made.target,
            shares,
            made.experiment_id == book.selected,
            book.shown.get(session.active) == made.experiment_id,
        )

    # The pictures

    def _show_picture(self, number: int) -> None:
        """The changed picture, marked as one, where it is wanted; else the frame."""
        session, viewport = self._session, self._grid.viewports[number]
        pane, canvas = session.panes[number], viewport.canvas
        found = None
        if pane.frame is not None and not pane.is_cut:
            found = session.marks.experiments.shown_picture(number, pane.frame.key)
        if found is None:
            if canvas.is_changed:
                canvas.set_changed(False)
                self._grid.show_frame(number)
                self._grid.show_results(number)
            return
        made, picture = found
        canvas.set_changed(True)
        canvas.set_frame(picture)
        canvas.set_overlay_visible(False)  # map and masks belong to the picture as it was
        moved = moved_words(
            made.change, made.target, shares=is_shares(session.card(made.model_id)), arrow="now"
        )
        label = made.change.labels[made.target]
        viewport.set_caption(
            f"Changed picture. Taken out: {made.title}. The model gave {label} {moved}. "
            "Map and regions are hidden meanwhile.",
            "doubtful",
        )

    def _show_spot(self, number: int) -> None:
        session = self._session
        pane, book = session.panes[number], session.marks.experiments
        canvas = self._grid.viewports[number].canvas
        if pane.frame is None or pane.is_cut:
            canvas.set_spot(None)
            return
        pointing = book.pointing.get(number)
        if pointing is not None and pointing.key == pane.frame.key:
            canvas.set_spot(self._pointed(pointing, number, pane))
            return
        made = book.find(book.selected)
        if made is None or made.key != pane.frame.key:
            canvas.set_spot(None)
            return
        shares = is_shares(session.card(made.model_id))
        canvas.set_spot(Spot(_edges(made.change), _lines(made.change, made.target, shares)))

    def _pointed(self, pointing: Pointing, number: int, pane: Pane) -> Spot | None:
        """The place under the hand; it keeps the last answer until its own is there."""
        running = self._jobs.is_running(f"ask-here-{number}")
        waiting = running and pointing.answered != pointing.point
        card = self._session.card_of(number)
        if card is None or card.model_id != pointing.model_id:
            return None
        lines: tuple[str, ...] = ()
        if pointing.change is not None:
            target = experiments.target_of(pane, card, pointing.change)
            lines = _lines(pointing.change, target, is_shares(card))
        if waiting:
            row, column = pointing.point
            x, y = column - pointing.width // 2, row - pointing.width // 2
            box = (float(x), float(y), float(x + pointing.width), float(y + pointing.width))
            return Spot(box, (*lines[:1], "Asking here …"), waiting=True)
        if pointing.change is None or pointing.answered is None:
            return None
        made, (row, column) = pane.attribution, pointing.answered
        if made is not None and pane.frame is not None and made.map.shape == pane.frame.shape:
            lines = (*lines, f"Map here {float(made.map[row, column]):.3g}")
        return Spot(_edges(pointing.change), lines)


def is_shares(card: ModelCard | None) -> bool:
    """Whether a model's scores are shares of the picture, which are written in per cent."""
    return card is not None and card.task == "segment"


def moved_words(change: Change, target: int, *, shares: bool, arrow: str = "→") -> str:
    """What a label's score was and is, such as "0.93 → 0.41"; more digits where two say nothing."""
    factor = 100 if shares else 1
    before, after = (float(of[target]) * factor for of in (change.before, change.after))
    usual = 1 if shares else 2
    tells = (at for at in range(usual, usual + 3) if f"{before:.{at}f}" != f"{after:.{at}f}")
    digits = next(tells, usual)
    unit = " %" if shares else ""
    gap = ", now " if arrow == "now" else f" {arrow} "
    return f"{before:.{digits}f}{gap}{after:.{digits}f}{unit}"


def _lines(change: Change, target: int, shares: bool) -> tuple[str, ...]:
    """What became of it, for the plate beside the place."""
    moved = moved_words(change, target, shares=shares)
    x0, y0, x1, y1 = change.box
    fill = FILL_WORDS[change.fill].lower()
    return (f"{change.labels[target]} {moved}", f"{x1 - x0} × {y1 - y0} px · {fill}")


def _edges(change: Change) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (float(edge) for edge in change.box)
    return x0, y0, x1, y1
