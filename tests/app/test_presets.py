"""Windows on the keys 1 to 9."""

from __future__ import annotations

import numpy as np
import pytest

from app.presets import (
    DEFAULTS,
    PRESETS_LIMIT,
    UNITS,
    Preset,
    offered_by,
    on_keys,
    read_presets,
    words,
)
from inference.display import windowed
from inference.records import Frame, GreyTable, Window


def test_the_first_and_the_last_key_are_the_same_for_all() -> None:
    for modality, unit in (("CT", "HU"), ("MR", None), (None, None), ("PT", "BQML")):
        keys = on_keys(DEFAULTS, modality, unit)
        assert keys[1][1] == "own"
        assert keys[9][1] == "full"


def test_ct_has_its_windows_in_order() -> None:
    keys = on_keys(DEFAULTS, "CT", "HU")
    assert [keys[digit][0] for digit in (2, 3, 4)] == [
        "Soft tissue (40 / 400 HU)",
        "Lung (-600 / 1500 HU)",
        "Bone (400 / 1800 HU)",
    ]
    assert keys[3][1] == Window(-600, 1500, "LINEAR_EXACT", "Lung")


@pytest.mark.parametrize(("modality", "unit"), [("CT", None), ("PT", "BQML"), ("MR", None)])
def test_values_without_the_unit_have_no_presets(modality: str, unit: str | None) -> None:
    assert set(on_keys(DEFAULTS, modality, unit)) == {1, 9}


def test_ones_own_windows_need_no_unit_where_the_modality_has_none() -> None:
    mine = (Preset("MR", 300, 600, "Mine"), Preset("CT", 1, 2, "Other"))
    assert on_keys(mine, "MR", None)[2] == ("Mine (300 / 600)", mine[0].window)


def test_more_windows_than_keys_have_none() -> None:
    many = tuple(Preset("MR", 0, width, str(width)) for width in range(1, 12))
    keys = on_keys(many, "MR", None)
    assert len(keys) == PRESETS_LIMIT + 2
    assert keys[8][0] == "7 (0 / 7)"


TABLES = tuple(GreyTable(0.0, np.arange(4), said) for said in ("soft", "hard", ""))
WINDOWS = (Window(40, 400, explanation="ABDOMEN"), Window(-600, 1500), Window(1.5, 2, "SIGMOID"))
PICTURE = np.zeros((2, 2), np.int16)


def test_windows_of_the_file_beside_its_first() -> None:
    frame = Frame(("", 0), PICTURE, unit="HU", windows=WINDOWS)
    assert offered_by(frame) == (
        ("Window 2 of the file (-600 / 1500 HU)", WINDOWS[1]),
        ("Window 3 of the file (1.5 / 2 HU)", WINDOWS[2]),
    )
    assert offered_by(Frame(("", 0), PICTURE, windows=WINDOWS[:1])) == ()


def test_where_a_file_has_tables_all_its_windows_are_others() -> None:
    frame = Frame(("", 0), PICTURE, windows=WINDOWS[:1], table=TABLES[0], other_tables=TABLES[1:])
    assert offered_by(frame) == (
        ("hard, of the file", TABLES[1]),
        ("Table 3 of the file", TABLES[2]),
        ("ABDOMEN, of the file (40 / 400)", WINDOWS[0]),
    )


def test_colours_have_no_grey_to_choose() -> None:
    colours = np.zeros((2, 2, 3), np.uint8)
    assert offered_by(Frame(("", 0), colours, photometric="RGB", windows=WINDOWS)) == ()


def test_what_the_file_offers_comes_after_ones_own_windows() -> None:
    offered = (("hard", TABLES[1]), ("harder", TABLES[2]), ("lung", WINDOWS[1]))
    plain = on_keys(DEFAULTS, "CT", "HU")
    keys = on_keys(DEFAULTS, "CT", "HU", offered)
    assert {digit: keys[digit] for digit in plain} == plain
    assert (keys[8], keys[10], keys[11]) == offered
    assert [on_keys(DEFAULTS, "DX", None, offered)[digit] for digit in (2, 3, 4)] == list(offered)


def test_suv_0_to_5_is_black_at_0_and_white_at_5() -> None:
    values = np.array([[0.0, 2.5, 5.0]], np.float32)
    window = next(one for one in DEFAULTS if one.title == "SUV 0 to 5").window
    assert windowed(values, window).tolist() == [[0.0, 0.5, 1.0]]


def test_the_program_s_own_are_sound() -> None:
    assert all(one.width > 0 and one.title for one in DEFAULTS)
    assert {one.modality for one in DEFAULTS} == set(UNITS)
    assert words(Preset("XA", 1.5, 2, "Mine")) == "Mine (1.5 / 2)"
    for modality in UNITS:
        assert sum(one.modality == modality for one in DEFAULTS) <= PRESETS_LIMIT


def test_presets_are_read_as_far_as_they_make_sense() -> None:
    good = {"modality": "CT", "center": 40, "width": 400, "title": "Mine"}
    bad = [
        {**good, "width": 0},
        {**good, "width": True},
        {**good, "center": "40"},
        {**good, "center": float("inf")},
        {**good, "title": 3},
        {"modality": "CT"},
        [],
    ]
    assert read_presets([good, *bad]) == (Preset("CT", 40.0, 400.0, "Mine"),)
    assert read_presets([]) == ()
    assert read_presets({}) is None
