"""What models propose as labels: a class, or regions above a threshold, until a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from app.acts import Mark
from app.label_sets import in_order
from inference.cards import ModelCard, TaskName
from inference.mask_bits import pack_mask
from inference.records import (
    WHOLE,
    Annotation,
    FrameKey,
    Label,
    LabelSet,
    MadeFrom,
    Prediction,
    SoftMap,
)
from inference.shares import mean_share, region_above
from inference.task import Task

THRESHOLD = 0.5
KEPT_BYTES = 512 << 20
"""So many bytes of soft maps stay at hand; they are made again in the time of a prediction."""
REFUSED = "refused "
"""What the names of refusals begin with among the marks of a source."""
_DIGITS = 12
_AT_HAND = 12
"""Frames of which the proposals are kept as they were reckoned last."""


@dataclass(frozen=True)
class Refusal:
    """That a person does not want what a model proposed on a frame."""

    key: FrameKey
    model_id: str
    sha256: str
    label: str


@dataclass(frozen=True, eq=False)
class Proposal:
    """What a model would have a person say: an annotation, which gets its id when it is taken."""

    annotation: Annotation
    made_from: MadeFrom
    key: FrameKey
    """The frame that the model was asked about."""

    @property
    def refusal(self) -> Refusal:
        made = self.made_from
        return Refusal(self.key, made.model_id, made.sha256, made.label)


@dataclass(frozen=True)
class Setting:
    """What proposals depend on besides the prediction.

    Classes are said of `whole` scans or of slices, masks are what has at least the `threshold`.
    """

    card: ModelCard
    label_set: LabelSet
    threshold: float
    whole: bool
    soft: SoftMap | None = None


class ProposalBook:
    """How proposals are shown, and the soft maps that masks are made of."""

    def __init__(self) -> None:
        self.visible = True
        self.threshold = THRESHOLD
        self.asked: set[tuple[FrameKey, str]] = set()
        """The frames and models of which a soft map was asked for, and which is at hand or failed.
        """
        self._maps: dict[tuple[FrameKey, str, str], SoftMap] = {}
        self._made: dict[FrameKey, tuple[Prediction, Setting, tuple[Proposal, ...]]] = {}

    def propose(self, prediction: Prediction, setting: Setting) -> tuple[Proposal, ...]:
        """All that a prediction proposes; packed once as long as nothing of it changes."""
        made = self._made.pop(prediction.key, None)
        if made is None or made[0] is not prediction or made[1] != setting:
            made = (prediction, setting, propose(prediction, setting))
        self._made[prediction.key] = made
        while len(self._made) > _AT_HAND:
            del self._made[next(iter(self._made))]
        return made[2]

    def soft_map(self, key: FrameKey, card: ModelCard) -> SoftMap | None:
        """What a model said of the pixels of a frame, if it is at hand."""
        return self._maps.get((key, card.model_id, card.sha256))

    def take(self, maps: Iterable[SoftMap]) -> None:
        """Soft maps have come; of too many the oldest go, but never one of these."""
        new = {(one.key, one.provenance.model_id, one.provenance.sha256): one for one in maps}
        for key in new:
            self._maps.pop(key, None)
        room = KEPT_BYTES - sum(one.shares.nbytes for one in new.values())
        kept: dict[tuple[FrameKey, str, str], SoftMap] = {}
        for key, one in reversed(self._maps.items()):
            room -= one.shares.nbytes
            if room < 0:
                break
            kept[key] = one
        self._maps = {**dict(reversed(kept.items())), **new}
        self.asked = {(key, model_id) for key, model_id, _ in self._maps}


def refusal_mark(refusal: Refusal, *, on: bool = True) -> Mark:
    """A refusal as it is kept; with `on` False it is taken back."""
    return Mark(refusal.key[0], refusal_name(refusal), refusal if on else None)


def refusal_name(refusal: Refusal) -> str:
    """The name of a refusal among the marks of its source."""
    frame, digest = refusal.key[1], refusal.sha256[:_DIGITS]
    return f"{REFUSED}{frame} {refusal.model_id} {digest} {refusal.label}"


def propose(prediction: Prediction, setting: Setting) -> tuple[Proposal, ...]:
    """All that a prediction proposes, what the model is surest of first."""
    return PROPOSERS[setting.card.task](prediction, setting)


def still_open(
    proposals: Iterable[Proposal],
    said: Iterable[Annotation],
    refused: Iterable[Refusal],
    label_set: LabelSet,
) -> tuple[Proposal, ...]:
    """The proposals that nobody has taken, refused or answered otherwise.

    A class is answered where it, or one that excludes it, is `said`; a region where one was made
    from the same answer of the same model.
    """
    there, gone = tuple(said), frozenset(refused)
    return tuple(
        one
        for one in proposals
        if one.refusal not in gone and not _is_answered(one, there, label_set)
    )


def find_masks(request: tuple[tuple[SoftMap, ...], Setting], task: Task) -> tuple[Proposal, ...]:
    """The regions of all these soft maps, for a lane: a volume has too many for the window."""
    maps, setting = request
    found: list[Proposal] = []
    for number, soft in enumerate(maps):
        found += masks_of(soft, setting)
        task.progress(number + 1, len(maps))
    return tuple(found)


def label_for(label_set: LabelSet, name: str) -> Label | None:
    """The label that a model's label means: of the same name, or the same last level of it."""
    plain = name.replace("/", "-")
    exact = label_set.find(name) or label_set.find(plain)
    if exact is not None:
        return exact
    wanted = {name.casefold(), plain.casefold()}
    return next((one for one in in_order(label_set) if one.title.casefold() in wanted), None)


def _is_answered(proposal: Proposal, said: tuple[Annotation, ...], label_set: LabelSet) -> bool:
    own, made = proposal.annotation, proposal.made_from
    if own.kind == "class":
        names = {own.label, *label_set.rivals(own.label)}
        return any(one.kind == "class" and one.label in names for one in said)
    return any(
        one.frame == own.frame
        and one.made_from is not None
        and (one.made_from.model_id, one.made_from.sha256, one.made_from.label)
        == (made.model_id, made.sha256, made.label)
        for one in said
    )


def _propose_classes(prediction: Prediction, setting: Setting) -> tuple[Proposal, ...]:
    """The first answer; of a model with independent answers all that reach the threshold."""
    places = [prediction.top]
    if prediction.activation == "sigmoid":
        reached = prediction.scores >= setting.threshold
        places = [place for place in prediction.scores.argsort()[::-1] if reached[place]]
    source_id, index = prediction.key
    volume = len(setting.card.size) == 3
    frame = WHOLE if setting.whole or volume else index
    return tuple(
        _proposal(
            (source_id, WHOLE if volume else index),
            Annotation("", source_id, frame, "class", ""),
            _made_from(prediction, prediction.labels[place], float(prediction.scores[place])),
            setting,
        )
        for place in places
    )


def _propose_masks(prediction: Prediction, setting: Setting) -> tuple[Proposal, ...]:
    """The pixels of which a label has the threshold, for each label that has any."""
    soft = setting.soft
    return () if soft is None else masks_of(soft, setting)


def masks_of(soft: SoftMap, setting: Setting) -> tuple[Proposal, ...]:
    """The regions of a soft map; its score is the mean share over the region."""
    found = []
    for place, label in enumerate(soft.labels):
        region = region_above(soft, place, setting.threshold)
        mask = pack_mask(region)
        if mask is None:
            continue
        said = soft.provenance
        made = MadeFrom(
            *(said.model_id, said.sha256, label, mean_share(soft, place, region)),
            *(said.made_at, setting.threshold),
        )
        drawn = Annotation("", *soft.key, "mask", "", mask=mask)
        found.append(_proposal(soft.key, drawn, made, setting))
    return tuple(found)


def _proposal(key: FrameKey, annotation: Annotation, made: MadeFrom, setting: Setting) -> Proposal:
    label = label_for(setting.label_set, made.label)
    name = label.name if label is not None else made.label.replace("/", "-")
    own = f"proposed {made.label}"
    drawn = replace(annotation, annotation_id=own, label=name, made_from=made)
    return Proposal(drawn, made, key)


def _made_from(prediction: Prediction, label: str, score: float) -> MadeFrom:
    said = prediction.provenance
    return MadeFrom(said.model_id, said.sha256, label, score, said.made_at)


PROPOSERS: dict[TaskName, Callable[[Prediction, Setting], tuple[Proposal, ...]]] = {
    "classify": _propose_classes,
    "segment": _propose_masks,
}
"""By what a model is for: how its answer becomes proposals."""
