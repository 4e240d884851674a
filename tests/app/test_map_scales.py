"""Which scale a viewport's map gets, in what words, and what is kept of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.map_scales import MapScales
from app.panes import Pane
from app.results import Results
from app.settings import Settings, load_settings, save_settings
from app.views.belief_words import failing
from inference.display_overlay import robust_limit
from inference.records import Attribution, Figure, Verdict
from tests.widgets.scans import a_source, an_attribution

ONE, SERIES = a_source("one", frames=1), a_source("series", frames=3)


def maps_of(source_id: str, widths: tuple[float, ...]) -> tuple[Attribution, ...]:
    noise = np.random.default_rng(0)
    return tuple(
        replace(an_attribution(noise.normal(0, width, (64, 64))), key=(source_id, index))
        for index, width in enumerate(widths)
    )


def held(*maps: Attribution) -> Results:
    results = Results()
    results.add(maps)
    return results


def test_a_single_image_has_its_own_scale_and_a_series_one_for_all() -> None:
    scales, maps = MapScales(), maps_of("series", (1.0, 4.0))
    results = held(*maps)
    weak, strong = (scales.scale(Pane(attribution=one), SERIES, results) for one in maps)
    assert weak is not None
    assert weak == strong
    assert weak.mode == "series"
    assert robust_limit(maps[0].map) < weak.limit < robust_limit(maps[1].map)
    assert weak.words.startswith("scale of the series, ±")
    alone = maps_of("one", (1.0,))[0]
    own = scales.scale(Pane(attribution=alone), ONE, held(alone))
    assert own is not None
    assert own.limit == robust_limit(alone.map)
    assert own.words.startswith("scale of this image, ±")


def test_the_series_grows_with_its_maps_and_minds_the_question() -> None:
    scales, (weak, strong) = MapScales(), maps_of("series", (1.0, 4.0))
    results, pane = held(weak), Pane(attribution=weak)
    first = scales.scale(pane, SERIES, results)
    other = replace(strong, target=0)
    results.add((other,))
    assert scales.scale(pane, SERIES, results) == first, "another question has its own scale"
    results.add((strong,))
    later = scales.scale(pane, SERIES, results)
    assert first is not None
    assert later is not None
    assert first.limit == robust_limit(weak.map), "of one map it is that map's own"
    assert later.limit > 2 * first.limit


def test_percentile_and_choice_change_it() -> None:
    scales, (weak, strong) = MapScales(), maps_of("series", (1.0, 4.0))
    results = held(weak, strong)
    pane = Pane(attribution=weak, scale="image", percent=90.0)
    found = scales.scale(pane, SERIES, results)
    assert found is not None
    assert found.limit == pytest.approx(np.percentile(np.abs(weak.map), 90.0))
    whole = scales.scale(replace(pane, percent=100.0), SERIES, results)
    assert whole is not None
    assert whole.limit == pytest.approx(np.abs(weak.map).max())


def test_a_comparison_shares_or_says_that_it_does_not() -> None:
    scales, (weak, _) = MapScales(), maps_of("series", (1.0, 4.0))
    pane = Pane(attribution=weak, compared=True)
    words = [
        found.words.partition(", ±")[0]
        for found in (
            scales.scale(pane, SERIES, held(weak)),
            scales.scale(replace(pane, scale="image"), SERIES, held(weak)),
            scales.scale(replace(pane, limit=2.0), SERIES, held(weak)),
        )
        if found is not None
    ]
    assert words == ["own scale, of the series", "own scale", "shared scale"]


def test_a_kept_scale_is_used_for_its_model_and_method_alone(tmp_path: Path) -> None:
    scales, (weak, _) = MapScales(), maps_of("series", (1.0, 4.0))
    pane = Pane(attribution=weak, scale="kept")
    assert scales.mode(pane, SERIES) == "series", "nothing is kept yet"
    scales.kept = scales.with_kept(weak, 7.5)
    scales.kept = scales.with_kept(weak, 8.0)
    assert len(scales.kept) == 1
    found = scales.scale(pane, SERIES, held(weak))
    assert found is not None
    assert (found.limit, found.words) == (8.0, "kept scale, ±8")
    other = replace(weak, provenance=replace(weak.provenance, method="saliency"))
    assert scales.kept_limit(other) is None
    save_settings(tmp_path / "settings.json", Settings(scales=scales.kept))
    assert load_settings(tmp_path / "settings.json").scales == scales.kept


def test_settings_that_make_no_sense_keep_no_scale(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    lines = [["m", "a", "", "logit", 2], ["m", "a", "", "logit", -1], ["m"], 3, [1, 2, 3, 4, 5]]
    path.write_text(json.dumps({"scales": lines}), encoding="utf-8")
    assert load_settings(path).scales == (("m", "a", "", "logit", 2.0),)


def test_lines_hold_the_share_that_was_asked_for() -> None:
    values = np.zeros((8, 8))
    values[0, :4] = (4, 3, 2, 1)
    pane = Pane(attribution=an_attribution(values), contours=0.5)
    assert MapScales().level(pane) == 3.0
    assert MapScales().level(replace(pane, contours=0.0)) is None


def test_figures_of_a_map_that_is_gone_are_gone() -> None:
    scales = MapScales()
    for one in maps_of("series", tuple(range(1, 30))):
        scales.strengths(one)
        scales.scale(Pane(attribution=one, scale="image"), SERIES, Results())
    assert len(scales._strengths) <= 8


def figure(name: str, verdict: Verdict | None) -> Figure:
    return Figure(name, name, 0.5, verdict, f"What {name} found.")


@pytest.mark.parametrize(
    ("figures", "sentence"),
    [
        ((), None),
        ((figure("completeness", "amber"), figure("contrast", None)), None),
        ((figure("completeness", "red"),), "This map failed a check. What completeness found."),
        (
            (figure("contrast", "green"), figure("on_marks", "red"), figure("road", "red")),
            "This map failed 2 checks. What on_marks found.",
        ),
        ((figure("inside_ratio", "red"), figure("top_inside", "red")), None),
    ],
)
def test_what_is_said_of_a_map_that_failed(
    figures: tuple[Figure, ...], sentence: str | None
) -> None:
    assert failing(figures) == sentence
