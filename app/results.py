"""What models said, by frame and model, and volumes: kept apart from what is just shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np

from app.panes import Asked
from inference.records import Attribution, FrameKey, Prediction

if TYPE_CHECKING:
    from inference.mpr.volume import Volume

Place = tuple[FrameKey, str]
"""A frame and the id of a model."""


def question_of(attribution: Attribution) -> tuple[object, ...]:
    """What a map is an answer to, of one model on one frame."""
    made = attribution.provenance
    return (
        made.method,
        attribution.target,
        attribution.layer,
        attribution.against,
        attribution.baseline_name or attribution.baseline,
        attribution.reference,
        attribution.output,
    )


class Volumes:
    """The volumes that planes are cut through; only of what is shown, as each holds its slices."""

    def __init__(self) -> None:
        self._volumes: dict[str, Volume] = {}

    def get(self, source_id: str) -> Volume | None:
        return self._volumes.get(source_id)

    def keep(self, volume: Volume, shown: Collection[str | None]) -> None:
        """Hold on to a volume, and of the others to those whose sources are shown."""
        self._volumes = {key: one for key, one in self._volumes.items() if key in shown}
        self._volumes[volume.source_id] = volume


class Results:
    """Predictions and attributions of this session; the newest of each place."""

    def __init__(self) -> None:
        self.predictions: dict[Place, Prediction] = {}
        self.attributions: dict[Place, tuple[Attribution, ...]] = {}
        """Of each place one map a question, the newest last."""
        self.version = 0
        """Goes up whenever maps come or go."""
        self._latest: dict[tuple[str, str], Attribution] = {}
        """The whole map that came last, by source and model."""

    def add(self, results: Iterable[Prediction | Attribution]) -> None:
        """Keep results by the frame that they were made for."""
        self.version += 1
        for result in results:
            place = (result.key, result.provenance.model_id)
            if isinstance(result, Prediction):
                self.predictions[place] = result
            else:
                others = self.attributions.get(place, ())
                kept = tuple(one for one in others if question_of(one) != question_of(result))
                self.attributions[place] = (*kept, result)
                if not result.coarse:
                    self._latest[(result.key[0], place[1])] = result

    def attribution(self, place: Place, asked: Asked | None = None) -> Attribution | None:
        """The newest map of a place; with `asked` the newest that answers this question."""
        found = self.attributions.get(place, ())
        fitting = [one for one in found if asked is None or asked.made(one)]
        return fitting[-1] if fitting else None

    def add_older(self, place: Place, results: Iterable[Prediction | Attribution | None]) -> None:
        """What the store held; what was made in the meantime is newer and stays."""
        self.version += 1
        for result in results:
            if isinstance(result, Prediction):
                self.predictions.setdefault(place, result)
            elif isinstance(result, Attribution):
                newer = self.attributions.get(place, ())
                if all(question_of(one) != question_of(result) for one in newer):
                    self.attributions[place] = (result, *newer)
                known = self._latest.setdefault((place[0][0], place[1]), result)
                if known.provenance.made_at < result.provenance.made_at:
                    self._latest[(place[0][0], place[1])] = result

    def drop_coarse(self, model_id: str | None) -> None:
        """Forget the unfinished maps of a model."""
        self.version += 1
        for place, found in list(self.attributions.items()):
            if place[1] == model_id:
                self.attributions[place] = tuple(one for one in found if not one.coarse)

    def masks(self, source_id: str, model_id: str | None) -> dict[int, np.ndarray]:
        """The masks of one model over a source, by frame index."""
        return {
            key[1]: found.mask
            for (key, model), found in self.predictions.items()
            if key[0] == source_id and model == model_id and found.mask is not None
        }

    def maps(
        self, source_id: str, model_id: str | None, asked: Asked | None = None
    ) -> dict[int, Attribution]:
        """The finished maps of one model over a source that answer one question, by frame index.

        Without `asked` it is the question of the map that came last: a plane through the answers
        to several questions would be a picture of none.
        """
        latest = self._latest.get((source_id, model_id or ""))
        if latest is None:
            return {}
        wanted = question_of(latest)
        return {
            key[1]: one
            for (key, model), found in self.attributions.items()
            if key[0] == source_id and model == model_id
            for one in found
            if not one.coarse
            if (asked.made(one) if asked is not None else question_of(one) == wanted)
        }

    def alike(self, source_id: str, shown: Attribution) -> tuple[Attribution, ...]:
        """All maps of the same model over a source that answer what this one answers."""
        asked, model_id = question_of(shown), shown.provenance.model_id
        return tuple(
            one
            for (key, model), found in self.attributions.items()
            if key[0] == source_id and model == model_id
            for one in found
            if question_of(one) == asked
        )

    def first_prediction(self, source_id: str, model_id: str | None) -> Prediction | None:
        """Any prediction of one model over a source."""
        found = (
            one
            for (key, model), one in self.predictions.items()
            if key[0] == source_id and model == model_id
        )
        return next(found, None)
