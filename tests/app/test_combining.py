"""Where made maps get their viewport, when they are made anew, and what they are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.actions import combining
from app.actions.blinking import after, same_picture, seen_in
from app.comparison import Name
from app.comparison_maps import combine_maps
from app.jobs import Jobs
from app.panes import Asked, Pane
from app.session import Session
from app.thread_lane import ThreadLane
from app.views import wording
from inference.errors import UserError
from inference.records import Attribution, Frame, Opened
from tests.widgets.scans import a_frame, a_source, an_attribution

SOURCE = a_source("one", frames=3)
METHODS = ("saliency", "occlusion", "lime", "rise", "grad_cam", "deep_lift")
NAMES = {number: Name(method.title(), f"M · {method}") for number, method in enumerate(METHODS)}
LAYOUTS = {2: "1x2", 3: "1x3", 4: "2x2", 5: "2x3", 6: "2x3"}


@pytest.fixture
def jobs(qtbot: QtBot) -> Iterator[Jobs]:
    made = Jobs({"decode": ThreadLane.of("decode", {"combine_maps": combine_maps}, 1)})
    yield made
    made.close()


def frame_at(index: int) -> Frame:
    return replace(a_frame(), key=SOURCE.key(index))


def spot_of(method: str, row: int, index: int = 0, *, coarse: bool = False) -> Attribution:
    """A bright square of two by two of the sixteen cells a side."""
    values = np.zeros((64, 64))
    values[row : row + 8, 8:16] = 1.0
    made = an_attribution(values, signed=False, coarse=coarse)
    provenance = replace(made.provenance, model_id="m", method=method)
    return replace(
        made, key=SOURCE.key(index), native=(64, 64), provenance=provenance, unit="logit"
    )


def session_with(*rows: int) -> Session:
    """A comparison of as many methods as there are rows that their spots lie on."""
    session = Session()
    session.add_opened(Opened((SOURCE,), ()))
    session.set_layout(LAYOUTS[len(rows)], 0)
    session.add_attributions(
        tuple(spot_of(method, row) for method, row in zip(METHODS, rows, strict=False))
    )
    for number in range(len(rows)):
        asked = Asked(METHODS[number], 1)
        pane = Pane("one", model_id="m", asked=asked, compared=True)
        session.put_pane(number, pane)
        session.set_frame(number, frame_at(0))
    return session


@pytest.mark.parametrize(
    ("rows", "layout", "number"),
    [((8, 8), "1x3", 2), ((8, 8, 8), "2x2", 3), ((8,) * 4, "2x3", 4), ((8,) * 5, "2x3", 5)],
)
def test_the_layout_grows_as_far_as_there_is_room(
    jobs: Jobs, rows: tuple[int, ...], layout: str, number: int
) -> None:
    session = session_with(*rows)
    combining.show_together(session, jobs, NAMES, "agreement")
    assert (session.layout, session.active) == (layout, number)
    made = session.panes[number].made
    assert made is not None
    assert made.title == f"Agreement of {len(rows)} maps"
    assert made.made_of.startswith("agreement of M · saliency and M · occlusion")


def test_of_six_none_is_taken_and_a_made_one_gives_its_place_to_the_next(jobs: Jobs) -> None:
    session = session_with(*(8,) * 6)
    before = session.panes
    with pytest.raises(UserError, match="All six"):
        combining.show_together(session, jobs, NAMES, "agreement")
    assert session.panes == before
    session = session_with(*(8,) * 5)
    for kind in ("agreement", "uncertainty", "uncertainty"):
        combining.show_together(session, jobs, NAMES, kind)
        assert [one.made is not None for one in session.panes] == [False] * 5 + [True]


def test_one_map_is_set_against_nothing(jobs: Jobs) -> None:
    session = session_with(8, 8)
    session.add_attributions((spot_of("occlusion", 8, coarse=True),))
    with pytest.raises(UserError, match="no two maps"):
        combining.show_difference(session, jobs, NAMES)


def test_the_difference_goes_from_the_active_viewport_to_the_next(jobs: Jobs) -> None:
    session = session_with(8, 8, 8)
    session.set_active(2)
    combining.show_difference(session, jobs, NAMES)
    made = session.panes[3].made
    assert made is not None
    assert made.title == "Lime − Saliency, each on its own scale"


def test_a_map_that_is_made_again_is_taken_up(qtbot: QtBot, jobs: Jobs, qapp: QObject) -> None:
    session = session_with(8, 8)
    combining.MadeMaps(session, jobs, session)
    combining.show_together(session, jobs, NAMES, "agreement")
    qtbot.waitUntil(lambda: session.panes[2].attribution is not None)
    first = session.panes[2].attribution
    assert first is not None
    assert first.map[8:16, 8:16].all()
    assert session.panes[2].caption.startswith("Drawn only where more than half")
    session.add_attributions((spot_of("occlusion", 40),))
    qtbot.waitUntil(lambda: session.panes[2].attribution is not first)
    now = session.panes[2]
    assert now.attribution is not None
    assert wording.badges(SOURCE, None, now) == ("Not enough agreement",)
    assert not now.attribution.map.any()
    assert now.caption.startswith("Not enough agreement")
    assert now.caption_severity == "doubtful"

    session.set_frame(2, frame_at(1), turned_to=True)
    assert session.panes[2].attribution is None
    assert "as soon as all maps of this slice" in session.panes[2].caption
    for row, method in ((8, "saliency"), (8, "occlusion")):
        session.add_attributions((spot_of(method, row, 1),))
    qtbot.waitUntil(lambda: session.panes[2].attribution is not None)
    now = session.panes[2]
    assert now.attribution is not None
    assert now.attribution.key == SOURCE.key(1)


def test_the_provenance_names_the_maps_and_the_unit_says_the_scale(
    qtbot: QtBot, jobs: Jobs
) -> None:
    session = session_with(8, 40)
    combining.MadeMaps(session, jobs, session)
    combining.show_difference(session, jobs, NAMES)
    qtbot.waitUntil(lambda: session.panes[2].attribution is not None)
    found = session.panes[2].attribution
    assert found is not None
    assert found.provenance.method == "difference of M · saliency and M · occlusion"
    assert found.provenance.model_id not in ("m", "")
    assert found.unit == "share of each map's own scale"
    assert found.signed
    assert not found.figures


def test_only_maps_of_the_same_picture_blink(jobs: Jobs) -> None:
    session = session_with(8, 8, 8)
    assert same_picture(session, 0) == (0, 1, 2)
    assert [after(session, number) for number in range(3)] == [1, 2, 0]
    session.edit_view(0, blinked=2)
    assert seen_in(session, 0) == 2
    session.set_frame(2, frame_at(1), turned_to=True)
    assert seen_in(session, 0) == 0, "that viewport shows another slice now"
    assert same_picture(session, 0) == (0, 1)
    with pytest.raises(UserError, match="no other map"):
        after(session, 2)
