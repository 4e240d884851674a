"""What sets the end of a map's colours, and how strong maps are: reckoned once, kept for long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

from app.kept_scales import KeptScale
from app.panes import Pane, ScaleMode
from app.results import Results, question_of
from inference.display_overlay import robust_limit
from inference.map_scale import Sample, Strengths, pooled_limit, sample, strengths
from inference.records import Attribution, Source
from widgets.canvas_readout import plus_number

Drawn = Literal["image", "series", "kept", "shared"]

_STRENGTHS = 8
"""Of so many maps the sorted magnitudes are held: those that are looked at now."""


@dataclass(frozen=True)
class Scale:
    """The value at the end of a map's colours, and where it comes from, in words."""

    limit: float
    mode: Drawn
    words: str


class MapScales:
    """The scales that a person keeps, and figures of maps that are costly to find again."""

    def __init__(self) -> None:
        self.kept: tuple[KeptScale, ...] = ()
        self._limits: WeakKeyDictionary[Attribution, dict[float, float]] = WeakKeyDictionary()
        self._samples: WeakKeyDictionary[Attribution, Sample] = WeakKeyDictionary()
        self._strengths: WeakKeyDictionary[Attribution, Strengths] = WeakKeyDictionary()
        self._pooled: dict[tuple[object, ...], tuple[int, float]] = {}

    def strengths(self, attribution: Attribution) -> Strengths:
        """How strong a map is where."""
        found = self._strengths.get(attribution)
        if found is None:
            if len(self._strengths) >= _STRENGTHS:
                self._strengths.clear()
            found = strengths(attribution.map, signed=attribution.signed)
            self._strengths[attribution] = found
        return found

    def level(self, pane: Pane) -> float | None:
        """The magnitude that the lines of a viewport enclose; None for no lines."""
        if pane.attribution is None or pane.contours <= 0:
            return None
        return self.strengths(pane.attribution).level(pane.contours)

    def scale(self, pane: Pane, source: Source, results: Results) -> Scale | None:
        """The scale of the map that a viewport shows; None where it shows none."""
        shown = pane.attribution
        if shown is None:
            return None
        mode, limit = self._chosen(pane, shown, source, results)
        words = _COMPARED if pane.compared else _WORDS
        most = f"±{plus_number(limit)[1:]}" if shown.signed else f"up to {plus_number(limit)[1:]}"
        return Scale(limit, mode, f"{words[mode]}, {most}")

    def mode(self, pane: Pane, source: Source) -> ScaleMode:
        """What was chosen; by the series where a scale for each frame would invent events."""
        if pane.scale == "kept" and self.kept_limit(pane.attribution) is None:
            return "series" if source.frames > 1 else "image"
        return pane.scale or ("series" if source.frames > 1 else "image")

    def kept_limit(self, attribution: Attribution | None) -> float | None:
        """The limit that is kept for maps of this model, method, layer and output."""
        if attribution is None:
            return None
        place = _place(attribution)
        return next((one[-1] for one in self.kept if one[:-1] == place), None)

    def with_kept(self, attribution: Attribution, limit: float) -> tuple[KeptScale, ...]:
        """The kept scales with this one among them."""
        place = _place(attribution)
        others = (one for one in self.kept if one[:-1] != place)
        return (*others, (*place, limit))

    def _chosen(
        self, pane: Pane, shown: Attribution, source: Source, results: Results
    ) -> tuple[Drawn, float]:
        if pane.limit is not None:
            return "shared", pane.limit
        mode, kept = self.mode(pane, source), self.kept_limit(shown)
        if mode == "kept" and kept is not None:
            return mode, kept
        if mode == "series":
            return mode, self._series(shown, source, pane.percent, results)
        return mode, self._own(shown, pane.percent)

    def _own(self, attribution: Attribution, percent: float) -> float:
        known = self._limits.setdefault(attribution, {})
        if percent not in known:
            known[percent] = robust_limit(attribution.map, percent)
        return known[percent]

    def _series(
        self, shown: Attribution, source: Source, percent: float, results: Results
    ) -> float:
        """One scale for all maps of a question over a source, as far as they are known."""
        model_id = shown.provenance.model_id
        key = (source.source_id, model_id, question_of(shown), percent)
        known = self._pooled.get(key)
        if known is None or known[0] != results.version:
            alike = results.alike(source.source_id, shown)
            known = (results.version, self._together(alike or (shown,), percent))
            self._pooled = {**self._pooled, key: known} if len(self._pooled) < 64 else {key: known}
        return known[1]

    def _together(self, maps: Collection[Attribution], percent: float) -> float:
        if len(maps) == 1:
            return self._own(next(iter(maps)), percent)
        return pooled_limit([self._sample(one) for one in maps], percent)

    def _sample(self, attribution: Attribution) -> Sample:
        if attribution not in self._samples:
            self._samples[attribution] = sample(attribution.map)
        return self._samples[attribution]


def _place(attribution: Attribution) -> tuple[str, str, str, str]:
    made = attribution.provenance
    return (made.model_id, made.method or "", attribution.layer or "", attribution.output)


_WORDS: dict[Drawn, str] = {
    "image": "scale of this image",
    "series": "scale of the series",
    "kept": "kept scale",
    "shared": "shared scale",
}
_COMPARED: dict[Drawn, str] = {
    **_WORDS,
    "image": "own scale",
    "series": "own scale, of the series",
    "kept": "own scale, the kept one",
}
"""In a comparison it is always said whether the scale is one's own."""
