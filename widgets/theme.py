"""The look in one place: colours, sizes and type of both themes, and how they reach Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from widgets.stylesheet import style_sheet

ThemeName = Literal["dark", "light"]
RGB = tuple[int, int, int]

TEXT_PX = 13
CAPTION_PX = 11
ROW_PX = 28
TOOLBAR_PX = 44
MARGIN_PX = 16


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, each "#rrggbb".

    `ground` lies behind panels, `raised` is a control on a panel, `hover` and `selected` are
    backgrounds of rows, `on_accent` is text upon `accent`.
    """

    name: ThemeName
    ground: str
    panel: str
    raised: str
    hover: str
    selected: str
    line: str
    edge: str
    text: str
    quiet: str
    accent: str
    accent_hover: str
    on_accent: str
    good: str
    doubtful: str
    bad: str


DARK = Theme(
    name="dark",
    ground="#16181B",
    panel="#1C1F23",
    raised="#24282D",
    hover="#2B3036",
    selected="#243446",
    line="#2E3339",
    edge="#3B424A",
    text="#E7E9EC",
    quiet="#9BA4AE",
    accent="#4C9DFF",
    accent_hover="#6BAEFF",
    on_accent="#0B0E12",
    good="#4CB782",
    doubtful="#E3A53B",
    bad="#E5636A",
)

LIGHT = Theme(
    name="light",
    ground="#F5F6F8",
    panel="#FFFFFF",
    raised="#F3F5F7",
    hover="#E9EDF1",
    selected="#DFECFB",
    line="#DDE1E6",
    edge="#C5CCD4",
    text="#1B1E22",
    quiet="#56606A",
    accent="#1D68C9",
    accent_hover="#18579F",
    on_accent="#FFFFFF",
    good="#1F7048",
    doubtful="#835400",
    bad="#B92D37",
)

THEMES: dict[str, Theme] = {theme.name: theme for theme in (DARK, LIGHT)}

LABEL_COLOURS: tuple[RGB, ...] = (
    (0, 0, 0),
    (64, 196, 255),
    (255, 167, 38),
    (126, 217, 87),
    (240, 98, 146),
    (186, 148, 255),
    (255, 224, 102),
    (77, 208, 190),
)
"""Colours of regions over grey pictures by label index; 0 is the background, never drawn."""

_PROPERTY = "lepton_theme"


def apply_theme(app: QApplication, name: ThemeName) -> Theme:
    """Dress the whole program; every widget is told by a change of its palette and style."""
    theme = begin_theme(app, name)
    finish_theme(app)
    return theme


def begin_theme(app: QApplication, name: ThemeName) -> Theme:
    """Font and colours for widgets about to be made; `finish_theme` follows when they are.

    Under a style sheet Qt dresses a whole branch of widgets anew each time it is given a parent,
    which takes as long as making the widgets does. The palette is our own because
    `styleHints().setColorScheme` does nothing on bare X11.
    """
    theme = THEMES[name]
    app.setProperty(_PROPERTY, name)
    style = QStyleFactory.create("Fusion")
    if style is not None:
        app.setStyle(style)
    app.setFont(text_font(TEXT_PX))
    app.setPalette(_palette(theme))
    return theme


def finish_theme(app: QApplication) -> None:
    """The style sheet of the theme that was begun."""
    app.setStyleSheet(style_sheet(current()))


def current() -> Theme:
    """The theme that the program wears now; dark before one was applied."""
    app = QCoreApplication.instance()
    name = app.property(_PROPERTY) if app is not None else None
    return THEMES[name] if isinstance(name, str) else DARK


def text_font(size_px: int, *, strong: bool = False) -> QFont:
    """The system's UI face at a size in pixels, with figures that stand in columns."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(size_px)
    font.setFeature(QFont.Tag("tnum"), 1)
    if strong:
        font.setWeight(QFont.Weight.DemiBold)
    return font


def mixed(below: str, above: str, share: float) -> QColor:
    """`share` of `above` laid over `below`."""
    low, high = QColor(below), QColor(above)
    return QColor.fromRgbF(
        low.redF() + (high.redF() - low.redF()) * share,
        low.greenF() + (high.greenF() - low.greenF()) * share,
        low.blueF() + (high.blueF() - low.blueF()) * share,
    )


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    roles = QPalette.ColorRole
    colours = {
        roles.Window: theme.panel,
        roles.WindowText: theme.text,
        roles.Base: theme.panel,
        roles.AlternateBase: theme.raised,
        roles.ToolTipBase: theme.raised,
        roles.ToolTipText: theme.text,
        roles.PlaceholderText: theme.quiet,
        roles.Text: theme.text,
        roles.Button: theme.raised,
        roles.ButtonText: theme.text,
        roles.BrightText: theme.bad,
        roles.Highlight: theme.accent,
        roles.HighlightedText: theme.on_accent,
        roles.Link: theme.accent,
        roles.Accent: theme.accent,
        roles.Light: theme.hover,
        roles.Midlight: theme.hover,
        roles.Mid: theme.line,
        roles.Dark: theme.line,
        roles.Shadow: theme.ground,
    }
    for role, colour in colours.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, mixed(theme.panel, theme.text, 0.45))
    return palette
