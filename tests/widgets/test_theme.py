"""Colours that can be read, one sheet for both themes, icons that follow."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import resources
from widgets import theme
from widgets.buttons import IconButton
from widgets.icons import icon, pixmap
from widgets.signs import ICONS, ROLES
from widgets.stylesheet import style_sheet
from widgets.theme import DARK, LIGHT, THEMES, Theme, ThemeName, apply_theme, current

BACKGROUNDS = ("ground", "panel", "raised", "hover", "selected")
MARKS = ("accent", "good", "doubtful", "bad")
LINE_ICONS = [
    path.stem
    for path in sorted(resources.path("icons").glob("*.svg"))
    if not path.stem.startswith(("arrow_", "tick_"))
]


@pytest.fixture
def undressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application, given back as plain as it was."""
    yield qapp
    qapp.setStyleSheet("")
    qapp.setProperty("lepton_theme", None)
    qapp.setPalette(QPalette())


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    bright, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    given = QColor(colour)
    weights = zip(
        (0.2126, 0.7152, 0.0722), (given.redF(), given.greenF(), given.blueF()), strict=True
    )
    return sum(
        weight * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
        for weight, part in weights
    )


def test_contrast_of_known_pairs() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("name", list(THEMES))
@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("colour", ["text", "quiet"])
def test_text_can_be_read_on_every_background(name: str, background: str, colour: str) -> None:
    worn = THEMES[name]
    assert contrast(getattr(worn, colour), getattr(worn, background)) >= 4.5


@pytest.mark.parametrize("name", list(THEMES))
@pytest.mark.parametrize("colour", MARKS)
def test_coloured_words_can_be_read_where_they_stand_and_marks_be_seen_everywhere(
    name: str, colour: str
) -> None:
    worn = THEMES[name]
    for background in ("ground", "panel"):
        assert contrast(getattr(worn, colour), getattr(worn, background)) >= 4.5
    for background in BACKGROUNDS:
        assert contrast(getattr(worn, colour), getattr(worn, background)) >= 3.0


@pytest.mark.parametrize("worn", [DARK, LIGHT])
def test_text_upon_the_accent_can_be_read(worn: Theme) -> None:
    assert contrast(worn.on_accent, worn.accent) >= 4.5
    assert contrast(worn.on_accent, worn.accent_hover) >= 4.5


@pytest.mark.parametrize("colour", ["accent", "good", "doubtful", "bad"])
def test_marks_on_scans_can_be_seen(colour: str) -> None:
    assert contrast(getattr(DARK, colour), "#000000") >= 4.5


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_theme_reaches_palette_and_sheet(undressed: QApplication, name: ThemeName) -> None:
    worn = apply_theme(undressed, name)
    assert current() is worn
    assert undressed.palette().color(QPalette.ColorRole.Window) == QColor(worn.panel)
    assert worn.accent in undressed.styleSheet()
    assert undressed.font().pixelSize() == 13


@pytest.mark.parametrize("worn", [DARK, LIGHT])
def test_the_sheet_is_whole(worn: Theme) -> None:
    sheet = style_sheet(worn)
    assert sheet.count("{") == sheet.count("}")
    assert "{{" not in sheet
    for path in re.findall(r"url\((.*?)\)", sheet):
        assert resources.path("icons", path.rsplit("/", 1)[-1]).is_file()


def ink(image: QImage) -> QColor:
    """The colour of the most opaque pixel."""
    strongest = max(
        (image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())),
        key=lambda colour: colour.alpha(),
    )
    return QColor(strongest.rgb())


@pytest.mark.parametrize("name", LINE_ICONS)
def test_every_icon_is_drawn_in_the_colour_asked_for(qapp: QApplication, name: str) -> None:
    drawn = pixmap(name, QColor("#FF0000"), 20).toImage()
    found = ink(drawn)
    assert found.alpha() > 0
    assert (found.red(), found.green(), found.blue()) == (255, 0, 0)


def test_icons_name_no_colour_of_their_own() -> None:
    for name in LINE_ICONS:
        drawing = resources.path("icons", f"{name}.svg").read_text(encoding="utf-8")
        assert "currentColor" in drawing
        assert "#" not in drawing


def test_every_sign_differs_in_shape_and_not_only_in_colour(qapp: QApplication) -> None:
    assert set(ICONS.values()) <= set(LINE_ICONS)
    shapes = [pixmap(name, QColor("white"), 20).toImage() for name in ICONS.values()]
    assert all(a != b for i, a in enumerate(shapes) for b in shapes[:i])
    assert set(ROLES.values()) <= {field.name for field in dataclasses.fields(Theme)}


def test_an_icon_button_follows_the_theme(undressed: QApplication, qtbot: QtBot) -> None:
    apply_theme(undressed, "dark")
    button = IconButton("close", "Dismiss", "Esc")
    qtbot.addWidget(button)
    assert ink(button.icon().pixmap(20).toImage()) == QColor(DARK.text)
    apply_theme(undressed, "light")
    assert ink(button.icon().pixmap(20).toImage()) == QColor(LIGHT.text)
    assert button.toolTip() == "Dismiss  (Esc)"
    assert button.accessibleName() == "Dismiss"


def test_a_role_chooses_the_colour(qapp: QApplication) -> None:
    assert ink(icon("ok", "good").pixmap(20).toImage()) == QColor(DARK.good)


def test_mixing() -> None:
    assert theme.mixed("#000000", "#FFFFFF", 0.5).red() == pytest.approx(128, abs=1)
    assert theme.mixed("#102030", "#FFFFFF", 0.0) == QColor("#102030")
