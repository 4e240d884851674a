"""Where no patient is: figures of maps whose place is known."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from explain.body import Body
from explain.case import Case
from explain.checks import anatomy
from explain.checks.anatomy import OUTSIDE, outside
from inference.prepare import prepare
from inference.records import Figure, Frame
from tests.explain.checks.test_reasons import SOURCE, case_of

SIZE = 64
AFFINE = ((1.0, 0, 0, 0), (0, 1.0, 0, 0), (0, 0, 1.0, 0), (0, 0, 0, 1.0))


def body() -> np.ndarray:
    rows, columns = np.ogrid[:SIZE, :SIZE]
    found: np.ndarray = (rows - 36) ** 2 + (columns - 36) ** 2 <= 22**2
    return found


def slice_of(values: np.ndarray, index: int = 0) -> Frame:
    return Frame((SOURCE, index), values.astype(np.int16), unit="HU", affine=AFFINE)


def ct() -> np.ndarray:
    return np.where(body(), 40, -1000) + np.random.default_rng(0).integers(-20, 20, (SIZE, SIZE))


def case_over(frames: tuple[Frame, ...], maps: np.ndarray) -> Case:
    """Maps [frames, 64, 64]; the model's input is the first frame as it is."""
    case = case_of(maps, None)
    prepared = prepare(frames[:1], case.card)
    return replace(case, frames=frames, prepared=prepared, map=maps[0].astype(np.float32))


def figures(values: np.ndarray, found: np.ndarray) -> dict[str, Figure]:
    case = case_over((slice_of(values),), found[None])
    return {figure.name: figure for figure in outside(case)}


def test_a_map_inside_the_body_is_green_and_one_in_the_air_is_red() -> None:
    inside = figures(ct(), body().astype(float))["outside_body"]
    assert inside.value == pytest.approx(0.0, abs=0.01)
    assert inside.verdict == "green"
    away = figures(ct(), np.where(body(), 0.0, 1.0))["outside_body"]
    assert away.value == pytest.approx(1.0)
    assert away.verdict == "red"
    even = figures(ct(), np.ones((SIZE, SIZE)))["outside_body"]
    assert even.value == pytest.approx(dict(even.details)["area"])
    assert even.verdict in ("amber", "red")


def test_a_letter_that_holds_the_map_is_red() -> None:
    values = ct().astype(np.float32)
    clean = values.copy()
    cv2.putText(values, "L", (2, 12), 0, 0.35, 900, 1)
    letter = np.where(values != clean, 1.0, 0.0)
    found = figures(values, letter + 0.001)["on_marks"]
    assert found.value is not None
    assert found.value > 0.7
    assert found.verdict == "red"
    assert "letters or markers" in found.sentence
    fair = figures(values, body().astype(float))["on_marks"]
    assert fair.verdict == "green"


def test_a_map_on_an_even_border_is_red() -> None:
    values = ct()
    values[:, :6] = -1024
    border = np.zeros((SIZE, SIZE))
    border[:, :6] = 1.0
    found = figures(values, border)["on_padding"]
    assert found.value == pytest.approx(1.0)
    assert found.verdict == "red"
    assert dict(found.details)["area"] == pytest.approx(6 / SIZE)


def test_what_is_not_there_gets_no_figure() -> None:
    found = figures(np.random.default_rng(1).integers(0, 9, (SIZE, SIZE)) * 9, body().astype(float))
    assert found["on_padding"].value is None
    assert found["on_marks"].value is None
    plain = figures(np.full((SIZE, SIZE), 40), body().astype(float))["outside_body"]
    assert plain.value is None
    assert "no background" in plain.sentence


def test_a_map_that_shows_nothing_is_not_judged() -> None:
    found = figures(ct(), np.zeros((SIZE, SIZE)))
    assert {figure.value for figure in found.values()} == {None}
    assert "shows nothing" in found["outside_body"].sentence


def test_of_many_slices_some_are_looked_at_and_the_one_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(anatomy, "MOST_FRAMES", 3)
    frames = tuple(slice_of(ct(), index) for index in range(9))
    looked: list[int] = []

    def note(frame: Frame, body: Body) -> np.ndarray:
        looked.append(frame.key[1])
        return ~body.mask

    monkeypatch.setattr(anatomy, "find_marks", note)
    case = replace(case_over(frames, np.stack([body().astype(float)] * 9)), index=5)
    monkeypatch.setattr(anatomy, "within_a_cell", lambda case, marks: marks)
    monkeypatch.setattr(anatomy, "_padding", lambda case: np.zeros((SIZE, SIZE), dtype=bool))
    outside(case)
    assert looked == [0, 4, 5, 8]


def test_only_pictures_and_volumes_are_asked() -> None:
    case = case_over((slice_of(ct()),), body()[None].astype(float))
    assert OUTSIDE.asks(case)
    assert not OUTSIDE.asks(replace(case, attributions=()))
    tokens = replace(case.question, kind="tokens")
    assert not OUTSIDE.asks(replace(case, question=tokens))
