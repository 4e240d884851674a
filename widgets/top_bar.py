"""The line along the top: where one is, the search, the layout, the device, the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from widgets.buttons import IconButton, TextButton, with_key
from widgets.labels import text_label
from widgets.layout_chooser import LayoutChooser
from widgets.project_button import ProjectButton
from widgets.signs import ICONS, ROLES, State
from widgets.theme import TOOLBAR_PX, ThemeName

PLACES = (("review", "Review"), ("label", "Label"))
"""The places of work, and how they are called."""


@dataclass(frozen=True)
class DeviceRow:
    """A device that can be chosen, and its name for people."""

    device: str
    title: str


class TopBar(QFrame):
    """Wishes leave as signals; the search field only asks for the palette."""

    open_requested = Signal()
    home_requested = Signal()
    palette_requested = Signal()
    device_chosen = Signal(str)
    theme_toggled = Signal()
    place_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "bar")
        self.setFixedHeight(TOOLBAR_PX)
        self._offered: tuple[tuple[DeviceRow, ...], str] = ((), "")
        self._make()
        self._arrange()
        self._theme_key = ""
        self._theme_name: ThemeName = "dark"
        self.set_theme_name("dark")
        self.set_engine("Engine")

    def set_devices(self, devices: tuple[DeviceRow, ...], selected: str) -> None:
        """The devices to choose from; `selected` is the one in use."""
        if (devices, selected) == self._offered:
            return  # an open menu must not be made anew under the hand
        self._offered = (devices, selected)
        self._devices.clear()
        for action in self._device_group.actions():
            self._device_group.removeAction(action)
        for row in devices:
            action = QAction(row.title, self._devices)
            action.setCheckable(True)
            action.setChecked(row.device == selected)
            action.setData(row.device)
            self._device_group.addAction(action)
            self._devices.addAction(action)

    def set_engine(self, words: str, state: State = "plain") -> None:
        """How the engine stands, such as "CPU" or "Starting"."""
        self._engine.setText(words)
        self._engine.setAccessibleName(f"Engine: {words}")
        if state == "plain":
            self._engine.set_icon("chip", "quiet")
        else:
            self._engine.set_icon(ICONS[state], ROLES[state])

    def set_place(self, name: str) -> None:
        """Which place of work is seen; "" for the start page."""
        for place, button in self._places.items():
            button.setChecked(place == name)

    def set_layout_enabled(self, enabled: bool) -> None:
        """Layouts have a meaning only while pictures are seen."""
        self.layouts.setEnabled(enabled)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys of commands, as people write them, for the tooltips."""
        self._home.setToolTip(with_key("Start page", keys.get("home", "")))
        self._open.set_tooltip("Open files", keys.get("open_files", ""))
        for name, words in PLACES:
            self._places[name].setToolTip(with_key(words, keys.get(f"place_{name}", "")))
        everything = "Everything the program can do"
        self._search.setToolTip(with_key(everything, keys.get("palette", "")))
        self._search_key.setText(keys.get("palette", ""))
        self._theme_key = keys.get("theme", "")
        self.set_theme_name(self._theme_name)

    def set_theme_name(self, name: ThemeName) -> None:
        """Which theme is worn; the button offers the other."""
        self._theme_name = name
        other = "light" if name == "dark" else "dark"
        self._theme.set_icon("sun" if name == "dark" else "moon")
        self._theme.set_tooltip(f"Wear the {other} theme", self._theme_key)

    def set_menu(self, menu: QMenu) -> None:
        """What the settings button opens; the menu before is no longer needed."""
        old = self._settings.menu()
        self._settings.setMenu(menu)
        if old is not None:
            old.deleteLater()

    def _make(self) -> None:
        self._home = TextButton("Lepton", None, "flat")
        self._home.setStyleSheet("font-size: 15px; font-weight: 600;")
        self._home.clicked.connect(self.home_requested)
        self.project = ProjectButton()
        self._open = IconButton("open", "Open files")
        self._open.clicked.connect(self.open_requested)
        self._places = {name: TextButton(words, None, "flat") for name, words in PLACES}
        for name, button in self._places.items():
            button.setCheckable(True)
            button.clicked.connect(partial(self._choose_place, name))
        self._search = TextButton("Open, find, do …", "search", "search", role="quiet")
        self._search.setAccessibleName("Search")
        self._search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._search.setMaximumWidth(420)
        self._search.clicked.connect(self.palette_requested)
        self._search_key = key = text_label("", "key")
        key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        inner = QHBoxLayout(self._search)
        inner.setContentsMargins(0, 0, 6, 0)
        inner.addWidget(key, 0, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.layouts = LayoutChooser()
        self._devices = QMenu(self)
        self._device_group = QActionGroup(self)
        self._device_group.triggered.connect(
            lambda action: self.device_chosen.emit(str(action.data()))
        )
        self._engine = TextButton("", "chip", "flat", role="quiet")
        self._engine.setToolTip("The device that models run on")
        self._engine.setMenu(self._devices)
        self._engine.setStyleSheet("padding-right: 24px;")
        self._theme = IconButton("sun", "Wear the light theme")
        self._theme.clicked.connect(self.theme_toggled)
        self._settings = IconButton("settings", "Settings and help")
        self._settings.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _choose_place(self, name: str) -> None:
        self.set_place(name)
        self.place_chosen.emit(name)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self._home)
        row.addWidget(self.project)
        row.addWidget(self._open)
        row.addSpacing(8)
        for button in self._places.values():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self._search, 4)
        row.addStretch(1)
        row.addWidget(self.layouts)
        row.addSpacing(8)
        row.addWidget(self._engine)
        row.addWidget(self._theme)
        row.addWidget(self._settings)
