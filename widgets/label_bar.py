"""The second row above the viewports: the tools of labelling, their settings, and acts on masks."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSlider, QToolButton, QWidget

from widgets.buttons import IconButton
from widgets.icons import icon
from widgets.label_bar_pages import BrushPage, GrowPage, InHandPage, Pages, WandPage
from widgets.label_bar_table import ACTS, PAGE_ACTS, PAGES, TOOL_NAMES, TOOLS, TURNS
from widgets.overflow_row import OverflowRow, Separator
from widgets.tool_bar import HEIGHT_PX
from widgets.tool_table import ToolItem


class LabelBar(QFrame):
    """Wishes leave as signals, also those of its pages; what holds comes in by `set_…`."""

    tool_chosen = Signal(str)
    command_chosen = Signal(str)
    """Such as "undo", "fill_holes", "labels_visible"."""
    opacity_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setFixedHeight(HEIGHT_PX)
        self._items: dict[str, ToolItem] = {}
        self._buttons: dict[str, IconButton] = {}
        self._keys: Mapping[str, str] = {}
        self._told: dict[str, str] = {}
        self.in_hand, self.brush = InHandPage(), BrushPage()
        self.grow, self.wand = GrowPage(), WandPage()
        self._pages = Pages(
            {"": self.in_hand, "brush": self.brush, "grow": self.grow, "wand": self.wand}
        )
        self._more = IconButton("more", "More of labelling")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._more.setMenu(self._menu)
        self._row = OverflowRow(self._more)
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._arrange()
        self.set_tool("")

    def set_tool(self, name: str, *, asks: bool = False) -> None:
        """The tool in hand; where it `asks` for a click, the sentence stands for its settings."""
        for tool in TOOL_NAMES:
            self._buttons[tool].setChecked(tool == name)
        self._pages.show_page("" if asks else PAGES.get(name, ""))
        self._row.refit()

    def set_on(self, name: str, on: bool) -> None:
        """Whether something holds: "labels_visible", "new_mask"."""
        self._buttons[name].setChecked(on)

    def set_opacity(self, opacity: float) -> None:
        """How opaque the inside of masks is, 0 to 1."""
        with QSignalBlocker(self._opacity):
            self._opacity.setValue(round(100 * opacity))

    def set_turn(self, name: str, words: str) -> None:
        """What "undo" or "redo" would turn; "" for nothing."""
        self._told[name] = f"{self._items[name].text} {words}" if words else ""
        self._buttons[name].setEnabled(bool(words))
        self._name_button(name)

    def set_enabled(self, name: str, enabled: bool) -> None:
        """What cannot be done now is dimmed."""
        self._buttons[name].setEnabled(enabled)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._keys = dict(keys)
        for name in self._buttons:
            self._name_button(name)

    def _press(self, name: str) -> None:
        """The button shows what holds, not what was pressed: the answer comes by `set_…`."""
        if self._items[name].sticks:
            self._buttons[name].setChecked(not self._buttons[name].isChecked())
        if name in TOOL_NAMES:
            self.tool_chosen.emit(name)
        else:
            self.command_chosen.emit(name)

    def _fill_menu(self) -> None:
        """What has no room in the row."""
        self._menu.clear()
        out = self._row.parts_out()
        for name, button in self._buttons.items():
            if button not in out:
                continue
            item, key = self._items[name], self._keys.get(self._items[name].command, "")
            action = QAction(icon(item.icon), f"{item.text}\t{key}".rstrip("\t"), self._menu)
            action.setCheckable(item.sticks)
            action.setChecked(button.isChecked())
            action.setEnabled(button.isEnabled())
            action.triggered.connect(lambda _on=False, one=name: self._press(one))
            self._menu.addAction(action)
        if self._pages in out:
            self._fill_settings()
        if self._opacity in out:
            self._menu.addSeparator()
            for percent in (10, 35, 60, 100):
                action = QAction(f"Masks {percent} % opaque", self._menu)
                action.setCheckable(True)
                action.setChecked(self._opacity.value() == percent)
                share = percent / 100
                action.triggered.connect(lambda _on=False, to=share: self.opacity_changed.emit(to))
                self._menu.addAction(action)

    def _fill_settings(self) -> None:
        """Commands in the place of a page that has no room."""
        self._menu.addSeparator()
        for name, words in PAGE_ACTS[self._pages.shown]:
            action = self._menu.addAction(f"{words}\t{self._keys.get(name, '')}".rstrip("\t"))
            action.triggered.connect(lambda _on=False, one=name: self.command_chosen.emit(one))

    def _name_button(self, name: str) -> None:
        item = self._items[name]
        words = self._told.get(name) or item.text
        self._buttons[name].set_tooltip(words, self._keys.get(item.command, ""))

    def _arrange(self) -> None:
        self._opacity.setRange(0, 100)
        self._opacity.setFixedWidth(64)
        self._opacity.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._opacity.setAccessibleName("How opaque masks are")
        self._opacity.setToolTip("How opaque masks are")
        self._opacity.valueChanged.connect(lambda value: self.opacity_changed.emit(value / 100))
        for item in TOOLS:
            self._row.add(self._button(item))
        for part in (Separator(), self._pages, Separator()):
            self._row.add(part)
        for item in ACTS:
            self._row.add(self._button(item))
        self._row.add(self._opacity)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.setSpacing(2)
        line.addWidget(self._row, 1)
        for item in TURNS:
            line.addWidget(self._button(item))

    def _button(self, item: ToolItem) -> IconButton:
        button = IconButton(item.icon, item.text)
        button.setCheckable(item.sticks)
        button.clicked.connect(lambda _on=False: self._press(item.name))
        self._items[item.name], self._buttons[item.name] = item, button
        return button
