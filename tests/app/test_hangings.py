"""Layouts saved by example: what is kept of them, and which series they find."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.hangings import Hanging, Seat, hanging_from, hanging_of, hanging_text, seated
from app.panes import Pane
from inference.mpr.cut import Slab
from tests.app.test_linking import affine, source

PLAIN = source("a", affine(2.0))


def titled(name: str, title: str, modality: str = "MR") -> object:
    return replace(PLAIN, source_id=name, title=title, modality=modality)


T1 = replace(PLAIN, source_id="t1", title="T1 axial post", modality="MR")
T2 = replace(PLAIN, source_id="t2", title="T2 axial", modality="MR")
HEAD = replace(PLAIN, source_id="ct", title="Head", modality="CT")


def made() -> Hanging:
    panes = (
        Pane("t1", 3),
        Pane("t1", 5, "coronal", slab=Slab("mean", 12.5)),
        Pane(),
        Pane("ct", 1),
    )
    return hanging_of("Mine", "2x2", panes, {"t1": T1, "ct": HEAD})


def test_what_is_kept_of_the_screen() -> None:
    seats = made().seats
    assert seats[0] == Seat(0, "MR", "T1 axial post")
    assert seats[1] == Seat(0, "MR", "T1 axial post", "coronal", "mean", 12.5)
    assert seats[2] is None
    assert seats[3] == Seat(1, "CT", "Head")


def test_it_comes_back_from_its_text() -> None:
    assert hanging_from(hanging_text(made())) == made()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"name": "x", "layout": "9x9", "seats": []}',
        '{"name": "x", "layout": "1x1", "seats": [{"group": 0}]}',
        '{"name": "x", "layout": "1x1", "seats": [{"group": 0, "modality": "", "title": "",'
        ' "plane": "upside down"}]}',
        '{"name": "x", "layout": "1x2", "seats": [null]}',
    ],
)
def test_settings_that_were_edited_by_hand_hold_none(text: str) -> None:
    assert hanging_from(text) is None


def test_series_are_found_by_modality_and_likest_title() -> None:
    others = (
        replace(HEAD, source_id="ct2", title="Neck"),
        replace(T2, source_id="t2b"),
        replace(T1, source_id="t1b", title="t1 post contrast, axial"),
    )
    assert seated(made(), others) == ("t1b", "t1b", None, "ct2")


def test_one_series_is_not_seated_twice_for_two() -> None:
    panes = (Pane("t1", 0), Pane("t2", 0))
    two = hanging_of("Two", "1x2", panes, {"t1": T1, "t2": T2})
    assert seated(two, (T2,)) == ("t2", None)
    assert seated(two, (T2, T1)) == ("t1", "t2")
    assert seated(two, ()) == (None, None)
