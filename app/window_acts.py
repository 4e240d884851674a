"""What a person asks of the window that needs more than one action: dialogs, saving, layouts."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox

from app.actions import answers, drawing, marks, moving, objects, planes, reading, sources, volumes
from app.actions.returning import leave
from app.hangings import Hanging, hanging_from, hanging_of, hanging_text, seated
from app.key_map import acting
from app.keys import shown
from app.linking import frame_in_sight
from app.messages import trouble
from app.object_places import listed
from app.panes import Link
from app.presets import LAST_DIGIT, NamedGrey, offered_by, on_keys
from inference.errors import UserError
from inference.mpr.cut import Slab
from inference.requests import TagsRequest
from inference.whole_file import writing
from widgets.command_palette import CommandRow

if TYPE_CHECKING:
    from app.main_window import MainWindow
    from inference.records import Source

_browsers = itertools.count()


def choose_layout(window: MainWindow, name: str) -> None:
    """Another grid of viewports, or "mpr"; keys act on its pictures then."""
    session, jobs = window.session, window.jobs
    returned = leave(session, jobs)
    if name == "mpr" and not (returned and planes.shows_mpr(session)):
        planes.toggle_mpr(session, jobs)
    elif name != "mpr":
        if planes.shows_mpr(session):
            planes.show_one(session, jobs)
        _fill_layout(window, name)
    window.review.focus_viewport()


def _fill_layout(window: MainWindow, name: str) -> None:
    """What was active stays in sight.

    Empty viewports show what else there is of its study, and then itself once more.
    """
    session, jobs = window.session, window.jobs
    source = session.source_of(session.active)
    index = frame_in_sight(session, session.active)
    session.set_layout(name)
    if source is None:
        return
    others = [one.source_id for one in _study_first(window) if not _is_shown(window, one)]
    for number in session.visible:
        if session.panes[number].source_id is None and session.panes[number].preview is None:
            other = others.pop(0) if others else None
            at = index if other is None else None
            sources.turn_to(session, jobs, number, other or source.source_id, at)
            sources.show_frame(session, jobs, number, session.panes[number].index)


def _is_shown(window: MainWindow, source: Source) -> bool:
    session = window.session
    return any(session.panes[number].source_id == source.source_id for number in session.visible)


def toggle_own_axes(window: MainWindow) -> None:
    """Cut planes along the scan's own axes, or along the patient's."""
    planes.use_own_axes(window.session, window.jobs, own=not window.session.own_axes)


def save_layout(window: MainWindow) -> None:
    """Keep what is on the screen as an example for other studies."""
    name, given = QInputDialog.getText(window, "Save this layout", "Name of the layout")
    if given and name.strip():
        keep_layout(window, name.strip())


def keep_layout(window: MainWindow, name: str) -> None:
    """The same under a name; one of that name is replaced."""
    session = window.session
    shown = [session.panes[number] for number in session.seats]
    made = hanging_of(name, session.layout, shown, session.sources)
    kept = [one for one in saved_layouts(window) if one.name != name]
    texts = tuple(hanging_text(one) for one in (*kept, made))
    window.change_settings(replace(window.settings, hangings=texts))


def delete_layout(window: MainWindow, name: str) -> None:
    texts = tuple(hanging_text(one) for one in saved_layouts(window) if one.name != name)
    window.change_settings(replace(window.settings, hangings=texts))


def saved_layouts(window: MainWindow) -> tuple[Hanging, ...]:
    """The layouts that the person keeps."""
    found = (hanging_from(text) for text in window.settings.hangings)
    return tuple(one for one in found if one is not None)


def apply_layout(window: MainWindow, name: str) -> None:
    """Hang the study of the active viewport as in a saved layout."""
    session, jobs = window.session, window.jobs
    hanging = next((one for one in saved_layouts(window) if one.name == name), None)
    if hanging is None:
        return
    leave(session, jobs)
    chosen = seated(hanging, _study_first(window))
    session.set_layout(hanging.layout, 0)
    for number, (seat, source_id) in enumerate(zip(hanging.seats, chosen, strict=True)):
        if seat is None or source_id is None:
            session.clear_pane(number)
            continue
        session.set_active(number)
        sources.choose_source(session, jobs, source_id)
        source = session.sources[source_id]
        try:
            if seat.plane != "slices":
                volumes.check_volume(source)
                planes.turn_to(session, jobs, number, session.panes[number], seat.plane)
            if seat.slab_mode is not None:
                planes.set_slab(session, jobs, number, Slab(seat.slab_mode, seat.slab_mm))
        except UserError as error:
            session.say_error(error)
    session.set_active(0)


def _study_first(window: MainWindow) -> tuple[Source, ...]:
    """The sources of the active viewport's study; all where nothing is shown."""
    session = window.session
    shown = session.source_of(session.active)
    everything = tuple(session.sources.values())
    if shown is None:
        return everything
    return tuple(one for one in everything if one.study_id == shown.study_id)


def toggle_link(window: MainWindow, link: Link) -> None:
    """Let viewports do something together, or each for itself."""
    session = window.session
    session.set_link(link, on=link not in session.links)


def link_studies(window: MainWindow) -> None:
    """Scroll studies together from where they stand; of two patients only after a question."""
    session = window.session
    if moving.needs_question(session):
        answer = QMessageBox.question(
            window,
            "Two patients",
            "The viewports show different patients. Scroll them together all the same?",
        )
        if answer != QMessageBox.StandardButton.Yes:
            return
    moving.link_studies(session)


def set_grey(window: MainWindow, number: int) -> None:
    """The window of this number, which up to 9 is its key, for what the active viewport shows."""
    found = greys_here(window).get(number)
    if found is not None:
        window.review.set_grey(found[1])


def greys_here(window: MainWindow) -> dict[int, NamedGrey]:
    """Words and window for each digit, over the active viewport; more than nine have no key."""
    session = window.session
    source, frame = session.source_of(session.active), session.panes[session.active].frame
    modality = source.modality if source is not None else None
    unit = source.unit if source is not None else None
    offered = offered_by(frame) if frame is not None else ()
    return on_keys(window.settings.windows, modality, unit, offered)


def palette_rows(window: MainWindow) -> tuple[CommandRow, ...]:
    """All commands, windows of the file that have no key, and the scans that are open."""
    place = window.session.place
    greys = {number: words for number, (words, _) in greys_here(window).items()}
    named = {f"window_{number}": words for number, words in greys.items()}
    rows = [
        CommandRow(one.name, named.get(one.name, one.text), shown(one), one.group, one.enabled())
        for one in acting(window.commands, place)
        if one.place in (None, place) and (one.group != "Window" or one.name in named)
    ]
    rows += [
        CommandRow(f"grey:{number}", words, "", "Window")
        for number, words in greys.items()
        if number > LAST_DIGIT
    ]
    rows += [
        CommandRow(f"source:{source.source_id}", source.title, "", "Scans")
        for source in listed(window.session)
    ]
    return tuple(rows)


def save_picture(window: MainWindow, *, texts: bool) -> None:
    """Save the active viewport as a picture; who it shows is on it only if asked."""
    picture = window.review.grid.active.grab_picture(texts)
    path, _ = QFileDialog.getSaveFileName(window, "Save the picture", "picture.png", "PNG (*.png)")
    if not path:
        return
    place = Path(path) if path.lower().endswith(".png") else Path(f"{path}.png")
    with writing(place) as temporary:
        if not picture.save(str(temporary)):
            raise OSError("Qt could not write the picture")
    window.session.say(f"The picture was saved as {place.name}.", "", "good")


def ask_for_length(window: MainWindow) -> None:
    """Calibrate the scan in the active viewport by the length that was drawn last."""
    session = window.session
    frame = session.panes[session.active].frame
    drawn = session.marks.on(frame.key) if frame is not None else ()
    lengths = [one for one in drawn if one.kind == "length"]
    if not lengths:
        raise UserError("There is no length to calibrate by.", "Draw one over a known distance.")
    length, given = QInputDialog.getDouble(
        window, "Calibrate", "True length of the line drawn last, in mm", 10.0, 0.001, 1e5, 3
    )
    if given:
        marks.calibrate(session, window.jobs, lengths[-1], length)


def next_key_image(window: MainWindow) -> None:
    """Go to the next key image of the active viewport's scan, from the last one to the first."""
    session = window.session
    pane = session.panes[session.active]
    if pane.frame is None:
        return
    indices = sorted(at for name, at in session.marks.key_images if name == pane.frame.key[0])
    if not indices:
        raise UserError("There is no key image in this scan.", "Mark one with K.")
    after = [index for index in indices if index > pane.index]
    window.review.grid.scroll_to(session.active, (after or indices)[0])


def show_tags_here(window: MainWindow) -> None:
    """The elements of the file behind the active viewport's frame."""
    session = window.session
    source = session.source_of(session.active)
    if source is not None:
        show_tags(window, source, frame_in_sight(session, session.active))


def show_tags(window: MainWindow, source: Source, index: int) -> None:
    """A browser for the elements of a source's files, at the file of frame `index`."""
    paths = list(dict.fromkeys(ref.path for ref in source.refs))
    start = paths.index(source.refs[index].path)
    _browse(window, source.title, paths, start)


def open_object(window: MainWindow, object_id: str) -> None:
    """Read a report as text; of anything else show the elements."""
    found = window.session.objects[object_id]
    if found.kind != "report":
        _browse(window, found.title, [found.path], 0)
        return
    from widgets.text_page import TextPage

    page = TextPage(window)
    page.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    job = objects.read_report(
        window.jobs,
        found,
        page.set_report,
        lambda error: page.set_trouble(trouble(error).message),
    )
    page.finished.connect(lambda _code: window.jobs.cancel_number(job.call.number))
    page.show()


def show_object_tags(window: MainWindow, object_id: str) -> None:
    """The elements of an object's file."""
    found = window.session.objects[object_id]
    _browse(window, found.title, [found.path], 0)


def _browse(window: MainWindow, title: str, paths: list[str], start: int) -> None:
    from widgets.tag_browser import TagBrowser

    browser = TagBrowser(window)
    browser.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    browser.set_title(title)
    browser.set_files(tuple(Path(path).name for path in paths), start)
    slot = f"tags-{next(_browsers)}"

    def read(number: int) -> None:
        browser.set_tags(None)
        window.jobs.start(
            slot,
            "decode",
            "read_tags",
            TagsRequest(paths[number]),
            done=browser.set_tags,
            failed=lambda error: browser.set_trouble(trouble(error).message),
        )

    browser.file_chosen.connect(read)
    browser.finished.connect(lambda _code: window.jobs.cancel_slot(slot))
    browser.show()
    read(start)


def keep_scale(window: MainWindow) -> None:
    """Keep the scale of the map in sight for all maps of its model and method, and use it."""
    kept = drawing.kept_with_this(window.session)
    window.change_settings(replace(window.settings, scales=kept))
    drawing.edit(window.session, scale="kept")


def save_report(window: MainWindow) -> None:
    """Save map, overlay, report and result of what the active viewport shows."""
    path = QFileDialog.getExistingDirectory(window, "Save the report in a folder")
    if path:
        answers.save_report(window.session, window.jobs, Path(path))


def edit_presets(window: MainWindow) -> None:
    """Change the windows that stand on keys, those of the scan in sight first."""
    from app import dialogs

    source = window.session.source_of(window.session.active)
    modality = source.modality if source is not None and source.modality else "CT"
    dialogs.edit_presets(
        window,
        window.settings.windows,
        modality,
        lambda presets: window.change_settings(window.settings.with_presets(presets)),
    )


def edit_memory(window: MainWindow) -> None:
    """Change how much memory open scans may take; it counts at once."""
    from app import dialogs

    def apply(memory_mib: int) -> None:
        window.change_settings(replace(window.settings, memory_mib=memory_mib))
        reading.allow_memory(window.session, window.jobs, window.settings.memory_bytes)

    dialogs.edit_memory(window, window.settings.memory_mib, apply)
