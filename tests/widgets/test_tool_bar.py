"""The row of tools: what is down, what is sent, what goes into the menu when room is scarce."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import resources
from widgets.buttons import IconButton
from widgets.choosers import Chooser
from widgets.layout_chooser import GridPicker, LayoutChooser
from widgets.tool_bar import ToolBar
from widgets.tool_table import GROUPS

# The offscreen platform says so of every window that is shown or pops up.
pytestmark = pytest.mark.qt_log_ignore("does not support")

NARROW_PX = 728
"""What is left for the viewports of a window 1280 wide."""


@pytest.fixture
def bar(qtbot: QtBot) -> ToolBar:
    made = ToolBar()
    qtbot.addWidget(made)
    made.resize(1280, 36)
    made.show()
    return made


def button(bar: QWidget, name: str) -> IconButton:
    return next(one for one in bar.findChildren(IconButton) if one.accessibleName() == name)


def down(bar: ToolBar) -> set[str]:
    return {one.accessibleName() for one in bar.findChildren(IconButton) if one.isChecked()}


def opened_menu(bar: ToolBar) -> QMenu:
    menu = button(bar, "More tools").menu()
    assert isinstance(menu, QMenu)
    menu.aboutToShow.emit()
    return menu


def test_every_item_has_an_icon_and_a_name_of_its_own() -> None:
    items = [item for group in GROUPS for item in group]
    assert len({item.name for item in items}) == len(items)
    for item in items:
        assert resources.path("icons", f"{item.icon}.svg").is_file()


def test_one_tool_is_in_hand(bar: ToolBar) -> None:
    sent: list[str] = []
    bar.tool_chosen.connect(sent.append)
    assert down(bar) == {"Window: drag for width and level"}
    button(bar, "Length").click()
    assert (sent, down(bar)) == (["length"], {"Length"})
    button(bar, "Length").click()
    assert down(bar) == {"Length"}
    bar.set_tool("pan")
    assert (sent, down(bar)) == (["length", "length"], {"Move the picture"})


def test_a_wish_changes_nothing_until_it_is_answered(bar: ToolBar) -> None:
    sent: list[str] = []
    bar.command_chosen.connect(sent.append)
    bar.set_tool("")
    for name in ("Invert", "Rotate clockwise", "Link scrolling"):
        button(bar, name).click()
    assert (sent, down(bar)) == (["invert", "rotate", "link_scroll"], set())
    bar.set_on("invert", True)
    bar.set_link("scroll", True)
    assert down(bar) == {"Invert", "Link scrolling"}


def test_tooltips_have_the_keys_and_the_reasons(bar: ToolBar) -> None:
    bar.set_keys({"invert": "I", "tool_length": "Shift+M"})
    assert button(bar, "Invert").toolTip() == "Invert  (I)"
    assert button(bar, "Length").toolTip() == "Length  (Shift+M)"
    bar.set_enabled("cine", False, "There is one frame only.")
    assert button(bar, "Play").toolTip() == "Play\nThere is one frame only."
    assert not button(bar, "Play").isEnabled()
    bar.set_enabled("cine", True)
    assert button(bar, "Play").toolTip() == "Play"


def test_a_slab_is_chosen_by_mode_and_thickness(bar: ToolBar) -> None:
    sent: list[tuple[str, float]] = []
    bar.slab_chosen.connect(lambda *args: sent.append(args))
    spin = bar.findChildren(QDoubleSpinBox)[0]
    assert not spin.isEnabled()
    chooser = bar.findChildren(Chooser)[0]
    QTest.keyClick(chooser, Qt.Key.Key_Down)
    spin.setValue(25)
    bar.set_slab("minimum", 5)
    assert sent == [("maximum", 10.0), ("maximum", 25.0)]
    assert (chooser.chosen_key(), spin.value()) == ("minimum", 5.0)
    bar.set_slab_enabled(False, "There is no volume.")
    assert not chooser.isEnabled()
    assert not spin.isEnabled()


@pytest.mark.parametrize("width", [1280, NARROW_PX, 300, 90])
def test_nothing_is_clipped_and_nothing_is_lost(bar: ToolBar, qtbot: QtBot, width: int) -> None:
    bar.add_at_end(LayoutChooser())
    bar.resize(width, 36)
    qtbot.wait(1)
    assert bar.width() == width
    shown = [one for one in bar.findChildren(IconButton) if one.isVisible()]
    for one in shown:
        place = one.mapTo(bar, one.rect().bottomRight())
        assert place.x() < width
        assert place.y() < bar.height()
    words = {item.text for group in GROUPS for item in group}
    listed = {action.text() for action in opened_menu(bar).actions()}
    assert words <= listed | {one.accessibleName() for one in shown}
    assert button(bar, "More tools").isVisible() == (width < 1280)


def test_the_menu_does_what_the_buttons_do(bar: ToolBar, qtbot: QtBot) -> None:
    bar.resize(200, 36)
    qtbot.wait(1)
    bar.set_keys({"tool_length": "Shift+M"})
    sent: list[tuple[object, ...]] = []
    for signal in (bar.tool_chosen, bar.command_chosen, bar.slab_chosen):
        signal.connect(lambda *args: sent.append(args))
    for words in ("Length\tShift+M", "Invert", "Mean slab", "20 mm thick"):
        menu = opened_menu(bar)
        next(action for action in menu.actions() if action.text() == words).trigger()
    assert sent == [("length",), ("invert",), ("mean", 10.0), ("mean", 20.0)]
    checked = {action.text() for action in opened_menu(bar).actions() if action.isChecked()}
    assert checked == {"Length\tShift+M", "Mean slab", "20 mm thick"}


@pytest.fixture
def chooser(qtbot: QtBot) -> LayoutChooser:
    made = LayoutChooser()
    qtbot.addWidget(made)
    made.show()
    made.open()
    return made


def grid(chooser: LayoutChooser) -> GridPicker:
    return chooser.panel.findChildren(GridPicker)[0]


def test_a_layout_is_pointed_at(chooser: LayoutChooser, qtbot: QtBot) -> None:
    with qtbot.waitSignal(chooser.layout_chosen, timeout=500) as sent:
        QTest.mouseClick(grid(chooser), Qt.MouseButton.LeftButton, pos=QPoint(80, 60))
    assert sent.args == ["2x2"]
    assert chooser.panel.isHidden()


def test_or_reached_by_keys(chooser: LayoutChooser, qtbot: QtBot) -> None:
    chooser.set_layout_name("1x2")
    chooser.open()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
        QTest.keyClick(grid(chooser), key)
    with qtbot.waitSignal(chooser.layout_chosen, timeout=500) as sent:
        QTest.keyClick(grid(chooser), Qt.Key.Key_Return)
    assert sent.args == ["2x3"]


def test_escape_leaves_the_layout_as_it_is(chooser: LayoutChooser, qtbot: QtBot) -> None:
    assert chooser.panel.isVisible()
    with qtbot.assertNotEmitted(chooser.layout_chosen):
        QTest.keyClick(grid(chooser), Qt.Key.Key_Escape)
    assert chooser.panel.isHidden()


def test_three_planes_need_a_volume(chooser: LayoutChooser, qtbot: QtBot) -> None:
    planes = next(one for one in chooser.panel.findChildren(QPushButton) if "planes" in one.text())
    chooser.set_planes_enabled(False, "The slices have gaps.")
    assert not planes.isEnabled()
    assert planes.toolTip() == "The slices have gaps."
    chooser.set_planes_enabled(True)
    with qtbot.waitSignal(chooser.layout_chosen, timeout=500) as sent:
        planes.click()
    assert sent.args == ["mpr"]


def test_layouts_are_saved_taken_and_deleted(chooser: LayoutChooser, qtbot: QtBot) -> None:
    chooser.set_saved(("CT with prior", "Two by two"))
    chooser.set_saved(("CT with prior",))
    panel = chooser.panel
    saved = [one for one in panel.findChildren(QPushButton) if one.accessibleName()[:2] == "CT"]
    with qtbot.waitSignal(chooser.saved_deleted, timeout=500) as sent:
        button(panel, "Delete the layout “CT with prior”").click()
    assert sent.args == ["CT with prior"]
    with qtbot.waitSignal(chooser.saved_chosen, timeout=500) as sent:
        saved[-1].click()
    assert sent.args == ["CT with prior"]
    save = next(one for one in panel.findChildren(QPushButton) if "Save" in one.text())
    with qtbot.waitSignal(chooser.save_requested, timeout=500):
        save.click()
