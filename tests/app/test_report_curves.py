"""Curves drawn into the report."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from app.belief_sources import source_words
from app.report_curves import EDGE, HEIGHT, WIDTH, curves_svg
from inference.records import Curve


def test_ends_of_a_curve_lie_at_the_ends_of_the_drawing() -> None:
    falling = Curve("map <1>", np.array([0.0, 0.5, 1.0]), np.array([1.0, 0.5, 0.0]))
    floor = Curve("random map", np.array([0.0, 1.0]), np.array([1.0, np.nan]))
    drawn = curves_svg((falling, floor))
    picture = ElementTree.fromstring(re.findall(r"<svg.*?</svg>", drawn)[0])
    first, second = picture.findall("polyline")
    middle = f"{WIDTH / 2:.1f},{HEIGHT / 2:.1f}"
    low, right = f"{HEIGHT - EDGE:.1f}", f"{WIDTH - EDGE:.1f}"
    assert first.get("points") == f"{EDGE:.1f},{EDGE:.1f} {middle} {right},{low}"
    assert second.get("points") == f"{EDGE:.1f},{EDGE:.1f}", "what is no number is left out"
    assert first.get("stroke-dasharray") != second.get("stroke-dasharray")
    assert picture.findtext("title") == "map <1> (whole line), random map (dashed)"


def test_nothing_to_draw_draws_nothing() -> None:
    assert curves_svg(()) == ""
    assert curves_svg((Curve("map", np.array([np.nan]), np.array([1.0])),)) == ""


def test_a_figure_names_its_paper_and_who_set_its_limits() -> None:
    assert source_words("deletion") == (
        "The check: Petsiuk et al. 2018, arXiv 1806.07421. "
        "Good from 0.05, doubtful from 0: Lepton's own rule."
    )
    assert source_words("completeness") == "Good up to 0.05, doubtful up to 0.2: Lepton's own rule."
    assert source_words("nothing") == ""
