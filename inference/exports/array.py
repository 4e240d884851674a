"""Maps as a NumPy array file: the values, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from inference.exports.words import in_order
from inference.records import Attribution, Source
from inference.whole_file import writing


def write_array(path: Path, source: Source, maps: Sequence[Attribution]) -> tuple[str, ...]:
    """One map as float32 [rows, columns]; several as float32 [frames, rows, columns].

    Of several it has all frames of the source, NaN where no map was made, so that an index in the
    array is one in the source. Returns what is to be known of the file, in sentences.
    """
    ordered = in_order(maps)
    said: tuple[str, ...] = ()
    values = np.asarray(ordered[0].map, np.float32)
    if len(ordered) > 1:
        values = np.full((source.frames, *source.shape), np.nan, np.float32)
        for one in ordered:
            values[one.key[1]] = one.map
        if len(ordered) < source.frames:
            said = (f"Frames without a map: {source.frames - len(ordered)}; they hold NaN.",)
    with writing(path) as temporary, temporary.open("wb") as file:
        np.save(file, values, allow_pickle=False)
    return said
