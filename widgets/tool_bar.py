"""The row above the viewports: the tool in hand, acts on the view, links, thick slabs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from widgets.buttons import IconButton
from widgets.choosers import Chooser
from widgets.icons import icon
from widgets.overflow_row import OverflowRow, Separator
from widgets.spin_boxes import RealSpin
from widgets.tool_table import GROUPS, SLABS, TOOL_NAMES, ToolItem

HEIGHT_PX = 36
THICKNESS_MM = (0.5, 200.0)
FIRST_THICKNESS_MM = 10.0
THICKNESSES_MM = (5.0, 10.0, 20.0, 50.0)
"""Offered in the menu, where there is no room to type one."""


class ToolBar(QFrame):
    """Wishes leave as signals; what holds comes in by `set_…`, whoever caused it."""

    tool_chosen = Signal(str)
    command_chosen = Signal(str)
    """Such as "invert", "flip", "link_scroll": a wish to do it, or to change whether it holds."""
    slab_chosen = Signal(str, float)
    """Mode "maximum", "mean" or "minimum", or "" for a single plane; thickness in mm."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setFixedHeight(HEIGHT_PX)
        self._items: dict[str, ToolItem] = {}
        self._buttons: dict[str, IconButton] = {}
        self._keys: Mapping[str, str] = {}
        self._more = IconButton("more", "More tools")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._menu.aboutToShow.connect(self._fill_menu)
        self._more.setMenu(self._menu)
        self._row = OverflowRow(self._more)
        self._slab = Chooser("Thick slab")
        self._thickness = RealSpin()
        self._make_buttons()
        self._make_slab()
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 0, 8, 0)
        line.setSpacing(8)
        line.addWidget(self._row, 1)
        self._line = line
        self.set_tool("window")
        self.set_slab("", FIRST_THICKNESS_MM)

    def add_at_end(self, widget: QWidget) -> None:
        """Put a widget at the right end, where it is always seen."""
        self._line.addWidget(widget)

    def set_tool(self, name: str) -> None:
        """The tool in hand."""
        for tool in TOOL_NAMES:
            self._buttons[tool].setChecked(tool == name)

    def set_on(self, name: str, on: bool) -> None:
        """Whether something holds in the active viewport: "invert", "cine", "key_image"."""
        self._buttons[name].setChecked(on)

    def set_link(self, name: str, on: bool) -> None:
        """Whether viewports do this together: "scroll", "zoom", "window", "crosshair"."""
        self._buttons[f"link_{name}"].setChecked(on)

    def set_enabled(self, name: str, enabled: bool, reason: str = "") -> None:
        """What cannot be done now is dimmed, and its tooltip says why."""
        button = self._buttons[name]
        button.setEnabled(enabled)
        self._name_button(name)
        if reason and not enabled:
            button.setToolTip(f"{button.toolTip()}\n{reason}")

    def set_slab(self, mode: str, thickness_mm: float) -> None:
        """How many planes are seen as one."""
        self._slab.choose(mode)
        with QSignalBlocker(self._thickness):
            self._thickness.setValue(thickness_mm)
        self._thickness.setEnabled(bool(mode) and self._slab.isEnabled())

    def set_slab_enabled(self, enabled: bool, reason: str = "") -> None:
        """Slabs need a volume."""
        self._slab.setEnabled(enabled)
        self._slab.setToolTip(reason)
        self._thickness.setEnabled(enabled and bool(self._slab.chosen_key()))

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._keys = dict(keys)
        for name in self._buttons:
            self._name_button(name)

    def _press(self, name: str) -> None:
        """The button shows what holds, not what was pressed: the answer comes by `set_…`."""
        if self._items[name].sticks:
            self._buttons[name].setChecked(not self._buttons[name].isChecked())
        self._choose(name)

    def _choose(self, name: str) -> None:
        if name in TOOL_NAMES:
            self.set_tool(name)
            self.tool_chosen.emit(name)
        else:
            self.command_chosen.emit(name)

    def _choose_slab(self) -> None:
        mode = self._slab.chosen_key() or ""
        self._thickness.setEnabled(bool(mode))
        self.slab_chosen.emit(mode, self._thickness.value())

    def _fill_menu(self) -> None:
        """What has no room in the row, with the slab's modes where its chooser has none."""
        self._menu.clear()
        out = self._row.parts_out()
        for name, button in self._buttons.items():
            if button in out:
                self._add_action(name, button)
        if self._slab_part in out:
            self._menu.addSeparator()
            for mode, words in SLABS:
                self._add_slab(f"{words} slab" if mode else "Single plane", mode, None)
            self._menu.addSeparator()
            for thickness_mm in THICKNESSES_MM:
                self._add_slab(f"{thickness_mm:g} mm thick", None, thickness_mm)

    def _add_slab(self, text: str, mode: str | None, thickness_mm: float | None) -> None:
        """An entry for one of the two; the other is as it is now."""
        action = QAction(text, self._menu)
        action.setCheckable(True)
        now = (self._slab.chosen_key() or "", self._thickness.value())
        wanted = (
            now[0] if mode is None else mode,
            now[1] if thickness_mm is None else thickness_mm,
        )
        action.setChecked(wanted == now)
        action.setEnabled(self._slab.isEnabled() and (mode is not None or bool(now[0])))
        action.triggered.connect(lambda _on=False: self._take_slab(*wanted))
        self._menu.addAction(action)

    def _add_action(self, name: str, button: IconButton) -> None:
        item = self._items[name]
        key = self._keys.get(item.command, "")
        action = QAction(icon(item.icon), f"{item.text}\t{key}".rstrip("\t"), self._menu)
        action.setCheckable(item.sticks)
        action.setChecked(button.isChecked())
        action.setEnabled(button.isEnabled())
        action.triggered.connect(lambda _on=False: self._choose(name))
        self._menu.addAction(action)

    def _take_slab(self, mode: str, thickness_mm: float) -> None:
        self.set_slab(mode, thickness_mm)
        self._choose_slab()

    def _name_button(self, name: str) -> None:
        item = self._items[name]
        self._buttons[name].set_tooltip(item.text, self._keys.get(item.command, ""))

    def _make_buttons(self) -> None:
        for group in GROUPS:
            if self._buttons:
                self._row.add(Separator())
            for item in group:
                button = IconButton(item.icon, item.text)
                button.setCheckable(item.sticks)
                button.clicked.connect(lambda _on=False, name=item.name: self._press(name))
                self._items[item.name] = item
                self._buttons[item.name] = button
                self._row.add(button)

    def _make_slab(self) -> None:
        for mode, words in SLABS:
            self._slab.add_entry(mode, words)
        self._slab.setFixedWidth(124)
        self._slab.chosen.connect(self._choose_slab)
        spin = self._thickness
        spin.setRange(*THICKNESS_MM)
        spin.setDecimals(1)
        spin.setSuffix(" mm")
        spin.setFixedWidth(96)
        spin.setAccessibleName("Thickness of the slab")
        spin.setToolTip("Thickness of the slab")
        spin.valueChanged.connect(self._choose_slab)
        self._slab_part = QWidget()
        line = QHBoxLayout(self._slab_part)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self._slab)
        line.addWidget(spin)
        self._slab_part.setFixedWidth(224)
        self._row.add(Separator())
        self._row.add(self._slab_part)
