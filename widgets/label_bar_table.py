"""What stands in the bar of labelling: names, words and icons, in groups."""

from __future__ import annotations

from widgets.tool_table import ToolItem

TOOLS = tuple(
    ToolItem(name, text, icon, f"tool_{name}", sticks=True)
    for name, text, icon in (
        ("select", "Select, move and reshape", "select"),
        ("label_box", "Box", "box"),
        ("label_rotated", "Rotated box", "rotated_box"),
        (
            "label_polygon",
            "Polygon: click its corners, or hold to draw it freehand",
            "label_polygon",
        ),
        ("label_line", "Line", "label_line"),
        ("label_point", "Point", "point"),
        ("brush", "Brush", "brush"),
        ("eraser", "Eraser", "eraser"),
        ("grow", "Grow a region from where you click", "grow"),
        ("wand", "Wand: click into a thing, or draw a box around it", "wand"),
    )
)
ACTS = (
    ToolItem("new_mask", "New mask: the next stroke begins another thing", "new_mask", "new_mask"),
    ToolItem("fill_holes", "Fill the holes of the mask", "fill_holes", "fill_holes"),
    ToolItem("keep_largest", "Keep the mask's largest part", "largest", "keep_largest"),
    ToolItem("interpolate", "Interpolate between slices", "between", "interpolate"),
    ToolItem("labels_visible", "Labels on or off", "eye", "labels_visible", sticks=True),
)
TURNS = (
    ToolItem("undo", "Undo", "undo", "undo"),
    ToolItem("redo", "Redo", "redo", "redo"),
)
TOOL_NAMES = frozenset(item.name for item in TOOLS)

METHODS = (
    ("random_walk", "Random walk", "Which click a pixel would be reached from first."),
    ("grab_cut", "GrabCut", "Divides by colour and by edges; a box around the thing helps it."),
    ("watershed", "Watershed", "Floods from the clicks to the steepest edges."),
)
"""What the wand finds things by: name, words, and what it does."""

PAGES: dict[str, str] = {
    "brush": "brush",
    "eraser": "brush",
    "grow": "grow",
    "wand": "wand",
}
"""The settings that a tool has; the others show which label is in hand."""

PAGE_ACTS: dict[str, tuple[tuple[str, str], ...]] = {
    "": (),
    "brush": (
        ("brush_larger", "Larger brush"),
        ("brush_smaller", "Smaller brush"),
        ("otsu", "Paint the brighter values (Otsu)"),
        ("all_values", "Paint all values"),
        ("joined", "Only what hangs together, or all"),
    ),
    "grow": (
        ("wider", "Grow over more values"),
        ("narrower", "Grow over fewer values"),
        ("through", "Through all slices, or on one"),
        ("take_region", "Take the region"),
        ("drop_region", "Drop the region"),
    ),
    "wand": (
        ("next_method", "Find things by another method"),
        ("take_region", "Take the region"),
        ("drop_region", "Drop the region"),
    ),
}
"""Commands that the menu has where there is no room for the settings of a tool."""
