"""What a model says once a part of the scan is taken out, beside what it said before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from explain.fills import fill_in
from explain.records import Change, OccludeAtRequest, WhatIf, WhatIfRequest
from explain.target import region_on
from inference.cards import ModelCard
from inference.errors import UserError
from inference.predict import predict
from inference.prepare import prepare
from inference.records import Frame, Prediction, Region
from inference.requests import PredictRequest
from inference.task import Task


def what_if(request: WhatIfRequest, task: Task) -> WhatIf:
    """Take the regions out of the frames' own values, and let the model answer to both.

    The change is made before the preparation, which sees the frames as it sees any. Raises
    UserError where a region was marked on another scan, has no pixel here, or leaves nothing.
    """
    if len(request.card.size) == 2:
        request = replace(request, frames=(request.frames[request.index],), index=0)
    masks = [_union(request.regions, frame) for frame in request.frames]
    if not any(mask.any() for mask in masks):
        raise UserError(
            "The region has no pixel on what the model looks at, so nothing can be taken out.",
            "Mark one on this frame.",
            fault="usage",
        )
    nothing = _baseline_values(request.frames, request.card)
    changed = []
    for frame, mask in zip(request.frames, masks, strict=True):
        task.check()
        changed.append(fill_in(frame, mask, request.fill, request.card, nothing, check=task.check))
    before, after = _answers(request, tuple(changed), task)
    change = Change(
        before.key,
        before.labels,
        before.scores,
        after.scores,
        before.activation,
        request.fill,
        _box(masks[request.index]),
    )
    return WhatIf(change, changed[request.index])


def occlude_at(request: OccludeAtRequest, task: Task) -> Change:
    """Hide a square patch around one place and let the model answer; in a volume a cube.

    Raises UserError (usage) for a place outside the frame or a patch without width.
    """
    frame = request.frames[request.index]
    inside = all(0 <= at < length for at, length in zip(request.point, frame.shape, strict=True))
    if not inside or request.width < 1:
        row, column = request.point
        raise UserError(
            f"There is no patch of {request.width} pixels at row {row}, column {column}.",
            f"The frame has {frame.shape[0]} × {frame.shape[1]} pixels.",
            fault="usage",
        )
    asked = WhatIfRequest(
        request.frames,
        request.index,
        request.card,
        (_patch(request),),
        request.fill,
        request.device,
    )
    return what_if(asked, task).change


def _union(regions: Sequence[Region], frame: Frame) -> np.ndarray:
    mask = np.zeros(frame.shape, dtype=bool)
    for region in regions:
        mask |= region_on(region, frame)
    return mask


def _baseline_values(frames: tuple[Frame, ...], card: ModelCard) -> np.ndarray:
    """The card's baseline before normalisation, one number a channel."""
    prepared = prepare(frames, card)
    return np.asarray(card.baseline * prepared.scale[0] + prepared.mean[0], dtype=np.float64)


def _answers(
    request: WhatIfRequest, changed: tuple[Frame, ...], task: Task
) -> tuple[Prediction, Prediction]:
    """What the model says of the frame asked about, before and after; pictures in one batch."""
    asked = PredictRequest(request.frames, request.card, request.device, batch=2)
    if len(request.card.size) == 2:
        before, after = predict(replace(asked, frames=(*request.frames, *changed)), task)
        return before, after
    first = predict(asked, task)
    second = predict(replace(asked, frames=changed), task)
    return first[request.index], second[request.index]


def _patch(request: OccludeAtRequest) -> Region:
    """The square around the point, on as many frames as it is wide."""
    frame, half = request.frames[request.index], request.width // 2
    plane = np.zeros(frame.shape, dtype=bool)
    rows, columns = (slice(max(0, at - half), at - half + request.width) for at in request.point)
    plane[rows, columns] = True
    deep = _slices(request)
    low = max(0, request.index - deep // 2)
    high = min(len(request.frames), request.index - deep // 2 + deep)
    source_id, first = request.frames[low].key
    return Region(source_id, first, np.stack([plane] * (high - low)), "the place pointed at")


def _slices(request: OccludeAtRequest) -> int:
    """How many frames are as deep as the patch is wide; at least the one pointed at."""
    if len(request.card.size) == 2:
        return 1
    frame = request.frames[request.index]
    places = [one.affine for one in request.frames[:2] if one.affine is not None]
    if frame.spacing_mm is None or len(places) < 2:
        return min(request.width, len(request.frames))
    ends = [np.array(affine)[:3, 3] for affine in places]
    between_mm = float(np.linalg.norm(ends[1] - ends[0]))
    wide_mm = request.width * frame.spacing_mm[1]
    return max(1, round(wide_mm / between_mm)) if between_mm > 0 else 1


def _box(mask: np.ndarray) -> tuple[int, int, int, int]:
    """What holds all of a mask, in pixel edges; of an empty one nothing at the corner."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return (0, 0, 0, 0)
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
