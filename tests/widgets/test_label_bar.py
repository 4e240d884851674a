"""The bar of labelling: what it says, what it sends, and what is left of it in a narrow window."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDoubleSpinBox, QMenu, QSlider
from pytestqt.qtbot import QtBot

from widgets.buttons import IconButton
from widgets.label_bar import LabelBar
from widgets.value_range import ValueRange, words

# The offscreen platform says so of every shown window that has a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def bar(qtbot: QtBot) -> LabelBar:
    made = LabelBar()
    qtbot.addWidget(made)
    made.resize(1200, 36)
    made.show()
    return made


def button(bar: LabelBar, name: str) -> IconButton:
    return next(one for one in bar.findChildren(IconButton) if one.accessibleName() == name)


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (None, None, "All values"),
        (-50.0, 120.0, "−50 to 120 HU"),
        (-50.5, None, "From −50.5 HU"),
        (None, 0.0, "Up to 0 HU"),
    ],
)
def test_a_range_is_said_in_words(low: float | None, high: float | None, said: str) -> None:
    assert words(low, high, "HU") == said


def test_buttons_send_wishes_and_show_what_holds(bar: LabelBar) -> None:
    chosen: list[str] = []
    bar.tool_chosen.connect(chosen.append)
    bar.command_chosen.connect(chosen.append)
    brush = button(bar, "Brush")
    brush.click()
    assert not brush.isChecked()
    bar.set_tool("brush")
    assert brush.isChecked()
    button(bar, "Interpolate between slices").click()
    assert chosen == ["brush", "interpolate"]


def test_each_tool_has_its_settings(bar: LabelBar) -> None:
    pages = {"select": bar.in_hand, "eraser": bar.brush, "grow": bar.grow, "wand": bar.wand}
    for tool, page in pages.items():
        bar.set_tool(tool)
        assert [one for one in pages.values() if one.isVisible()] == [page]


def test_a_radius_is_in_millimetres_where_they_are_known(bar: LabelBar) -> None:
    sent: list[float] = []
    bar.brush.radius_changed.connect(sent.append)
    spin = bar.brush.findChildren(QDoubleSpinBox)[0]
    bar.brush.set_radius(8.0, 0.5)
    assert spin.text() == "4.0 mm"
    assert sent == []
    spin.setValue(6.0)
    bar.brush.set_radius(8.0, None)
    assert spin.text() == "8.0 px"
    bar.brush.findChildren(QSlider)[0].setValue(0)
    assert sent == [12.0, 0.5]


def test_an_end_of_the_range_may_be_open(bar: LabelBar) -> None:
    sent: list[tuple[object, object]] = []
    bar.brush.range.chosen.connect(lambda low, high: sent.append((low, high)))
    bar.brush.range.set_range(None, None, "HU")
    low, high = bar.brush.range.findChildren(QDoubleSpinBox)
    assert (low.text(), high.text()) == ("any", "any")
    low.setValue(-20.0)
    high.setValue(40.0)
    assert sent == [(-20.0, None), (-20.0, 40.0)]


def test_long_ranges_are_shortened_and_told_whole(bar: LabelBar) -> None:
    found = bar.findChildren(ValueRange)[0]
    found.set_range(-1024.25, 3071.75, "a long unit")
    assert found.text().endswith("…")
    assert found.toolTip().endswith("−1024 to 3072 a long unit")


def test_undo_says_what_it_would_undo(bar: LabelBar) -> None:
    bar.set_keys({"undo": "Ctrl+Z"})
    bar.set_turn("undo", "Box · slice 3")
    undo = button(bar, "Undo Box · slice 3")
    assert undo.toolTip() == "Undo Box · slice 3  (Ctrl+Z)"
    bar.set_turn("undo", "")
    assert not undo.isEnabled()
    assert undo.toolTip() == "Undo  (Ctrl+Z)"


def test_what_has_no_room_is_in_the_menu(bar: LabelBar) -> None:
    sent: list[str] = []
    bar.command_chosen.connect(sent.append)
    bar.set_tool("brush")
    bar.resize(400, 36)
    assert not bar.brush.isVisible()
    menu = next(one for one in bar.findChildren(QMenu) if one.parent() is bar)
    menu.aboutToShow.emit()
    entries = {one.text(): one for one in menu.actions() if one.text()}
    assert {"Larger brush", "Interpolate between slices", "Masks 35 % opaque"} <= entries.keys()
    entries["Larger brush"].trigger()
    entries["Labels on or off"].trigger()
    assert sent == ["brush_larger", "labels_visible"]


def test_a_region_can_be_taken_only_where_one_is_tried(bar: LabelBar) -> None:
    taken: list[bool] = []
    bar.grow.take.taken.connect(lambda: taken.append(True))
    take = next(
        one for one in bar.grow.findChildren(IconButton) if one.accessibleName().startswith("Take")
    )
    take.click()
    bar.grow.take.set_tried(True)
    take.click()
    assert taken == [True]
