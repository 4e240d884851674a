"""What is compared side by side: the combinations that are chosen, and what tells them apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.panes import Asked, Link, Pane
from explain.records import LayerStatus, MethodStatus
from inference.cards import ModelCard

FEWEST, MOST = 2, 6

_LAYOUTS = {2: "1x2", 3: "1x3", 4: "2x2", 5: "2x3", 6: "2x3"}


@dataclass(frozen=True)
class Before:
    """What was on the screen before a comparison, so that it comes back."""

    layout: str
    first: int
    active: int
    maximised: bool
    panes: tuple[Pane, ...]
    links: frozenset[Link]
    anchors: dict[int, float]


class Comparison:
    """Whether viewports are compared, what was there before, and whether they share a scale."""

    def __init__(self) -> None:
        self.before: Before | None = None
        self.shared = False

    @property
    def is_on(self) -> bool:
        return self.before is not None


@dataclass(frozen=True)
class Offer:
    """A model that can be compared, with what is known of its methods and layers."""

    card: ModelCard
    methods: tuple[MethodStatus, ...] = ()
    layers: tuple[LayerStatus, ...] = ()

    @property
    def known(self) -> bool:
        """Whether it is known which methods fit the model."""
        return bool(self.methods)

    def method(self, name: str) -> MethodStatus | None:
        return next((one for one in self.methods if one.name == name), None)


@dataclass(frozen=True)
class Picked:
    """What a person ticked: ids of models, names of methods, labels, and keys of layers."""

    models: tuple[str, ...]
    methods: tuple[str, ...]
    targets: tuple[str, ...]
    layers: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """One of the maps that are compared; `layer` is None where the method takes none."""

    model_id: str
    method: str
    target: int
    layer: str | None


def layer_key(model_id: str, layer: str) -> str:
    """A layer's name is only a model's own."""
    return f"{model_id} {layer}"


def ways_of(offers: Sequence[Offer], picked: Picked) -> tuple[Way, ...]:
    """All combinations that can be asked: no red method, no label that a model does not have.

    A method that takes a layer takes each ticked layer of the model, or its default one.
    """
    found: dict[Way, None] = {}
    for offer in offers:
        if offer.card.model_id not in picked.models:
            continue
        labels = offer.card.labels
        for target in (labels.index(label) for label in picked.targets if label in labels):
            for name in picked.methods:
                method = offer.method(name)
                if method is None or method.status == "red":
                    continue
                for layer in _layers(offer, picked) if method.takes_layer else (None,):
                    found[Way(offer.card.model_id, name, target, layer)] = None
    return tuple(found)


def _layers(offer: Offer, picked: Picked) -> tuple[str | None, ...]:
    model_id = offer.card.model_id
    ticked = [one.name for one in offer.layers if layer_key(model_id, one.name) in picked.layers]
    default = next((one.name for one in offer.layers if one.default), None)
    return tuple(ticked) or (default,)


def left_out(offers: Sequence[Offer], picked: Picked) -> tuple[str, ...]:
    """Sentences about what was ticked and cannot be asked of one of the models."""
    found = []
    for offer in offers:
        if offer.card.model_id not in picked.models or not offer.known:
            continue
        methods = [offer.method(name) for name in picked.methods]
        red = [one.title for one in methods if one is not None and one.status == "red"]
        strange = [label for label in picked.targets if label not in offer.card.labels]
        if red:
            found.append(f"{', '.join(red)} cannot explain {offer.card.title}.")
        if strange:
            found.append(f"{offer.card.title} does not know {', '.join(strange)}.")
    return tuple(found)


def count_words(count: int) -> str:
    """How many maps are chosen, and whether so many can be compared."""
    maps = "1 map" if count == 1 else f"{count} maps"
    if FEWEST <= count <= MOST:
        return f"This makes {maps}."
    wanted = "Tick more." if count < FEWEST else "Tick fewer."
    return f"This makes {maps}; {FEWEST} to {MOST} can be compared. {wanted}"


def layout_for(count: int) -> str:
    """The grid that holds so many viewports; of five one place stays empty."""
    return _LAYOUTS[count]


def asked_for(way: Way, like: Pane, labels: Sequence[str], card: ModelCard) -> Asked:
    """The question of one viewport: as the active one asks, which has `labels`, but for `way`."""
    before = like.asked
    rival = None if before.against is None else labels[before.against]
    against = card.labels.index(rival) if rival in card.labels else None
    return replace(
        before,
        method=way.method,
        target=way.target,
        layer=way.layer,
        options=before.options if way.method == before.method else (),
        against=None if against == way.target else against,
    )


def shares_by_itself(ways: Collection[Way]) -> bool:
    """Whether one scale for all suggests itself: maps of one method are numbers of one kind."""
    return len({way.method for way in ways}) == 1


Parts = tuple[str, str, str, str]
"""The words for a viewport's model, method, target, and layer or ""."""


@dataclass(frozen=True)
class Name:
    """What a viewport shows: in short what differs from the others, and in full."""

    short: str
    full: str


def names_of(parts: Sequence[Parts]) -> tuple[Name, ...]:
    """Names from the words of each viewport; its method where nothing differs."""
    differ = [len(set(column) - {""}) > 1 for column in zip(*parts, strict=True)]
    told = [place for place in _IN_SHORT if differ and differ[place]] or [1]
    return tuple(
        Name(
            " · ".join(words[place] for place in told if words[place]),
            " · ".join(word for word in words if word),
        )
        for words in parts
    )


_IN_SHORT = (1, 2, 3, 0)
"""The model comes last in a short name: it is long, and what is cut off is its end."""
