"""The window of what a network saw: pictures by hand, its channels, numbers, and tree."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QTreeView, QWidget
from pytestqt.qtbot import QtBot

from widgets.choosers import Chooser
from widgets.layer_rows import LayerRow, LayerRows
from widgets.layer_tree import LayerTree
from widgets.network_dialog import TREE, NetworkDialog
from widgets.stage_page import ScoreLine, StagePage, StageRow
from widgets.stage_picture import Plane, StagePicture, levels, thinned

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")  # offscreen, of fixed sizes


def plane(
    rows: int = 2,
    columns: int = 3,
    title: str = "Channel 0",
    mean: float = 0.0,
    scale: float = 1.0,
) -> Plane:
    values = np.arange(rows * columns, dtype=np.float32).reshape(rows, columns)
    return Plane(title, values, 0.0, float(values.max()), mean, scale)


def words(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(QLabel) if not one.isHidden())


def test_black_and_white_are_the_ends_of_the_range() -> None:
    assert levels(plane()).tolist() == [[0, 51, 102], [153, 204, 255]]
    flat = Plane("flat", np.full((1, 2), 7.0, np.float32), 7.0, 7.0)
    assert levels(flat).tolist() == [[0, 0]]
    holes = np.array([[np.nan, -np.inf, np.inf]], np.float32)
    assert levels(Plane("holes", holes, 1.0, 3.0)).tolist() == [[0, 0, 255]]


def test_maps_have_the_colours_that_they_have_over_the_scan() -> None:
    values = np.array([[-2.0, 0.0, 2.0]], np.float32)
    low, middle, high = levels(Plane("map", values, -2.0, 2.0, colours="signed"))[0].tolist()
    assert low[2] > low[0], "negative is blue"
    assert high[0] > high[2], "positive is orange"
    assert max(middle) < 100, "nothing is dark"


def test_large_pictures_are_thinned_for_the_screen_alone() -> None:
    large = plane(3000, 10)
    assert thinned(large).values.shape == (1000, 4)
    assert thinned(plane(1024, 3)).values.shape == (1024, 3)


def test_each_square_is_read_where_it_is_drawn(qtbot: QtBot) -> None:
    picture = StagePicture("picture")
    qtbot.addWidget(picture)
    picture.resize(100, 100)
    picture.set_plane(plane())
    # Squares of 33 pixels: 99 wide and 66 high, in the middle.
    assert picture.place().getRect() == (0, 17, 99, 66)
    assert picture.at(QPointF(0, 17)) == (0, 0)
    assert picture.at(QPointF(70, 55)) == (1, 2)
    assert picture.at(QPointF(70, 90)) is None
    grabbed = picture.grab().toImage()
    assert grabbed.pixelColor(50, 20).red() == 51
    assert grabbed.pixelColor(98, 82).red() == 255
    around = picture.palette().window().color()
    assert grabbed.pixelColor(50, 95).rgb() == around.rgb(), "black would pass for a value"


@pytest.fixture
def page(qtbot: QtBot) -> StagePage:
    found = StagePage()
    qtbot.addWidget(found)
    found.resize(600, 500)
    found.show()
    return found


def prepared() -> StageRow:
    planes = tuple(
        plane(title=f"Channel {number}", mean=10.0 * number, scale=2.0) for number in range(3)
    )
    return StageRow(
        "input", "Prepared", "As it is.", "1 × 3 × 2 × 3", "normalised", planes, before_unit="HU"
    )


def test_a_channel_is_chosen_and_its_normalisation_undone(page: StagePage) -> None:
    page.set_stage(prepared())
    assert "1 × 3 × 2 × 3 · 0 to 5 normalised · as the network gets it" in words(page)
    chooser = page.findChild(Chooser)
    assert chooser is not None
    chooser.setFocus()
    QTest.keyClick(chooser, Qt.Key.Key_Down)
    assert chooser.chosen_key() == "Channel 1"
    undo = page.findChild(QCheckBox)
    assert undo is not None
    undo.click()
    assert "10 to 20 HU · normalisation undone" in words(page)
    picture = next(one for one in page.findChildren(StagePicture) if one.isVisible())
    picture.pointed.emit(1, 0)
    assert "Channel 1, row 1, column 0: 16 HU" in words(page)
    page.set_stage(prepared())
    assert chooser.chosen_key() == "Channel 1", "the next frame shows the same channel"


def test_channels_of_a_layer_stand_side_by_side(page: StagePage) -> None:
    planes = tuple(plane(title=f"Channel {number}") for number in (5, 2, 7))
    page.set_stage(StageRow("layer", "Layer", "Gives.", "3 × 2 × 3", "a", planes, grid=True))
    assert words(page).count(" · 0 to 5") == 4, "the range of all, and of each"
    seen = [one.plane for one in page.findChildren(StagePicture) if not one.isHidden()]
    assert [one.title for one in seen if one is not None] == ["Channel 5", "Channel 2", "Channel 7"]


def test_scores_are_listed_from_the_top(page: StagePage) -> None:
    lines = (ScoreLine("a", -1.5, 0.1), ScoreLine("b", 2.0, 0.9))
    page.set_stage(StageRow("output", "Output", "", scores=lines, score_names=("Logit", "After")))
    tree = page.findChild(QTreeView)
    assert tree is not None
    model = tree.model()
    said = [[model.index(row, column).data() for column in range(3)] for row in range(2)]
    assert said == [["b", "2", "0.9000"], ["a", "−1.5", "0.1000"]]


def test_stages_come_and_go_and_the_chosen_one_stays(qtbot: QtBot) -> None:
    dialog = NetworkDialog()
    qtbot.addWidget(dialog)
    dialog.set_stages((), "There is no model.")
    assert "There is no model." in words(dialog)
    stages = (prepared(), StageRow("map", "Map", "None yet."))
    dialog.set_stages(stages)
    assert dialog.shown == "input"
    dialog.show_stage("map")
    dialog.set_stages(stages)
    assert dialog.shown == "map"
    with qtbot.waitSignal(dialog.tree_shown):
        dialog.show_stage(TREE)
    dialog.set_stages(stages)
    assert dialog.shown == TREE


ROWS = (
    LayerRow("", "Net", "2", 30, 0, takes_part=True, why_not="It is the whole."),
    LayerRow("body", "Sequential", "4 × 2 × 2", 20, 1, takes_part=True),
    LayerRow("body.0", "Conv2d", "4 × 2 × 2", 20, 2, takes_part=True),
    LayerRow("body.1", "ReLU", "4 × 2 × 2", 0, 2, takes_part=True, why_not="It has no weights."),
    LayerRow("idle", "Linear", "", 10, 1, takes_part=False, why_not="No pass comes."),
)


@pytest.fixture
def tree(qtbot: QtBot) -> LayerTree:
    found = LayerTree()
    qtbot.addWidget(found)
    found.resize(600, 400)
    found.show()
    found.set_rows(ROWS, "body.0")
    return found


def view_of(tree: LayerTree) -> QTreeView:
    found = tree.findChild(QTreeView)
    assert found is not None
    return found


def button(tree: LayerTree, name: str) -> QPushButton:
    return next(one for one in tree.findChildren(QPushButton) if one.accessibleName() == name)


def test_the_way_to_the_chosen_layer_is_unfolded(tree: LayerTree) -> None:
    view = view_of(tree)
    whole = view.model().index(0, 0)
    body = view.model().index(0, 0, whole)
    assert view.isExpanded(whole)
    assert view.isExpanded(body)
    assert view.currentIndex().data() == "0"
    accent, other = (
        body.data(Qt.ItemDataRole.ForegroundRole),
        view.model().index(1, 0, whole).data(Qt.ItemDataRole.ForegroundRole),
    )
    assert accent is not None
    assert other is not None, "what takes no part is grey"
    assert accent != other
    assert "The layer that is asked about." in words(tree)
    assert not button(tree, "Ask at this layer").isEnabled()


@pytest.mark.parametrize(
    ("name", "looks", "asks", "said"),
    [
        ("body", True, True, ""),
        ("body.1", False, False, "It has no weights."),
        ("idle", False, False, "No pass comes."),
        ("", False, False, "It is the whole."),
    ],
)
def test_only_layers_can_be_looked_at_and_asked_about(
    tree: LayerTree, name: str, looks: bool, asks: bool, said: str
) -> None:
    assert tree.go_to(name)
    assert button(tree, "Show what it gives").isEnabled() == looks
    assert button(tree, "Ask at this layer").isEnabled() == asks
    assert said in words(tree)
    tree.set_asking("Saliency looks at no layer.")
    assert not button(tree, "Ask at this layer").isEnabled()
    assert (said or "Saliency looks at no layer.") in words(tree)


def test_enter_looks_at_a_layer(tree: LayerTree, qtbot: QtBot) -> None:
    tree.go_to("body")
    with qtbot.waitSignal(tree.look_requested, check_params_cb=lambda name: name == "body"):
        QTest.keyClick(view_of(tree), Qt.Key.Key_Return)
    tree.go_to("body.1")
    with qtbot.assertNotEmitted(tree.look_requested):
        QTest.keyClick(view_of(tree), Qt.Key.Key_Return)


def test_a_search_keeps_what_the_found_parts_are_in(tree: LayerTree) -> None:
    field = tree.findChild(QLineEdit)
    assert field is not None
    field.setText("conv2d")
    assert "1 of 5 parts" in words(tree)
    model = view_of(tree).model()
    whole = model.index(0, 0)
    assert model.rowCount(whole) == 1
    assert view_of(tree).currentIndex().data() == "0"
    assert not tree.go_to("idle")
    field.setText("")
    assert model.rowCount(model.index(0, 0)) == 2


def test_previews_are_drawn_beside_their_layers(tree: LayerTree) -> None:
    tree.set_previews({"body": np.full((4, 4), 200, np.uint8)})
    model = view_of(tree).model()
    body = model.index(0, 0, model.index(0, 0))
    drawn = body.data(Qt.ItemDataRole.DecorationRole)
    assert drawn.pixmap(22, 22).toImage().pixelColor(5, 5).red() == 200
    assert model.index(1, 0, model.index(0, 0)).data(Qt.ItemDataRole.DecorationRole) is None


def test_thousands_of_parts_are_no_widgets(tree: LayerTree) -> None:
    """A row that is not in sight costs nothing but its record."""
    many = [LayerRow("", "Net", "2", 30, 0, takes_part=True)]
    many += [LayerRow(f"l{at}", "Conv2d", "4", 1, 1, takes_part=True) for at in range(5000)]
    before = len(tree.findChildren(QWidget))
    tree.set_rows(tuple(many), "l4000")
    assert view_of(tree).currentIndex().data() == "l4000"
    assert len(tree.findChildren(QWidget)) == before
    rows = tree.findChild(LayerRows)
    assert rows is not None
    assert rows.rowCount(rows.index(0, 0)) == 5000
