"""The table of commands of the main window."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.actions import answers
from app.keys import Command
from inference.records import Window

if TYPE_CHECKING:
    from app.main_window import MainWindow

CT_WINDOWS = (
    Window(40, 400, explanation="Soft tissue"),
    Window(-600, 1500, explanation="Lung"),
    Window(400, 1800, explanation="Bone"),
    Window(40, 80, explanation="Brain"),
    Window(60, 200, explanation="Liver"),
)
"""Usual centres and widths in HU; keys 2 to 6 for CT. Key 1 is always the file's own window."""


def commands_of(window: MainWindow) -> tuple[Command, ...]:
    """Everything that a key or the palette can do in this window."""
    return (*_of_the_window(window), *_of_the_viewport(window), *_windows(window))


def _of_the_window(window: MainWindow) -> tuple[Command, ...]:
    session, review = window.session, window.review
    return (
        Command("open_files", "Open", "Open files", ("Ctrl+O",), window.ask_for_files),
        Command("open_folder", "Open", "Open a folder", ("Ctrl+Shift+O",), window.ask_for_folder),
        Command("demo", "Open", "Open the demo", (), window.open_demo),
        Command("home", "Open", "Go to the start page", ("Ctrl+Home",), window.show_start),
        Command("palette", "Find", "Find a command or scan", ("Ctrl+K",), window.show_palette),
        Command("add_model", "Models", "Add your own model", (), window.ask_for_model),
        Command(
            "report",
            "Save",
            "Save the report of this view",
            ("Ctrl+S",),
            window.ask_to_save,
            enabled=lambda: session.panes[session.active].attribution is not None,
        ),
        Command(
            "layout", "View", "One viewport or two side by side", ("Ctrl+D",), window.toggle_layout
        ),
        Command("theme", "View", "Dark or light", ("Ctrl+Shift+L",), window.toggle_theme),
        Command("focus", "View", "Go to the picture", ("F6",), review.focus_viewport),
        Command("shortcuts", "Help", "All keys", ("F1",), window.show_shortcuts),
        Command("about", "Help", "About Lepton", (), window.show_about),
        Command("quit", "Help", "Quit", ("Ctrl+Q",), window.close_window),
    )


def _of_the_viewport(window: MainWindow) -> tuple[Command, ...]:
    session, jobs, review = window.session, window.jobs, window.review

    def opened() -> bool:
        return session.panes[session.active].frame is not None

    def move(frames: int) -> None:
        review.scroll_by(frames)

    def ends(*, last: bool) -> None:
        review.scroll_by(1_000_000 if last else -1_000_000)

    table = (
        ("next", "Next frame", ("Down", "Right"), lambda: move(1)),
        ("previous", "Previous frame", ("Up", "Left"), lambda: move(-1)),
        ("page_down", "Ten frames on", ("PgDown",), lambda: move(10)),
        ("page_up", "Ten frames back", ("PgUp",), lambda: move(-10)),
        ("first", "First frame", ("Home",), lambda: ends(last=False)),
        ("last", "Last frame", ("End",), lambda: ends(last=True)),
        ("cine", "Play or stop", ("C",), review.toggle_cine),
        ("predict", "Predict", ("P",), lambda: answers.predict_current(session, jobs)),
        ("explain", "Explain", ("E",), lambda: answers.explain_current(session, jobs)),
        ("target", "Explain the next target", ("T",), review.next_target),
        ("overlay", "Overlay on or off", ("O",), review.toggle_overlay),
        ("threshold_down", "Lower threshold", ("[",), lambda: review.move_threshold(-0.05)),
        ("threshold_up", "Higher threshold", ("]",), lambda: review.move_threshold(0.05)),
        ("invert", "Invert", ("I",), review.toggle_inverted),
        ("fit", "Fit the picture to the viewport", ("F",), review.fit),
        (
            "link",
            "Link two viewports on one scan",
            ("L",),
            lambda: session.set_linked(linked=not session.linked),
        ),
        ("other", "The other viewport", ("Tab",), review.next_viewport),
        ("texts", "Corner texts on or off", ("H",), review.toggle_texts),
        ("cancel", "Cancel what runs here", ("Esc",), lambda: answers.cancel_here(session, jobs)),
    )
    return tuple(
        Command(name, "Viewport", text, keys, run, "viewport", opened)
        for name, text, keys, run in table
    )


def _windows(window: MainWindow) -> tuple[Command, ...]:
    review = window.review
    own = Command(
        "window_1",
        "Window",
        "The file's own window",
        ("1",),
        lambda: review.set_window(None),
        "viewport",
    )
    preset = tuple(
        Command(
            f"window_{number}",
            "Window",
            f"{found.explanation} ({found.center:g} / {found.width:g} HU)",
            (str(number),),
            partial(review.set_window, found),
            "viewport",
            review.shows_ct,
        )
        for number, found in enumerate(CT_WINDOWS, start=2)
    )
    return (own, *preset)
