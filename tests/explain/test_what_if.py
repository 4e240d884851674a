"""Parts taken out of a scan: what stands there instead, and what the model says then."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import Tensor, nn

from app.worker import register_records
from explain import harmonic as continuation
from explain.fills import FILLS, fill_in
from explain.harmonic import harmonic
from explain.records import Change, Fill, OccludeAtRequest, WhatIf, WhatIfRequest
from explain.what_if import occlude_at, what_if
from inference import wire
from inference.architectures import table
from inference.card_files import find_model
from inference.cards import ModelCard
from inference.display import grey
from inference.errors import UserError
from inference.phantom.case import generate, without_marker, without_nodule
from inference.predict import predict
from inference.records import Frame, Region, Window
from inference.requests import PredictRequest
from inference.task import Cancelled, Task
from tests.sample_models import CARD, VOLUME_CARD, install

SHAPE = (24, 32)
PICTURE = replace(CARD, size=SHAPE, architecture="means", arguments=(), mean=(2.0,), scale=(8.0,))
VOLUME = replace(
    VOLUME_CARD, size=(6, *SHAPE), orientation=None, architecture="means", arguments=()
)


class Means(nn.Module):
    """Logits: zero, and the mean of all values."""

    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Parameter(torch.ones(()))

    def forward(self, inputs: Tensor) -> Tensor:
        mean = inputs.flatten(1).mean(dim=1, keepdim=True) * self.one
        return torch.cat([0 * mean, mean], dim=1)


@pytest.fixture
def means(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    monkeypatch.setitem(table.ARCHITECTURES, "means", lambda *of_card: Means())
    return lambda card: install(card, Means().state_dict(), tmp_path)


def ramp() -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.asarray(3.0 * rows - 2.0 * columns + 100)


def disc() -> np.ndarray:
    rows, columns = np.indices(SHAPE)
    return np.asarray((rows - 11) ** 2 + (columns - 14) ** 2 <= 36)


def filled(frame: Frame, fill: Fill, card: ModelCard = CARD, nothing: Any = (0.0,)) -> Frame:
    return fill_in(frame, disc(), fill, card, np.array(nothing))


def test_in_painting_restores_a_ramp() -> None:
    """A ramp is harmonic: from its values around the hole it comes back, in whole numbers too."""
    damaged = np.where(disc(), -999.0, ramp())
    for dtype in (np.float32, np.int16):
        found = filled(Frame(("abc", 0), damaged.astype(dtype)), "in-paint").stored
        assert found.dtype == dtype
        assert np.abs(found - ramp()).max() < 1e-4


def test_in_painting_does_not_ask_padding() -> None:
    """The lower half is padding: the values above go on, and padding stays."""
    stored = np.where(np.indices(SHAPE)[0] > 11, -2000, 50).astype(np.int16)
    stored[disc() & (stored == 50)] = 900
    found = filled(Frame(("abc", 0), stored, padding=(-2000, -2000)), "in-paint").stored
    assert set(np.unique(found[:12])) == {50}
    assert set(np.unique(found[12:])) == {-2000}


def test_a_hole_without_neighbours_takes_the_mean() -> None:
    """An island within padding touches nothing that stays; elsewhere all is 50."""
    stored = np.full(SHAPE, 50, np.int16)
    stored[disc()] = -2000
    stored[11, 14] = 900
    found = filled(Frame(("abc", 0), stored, padding=(-2000, -2000)), "in-paint").stored
    assert found[11, 14] == 50


def test_a_large_hole_goes_by_a_coarser_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    waves = np.sin(np.indices((120, 140))[0] / 17) * np.cos(np.indices((120, 140))[1] / 23)
    inside = np.hypot(*(np.indices((120, 140)) - 60.0)) < 50
    exact = harmonic(waves[..., None], inside, ~inside)
    monkeypatch.setattr(continuation, "DIRECT", 1000)
    found = harmonic(waves[..., None], inside, ~inside)
    assert not np.array_equal(found, exact)
    # Never further off than the step from one pixel to the next.
    assert np.abs(found - exact).max() < 1 / 17


def test_the_mean_is_that_of_what_stays() -> None:
    stored = np.where(disc(), 900, np.indices(SHAPE)[1] % 2 * 20 + 5).astype(np.float32)
    found = filled(Frame(("abc", 0), stored), "mean").stored
    assert np.allclose(found[disc()], stored[~disc()].mean())
    assert np.array_equal(found[~disc()], stored[~disc()])


def test_a_blur_of_something_even_is_the_same() -> None:
    """Also beside padding and at the border, which count for nothing."""
    stored = np.full(SHAPE, 70, np.int16)
    stored[:, 20:] = -2000
    frame = Frame(("abc", 0), stored, padding=(-2000, -2000))
    assert np.array_equal(filled(frame, "blur").stored, stored)
    whole = fill_in(frame, np.indices(SHAPE)[0] < 20, "blur", CARD, np.zeros(1))
    assert np.array_equal(whole.stored, stored)


def test_a_blur_takes_a_detail_out() -> None:
    stored = np.zeros((400, 400), np.float32)
    stored[196:204, 196:204] = 1000
    region = np.zeros((400, 400), bool)
    region[190:210, 190:210] = True
    found = fill_in(Frame(("abc", 0), stored), region, "blur", CARD, np.zeros(1)).stored
    # 64 pixels under a Gaussian of deviation 18; a square of 8 has itself a variance of 64 / 12.
    middle = 64000 / (2 * np.pi * (18**2 + 64 / 12))
    assert found[200, 200] == pytest.approx(middle, rel=0.05)


@pytest.mark.parametrize(
    ("card", "frame", "expected"),
    [
        # 2 HU are stored 513 with slope 2 and intercept −1024.
        (CARD, Frame(("a", 0), np.zeros(SHAPE, np.int16), slope=2.0, intercept=-1024.0), 513),
        # The level 2 of 255 is shown for the stored value 2 of 0…255.
        (
            replace(CARD, input="displayed"),
            Frame(("a", 0), np.arange(768).reshape(SHAPE).astype(np.uint16) % 256),
            2,
        ),
        (replace(CARD, input="displayed"), Frame(("a", 0), np.full((*SHAPE, 3), 9, np.uint8)), 2),
    ],
)
def test_the_models_baseline_in_stored_values(card: ModelCard, frame: Frame, expected: int) -> None:
    found = filled(frame, "baseline", card, (2.0,)).stored
    assert set(np.unique(found[disc()])) == {expected}


def test_a_colour_picture_has_a_baseline_for_each_channel() -> None:
    frame = Frame(("abc", 0), np.full((*SHAPE, 3), 9, np.uint8))
    found = filled(frame, "baseline", replace(CARD, channels=3), (1.0, 2.0, 300.0)).stored
    assert found[disc()].tolist()[0] == [1, 2, 255]
    assert found.dtype == np.uint8


@pytest.mark.parametrize("fill", FILLS)
def test_the_rest_is_shown_as_before(fill: Fill) -> None:
    """Without a window in the file the brightest spot sets the greys, and it is taken out."""
    stored = np.where(disc(), 5000, ramp()).astype(np.int16)
    frame = Frame(("abc", 0), stored)
    found = filled(frame, fill)
    assert np.array_equal(grey(found)[~disc()], grey(frame)[~disc()])
    assert not np.array_equal(found.stored, stored)
    with_window = replace(frame, windows=(Window(40, 400),))
    assert filled(with_window, fill).windows == with_window.windows


def region(mask: np.ndarray, first: int = 0) -> Region:
    return Region("abc", first, mask if mask.ndim == 3 else mask[None], "drawn by hand")


def test_before_and_after(means: Any) -> None:
    """The mean decides: the disc's pixels go from 10 to 2, which is from 1 to 0 in the model."""
    card = means(PICTURE)
    frame = Frame(("abc", 5), np.full(SHAPE, 10, np.int16))
    request = WhatIfRequest((frame,), 0, card, (region(disc(), 5),), "baseline")
    found = what_if(request, Task())
    share = 1 - disc().mean()
    assert found.change.before[1] == pytest.approx(1 / (1 + np.exp(-1)), rel=1e-5)
    assert found.change.after[1] == pytest.approx(1 / (1 + np.exp(-share)), rel=1e-5)
    assert found.change.labels == ("normal", "nodule")
    assert found.change.box == (8, 5, 21, 18)
    # The picture that came back is the very one that was answered to.
    (again,) = predict(PredictRequest((found.frame,), card), Task())
    assert np.array_equal(again.scores, found.change.after)
    assert found.change.key == ("abc", 5)


def test_regions_that_leave_nothing_or_lie_elsewhere() -> None:
    frame = Frame(("abc", 0), np.full(SHAPE, 10, np.int16))
    with pytest.raises(UserError, match="has no pixel on what the model looks at"):
        what_if(WhatIfRequest((frame,), 0, PICTURE, (region(disc(), 3),)), Task())
    both = (region(disc()), region(~disc()))
    with pytest.raises(UserError, match="covers the whole picture"):
        what_if(WhatIfRequest((frame,), 0, PICTURE, both), Task())
    with pytest.raises(UserError, match="marked on another scan"):
        what_if(WhatIfRequest((frame,), 0, PICTURE, (region(disc()[1:]),)), Task())


def test_a_patch_under_the_pointer(means: Any) -> None:
    """A patch of 4 × 4 of 768 pixels, at the corner what is left of it: 2 × 2."""
    card = means(PICTURE)
    frames = (Frame(("abc", 0), np.full(SHAPE, 10, np.int16)),)
    found = occlude_at(OccludeAtRequest(frames, 0, card, (11, 14), 4), Task())
    assert found.box == (12, 9, 16, 13)
    assert found.after[1] == pytest.approx(1 / (1 + np.exp(-(1 - 16 / 768))), rel=1e-5)
    corner = occlude_at(OccludeAtRequest(frames, 0, card, (0, 0), 4), Task())
    assert corner.box == (0, 0, 2, 2)
    for point, width in (((24, 0), 4), ((0, -1), 4), ((3, 3), 0)):
        with pytest.raises(UserError, match="There is no patch"):
            occlude_at(OccludeAtRequest(frames, 0, card, point, width), Task())


@pytest.mark.parametrize(("between_mm", "deep"), [(1.0, 4), (2.0, 2), (50.0, 1), (None, 4)])
def test_in_a_volume_the_patch_is_a_cube(means: Any, between_mm: float | None, deep: int) -> None:
    card = means(VOLUME)
    frames = tuple(
        Frame(
            ("abc", index),
            np.full(SHAPE, 10, np.int16),
            spacing_mm=(1.0, 1.0),
            affine=None
            if between_mm is None
            else ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, index * between_mm), (0, 0, 0, 1)),
        )
        for index in range(6)
    )
    found = occlude_at(OccludeAtRequest(frames, 3, card, (11, 14), 4), Task())
    hidden = 10 * (1 - deep * 16 / (6 * 768))
    assert found.after[1] == pytest.approx(1 / (1 + np.exp(-hidden)), rel=1e-6)
    assert np.log(found.after[1] / found.after[0]) == pytest.approx(hidden, rel=1e-4)
    assert found.key == ("abc", 3)


@pytest.mark.parametrize(
    ("model", "hangs_on"), [("phantom-shortcut", "marker"), ("phantom-nodule", "nodule")]
)
def test_the_phantom_without_what_the_model_hangs_on(model: str, hangs_on: str) -> None:
    """Taken out is as never drawn: the generator makes the same phantom without either of them."""
    card = find_model(model, Task())
    case = generate(5, 1, "always")
    absent = {"marker": without_marker(case), "nodule": without_nodule(case)}
    frame, *without = (
        Frame(("abc", 1), one.volume[1], unit="HU") for one in (case, *absent.values())
    )
    expected = predict(PredictRequest((frame, *without), card), Task())
    for (name, other), never in zip(absent.items(), expected[1:], strict=True):
        # Only where the two phantoms differ, and a little around it.
        there = ndimage.binary_dilation(case.volume[1] != other.volume[1], iterations=3)
        request = WhatIfRequest((frame,), 0, card, (region(there, 1),), "in-paint")
        change = what_if(request, Task()).change
        assert change.before[1] > 0.9
        assert (change.after[1] < 0.1) == (name == hangs_on)
        assert (never.scores[1] < 0.1) == (name == hangs_on)


def test_requests_and_answers_cross_the_wire() -> None:
    register_records()
    frame = Frame(("abc", 0), np.full(SHAPE, 10, np.int16))
    request = WhatIfRequest((frame,), 0, PICTURE, (region(disc()),), "mean")
    scores = np.array([0.25, 0.75], np.float32)
    change = Change(("abc", 0), ("a", "b"), scores, scores, "softmax", "mean", (0, 0, 2, 2))
    for sent in (request, OccludeAtRequest((frame,), 0, PICTURE, (1, 2), 3), WhatIf(change, frame)):
        stream = io.BytesIO()
        wire.write_message(stream, sent)
        stream.seek(0)
        assert type(wire.read_message(stream)) is type(sent)


def test_a_large_hole_ends_as_soon_as_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six million pixels take ten seconds; each sweep of each level asks whether to go on."""
    monkeypatch.setattr("explain.harmonic.DIRECT", 10)
    inside = np.zeros((40, 40), dtype=bool)
    inside[4:36, 4:36] = True
    task, asked = Task(), 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked == 30:
            task.cancel()
        task.check()

    with pytest.raises(Cancelled):
        harmonic(np.ones((40, 40, 1)), inside, ~inside, check)
    assert asked == 30
