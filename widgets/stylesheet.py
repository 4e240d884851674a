"""The one style sheet, built of a theme's colours; widgets name their part by a `kind`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import resources

if TYPE_CHECKING:
    from widgets.theme import Theme

_GROUND = """
* {{ outline: 0; }}
QMainWindow, QDialog, QWidget[kind="ground"] {{ background: {ground}; }}
QDialogButtonBox {{ button-layout: 3; }}
QWidget[kind="panel"] {{ background: {panel}; }}
QWidget[kind="bar"] {{ background: {panel}; border-bottom: 1px solid {line}; }}
QWidget[kind="foot"] {{ background: {panel}; border-top: 1px solid {line}; }}
QFrame[kind="rule"] {{ background: {line}; border: 0; max-height: 1px; min-height: 1px; }}
QFrame[kind="entry"] {{ background: {panel}; border: 1px solid {line}; border-radius: 8px; }}
QFrame[kind="entry"]:hover {{ background: {raised}; border: 1px solid {edge}; }}
QFrame[kind="entry"]:focus {{ border: 1px solid {accent}; }}
QFrame[kind="upright"] {{
    background: {line}; border: 0; border-left: 4px solid {panel}; border-right: 4px solid {panel};
}}
QFrame[kind="key-row"], QFrame[kind="key-row-listening"] {{
    border: 1px solid transparent; border-radius: 6px;
}}
QFrame[kind="key-row"]:hover {{ background: {hover}; }}
QFrame[kind="key-row"]:focus {{ border: 1px solid {accent}; }}
QFrame[kind="key-row-listening"] {{ background: {selected}; border: 1px solid {accent}; }}
QFrame[kind="notice-plain"] {{
    background: {raised}; border: 1px solid {line}; border-radius: 4px;
}}
QFrame[kind="floating"] {{ background: {raised}; border: 1px solid {edge}; border-radius: 8px; }}
QFrame[kind="notice-doubtful"] {{
    background: {raised}; border: 1px solid {line}; border-left: 3px solid {doubtful};
    border-radius: 4px;
}}
QFrame[kind="notice-bad"] {{
    background: {raised}; border: 1px solid {line}; border-left: 3px solid {bad};
    border-radius: 4px;
}}
QFrame[kind="drop"] {{
    background: {panel}; border: 2px dashed {edge}; border-radius: 8px;
}}
QFrame[kind="drop-active"] {{
    background: {selected}; border: 2px dashed {accent}; border-radius: 8px;
}}
QLabel {{ background: transparent; }}
QLabel[kind="title"] {{ font-size: 24px; font-weight: 600; }}
QLabel[kind="heading"] {{ font-size: 15px; font-weight: 600; }}
QLabel[kind="quiet"] {{ color: {quiet}; }}
QLabel[kind="caption"] {{ color: {quiet}; font-size: 11px; }}
QLabel[kind="caption-doubtful"] {{ color: {doubtful}; font-size: 11px; }}
QLabel[kind="chip"] {{
    color: {quiet}; border: 1px solid {edge}; border-radius: 4px; padding: 1px 6px;
    font-size: 11px;
}}
QLabel[kind="chip-good"] {{
    color: {good}; border: 1px solid {edge}; border-radius: 4px; padding: 1px 6px;
    font-size: 11px;
}}
QLabel[kind="chip-doubtful"] {{
    color: {doubtful}; border: 1px solid {edge}; border-radius: 4px; padding: 1px 6px;
    font-size: 11px;
}}
QLabel[kind="chip-bad"] {{
    color: {bad}; border: 1px solid {edge}; border-radius: 4px; padding: 1px 6px;
    font-size: 11px;
}}
QLabel[kind="key"] {{
    color: {quiet}; background: {raised}; border: 1px solid {edge}; border-radius: 4px;
    padding: 1px 6px; font-size: 11px;
}}
QLabel[kind="key-listening"] {{ color: {accent}; padding: 1px 6px; font-size: 11px; }}
QToolTip {{
    background: {raised}; color: {text}; border: 1px solid {edge}; padding: 5px 8px;
}}
"""

_BUTTONS = """
QPushButton {{
    background: {raised}; color: {text}; border: 1px solid {edge}; border-radius: 6px;
    min-height: 26px; padding: 0 12px;
}}
QPushButton:hover {{ background: {hover}; }}
QPushButton:pressed {{ background: {line}; }}
QPushButton:focus {{ border: 1px solid {accent}; }}
QPushButton:disabled {{ color: {faint}; border-color: {line}; background: {panel}; }}
QPushButton[kind="primary"], QInputDialog QPushButton:default {{
    background: {accent}; color: {on_accent}; border: 1px solid {accent}; font-weight: 600;
}}
QPushButton[kind="primary"]:hover, QInputDialog QPushButton:default:hover {{
    background: {accent_hover}; border-color: {accent_hover};
}}
QPushButton[kind="primary"]:focus {{ border: 2px solid {text}; }}
QPushButton[kind="primary"]:disabled {{
    background: {raised}; color: {faint}; border-color: {line}; font-weight: 400;
}}
QPushButton[kind="flat"], QPushButton[kind="link"] {{
    background: transparent; border: 1px solid transparent; padding: 0 8px;
}}
QPushButton[kind="flat"]:hover {{ background: {hover}; }}
QPushButton[kind="flat"]:focus, QPushButton[kind="link"]:focus {{ border: 1px solid {accent}; }}
QPushButton[kind="flat"]:checked {{
    color: {text}; border-bottom: 2px solid {accent}; border-radius: 0;
}}
QPushButton[kind="flat"]:disabled {{ color: {faint}; background: transparent; }}
QPushButton[kind="link"] {{ color: {accent}; text-align: left; padding: 0 2px; }}
QPushButton[kind="link"]:hover {{ color: {accent_hover}; text-decoration: underline; }}
QPushButton[kind="fold"] {{
    background: transparent; border: 1px solid transparent; color: {quiet}; text-align: left;
    padding: 0 6px 0 0;
}}
QPushButton[kind="fold"]:hover {{ color: {text}; }}
QPushButton[kind="fold"]:focus {{ border: 1px solid {accent}; }}
QPushButton[kind="search"] {{
    background: {ground}; color: {quiet}; border: 1px solid {line}; text-align: left;
    padding: 0 10px;
}}
QPushButton[kind="search"]:hover {{ border-color: {edge}; color: {text}; }}
QPushButton[kind="search"]:focus {{ border-color: {accent}; }}
QToolButton {{
    background: transparent; border: 1px solid transparent; border-radius: 6px; padding: 0;
    color: {text};
}}
QToolButton:hover {{ background: {hover}; }}
QToolButton:pressed {{ background: {line}; }}
QToolButton:checked {{ background: {selected}; }}
QToolButton:focus {{ border: 1px solid {accent}; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton::menu-indicator {{
    image: url({arrow}); subcontrol-origin: padding; subcontrol-position: right center;
    right: 8px; width: 10px; height: 10px;
}}
QTreeView::indicator {{
    width: 14px; height: 14px; border: 1px solid {quiet}; border-radius: 4px; background: {ground};
}}
QTreeView::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url({check});
}}
QTreeView::indicator:indeterminate {{
    background: {accent}; border-color: {accent}; image: url({check_some});
}}
QCheckBox {{ spacing: 8px; min-height: 28px; background: transparent; }}
QCheckBox::indicator {{
    width: 16px; height: 16px; border: 1px solid {quiet}; border-radius: 4px; background: {ground};
}}
QCheckBox::indicator:hover {{ border-color: {accent}; }}
QCheckBox::indicator:checked {{
    background: {accent}; border-color: {accent}; image: url({check});
}}
QCheckBox::indicator:focus {{ border: 2px solid {accent}; }}
QCheckBox:disabled {{ color: {faint}; }}
QCheckBox::indicator:disabled {{ background: {raised}; border-color: {line}; }}
QCheckBox::indicator:checked:disabled {{ background: {faint}; border-color: {faint}; }}
QRadioButton {{ spacing: 8px; min-height: 28px; background: transparent; }}
QRadioButton::indicator {{
    width: 16px; height: 16px; border: 1px solid {quiet}; border-radius: 9px; background: {ground};
}}
QRadioButton::indicator:hover, QRadioButton::indicator:focus {{ border-color: {accent}; }}
QRadioButton::indicator:checked {{
    width: 8px; height: 8px; border: 5px solid {accent}; background: {ground};
}}
"""

_FIELDS = """
QLineEdit, QSpinBox, QDoubleSpinBox {{
    background: {ground}; color: {text}; border: 1px solid {edge}; border-radius: 6px;
    min-height: 26px; padding: 0 8px; selection-background-color: {accent};
    selection-color: {on_accent}; placeholder-text-color: {quiet};
}}
QSpinBox, QDoubleSpinBox {{ max-height: 26px; }}
QInputDialog QLineEdit {{ min-width: 320px; }}
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus {{ border: 1px solid {accent}; }}
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {{ color: {faint}; }}
QSpinBox::up-button, QDoubleSpinBox::up-button {{
    subcontrol-position: top right; width: 20px; border: 0; background: transparent;
}}
QSpinBox::down-button, QDoubleSpinBox::down-button {{
    subcontrol-position: bottom right; width: 20px; border: 0; background: transparent;
}}
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{ image: url({arrow_up}); width: 8px; height: 8px; }}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
    image: url({arrow}); width: 8px; height: 8px;
}}
QSpinBox QLineEdit, QDoubleSpinBox QLineEdit {{
    background: transparent; border: 0; min-height: 0; padding: 0 0 0 4px;
}}
QLineEdit[kind="palette"] {{
    background: transparent; border: 0; border-radius: 0; font-size: 15px; min-height: 40px;
    padding: 0 4px;
}}
QComboBox {{
    background: {raised}; color: {text}; border: 1px solid {edge}; border-radius: 6px;
    min-height: 26px; padding: 0 2px 0 9px; combobox-popup: 0;
}}
QComboBox:hover {{ background: {hover}; }}
QComboBox:focus, QComboBox:on {{ border: 1px solid {accent}; }}
QComboBox:disabled {{ color: {faint}; background: {panel}; border-color: {line}; }}
QComboBox::drop-down {{ border: 0; width: 24px; }}
QComboBox::down-arrow {{ image: url({arrow}); width: 10px; height: 10px; }}
QComboBox QAbstractItemView {{
    background: {raised}; color: {text}; border: 1px solid {edge}; padding: 4px;
    selection-background-color: {selected}; selection-color: {text};
}}
QComboBox QAbstractItemView::item {{
    min-height: 28px; padding: 0 6px; border-radius: 4px; border: 0;
}}
QComboBox QAbstractItemView::item:selected {{ background: {selected}; color: {text}; }}
QComboBox QAbstractItemView::item:disabled {{ color: {quiet}; background: transparent; }}
QSlider {{ min-height: 28px; background: transparent; }}
QSlider:vertical {{ min-height: 0; min-width: 16px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {edge}; }}
QSlider::sub-page:horizontal {{ height: 4px; border-radius: 2px; background: {accent}; }}
QSlider::handle:horizontal {{
    width: 12px; height: 12px; margin: -5px 0; border-radius: 7px; background: {text};
    border: 1px solid {panel};
}}
QSlider::handle:horizontal:hover {{ background: {accent}; }}
QSlider::handle:horizontal:focus {{ border: 2px solid {accent}; background: {text}; }}
QSlider::sub-page:horizontal:disabled {{ background: {edge}; }}
QSlider::handle:horizontal:disabled {{ background: {faint}; }}
"""

_LISTS = """
QAbstractScrollArea {{ background: transparent; border: 0; }}
QScrollArea > QWidget > QWidget {{ background: transparent; }}
QTextBrowser, QPlainTextEdit {{
    background: transparent; color: {text}; border: 0; selection-background-color: {accent};
    selection-color: {on_accent};
}}
QAbstractItemView {{ background: transparent; border: 0; color: {text}; }}
QHeaderView {{ background: transparent; border: 0; }}
QHeaderView::section {{
    background: {panel}; color: {quiet}; border: 0; border-bottom: 1px solid {line};
    padding: 4px 6px; font-size: 11px;
}}
QTableCornerButton::section {{
    background: {panel}; border: 0; border-bottom: 1px solid {line};
}}
QAbstractItemView[kind="table"] {{
    background: {ground}; border: 1px solid {line}; border-radius: 6px;
    selection-background-color: {selected}; selection-color: {text};
}}
QAbstractItemView[kind="table"]::item {{ min-height: 26px; padding: 0 4px; border: 0; }}
QAbstractItemView[kind="table"]::item:hover {{ background: {hover}; }}
QAbstractItemView[kind="table"]::item:selected {{ background: {selected}; color: {text}; }}
QTreeView::branch {{ background: transparent; }}
QTreeView::branch:has-children:closed {{ image: url({arrow_right}); }}
QTreeView::branch:has-children:open {{ image: url({arrow}); }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; border: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; border: 0; }}
QScrollBar::handle {{ background: {edge}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {quiet}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; border: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{
    background: {raised}; color: {text}; border: 1px solid {edge}; padding: 5px;
}}
QMenu::item {{ min-height: 26px; padding: 0 28px 0 10px; border-radius: 4px; }}
QMenu::item:selected {{ background: {selected}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {line}; margin: 5px 8px; }}
QMenu::icon {{ padding-left: 8px; }}
QProgressBar {{
    background: {edge}; border: 0; border-radius: 2px; max-height: 4px; min-height: 4px;
}}
QProgressBar::chunk {{ background: {accent}; border-radius: 2px; }}
QSplitter::handle {{ background: {line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {accent}; }}
"""


def style_sheet(theme: Theme) -> str:
    """The sheet for one theme; arrows and ticks are drawn files, since a sheet knows no others."""
    colours = {name: getattr(theme, name) for name in theme.__dataclass_fields__ if name != "name"}
    pictures = {
        "arrow": "arrow_down",
        "arrow_up": "arrow_up",
        "arrow_right": "arrow_right",
        "check": f"tick_{theme.name}",
        "check_some": f"tick_some_{theme.name}",
    }
    files = {
        key: resources.path("icons", f"{name}.svg").as_posix() for key, name in pictures.items()
    }
    faint = "#68717B" if theme.name == "dark" else "#98A1AB"
    sheet = _GROUND + _BUTTONS + _FIELDS + _LISTS
    return sheet.format(faint=faint, **colours, **files)
