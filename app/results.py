"""What models said, by frame and model, and volumes: kept apart from what is just shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import numpy as np

from inference.records import Attribution, FrameKey, Prediction

if TYPE_CHECKING:
    from inference.mpr.volume import Volume

Place = tuple[FrameKey, str]
"""A frame and the id of a model."""


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
        self.attributions: dict[Place, Attribution] = {}

    def add(self, results: Iterable[Prediction | Attribution]) -> None:
        """Keep results by the frame that they were made for."""
        for result in results:
            place = (result.key, result.provenance.model_id)
            if isinstance(result, Prediction):
                self.predictions[place] = result
            else:
                self.attributions[place] = result

    def add_older(self, place: Place, results: Iterable[Prediction | Attribution | None]) -> None:
        """What the store held; what was made in the meantime is newer and stays."""
        for result in results:
            if isinstance(result, Prediction):
                self.predictions.setdefault(place, result)
            elif isinstance(result, Attribution):
                self.attributions.setdefault(place, result)

    def drop_coarse(self, model_id: str | None) -> None:
        """Forget the unfinished maps of a model."""
        for place, attribution in list(self.attributions.items()):
            if attribution.coarse and place[1] == model_id:
                del self.attributions[place]

    def masks(self, source_id: str, model_id: str | None) -> dict[int, np.ndarray]:
        """The masks of one model over a source, by frame index."""
        return {
            key[1]: found.mask
            for (key, model), found in self.predictions.items()
            if key[0] == source_id and model == model_id and found.mask is not None
        }

    def maps(self, source_id: str, model_id: str | None) -> dict[int, Attribution]:
        """The finished maps of one model over a source, by frame index."""
        return {
            key[1]: found
            for (key, model), found in self.attributions.items()
            if key[0] == source_id and model == model_id and not found.coarse
        }

    def first_prediction(self, source_id: str, model_id: str | None) -> Prediction | None:
        """Any prediction of one model over a source."""
        found = (
            one
            for (key, model), one in self.predictions.items()
            if key[0] == source_id and model == model_id
        )
        return next(found, None)
