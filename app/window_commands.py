"""The table of commands of the main window, with the keys that they come with."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from app import (
    batch_acts,
    belief_acts,
    compared_acts,
    comparison_acts,
    exchange_acts,
    experiment_acts,
    label_acts,
    network_acts,
    project_acts,
    window_exports,
)
from app import window_acts as acts
from app.actions import answers, drawing, marks, planes
from app.keys import Command
from app.panes import LINKS
from widgets.canvas_tools import ToolName

if TYPE_CHECKING:
    from app.main_window import MainWindow

Row = tuple[str, str, tuple[str, ...], Callable[[], object]]
"""Name, words, keys, and what is done."""

_TOOLS: tuple[tuple[ToolName, str, tuple[str, ...]], ...] = (
    ("window", "Window", ("W",)),
    ("zoom", "Zoom", ("Z",)),
    ("pan", "Move the picture", ("V",)),
    ("scroll", "Scroll by dragging", ("S",)),
    ("crosshair", "Crosshair", ("X",)),
    ("ask", "Ask here: hide a place and let the model answer", ("Shift+Q",)),
    ("length", "Measure a length", ("D",)),
    ("angle", "Measure an angle", ("A",)),
    ("rectangle", "Measure in a rectangle", ("R",)),
    ("ellipse", "Measure in an ellipse", ("Q",)),
    ("polygon", "Measure in a polygon", ("G",)),
)
_LINK_WORDS = {"scroll": "scrolling", "zoom": "zoom", "window": "windows", "crosshair": "crosshair"}
_LINK_KEYS = {"scroll": ("L",)}
_LAYOUTS = (
    ("1x1", "One viewport"),
    ("1x2", "Two viewports side by side"),
    ("2x1", "Two viewports, one above the other"),
    ("2x2", "Four viewports"),
    ("1x3", "Three viewports side by side"),
    ("2x3", "Six viewports"),
)


def commands_of(window: MainWindow) -> tuple[Command, ...]:
    """Everything that a key or the palette can do in this window."""
    return (
        *_of_files(window),
        *project_acts.commands(window),
        *_of_the_window(window),
        *label_acts.commands(window),
        *exchange_acts.commands(window),
        *_of_layouts(window),
        *_viewport("Move", _moving(window), window),
        *_viewport("Picture", _picture(window), window),
        *_viewport("Model", _model(window), window),
        *belief_acts.commands(window),
        *batch_acts.commands(window),
        *network_acts.commands(window),
        *experiment_acts.commands(window),
        *comparison_acts.commands(window),
        *compared_acts.commands(window),
        *_viewport("Tool", _tools(window), window),
        *_viewport("Mark", _marks(window), window),
        *_viewport("Link", _links(window), window),
        *_viewport("Window", _greys(window), window),
    )


def _of_files(window: MainWindow) -> tuple[Command, ...]:
    session = window.session
    pane_filled = window.shows_picture
    return (
        Command("open_files", "Open", "Open files", ("Ctrl+O",), window.ask_for_files),
        Command("open_folder", "Open", "Open a folder", ("Ctrl+Shift+O",), window.ask_for_folder),
        Command("demo", "Open", "Open the demo", (), window.open_demo),
        Command("home", "Open", "Go to the start page", ("Ctrl+Home",), window.show_start),
        Command("add_model", "Models", "Add your own model", (), window.ask_for_model),
        Command(
            "report",
            "Save",
            "Save the report of this view",
            ("Ctrl+S",),
            partial(acts.save_report, window),
            enabled=lambda: session.panes[session.active].attribution is not None,
        ),
        *_exports(window),
        Command(
            "save_picture",
            "Save",
            "Save the picture",
            ("Ctrl+Shift+S",),
            partial(acts.save_picture, window, texts=False),
            enabled=pane_filled,
        ),
        Command(
            "save_named_picture",
            "Save",
            "Save the picture with its corner texts, which name the patient",
            (),
            partial(acts.save_picture, window, texts=True),
            enabled=pane_filled,
        ),
        Command(
            "tags",
            "Find",
            "Show the DICOM tags",
            ("Ctrl+T",),
            partial(acts.show_tags_here, window),
            enabled=pane_filled,
        ),
    )


def _exports(window: MainWindow) -> tuple[Command, ...]:
    session = window.session
    words = (
        ("export_map", "Export this map as DICOM, NIfTI, array or picture", ("Ctrl+E",), False),
        ("export_maps", "Export the maps of the whole series", (), True),
    )
    return tuple(
        Command(
            name,
            "Save",
            text,
            keys,
            partial(window_exports.export_maps, window, series=series),
            enabled=lambda: session.panes[session.active].attribution is not None,
        )
        for name, text, keys, series in words
    )


def _of_the_window(window: MainWindow) -> tuple[Command, ...]:
    return (
        Command("palette", "Find", "Find a command or scan", ("Ctrl+K",), window.show_palette),
        Command("theme", "View", "Dark or light", ("Ctrl+Shift+L",), window.toggle_theme),
        Command("focus", "View", "Go to the picture", ("F6",), window.review.focus_viewport),
        Command(
            "presets", "View", "Change the windows on keys", (), partial(acts.edit_presets, window)
        ),
        Command(
            "memory", "View", "Set the memory for open scans", (), partial(acts.edit_memory, window)
        ),
        Command("shortcuts", "Help", "All keys", ("F1",), window.show_shortcuts),
        Command("about", "Help", "About Lepton", (), window.show_about),
        Command("quit", "Help", "Quit", ("Ctrl+Q",), window.close_window),
    )


def _of_layouts(window: MainWindow) -> tuple[Command, ...]:
    grids = tuple(
        Command(
            f"layout_{name}",
            "Layout",
            words,
            (f"Ctrl+{number}",),
            partial(acts.choose_layout, window, name),
        )
        for number, (name, words) in enumerate(_LAYOUTS, start=1)
    )
    own = partial(acts.toggle_own_axes, window)
    return (
        Command(
            "layout",
            "Layout",
            "One viewport, or two and back",
            ("Ctrl+D",),
            window.toggle_layout,
        ),
        *grids,
        Command(
            "mpr",
            "Layout",
            "Three planes through the volume, or back",
            ("Ctrl+M",),
            partial(acts.choose_layout, window, "mpr"),
            enabled=window.shows_scan,
        ),
        Command(
            "own_axes", "Layout", "Planes along the scan's own axes, or the patient's", (), own
        ),
        Command(
            "save_layout",
            "Layout",
            "Save this layout for other studies",
            (),
            partial(acts.save_layout, window),
        ),
    )


def _viewport(group: str, rows: Iterable[Row], window: MainWindow) -> Iterable[Command]:
    """Commands for the active viewport; one can move on from a frame that cannot be read."""
    enabled = window.shows_scan if group == "Move" else window.shows_picture
    for name, words, keys, run in rows:
        yield Command(name, group, words, keys, _plain(run), "viewport", enabled)


def _plain(run: Callable[[], object]) -> Callable[[], None]:
    def act() -> None:
        run()

    return act


def _moving(window: MainWindow) -> tuple[Row, ...]:
    review = window.review

    def move(frames: int) -> Callable[[], None]:
        return lambda: review.scroll_by(frames)

    return (
        ("next", "Next frame", ("Down", "Right"), move(1)),
        ("previous", "Previous frame", ("Up", "Left"), move(-1)),
        ("page_down", "Ten frames on", ("PgDown",), move(10)),
        ("page_up", "Ten frames back", ("PgUp",), move(-10)),
        ("first", "First frame", ("Home",), move(-1_000_000)),
        ("last", "Last frame", ("End",), move(1_000_000)),
        ("cine", "Play or stop", ("C",), review.toggle_cine),
        ("next_key_image", "Next key image", ("N",), partial(acts.next_key_image, window)),
        ("other", "The next viewport", ("Tab",), review.next_viewport),
        (
            "plane",
            "Slices, axial, coronal, sagittal",
            ("M",),
            lambda: planes.next_plane(window.session, window.jobs),
        ),
        ("slab", "Maximum over a thick slab", ("B",), review.toggle_slab),
    )


def _picture(window: MainWindow) -> tuple[Row, ...]:
    review = window.review

    def canvas(act: str, *arguments: int) -> Callable[[], object]:
        return lambda: getattr(review.grid.active.canvas, act)(*arguments)

    return (
        ("invert", "Invert", ("I",), review.toggle_inverted),
        ("flip", "Flip left and right", ("Shift+F",), canvas("mirror")),
        ("rotate", "Rotate clockwise", ("Shift+R",), canvas("turn", 1)),
        ("rotate_back", "Rotate counterclockwise", ("Shift+E",), canvas("turn", -1)),
        ("fit", "Fit the picture to the viewport", ("F",), canvas("fit")),
        ("actual_size", "One pixel to one of the screen", ("=",), canvas("actual_size")),
        ("reset", "Reset the view", ("Shift+Home",), review.reset),
        (
            "maximise",
            "Fill the window with this viewport",
            ("F11",),
            lambda: review.toggle_maximised(window.session.active),
        ),
        ("texts", "Corner texts on or off", ("H",), review.grid.toggle_texts),
        ("planes", "Overlays of the file on or off", ("Shift+O",), review.grid.toggle_planes),
        ("shutter", "Shutter on or off", ("Shift+S",), review.grid.toggle_shutter),
    )


def _model(window: MainWindow) -> tuple[Row, ...]:
    session, jobs, review = window.session, window.jobs, window.review
    scale, contours, cells = (
        partial(act, session)
        for act in (drawing.next_scale, drawing.next_contours, drawing.toggle_cells)
    )
    return (
        ("predict", "Predict", ("P",), lambda: answers.predict_current(session, jobs)),
        ("explain", "Explain", ("E",), lambda: answers.explain_current(session, jobs)),
        ("target", "Explain the next target", ("T",), review.next_target),
        ("overlay", "Overlay on or off", ("O",), review.toggle_overlay),
        ("threshold_down", "Lower threshold", ("[",), lambda: review.move_threshold(-0.05)),
        ("threshold_up", "Higher threshold", ("]",), lambda: review.move_threshold(0.05)),
        ("next_scale", "Scale of the map: image, series, kept", ("Shift+C",), scale),
        ("keep_scale", "Keep this scale for the model", (), partial(acts.keep_scale, window)),
        ("contours", "Lines around the strongest places", ("Y",), contours),
        ("cells", "The map's own cells or smooth", ("Shift+Y",), cells),
        ("cancel", "Cancel what runs here", ("Esc",), lambda: answers.cancel_here(session, jobs)),
    )


def _tools(window: MainWindow) -> tuple[Row, ...]:
    return tuple(
        (f"tool_{name}", words, keys, partial(window.session.set_tool, name))
        for name, words, keys in _TOOLS
    )


def _marks(window: MainWindow) -> tuple[Row, ...]:
    session, jobs = window.session, window.jobs
    return (
        ("key_image", "Key image", ("K",), lambda: marks.toggle_key_image(session, jobs)),
        ("calibrate", "Say how long a drawn length is", (), partial(acts.ask_for_length, window)),
        (
            "uncalibrate",
            "Forget the calibration by hand",
            (),
            lambda: marks.forget_calibration(session, jobs),
        ),
    )


def _links(window: MainWindow) -> tuple[Row, ...]:
    each = tuple(
        (
            f"link_{link}",
            f"Link {_LINK_WORDS[link]}",
            _LINK_KEYS.get(link, ()),
            partial(acts.toggle_link, window, link),
        )
        for link in LINKS
    )
    studies = "Link studies as they stand now, or no longer"
    return (*each, ("link_studies", studies, ("Shift+L",), partial(acts.link_studies, window)))


def _greys(window: MainWindow) -> tuple[Row, ...]:
    return tuple(
        (
            f"window_{digit}",
            f"Window on key {digit}",
            (str(digit),),
            partial(acts.set_grey, window, digit),
        )
        for digit in range(1, 10)
    )
