"""A click or a box finds the thing under it, whatever its size, and never takes padding."""

from __future__ import annotations

import math
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from inference import wire
from inference.errors import UserError
from inference.mask_bits import unpack_mask
from inference.painting.requests import SeedMethod, SeedRequest, SeedResult
from inference.painting.seeds import segment
from inference.painting.strokes import Place
from inference.records import Frame, Window
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames
from inference.task import Cancelled, Task

METHODS: tuple[SeedMethod, ...] = get_args(SeedMethod)
SHOWN = Window(1150, 900)


def ellipse(size: int, radius: float) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] + 0.5
    return np.asarray(np.hypot((rows - size / 2) * 1.3, columns - size / 2.2) < radius)


def frame_of(thing: np.ndarray, noise: float = 60.0) -> Frame:
    """A thing 300 above its ground of 1000, in noise."""
    values = 1000 + 300 * thing + np.random.default_rng(0).normal(0, noise, thing.shape)
    return Frame(("scan", 4), values.astype(np.int16))


def mask_of(result: SeedResult, frame: Frame) -> np.ndarray:
    return (
        np.zeros(frame.shape, bool)
        if result.mask is None
        else unpack_mask(result.mask, frame.shape)
    )


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * float((one & other).sum()) / float(one.sum() + other.sum())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("size", "radius"), [(160, 22), (700, 90)])
@pytest.mark.parametrize("boxed", [True, False])
def test_a_click_or_a_box_finds_the_thing(
    method: SeedMethod, size: int, radius: float, boxed: bool
) -> None:
    thing = ellipse(size, radius)
    frame = frame_of(thing)
    middle = (size / 2.2, size / 2)
    box = (
        middle[0] - radius * 1.2,
        middle[1] - radius,
        middle[0] + radius * 1.2,
        middle[1] + radius,
    )
    asked = SeedRequest(
        frame, method, () if boxed else (middle,), box=box if boxed else None, voi=SHOWN
    )
    found = segment(asked, Task())
    assert (found.key, found.method) == (("scan", 4), method)
    assert dice(mask_of(found, frame), thing) > 0.95


def test_a_large_thing_is_outlined_to_the_pixel() -> None:
    """Coarser than one to five at first; the outline is then found at full size."""
    thing = ellipse(1400, 300)
    frame = frame_of(thing, noise=20.0)
    found = segment(SeedRequest(frame, "random_walk", ((1400 / 2.2, 700),), voi=SHOWN), Task())
    length = 2 * math.pi * 300
    assert (mask_of(found, frame) != thing).sum() < 0.05 * length


@pytest.mark.parametrize("method", METHODS)
def test_padding_is_never_taken(method: SeedMethod) -> None:
    """The thing runs into padding that is shown as bright as itself."""
    thing = ellipse(160, 30)
    frame = frame_of(thing, noise=10.0)
    stored = frame.stored.copy()
    stored[70:] = 1300
    padded = Frame(frame.key, stored, padding=(1300, 1300))
    measured = padded.measured()
    assert measured is not None
    found = mask_of(segment(SeedRequest(padded, method, ((72.0, 62.0),), voi=SHOWN), Task()), frame)
    assert not found[~measured].any()
    assert dice(found, thing & measured) > 0.93


@pytest.mark.parametrize("method", METHODS)
def test_a_click_outside_takes_a_part_away(method: SeedMethod) -> None:
    """Two discs with a bridge: the second one, said to be outside, is let go."""
    rows, columns = np.mgrid[:120, :160] + 0.5
    one, other = (np.hypot(rows - 60, columns - at) < 20 for at in (50, 100))
    thing = one | other | ((abs(rows - 60) < 3) & (columns > 50) & (columns < 100))
    frame = frame_of(thing, noise=10.0)
    box = (20.0, 30.0, 130.0, 90.0)
    asked = SeedRequest(frame, method, ((50.0, 60.0),), ((100.0, 60.0),), box, 8.0, SHOWN)
    found = mask_of(segment(asked, Task()), frame)
    assert found[60, 50]
    assert not found[60, 100]


def test_only_the_part_that_was_clicked_is_kept() -> None:
    rows, columns = np.mgrid[:100, :160] + 0.5
    one, other = (np.hypot(rows - 50, columns - at) < 18 for at in (50, 100))
    frame = frame_of(one | other, noise=10.0)
    asked = SeedRequest(frame, "grab_cut", ((50.0, 50.0),), box=(25, 25, 125, 75), voi=SHOWN)
    assert dice(mask_of(segment(asked, Task()), frame), one) > 0.97


def test_colours_are_divided_by_their_colour() -> None:
    """Both sides are equally bright."""
    thing = ellipse(120, 25)
    picture = np.where(thing[..., None], (160, 80, 60), (60, 80, 160)).astype(np.uint8)
    frame = Frame(("photo", 0), picture, photometric="RGB")
    for method in METHODS:
        found = segment(SeedRequest(frame, method, ((120 / 2.2, 60.0),)), Task())
        assert dice(mask_of(found, frame), thing) > 0.95


def test_what_greys_cannot_tell_apart_is_said() -> None:
    """A disc that a bar of the same grey leads to from beyond the box."""
    rows, columns = np.mgrid[:160, :160]
    thing = np.hypot(rows - 80, columns - 80) < 25
    frame = frame_of(thing | (abs(rows - 80) < 40) & (columns > 80), noise=0.0)
    said: list[tuple[str, object]] = []
    task = Task(lambda kind, value: said.append((kind, value)))
    found = segment(SeedRequest(frame, "grab_cut", box=(52.0, 52.0, 108.0, 108.0)), task)
    assert found.mask is not None
    assert found.mask.count < 100
    assert [kind for kind, _ in said] == ["note"]
    segment(SeedRequest(frame, "random_walk", box=(52.0, 52.0, 108.0, 108.0)), task)
    assert len(said) == 1


def test_a_small_frame_has_a_rim() -> None:
    thing = ellipse(40, 10)
    frame = frame_of(thing, noise=10.0)
    found = segment(SeedRequest(frame, "random_walk", ((18.0, 20.0),), voi=SHOWN), Task())
    assert dice(mask_of(found, frame), thing) > 0.95


@pytest.mark.parametrize(
    ("inside", "box", "sentence"),
    [
        ((), None, "Nothing says where to look."),
        (((150.0, 5.0),), None, "The clicks lie on no measured pixel."),
        (((-30.0, 5.0),), None, "The clicks lie on no measured pixel."),
        (((20.0, 20.0),), (0.0, 0.0, 160.0, 160.0), "Nothing says what is outside of the thing."),
    ],
)
def test_what_cannot_be_asked_is_said(
    inside: tuple[Place, ...], box: tuple[float, float, float, float] | None, sentence: str
) -> None:
    stored = frame_of(ellipse(160, 22)).stored.copy()
    stored[:, 120:] = -2000
    frame = Frame(("scan", 0), stored, padding=(-2000, -2000))
    with pytest.raises(UserError) as caught:
        segment(SeedRequest(frame, "watershed", inside, box=box), Task())
    assert caught.value.message == sentence


def test_work_that_nobody_waits_for_ends() -> None:
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        segment(SeedRequest(frame_of(ellipse(80, 9)), "random_walk", ((36.0, 40.0),)), task)


def test_requests_and_results_cross_the_pipes(monkeypatch: pytest.MonkeyPatch) -> None:
    for record in (SeedRequest, SeedResult):
        monkeypatch.setitem(wire.RECORDS, record.__name__, record)
    frame = frame_of(ellipse(80, 12))
    asked = SeedRequest(
        frame, "watershed", ((36.0, 40.0),), ((2.0, 3.0),), (9.0, 9.0, 70.0, 70.0), 2.5, SHOWN
    )
    crossed = wire.unpack(wire.pack(asked))
    assert isinstance(crossed, SeedRequest)
    answer = wire.unpack(wire.pack(segment(crossed, Task())))
    assert isinstance(answer, SeedResult)
    np.testing.assert_array_equal(mask_of(answer, frame), mask_of(segment(asked, Task()), frame))


@pytest.mark.parametrize("method", METHODS)
def test_the_spinal_canal_of_a_real_scan(shared_data: Path, method: SeedMethod) -> None:
    """One click; the canal is what lies below 100 HU in the ring of bone around it."""
    path = shared_data / "dicom/pydicom+pydicom/src/pydicom/data/test_files/CT_small.dcm"
    (source,) = open_sources(OpenRequest((str(path),)), Task()).sources
    (frame,) = read_frames(read_request(source, (0,)), Task())
    click = (59.0, 52.0)
    asked = SeedRequest(frame, method, (click,), radius_px=2.0, voi=Window(40, 400))
    found = mask_of(segment(asked, Task()), frame)
    rows, columns = np.mgrid[:128, :128] + 0.5
    near = np.hypot(rows - click[1], columns - click[0]) < 13
    canal = near & (frame.values() < 100)
    assert dice(found, canal) > 0.85
