"""Maps of known values over the frames of a source, as if a model had been asked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inference.records import Attribution, Provenance, Source


def map_of(source: Source, index: int, method: str = "integrated_gradients") -> Attribution:
    """A map with values of both signs and all magnitudes, another on each frame."""
    chance = np.random.default_rng(index + 1)
    values = chance.normal(size=source.shape) * 10.0 ** chance.integers(-6, 3, source.shape)
    made = Provenance(
        model_id="a-model",
        sha256="ab" * 32,
        preparation="as stored",
        device="cpu",
        seconds=0.1,
        made_at="2026-01-01T00:00:00+00:00",
        versions=(("lepton", "0.1.0"),),
        method=method,
        options=(("n_steps", 8),),
        seed=5,
    )
    return Attribution(
        key=source.key(index),
        target=1,
        target_label="nodule",
        output="logit",
        map=values.astype(np.float32),
        native=source.shape,
        signed=True,
        layer="features.0" if method == "grad_cam" else None,
        baseline="zero",
        reduction="sum over channels",
        completeness=None,
        warnings=(),
        provenance=made,
    )


def maps_of(source: Source, indices: Sequence[int] | None = None) -> tuple[Attribution, ...]:
    """Maps over these frames, by default over all."""
    chosen = range(source.frames) if indices is None else indices
    return tuple(map_of(source, index) for index in chosen)
