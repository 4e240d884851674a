"""The dialog that asks what is compared: joins it with the session and with the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.actions import comparing
from app.comparison import FEWEST, MOST, Offer, Picked, count_words, layer_key, left_out, ways_of
from app.jobs import Error, Jobs
from app.messages import trouble
from app.panes import Pane
from app.session import Session
from explain.records import LayerStatus, MethodsRequest, MethodStatus
from inference.cards import ModelCard, differences, fitting_first
from inference.errors import UserError
from inference.records import Source
from widgets.check_list import CheckRow
from widgets.compare_dialog import CompareDialog
from widgets.signs import State

_STATES: dict[str, State] = {"green": "good", "amber": "doubtful", "red": "bad"}


class ComparisonChoice(QObject):
    """Starts from what the active viewport asks; a model that is ticked is looked at first."""

    compared = Signal()

    def __init__(self, session: Session, jobs: Jobs, dialog: CompareDialog) -> None:
        super().__init__(dialog)
        self._session = session
        self._jobs = jobs
        self._dialog = dialog
        self._pane = session.panes[session.active]
        self._offers = offers_of(session)
        self._slots: set[str] = set()
        self._troubles: dict[str, str] = {}
        self._fill()
        dialog.changed.connect(self._follow)
        dialog.accepted.connect(self._compare)
        dialog.finished.connect(self._close)
        self._follow()

    def _fill(self) -> None:
        dialog, pane = self._dialog, self._pane
        mine = frozenset({pane.model_id or ""})
        dialog.models.set_rows(_model_rows(self._session, tuple(self._offers)), mine)
        dialog.methods.set_rows(_method_rows(pane.methods), frozenset({pane.asked.method}))
        labels = _labels(self._offers)
        dialog.targets.set_rows(
            tuple(CheckRow(label, label) for label in labels), frozenset({_target(self._session)})
        )

    def _follow(self) -> None:
        """What the ticks come to now."""
        dialog, picked = self._dialog, self._picked()
        for offer in self._offers:
            if offer.card.model_id in picked.models and not offer.known:
                self._look_at(offer.card)
        self._show_layers(picked)
        picked = self._picked()
        failed = [words for key, words in self._troubles.items() if key in picked.models]
        if failed:
            dialog.set_count(failed[0], possible=False)
            return
        awaited = [
            one.card.title
            for one in self._offers
            if one.card.model_id in picked.models and not (one.known and one.layers)
        ]
        if awaited and any(self._jobs.is_running(slot) for slot in self._slots):
            words = f"Finding out which methods fit {', '.join(awaited)}."
            dialog.set_count(words, possible=False)
            return
        count = len(ways_of(self._offers, picked))
        dialog.set_count(
            count_words(count),
            possible=FEWEST <= count <= MOST,
            hint=" ".join(left_out(self._offers, picked)),
        )

    def _show_layers(self, picked: Picked) -> None:
        """The layers of the ticked models, where a ticked method takes one."""
        offers = [one for one in self._offers if one.card.model_id in picked.models]
        takes = any(
            method is not None and method.takes_layer
            for offer in offers
            for method in map(offer.method, picked.methods)
        )
        rows = tuple(
            CheckRow(
                layer_key(offer.card.model_id, layer.name),
                f"{layer.name} · {offer.card.title}" if len(offers) > 1 else layer.name,
                reason=f"{layer.kind}, {' × '.join(str(side) for side in layer.shape)} cells.",
            )
            for offer in offers
            for layer in offer.layers
            if takes
        )
        there = {row.key for row in rows}
        ticked = frozenset(key for key in self._dialog.layers.ticked_keys() if key in there)
        self._dialog.set_layers(rows, ticked | self._first_layers(offers, ticked))

    def _first_layers(self, offers: list[Offer], ticked: frozenset[str]) -> frozenset[str]:
        """The layer that is asked for, or the default one, of models with none ticked yet."""
        found = set()
        for offer in offers:
            keys = {layer_key(offer.card.model_id, one.name): one for one in offer.layers}
            asked = layer_key(offer.card.model_id, self._pane.asked.layer or "")
            if not ticked & keys.keys():
                default = {key for key, one in keys.items() if one.default}
                found |= {asked} if asked in keys else default
        return frozenset(found)

    def _look_at(self, card: ModelCard) -> None:
        """Find out which methods and layers a further model has."""

        def learn_methods(found: tuple[MethodStatus, ...]) -> None:
            self._learn(card.model_id, lambda offer: replace(offer, methods=found))

        def learn_layers(found: tuple[LayerStatus, ...]) -> None:
            self._learn(card.model_id, lambda offer: replace(offer, layers=found))

        for name, learn in (("methods", learn_methods), ("layers", learn_layers)):
            slot = f"compare-{name}-{card.model_id}"
            if slot not in self._slots:
                self._slots.add(slot)
                self._jobs.start(
                    slot,
                    "engine",
                    name,
                    MethodsRequest(card, self._session.device),
                    learn,
                    failed=partial(self._give_up, card.model_id),
                    track="explain",
                )

    def _learn(self, model_id: str, change: Callable[[Offer], Offer]) -> None:
        self._offers = tuple(
            change(one) if one.card.model_id == model_id else one for one in self._offers
        )
        self._follow()

    def _give_up(self, model_id: str, error: Error) -> None:
        self._troubles[model_id] = trouble(error).message
        self._follow()

    def _picked(self) -> Picked:
        dialog = self._dialog
        return Picked(
            dialog.models.ticked_keys(),
            dialog.methods.ticked_keys(),
            dialog.targets.ticked_keys(),
            dialog.layers.ticked_keys(),
        )

    def _compare(self) -> None:
        try:
            ways = ways_of(self._offers, self._picked())
            comparing.begin(self._session, self._jobs, ways, self._offers)
        except UserError as error:
            self._session.say_error(error)
            return
        self.compared.emit()

    def _close(self) -> None:
        for slot in self._slots:
            self._jobs.cancel_slot(slot)


def offers_of(session: Session) -> tuple[Offer, ...]:
    """The models that fit what the active viewport shows, its own first."""
    source, own = session.source_of(session.active), session.card_of(session.active)
    if source is None or own is None:
        return ()
    fitting = [card for card in fitting_first(source, session.cards) if _fits(source, card, own)]
    return tuple(_known(session, card) for card in (own, *fitting))


def _fits(source: Source, card: ModelCard, own: ModelCard) -> bool:
    """Whether a model can stand beside the viewport's own: one that sees the same."""
    alike = card.accepts.dimensions == own.accepts.dimensions
    return alike and card is not own and not differences(source, card)


def _known(session: Session, card: ModelCard) -> Offer:
    """A model with what some viewport knows of it already."""
    panes = [pane for pane in session.panes if pane.model_id == card.model_id]
    full: Pane | None = next((pane for pane in panes if pane.methods and pane.layers), None)
    return Offer(card, full.methods, full.layers) if full is not None else Offer(card)


def _labels(offers: tuple[Offer, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(label for offer in offers for label in offer.card.labels))


def _target(session: Session) -> str:
    """The label that the active viewport asks about."""
    pane, card = session.panes[session.active], session.card_of(session.active)
    if card is None:
        return ""
    if pane.asked.target is not None:
        return card.labels[pane.asked.target]
    if pane.attribution is not None:
        return card.labels[pane.attribution.target]
    return card.labels[pane.prediction.top] if pane.prediction is not None else card.labels[-1]


def _model_rows(session: Session, offers: tuple[Offer, ...]) -> tuple[CheckRow, ...]:
    return tuple(CheckRow(one.card.model_id, one.card.title) for one in offers)


def _method_rows(methods: tuple[MethodStatus, ...]) -> tuple[CheckRow, ...]:
    """All methods with their signs; one that says nothing true of this model stands there, shut."""
    return tuple(
        CheckRow(one.name, one.title, _STATES[one.status], one.reason, enabled=one.status != "red")
        for one in methods
    )
