"""One map of several, and how alike they are: on maps whose figures are known by hand."""

from __future__ import annotations

import io

import numpy as np
import pytest

from app import worker
from app.compared_acts import compared_words
from app.comparison_maps import (
    Combined,
    CombineRequest,
    Matrix,
    MatrixRequest,
    combine_maps,
    compare_maps,
)
from app.panes import Asked
from app.recipes import Part, Recipe
from inference.task import Task
from inference.wire import read_message, write_message

SIDE = 64
WHOLE = ((SIDE, SIDE), (SIDE, SIDE))


def spot(row: int, column: int, value: float = 1.0) -> np.ndarray:
    """A map of one bright square of 8 × 8 pixels: two by two of the sixteen cells."""
    found = np.zeros((SIDE, SIDE), np.float32)
    found[row : row + 8, column : column + 8] = value
    return found


def combined(kind: str, *maps: np.ndarray) -> Combined:
    request = CombineRequest(kind, maps, ((SIDE, SIDE),) * len(maps))
    return combine_maps(request, Task())


def test_each_map_of_a_difference_is_on_its_own_scale() -> None:
    loud, quiet = spot(8, 8, 50.0), spot(40, 40, 0.02)
    found = combined("difference", loud, quiet)
    assert found.map.dtype == np.float32
    assert found.map[10, 10] == 1.0
    assert found.map[44, 44] == -1.0
    assert found.map[0, 0] == 0.0
    assert not combined("difference", loud, loud * 7).map.any(), "only the scale differs"


def test_what_lies_beyond_the_scale_is_cut_off() -> None:
    wild = spot(8, 8)
    wild[0, 0] = 1e6
    assert combined("difference", wild, spot(40, 40)).map[0, 0] == 1.0


@pytest.mark.parametrize("kind", ["agreement", "uncertainty"])
def test_without_a_common_place_nothing_is_drawn(kind: str) -> None:
    found = combined(kind, spot(8, 8), spot(40, 40), spot(8, 40))
    assert not found.enough
    assert found.words.startswith("Not enough agreement")
    assert not found.map.any()


def test_agreement_is_drawn_in_whole_cells_where_most_maps_point() -> None:
    found = combined("agreement", spot(8, 8), spot(8, 8, 3.0), spot(8, 12))
    assert found.enough
    assert found.native == (16, 16)
    drawn = found.map > 0
    assert drawn[8:16, 8:16].all()
    drawn[8:16, 8:16] = False
    assert not drawn.any(), "only one of three points further right"
    assert found.map[8, 8] == pytest.approx(2 / 3), "the mean of 1, 1 and 0"
    assert found.map[8, 12] == pytest.approx(1.0)


def test_uncertainty_is_the_spread_where_they_agree() -> None:
    found = combined("uncertainty", spot(8, 8), spot(8, 8, 3.0), spot(8, 12))
    assert found.map[8, 8] == pytest.approx(np.std([1.0, 1.0, 0.0]))
    assert found.map[8, 12] == 0.0
    assert not found.map[:, 16:].any()


def test_the_coarsest_map_sets_the_cells() -> None:
    maps = (spot(8, 8), spot(8, 8))
    found = compare_maps(MatrixRequest(maps, ((7, 5), (SIDE, SIDE))), Task())
    assert found.grid == (7, 5)


def test_the_matrix_knows_the_same_the_opposite_and_the_elsewhere() -> None:
    slope = np.add.outer(np.arange(SIDE), np.linspace(0, 0.9, SIDE)).astype(np.float32)
    maps = (slope, slope * 3, slope[::-1, ::-1].copy())
    found = compare_maps(MatrixRequest(maps, ((SIDE, SIDE),) * 3), Task())
    assert found.ranks[0] == pytest.approx([1.0, 1.0, -1.0])
    assert found.overlaps[0] == pytest.approx([1.0, 1.0, 0.0])
    assert found.overlap == pytest.approx(0.0)
    assert not found.enough, "the median pair has nothing in common"


def test_requests_and_answers_cross_the_pipes() -> None:
    worker.register_records()
    request = CombineRequest("difference", (spot(8, 8), spot(40, 40)), WHOLE)
    pipe = io.BytesIO()
    answers = (request, combine_maps(request, Task()), _matrix())
    for one in answers:
        write_message(pipe, one)
    pipe.seek(0)
    back = [read_message(pipe) for _ in answers]
    assert [type(one) for one in back] == [CombineRequest, Combined, Matrix]
    assert np.array_equal(back[0].maps[1], request.maps[1])
    assert back[0].natives == WHOLE
    assert back[2].grid == (16, 16)


def _matrix() -> Matrix:
    return compare_maps(MatrixRequest((spot(8, 8), spot(8, 8)), WHOLE), Task())


def test_maps_of_other_questions_never_share_a_place() -> None:
    def recipe(baseline: str) -> Recipe:
        asked = (Asked("occlusion", 1, baseline=baseline), Asked("saliency", 1))
        return Recipe("difference", tuple(Part("m", one, one.method, one.method) for one in asked))

    assert recipe("zero").made_of == recipe("mean").made_of
    assert recipe("zero").model_id != recipe("mean").model_id
    assert recipe("zero").title == "occlusion − saliency, each on its own scale"


def test_the_tables_say_figures_with_and_without_a_threshold() -> None:
    table = np.array([[1.0, 0.07], [0.07, 1.0]])
    matrix = Matrix(table, table, (16, 16), 0.07, enough=False)
    said = compared_words(("a", "b"), ("M · a", "M · b"), matrix)
    assert said.sentence == (
        "Not enough agreement. The strongest 5 % of the maps overlap by 7 % (median of all pairs): "
        "they agree on no place."
    )
    assert said.state == "doubtful"
    overlaps, ranks = said.tables
    assert (overlaps.cells[0][1].text, overlaps.cells[0][1].state) == ("7 %", "bad")
    assert (ranks.cells[0][1].text, ranks.cells[0][1].state) == ("0.07", "plain")
