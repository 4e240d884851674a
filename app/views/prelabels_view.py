"""Joins the session with the controls of proposals; has soft maps made where they are wanted."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.actions import accepting, prelabels
from app.actions.soft_maps import ask_soft
from app.jobs import Jobs
from app.label_sets import words_of
from app.panes import Changes
from app.prelabels import Proposal
from app.session import Session
from app.views.label_words import colour_of
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Prediction
from widgets.prelabel_controls import PrelabelControls, ProposalRow

FRAME_MS = 16
"""Regions follow the slider no oftener than this."""


class PrelabelsView(QObject):
    """Draws what the session says and hands on what the person wants."""

    def __init__(self, session: Session, jobs: Jobs, controls: PrelabelControls) -> None:
        super().__init__(controls)
        self._session = session
        self._jobs = jobs
        self._controls = controls
        self._wanted = session.prelabels.threshold
        self._in_queue = 0
        """How many in the queue reach the threshold; reckoned when the queue was read."""
        self._throttle = QTimer(self)
        self._throttle.setSingleShot(True)
        self._throttle.setInterval(FRAME_MS)
        self._throttle.timeout.connect(lambda: prelabels.edit(session, threshold=self._wanted))
        controls.visible_toggled.connect(lambda on: prelabels.edit(session, visible=on))
        controls.threshold_changed.connect(self._want)
        controls.accepted.connect(lambda place: self._act(prelabels.accept_one, place))
        controls.refused.connect(lambda place: self._act(prelabels.refuse, place))
        controls.edited.connect(lambda place: self._act(prelabels.change, place))
        controls.all_accepted.connect(self._accept_all)
        session.changed.connect(self._follow)

    def show(self) -> None:
        """All of it."""
        session, controls = self._session, self._controls
        number = session.active
        card = session.card_of(number)
        found = prelabels.on_frame(session, number)
        controls.set_title(card.title if card is not None else "")
        controls.set_visible(session.prelabels.visible)
        controls.set_threshold(session.prelabels.threshold)
        controls.set_proposals(tuple(map(self._row, found)), self._lack(number, found))
        self._show_counts(found)

    def _show_counts(self, found: tuple[Proposal, ...]) -> None:
        session, number = self._session, self._session.active
        card, source = session.card_of(number), session.source_of(number)
        self._controls.set_counts(
            len(accepting.sure_enough(session, found)),
            scan=source is not None and source.frames > 1,
            queue=self._in_queue,
            regions=card is not None and card.task == "segment",
        )

    def _follow(self, changes: Changes) -> None:
        session = self._session
        if session.place != "label":
            return
        here = session.active in changes.results | changes.frame | changes.methods
        said = changes.labels or changes.marks or changes.proposals or changes.queue
        if here or said or changes.place or changes.layout or changes.models:
            if session.prelabels.visible:
                for number in session.visible:
                    ask_soft(session, self._jobs, number)
            if changes.queue or changes.proposals or changes.place or changes.layout or here:
                self._in_queue = len(accepting.in_queue(session))
            self.show()

    def _row(self, one: Proposal) -> ProposalRow:
        label_set = self._session.labels.label_set
        name = one.annotation.label
        label = label_set.find(name)
        title = words_of(label_set, label) if label is not None else name
        region = one.annotation.kind != "class"
        colour = colour_of(label_set, name)
        return ProposalRow(title, one.made_from.score, colour, region, label is None)

    def _lack(self, number: int, found: tuple[Proposal, ...]) -> str:
        """Why nothing is proposed, in a sentence; "" where something is."""
        pane, card = self._session.panes[number], self._session.card_of(number)
        if found:
            return ""
        if card is None:
            return "No model is chosen for the scan in sight."
        if pane.is_cut:
            return "Models propose labels for slices, not for planes that are cut."
        if pane.prediction is None:
            return f"{card.title} was not asked about this slice yet."
        if card.task != "segment":
            return "Nothing is left to decide here."
        return self._lack_of_regions(number, pane.prediction, card)

    def _lack_of_regions(self, number: int, said: Prediction, card: ModelCard) -> str:
        if self._session.prelabels.soft_map(said.key, card) is not None:
            return "No other region reaches the threshold."
        if self._jobs.is_running(f"soft-{number}"):
            return "How sure the model is of each pixel is being reckoned."
        return "How sure the model is of each pixel could not be reckoned."

    def _want(self, threshold: float) -> None:
        self._wanted = threshold
        if not self._throttle.isActive():
            self._throttle.start()

    def _act(self, act: Callable[[Session, Jobs, Proposal], None], place: int) -> None:
        found = prelabels.on_frame(self._session, self._session.active)
        if place < len(found):
            self._try(lambda: act(self._session, self._jobs, found[place]))

    def _accept_all(self, where: str) -> None:
        act = {
            "frame": accepting.accept_frame,
            "scan": accepting.accept_scan,
            "queue": accepting.accept_queue,
        }[where]
        self._try(lambda: act(self._session, self._jobs))

    def _try(self, act: Callable[[], None]) -> None:
        try:
            act()
        except UserError as error:
            self._session.say_error(error)
