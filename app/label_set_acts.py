"""Label sets in the main window: the dialog, files, the model's labels, how classes are said."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.actions import label_sets
from app.actions.acting import refuse_read_only
from app.keys import Command
from app.label_keys import LabelKeys
from app.label_sets import PALETTE, labels_of, with_labels
from app.panes import Changes
from inference.errors import UserError
from widgets.label_draft import LabelEdit

if TYPE_CHECKING:
    from app.label_book import LabelBook
    from app.main_window import MainWindow
    from inference.records import LabelSet
    from widgets.label_set_editor import LabelSetEditor

FILTER = "Label sets (*.json)"


def commands(window: MainWindow) -> tuple[Command, ...]:
    """What keys and the palette can do about the label set, and about how classes are said."""
    session = window.session
    return (
        Command("edit_labels", "Label", "Edit labels", ("Ctrl+L",), partial(edit, window)),
        Command("new_label", "Label", "New label", (), partial(edit, window, new=True)),
        Command(
            "labels_of_model",
            "Label",
            "Take the labels of the model",
            (),
            partial(take_from_model, window),
            enabled=lambda: session.card_of(session.active) is not None,
        ),
        Command("import_label_set", "Label", "Import a label set", (), partial(import_set, window)),
        Command(
            "export_label_set",
            "Label",
            "Export the label set",
            (),
            partial(export_here, window),
            enabled=lambda: bool(session.labels.label_set.labels),
        ),
        Command(
            "class_scope",
            "Label",
            "Classes are of the whole scan, or of the slice in sight",
            (),
            partial(toggle_whole, window),
        ),
        Command(
            "moves_on",
            "Label",
            "Move on when a class is said, or stay",
            (),
            lambda: set_moves_on(window, not session.labels.moves_on),
        ),
    )


def connect(window: MainWindow) -> None:
    """Let keys and the panel of the place act."""
    session, review = window.session, window.review
    keys = LabelKeys(session, window.jobs, window)
    keys.watch(one.canvas for one in review.viewports)

    def follow(changes: Changes) -> None:
        if changes.layout:
            keys.watch(one.canvas for one in review.viewports)

    session.changed.connect(follow)
    view = review.labelling
    review.labels.edit_requested.connect(partial(edit, window))
    review.labels.new_requested.connect(partial(edit, window, new=True))
    view.model_requested.connect(partial(review.command_requested.emit, "labels_of_model"))
    view.moves_on_chosen.connect(partial(set_moves_on, window))
    session.labels.hand = replace(session.labels.hand, moves_on=window.settings.moves_on)


def edit(window: MainWindow, *, new: bool = False) -> None:
    """Open the dialog; with `new` a label is made in it at once."""
    from widgets.label_set_editor import LabelSetEditor

    session, jobs = window.session, window.jobs
    refuse_read_only(session)
    card = session.card_of(session.active)
    model = (card.title, labels_of(card)) if card is not None else None
    editor = LabelSetEditor(session.labels.label_set, PALETTE, model, window)
    editor.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    editor.setModal(True)
    editor.applied.connect(partial(_apply, window))
    editor.import_requested.connect(lambda: _import(window, editor))
    editor.export_requested.connect(partial(export, window))
    label_sets.count(session, jobs, editor.set_counts)
    editor.finished.connect(lambda _code: label_sets.stop_counting(jobs))
    if new:
        editor.add()
    editor.show()


def take_from_model(window: MainWindow) -> None:
    """Add the labels of the model in the active viewport."""
    card = window.session.card_of(window.session.active)
    if card is not None:
        label_sets.take_from_model(window.session, window.jobs, card)


def toggle_whole(window: MainWindow) -> None:
    """Say classes of the whole scan, or of the slice in sight."""

    def take(book: LabelBook) -> None:
        book.hand = replace(book.hand, whole=not book.hand.whole)

    window.session.edit_labels(take)


def set_moves_on(window: MainWindow, on: bool) -> None:
    """Whether a class that is said leads to what comes next; remembered."""

    def take(book: LabelBook) -> None:
        book.hand = replace(book.hand, moves_on=on)

    window.change_settings(replace(window.settings, moves_on=on))
    window.session.edit_labels(take)


def import_set(window: MainWindow) -> None:
    """Add the labels in a file that the project lacks, as one act."""
    refuse_read_only(window.session)
    found = _read(window)
    if found is None:
        return
    before = window.session.labels.label_set
    start = before if before.labels else replace(before, name=found.name, pick=found.pick)
    after = with_labels(start, found.labels)
    if after == before:
        raise UserError(f"All labels of “{found.name}” are there already.", "")
    label_sets.change(window.session, window.jobs, "Import labels", after, {})


def export_here(window: MainWindow) -> None:
    """Write the project's label set to a file."""
    export(window, window.session.labels.label_set)


def export(window: MainWindow, label_set: LabelSet) -> None:
    """Write a label set to a file that is asked for."""
    from app.label_files import write_label_set

    path, _ = QFileDialog.getSaveFileName(window, "Export the label set", "labels.json", FILTER)
    if not path:
        return
    place = Path(path) if path.lower().endswith(".json") else Path(f"{path}.json")
    try:
        write_label_set(place, label_set)
    except UserError as error:
        window.session.say_error(error)
        return
    window.session.say(f"The label set was exported as {place.name}.", "", "good")


def _apply(window: MainWindow, found: LabelEdit) -> None:
    try:
        label_sets.change(window.session, window.jobs, "Edit labels", found.label_set, found.names)
    except UserError as error:
        window.session.say_error(error)


def _import(window: MainWindow, editor: LabelSetEditor) -> None:
    try:
        found = _read(window)
    except UserError as error:
        editor.say(f"{error.message} {error.hint}")
        return
    if found is not None:
        editor.take(found)


def _read(window: MainWindow) -> LabelSet | None:
    from app.label_files import read_label_set

    path, _ = QFileDialog.getOpenFileName(window, "Import a label set", "", FILTER)
    return read_label_set(Path(path)) if path else None
