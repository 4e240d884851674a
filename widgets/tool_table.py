"""What stands in the tool bar: names, words and icons, in groups."""

from __future__ import annotations

from typing import NamedTuple


class ToolItem(NamedTuple):
    """`name` is what its signal carries; `command` is the command whose key its tooltip shows."""

    name: str
    text: str
    icon: str
    command: str
    sticks: bool = False
    """Whether the button stays down while it holds."""


TOOLS = tuple(
    ToolItem(name, text, icon, f"tool_{name}", sticks=True)
    for name, text, icon in (
        ("window", "Window: drag for width and level", "contrast"),
        ("zoom", "Zoom", "zoom"),
        ("pan", "Move the picture", "hand"),
        ("scroll", "Scroll by dragging", "scroll"),
        ("crosshair", "Crosshair", "crosshair"),
        ("ask", "Ask here: hide a place and let the model answer", "ask"),
    )
)
MEASURES = tuple(
    ToolItem(name, text, icon, f"tool_{name}", sticks=True)
    for name, text, icon in (
        ("length", "Length", "length"),
        ("angle", "Angle", "angle"),
        ("rectangle", "Rectangle", "rectangle"),
        ("ellipse", "Ellipse", "ellipse"),
        ("polygon", "Polygon", "polygon"),
    )
)
VIEWS = (
    ToolItem("invert", "Invert", "invert", "invert", sticks=True),
    ToolItem("flip", "Flip left and right", "flip", "flip"),
    ToolItem("rotate", "Rotate clockwise", "rotate", "rotate"),
    ToolItem("fit", "Fit the picture to the viewport", "fit", "fit"),
    ToolItem(
        "actual_size", "One pixel of the picture to one of the screen", "actual_size", "actual_size"
    ),
    ToolItem("reset", "Reset the view", "reset", "reset"),
)
RUNS = (
    ToolItem("cine", "Play", "play", "cine", sticks=True),
    ToolItem("key_image", "Key image", "key_image", "key_image", sticks=True),
)
LINKS = tuple(
    ToolItem(f"link_{name}", f"Link {words}", f"link_{name}", f"link_{name}", sticks=True)
    for name, words in (
        ("scroll", "scrolling"),
        ("zoom", "zoom"),
        ("window", "the window"),
        ("crosshair", "the crosshair"),
    )
)
GROUPS = (TOOLS, MEASURES, VIEWS, RUNS, LINKS)
TOOL_NAMES = frozenset(item.name for item in (*TOOLS, *MEASURES))

SLABS = (
    ("", "Thin"),
    ("maximum", "Maximum"),
    ("mean", "Mean"),
    ("minimum", "Minimum"),
)
"""How the planes of a thick slab become one; "" is a single plane."""
