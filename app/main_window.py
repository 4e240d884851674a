"""The window: top bar, start page or work place, messages and jobs; joins, and holds no state.

Dialogs are imported when first asked for, so that the window appears sooner.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QApplication,
    QFileDialog,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app import (
    batch_acts,
    belief_acts,
    comparison_acts,
    demo,
    experiment_acts,
    label_acts,
    project_acts,
    project_leaving,
)
from app import window_acts as acts
from app.actions import answers, entries, marks, models, objects, planes, sources
from app.actions.volumes import is_volume
from app.jobs import Error, Job, Jobs
from app.key_map import KeyChanges, applied
from app.keys import Command, bind, keys_in
from app.palette import palette_rows, run_named
from app.panes import Changes
from app.places import settings_path
from app.session import Session
from app.settings import Settings, save_settings
from app.view_keeper import ViewKeeper
from app.views import wording
from app.views.review import Review
from app.window_commands import commands_of
from app.window_menu import menu_of
from inference.errors import UserError
from widgets.command_palette import CommandPalette
from widgets.job_list import JobList, JobRow
from widgets.message_bar import Message, MessageBar
from widgets.project_bar import ProjectBar
from widgets.start_page import RecentRow, StartPage
from widgets.theme import ThemeName, apply_theme, begin_theme, finish_theme
from widgets.top_bar import DeviceRow, TopBar

QUIET_MS = 33
"""Progress reaches the screen at most 30 times a second."""


class MainWindow(QMainWindow):
    """Draws what the session says; each wish of the person calls one action."""

    closing = Signal()
    interrupted = Signal()
    """Ctrl+C in the terminal."""

    def __init__(self, session: Session, jobs: Jobs, settings: Settings) -> None:
        begin_theme(_application(), settings.theme)  # widgets take their font when they are made
        super().__init__()
        self.session = session
        self.jobs = jobs
        self.settings = settings
        self.setWindowTitle("Lepton")
        self.setAcceptDrops(True)
        self.setMinimumSize(960, 600)
        self.resize(1440, 900)
        self.top = TopBar()
        self.start = StartPage()
        self.review = Review(session, jobs)
        self.messages = MessageBar()
        self.project_bar = ProjectBar()
        self.job_list = JobList()
        self.palette_box = CommandPalette(self)
        self._stack = QStackedWidget()
        self._arrange()
        self._defaults = commands_of(self)
        self.commands = self._defaults
        self._bindings = bind(self.commands, self, self.review.viewport_area, self.run_command)
        self._connect()
        for part in (batch_acts, belief_acts, comparison_acts, experiment_acts, label_acts):
            part.connect(self)
        self.view_keeper = ViewKeeper(self)
        project_acts.connect(self)
        self._jobs_timer = QTimer(self)
        self._jobs_timer.setSingleShot(True)
        self._jobs_timer.setInterval(QUIET_MS)
        self._jobs_timer.timeout.connect(self._show_jobs)
        self._use_keys()
        self.change_settings(settings)
        self.top.set_theme_name(settings.theme)
        self.show_start()
        self._show_recent()
        self._show_devices()
        if settings.geometry:
            self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode()))
        finish_theme(_application())

    # What the person wants

    def open_paths(self, paths: tuple[str, ...]) -> None:
        """Open files and folders, and remember them."""
        if not paths or project_acts.open_if_project(self, paths):
            return
        self.remember(paths)
        self.show_review()
        sources.open_paths(self.session, self.jobs, paths)

    def remember(self, paths: tuple[str, ...]) -> None:
        """Put paths first among the recent ones."""
        self.session.project.opened = paths
        self.settings = self.settings.with_recent(paths)
        self._show_recent()

    def open_demo(self) -> None:
        self.show_review()
        demo.open_demo(self.session, self.jobs)

    def ask_for_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Open files")
        self.open_paths(tuple(paths))

    def ask_for_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Open a folder")
        self.open_paths((path,) if path else ())

    def ask_for_model(self) -> None:
        from app import dialogs

        dialogs.ask_for_model(self, self.session, self.jobs)

    def show_start(self) -> None:
        self._stack.setCurrentWidget(self.start)
        self.top.set_place("")
        self.top.set_layout_enabled(False)
        self.start.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_review(self) -> None:
        if self._stack.currentWidget() is not self.review:
            self._stack.setCurrentWidget(self.review)
            self.top.set_place(self.session.place)
            self.top.set_layout_enabled(True)
            self.review.focus_viewport()

    def toggle_layout(self) -> None:
        acts.choose_layout(self, "1x1" if len(self.session.seats) > 1 else "1x2")

    def shows_picture(self) -> bool:
        return self.session.panes[self.session.active].frame is not None

    def shows_scan(self) -> bool:
        """Whether a scan is chosen here, though this frame of it may be damaged."""
        return self.session.source_of(self.session.active) is not None

    def toggle_theme(self) -> None:
        self.set_theme("light" if self.settings.theme == "dark" else "dark")

    def set_theme(self, name: ThemeName) -> None:
        self.settings = replace(self.settings, theme=name)
        apply_theme(_application(), name)
        self.top.set_theme_name(name)

    def show_palette(self) -> None:
        """All commands, and the scans."""
        self.palette_box.open_with(palette_rows(self))

    def show_shortcuts(self) -> None:
        from app import dialogs

        dialogs.show_shortcuts(self, self._defaults, self.settings.keys, self._change_keys)

    def change_settings(self, settings: Settings) -> None:
        """Take other settings, and keep them at once."""
        self.settings = settings
        save_settings(settings_path(), settings)
        self.session.scales.kept = settings.scales
        self.top.layouts.set_saved(tuple(one.name for one in acts.saved_layouts(self)))

    def _change_keys(self, changes: KeyChanges) -> None:
        self.change_settings(replace(self.settings, keys=changes))
        self._use_keys()

    def _use_keys(self) -> None:
        """The keys as the person has them, everywhere they act or are shown."""
        self.commands = applied(self._defaults, self.settings.keys)
        self._bindings.rebind(self.commands, self.session.place)
        keys = keys_in(self.commands, self.session.place)
        self.review.tools.set_keys(keys)
        self.review.label_bar.set_keys(keys)
        self.review.studies.set_keys(keys)
        self.review.panel.set_keys(keys)
        self.review.labels.set_keys(keys)
        self.review.queue.set_keys(keys)
        self.review.proposals.set_keys(keys)
        self.start.set_keys(keys)
        self.top.set_keys(keys)
        self.top.set_menu(menu_of(self))

    def show_about(self) -> None:
        from app import dialogs

        dialogs.show_about(self)

    def close_window(self) -> None:
        self.close()

    def run_command(self, command: Command) -> None:
        """Run one command if it can be done now; what it stumbles over is said."""
        if not command.enabled():
            return
        try:
            command.run()
        except UserError as error:
            self.session.say_error(error)

    # How it is put together

    def _arrange(self) -> None:
        self._stack.addWidget(self.start)
        self._stack.addWidget(self.review)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in (self.top, self.project_bar, self.messages):
            column.addWidget(widget)
        column.addWidget(self._stack, 1)
        column.addWidget(self.job_list)
        self.setCentralWidget(whole)

    def _connect(self) -> None:
        session, jobs = self.session, self.jobs
        self.top.open_requested.connect(self.ask_for_files)
        self.top.home_requested.connect(self.show_start)
        self.top.palette_requested.connect(self.show_palette)
        layouts = self.top.layouts
        layouts.layout_chosen.connect(partial(acts.choose_layout, self))
        layouts.save_requested.connect(partial(acts.save_layout, self))
        layouts.saved_chosen.connect(partial(acts.apply_layout, self))
        layouts.saved_deleted.connect(partial(acts.delete_layout, self))
        self.review.command_requested.connect(partial(run_named, self))
        self.review.object_opened.connect(partial(acts.open_object, self))
        self.review.tags_requested.connect(self._show_tags_of)
        self.top.theme_toggled.connect(self.toggle_theme)
        self.top.device_chosen.connect(self._choose_device)
        self.start.open_files_requested.connect(self.ask_for_files)
        self.start.open_folder_requested.connect(self.ask_for_folder)
        self.start.demo_requested.connect(self.open_demo)
        self.start.recent_chosen.connect(lambda path: self.open_paths((path,)))
        self.start.entry_chosen.connect(self._open_entry)
        self.review.studies.open_requested.connect(self.ask_for_files)
        self.review.studies.open_folder_requested.connect(self.ask_for_folder)
        self.messages.dismissed.connect(session.dismiss)
        self.job_list.cancel_requested.connect(
            lambda number: answers.cancel_job(session, jobs, int(number))
        )
        self.job_list.messages_requested.connect(self.messages.show_history)
        self.palette_box.chosen.connect(partial(run_named, self))
        session.changed.connect(self._follow)
        jobs.changed.connect(self._jobs_changed)
        jobs.noted.connect(lambda sentence: session.say(sentence, severity="plain"))
        jobs.failed.connect(self._job_failed)

    def _show_tags_of(self, ident: str) -> None:
        """The elements of a source, or of an object."""
        source = self.session.sources.get(ident)
        if source is not None:
            acts.show_tags(self, source, source.frames // 2)
        else:
            acts.show_object_tags(self, ident)

    def _choose_device(self, device: str) -> None:
        models.choose_device(self.session, device)
        self.settings = replace(self.settings, device=device)

    def _open_entry(self, name: str) -> None:
        self.show_review()
        entries.open_entry(self.session, self.jobs, name)

    # What the session and the jobs say

    def _follow(self, changes: Changes) -> None:
        if changes.place:
            self._use_keys()
        if changes.layout:
            mpr = planes.shows_mpr(self.session)
            self.top.layouts.set_layout_name("mpr" if mpr else self.session.layout)
        if changes.layout or changes.frame or changes.tool:
            source = self.session.source_of(self.session.active)
            self.top.layouts.set_planes_enabled(is_volume(source), "This needs a volume.")
        if changes.layout or changes.frame or changes.objects:
            objects.load_overlays(self.session, self.jobs)
        drawn = changes.objects or changes.labels
        if changes.layout or changes.cached or changes.answered or drawn:
            every = changes.objects
            planes.refresh(self.session, self.jobs, changes.answered, every=every)
        if changes.frame:
            marks.load_new(self.session, self.jobs)
        if changes.models:
            self._show_devices()
        if changes.entries:
            self.start.set_entries(entries.rows(self.session))
        if changes.messages:
            rows = tuple(
                Message(one.number, one.severity, one.text, one.hint, one.at, one.dismissed)
                for one in self.session.notes
            )
            self.messages.set_messages(rows)
            self.job_list.set_message_count(len(self.session.notes))

    def _show_devices(self) -> None:
        session = self.session
        rows = tuple(DeviceRow(device, words) for device, words in session.devices)
        self.top.set_devices(rows, session.device)
        if not session.devices:
            self.top.set_engine("Engine: starting")
            return
        self.top.set_engine(f"Engine: {dict(session.devices).get(session.device, '')}", "good")

    def _show_recent(self) -> None:
        self.start.set_recent(
            tuple(
                RecentRow(path, Path(path).name, str(Path(path).parent))
                for path in self.settings.recent
            )
        )

    def _jobs_changed(self) -> None:
        if not self._jobs_timer.isActive():
            self._jobs_timer.start()

    def _show_jobs(self) -> None:
        jobs = self.jobs
        self.job_list.set_jobs(
            tuple(
                JobRow(
                    str(job.call.number),
                    job.title,
                    job.done / job.total if job.total else None,
                    "waiting" if jobs.waits(job) else wording.left_words(job.seconds_left),
                )
                for job in jobs.running
            )
        )

    def _job_failed(self, job: Job, error: Error) -> None:
        self.session.say_error(error)

    # Qt's own events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.start.set_drop_active(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.start.set_drop_active(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.start.set_drop_active(False)
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        self.open_paths(tuple(paths))

    def closeEvent(self, event: QCloseEvent) -> None:
        if not project_leaving.may_close(self):
            event.ignore()
            return
        self.view_keeper.keep()
        geometry = bytes(self.saveGeometry().toBase64().data()).decode()
        self.settings = replace(self.settings, geometry=geometry)
        save_settings(settings_path(), self.settings)
        self._jobs_timer.stop()
        self.closing.emit()
        event.accept()


def _application() -> QApplication:
    found = QApplication.instance()
    assert isinstance(found, QApplication)
    return found
