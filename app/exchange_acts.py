"""Labels out of the main window's project and in: the two commands and their dialogs."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from app.actions import exchanging
from app.actions.acting import refuse_read_only
from app.exchange_words import (
    Incoming,
    held_by,
    words_of_incoming,
    words_of_new,
    words_of_unmatched,
)
from app.jobs import Error
from app.keys import Command
from app.label_exchange import counted
from app.messages import trouble
from inference.errors import UserError
from inference.exchange.table import FORMATS, Format
from widgets.label_export_dialog import FormatRow, LabelExportDialog
from widgets.label_import_dialog import LabelImportDialog
from widgets.signs import State

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from app.store.records import LabelCount

Scope = Literal["project", "sight", "scan"]
_FOLDERS = QFileDialog.Option.ShowDirsOnly | QFileDialog.Option.DontConfirmOverwrite


def commands(window: MainWindow) -> tuple[Command, ...]:
    """What keys and the palette can do about labels of other programs."""
    book = window.session.project
    return (
        Command(
            "export_labels",
            "Label",
            "Export labels …",
            (),
            partial(ask_to_export, window),
            enabled=lambda: book.opening is not None and not book.opening.damaged,
        ),
        Command(
            "import_labels",
            "Label",
            "Import labels …",
            (),
            partial(ask_to_import, window),
            enabled=lambda: book.writable,
        ),
    )


def ask_to_export(window: MainWindow) -> None:
    """Ask of which scans, as what and where labels are to be written."""
    session, jobs = window.session, window.jobs
    dialog = LabelExportDialog(_scopes(window), window)
    counts = Counter[str]()

    def show(_scope: str = "") -> None:
        here = counts if _scope_of(dialog) == "project" else _counts(window, _scope_of(dialog))
        dialog.set_formats(tuple(_row(one, here) for one in FORMATS.values()))

    def take(found: tuple[LabelCount, ...]) -> None:
        for one in found:
            counts[one.kind] += one.annotations
        show()

    def export() -> None:
        name = dialog.chosen_format
        path = _place_for(dialog, FORMATS[name]) if name is not None else None
        if name is not None and path is not None:
            wanted = _wanted(window, _scope_of(dialog))
            named = dialog.identified.isChecked()
            dialog.accept()
            exchanging.export_labels(session, jobs, FORMATS[name], path, wanted, named=named)

    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.scope_chosen.connect(show)
    dialog.export_requested.connect(export)
    dialog.finished.connect(lambda _code: exchanging.stop_counting(jobs))
    show()
    exchanging.count_kinds(session, jobs, take)
    dialog.open()


def ask_to_import(window: MainWindow) -> None:
    """Ask which labels are to be taken over, and show what of them would come in."""
    refuse_read_only(window.session)
    formats = tuple((one.name, one.title) for one in FORMATS.values())
    dialog = LabelImportDialog(formats, window)
    _Import(window, dialog)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


class _Import(QObject):
    """One import under way: what was chosen, and what was read of it; lives with its dialog."""

    def __init__(self, window: MainWindow, dialog: LabelImportDialog) -> None:
        super().__init__(dialog)
        self._window = window
        self._dialog = dialog
        self._path = ""
        self._found: Incoming | None = None
        dialog.place_chosen.connect(self._choose)
        dialog.format_chosen.connect(lambda _name: self._read())
        dialog.accepted.connect(self._take)
        dialog.rejected.connect(lambda: exchanging.stop_reading(window.jobs))

    def _choose(self, path: str) -> None:
        self._path = path
        self._dialog.set_place(path)
        self._read()

    def _read(self) -> None:
        if not self._path:
            return
        self._found = None
        exchanging.stop_reading(self._window.jobs)
        self._dialog.set_found((("plain", f"Reading {Path(self._path).name} …"),), takes=False)
        exchanging.read_labels(
            self._window.session,
            self._window.jobs,
            self._path,
            self._show,
            self._fail,
            name=self._dialog.chosen_format,
        )

    def _show(self, found: Incoming) -> None:
        self._found = found
        label_set = self._window.session.labels.label_set
        new = found.new_labels(label_set)
        lines: list[tuple[State, str]] = [("good", words_of_incoming(found, label_set))]
        if new:
            lines.append(("plain", words_of_new(new)))
        if found.unmatched:
            lines.append(("doubtful", words_of_unmatched(found.unmatched)))
        self._dialog.set_found(tuple(lines), takes=bool(found.annotations or new))

    def _fail(self, error: Error) -> None:
        said = trouble(error)
        lines: list[tuple[State, str]] = [("bad", said.message), ("plain", said.hint)]
        self._dialog.set_found(tuple(one for one in lines if one[1]), takes=False)

    def _take(self) -> None:
        if self._found is not None:
            try:
                exchanging.take_labels(self._window.session, self._window.jobs, self._found)
            except UserError as error:
                self._window.session.say_error(error)


def _scopes(window: MainWindow) -> tuple[tuple[Scope, str], ...]:
    """What can be exported: all, or what is in sight."""
    scopes: list[tuple[Scope, str]] = [("project", "The whole project")]
    in_sight = len(_wanted(window, "sight"))
    if in_sight > 1:
        scopes.append(("sight", f"The {counted(in_sight, 'scan')} in sight"))
    source = window.session.source_of(window.session.active)
    if source is not None:
        scopes.append(("scan", "The scan in the active viewport"))
    return tuple(scopes)


def _scope_of(dialog: LabelExportDialog) -> Scope:
    found = dialog.scope.chosen_key()
    return "sight" if found == "sight" else "scan" if found == "scan" else "project"


def _wanted(window: MainWindow, scope: Scope) -> tuple[str, ...]:
    """The ids of the scans; () for all of the project."""
    session = window.session
    numbers = {"project": (), "sight": tuple(session.visible), "scan": (session.active,)}[scope]
    found = (session.panes[one].source_id for one in numbers)
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _counts(window: MainWindow, scope: Scope) -> Counter[str]:
    """How much of each kind the scans in sight have; all of it is at hand."""
    of = window.session.labels.of_source
    return Counter(one.kind for name in _wanted(window, scope) for one in of(name))


def _row(chosen: Format, counts: Counter[str]) -> FormatRow:
    if not counts.total():
        return FormatRow(chosen.name, chosen.title, "bad", "Nothing to export")
    return FormatRow(chosen.name, chosen.title, *held_by(chosen, counts))


def _place_for(dialog: LabelExportDialog, chosen: Format) -> Path | None:
    """Where the labels are to be written; asked for."""
    title = f"Export labels as {chosen.title}"
    if chosen.folder:
        title = f"{title}: the name of a new folder"
        name, _ = QFileDialog.getSaveFileName(
            dialog, title, f"labels-{chosen.name}", "", "", _FOLDERS
        )
        return Path(name) if name else None
    filters = f"{chosen.title} (*{chosen.extension})"
    name, _ = QFileDialog.getSaveFileName(dialog, title, f"labels{chosen.extension}", filters)
    whole = name.lower().endswith(chosen.extension)
    return Path(name if whole else f"{name}{chosen.extension}") if name else None
