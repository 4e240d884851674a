"""Joins the session with the panel of the work place Label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from PySide6.QtCore import QObject, QPoint, QTimer, Signal
from PySide6.QtWidgets import QMenu

from app.actions import acting, labelling, saying
from app.actions.label_sets import choose
from app.jobs import Jobs
from app.label_book import LabelBook
from app.label_sets import in_order, level_of, words_of
from app.panes import Changes
from app.session import Session
from app.store.records import Version
from app.views import label_words
from inference.errors import UserError
from inference.records import WHOLE, Label, Options, Scalar
from widgets.label_form import NOTHING, FieldRow
from widgets.label_list import AnnotationRow, LabelList
from widgets.label_panel import LabelPanel
from widgets.label_rows import LabelRow, Mark


@dataclass(frozen=True)
class _Counted:
    """The annotations of a scan: their ids by frame, how many each label has, what is lacking."""

    ids: tuple[str, ...] = ()
    counts: Counter[str] = field(default_factory=Counter)
    unfinished: str = ""


class LabelView(QObject):
    """Draws what the session says, and calls one action for each wish; holds no state."""

    model_requested = Signal()
    moves_on_chosen = Signal(bool)

    def __init__(self, session: Session, jobs: Jobs, panel: LabelPanel) -> None:
        super().__init__(panel)
        self._session = session
        self._jobs = jobs
        self._panel = panel
        self._known: tuple[object, _Counted] = (None, _Counted())
        """What was counted last; it only saves doing so again."""
        self._connect()
        session.changed.connect(self._follow)
        self.show()

    def show(self) -> None:
        """Draw labels, annotations and attributes of the active viewport."""
        session, panel, book = self._session, self._panel, self._session.labels
        source = session.source_of(session.active)
        panel.set_labels(book.label_set.name, some=bool(book.label_set.labels))
        card = session.card_of(session.active)
        lack = "" if card is not None else "No model is chosen for the scan in sight."
        panel.set_model(card.title if card is not None else "", lack or book.read_only)
        scan = self._counted()
        panel.rows.set_rows(self._label_rows(scan))
        panel.set_ready(*self._lack())
        panel.set_whole(book.hand.whole, several=source is not None and source.frames > 1)
        classes = any(saying.is_for(one, "class") for one in book.label_set.labels)
        panel.set_moves_on(book.moves_on, seen=classes)
        differs = label_words.disagreement(session, session.active)
        words = f"{differs[:1].upper()}{differs[1:]}." if differs else ""
        panel.set_remark(words, scan.unfinished)
        self._show_annotations(scan)
        self._show_form()
        QTimer.singleShot(0, self, self._show_history)  # what was done is handed to the store first

    # What is shown

    def _follow(self, changes: Changes) -> None:
        session = self._session
        if session.place != "label":
            return
        touched = changes.frame | changes.results | changes.methods
        other = changes.labels or changes.place or changes.layout or changes.project
        if other or changes.models or changes.sources or session.active in touched:
            self.show()
        elif changes.messages:
            self._show_history()

    def _lack(self) -> tuple[bool, str]:
        """Whether anything can be said here, and why not."""
        session = self._session
        if session.labels.read_only:
            return False, session.labels.read_only
        if session.source_of(session.active) is None:
            return False, "Open a scan to label it."
        if saying.class_key(session, session.active) is None:
            return False, "This plane is no slice of the scan. Classes are said of its slices."
        return True, ""

    def _counted(self) -> _Counted:
        """What is reckoned over all annotations of the scan in sight, once for each state."""
        book, source_id = self._session.labels, self._session.panes[self._session.active].source_id
        state = (source_id, book.version)
        if state != self._known[0]:
            found = book.of_source(source_id) if source_id is not None else ()
            counts = Counter(one.label for one in found)
            ids = tuple(one.annotation_id for one in found)
            words = label_words.unfinished(book.label_set, found)
            self._known = (state, _Counted(ids, counts, words))
        return self._known[1]

    def _label_rows(self, scan: _Counted) -> tuple[LabelRow, ...]:
        session, label_set = self._session, self._session.labels.label_set
        key = label_words.frame_key(session, session.active)
        here = (
            Counter(one.label for one in session.labels.on(key)) if key is not None else Counter()
        )
        return tuple(
            self._label_row(one, here[one.name], scan.counts[one.name])
            for one in in_order(label_set)
        )

    def _label_row(self, label: Label, here: int, total: int) -> LabelRow:
        session, label_set = self._session, self._session.labels.label_set
        said = saying.said_on(session, saying.class_key(session, session.active), label.name)
        mark: Mark = ""
        if saying.is_for(label, "class"):
            alone = label.scale is None and label_set.pick_within(label.parent) == "single"
            mark = "radio" if alone else "check"
        return LabelRow(
            label.name,
            words_of(label_set, label),
            label.colour,
            level_of(label_set, label),
            label.key,
            here,
            total,
            label.name == session.labels.label,
            mark,
            said is not None,
            label.scale,
            said.value if said is not None else None,
        )

    def _show_annotations(self, scan: _Counted) -> None:
        session, panel, book = self._session, self._panel, self._session.labels
        key = label_words.frame_key(session, session.active)
        source = session.source_of(session.active)
        one_slice = source is None or source.frames == 1
        keys = () if key is None else ((key[0], WHOLE), key)[0 if one_slice else 1 :]
        here = tuple(one.annotation_id for each in keys for one in book.on(each))
        panel.here.set_heading("Annotations" if one_slice else "On this slice")
        panel.here.set_rows(here, self._annotation_row)
        panel.there.setVisible(bool(book.label_set.labels) and not one_slice)
        panel.there.set_rows(scan.ids, self._annotation_row)
        for part in (panel.here, panel.there):
            part.set_selected(book.selected)

    def _annotation_row(self, annotation_id: str) -> AnnotationRow:
        found = self._session.labels.find(annotation_id)
        assert found is not None
        return label_words.row_of(self._session, found)

    def _show_form(self) -> None:
        """The attributes of the one annotation that is selected."""
        book, panel = self._session.labels, self._panel
        one = book.chosen[0] if len(book.chosen) == 1 else None
        label = book.label_set.find(one.label) if one is not None else None
        if one is None or label is None:
            panel.form.set_fields("", ())
            return
        said = dict(one.attributes)
        fields = tuple(
            FieldRow(each.name, each.kind, each.choices, each.required, said.get(each.name))
            for each in label.attributes
        )
        row = label_words.row_of(self._session, one)
        panel.form.set_fields(f"{row.title} · {row.detail}", fields, enabled=not book.read_only)

    def _show_history(self) -> None:
        """Who changed the one annotation that is selected, once its last change is kept."""
        session, book = self._session, self._session.labels
        one = book.chosen[0] if len(book.chosen) == 1 else None
        if one is None or not session.waiting.things:
            name = one.annotation_id if one is not None else ""
            self._panel.history.set_annotation(name, (one, book.history.cursor))

    def _ask_history(self, annotation_id: str) -> None:
        def take(found: tuple[Version, ...]) -> None:
            lines = label_words.version_lines(found)
            self._panel.history.set_lines(annotation_id, lines)

        failed = self._session.say_error
        self._jobs.start(
            "label-history", "store", "load_versions", annotation_id, take, failed=failed
        )

    # What the person wants

    def _connect(self) -> None:
        session, panel = self._session, self._panel
        panel.model_requested.connect(self.model_requested)
        panel.whole_toggled.connect(self._set_whole)
        panel.moves_on_toggled.connect(self.moves_on_chosen)
        panel.rows.chosen.connect(self._take_in_hand)
        panel.rows.said.connect(partial(self._try, self._say))
        panel.rows.graded.connect(lambda name, value: self._try(self._grade, name, value))
        panel.history.wanted.connect(self._ask_history)
        panel.form.changed.connect(lambda name, value: self._try(self._set, name, value))
        for part in (panel.here, panel.there):
            part.selected.connect(partial(labelling.select, session))
            part.chosen.connect(self._go_to)
            part.delete_requested.connect(partial(self._try, self._delete))
            part.menu_requested.connect(partial(self._open_menu, part))

    def _try(self, act: Callable[..., object], *arguments: object) -> None:
        """Do what may be refused, and say why it was."""
        try:
            act(*arguments)
        except UserError as error:
            self._session.say_error(error)
            self.show()

    def _set_whole(self, whole: bool) -> None:
        def take(book: LabelBook) -> None:
            book.hand = replace(book.hand, whole=whole)

        self._session.edit_labels(take)

    def _take_in_hand(self, name: str) -> None:
        """A click on a label: what is selected gets it, and so does what is drawn next."""
        if any(one.kind != "class" and one.label != name for one in self._session.labels.chosen):
            self._try(saying.relabel, self._session, self._jobs, name)
        else:
            choose(self._session, name)

    def _say(self, name: str) -> None:
        label = self._session.labels.label_set.find(name)
        key = saying.class_key(self._session, self._session.active)
        now = saying.said_on(self._session, key, name)
        value = now.value if now is not None else None
        if label is not None and label.scale is not None and now is None:
            value = label.scale[0]
        saying.say(self._session, self._jobs, name, value)

    def _grade(self, name: str, value: float | None) -> None:
        key = saying.class_key(self._session, self._session.active)
        now = saying.said_on(self._session, key, name)
        if value is not None:
            saying.say(self._session, self._jobs, name, value)
        elif now is not None:
            labelling.delete(self._session, self._jobs, (now.annotation_id,))

    def _set(self, name: str, value: Scalar) -> None:
        """Say an attribute of the selected annotation, as one act."""
        chosen = self._session.labels.chosen
        if len(chosen) != 1:
            return
        others: Options = tuple(pair for pair in chosen[0].attributes if pair[0] != name)
        said = others if value == NOTHING else (*others, (name, value))
        words = f"Attribute “{name}”"
        labelling.put(self._session, self._jobs, words, (replace(chosen[0], attributes=said),))

    def _delete(self) -> None:
        labelling.delete(self._session, self._jobs, self._session.labels.selected)

    def _go_to(self, annotation_id: str) -> None:
        found = self._session.labels.find(annotation_id)
        if found is not None:
            acting.show(self._session, self._jobs, found.key)

    def _open_menu(self, part: LabelList, place: QPoint) -> None:
        menu = self.menu_of(part)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def menu_of(self, part: LabelList) -> QMenu:
        """What can be done with the annotations that are selected."""
        menu = QMenu(part)
        label_set = self._session.labels.label_set
        shapes = any(one.kind != "class" for one in self._session.labels.chosen)
        for label in in_order(label_set) if shapes else ():
            action = menu.addAction(f"Label “{label.name}”\t{label.key}".rstrip("\t"))
            act = partial(saying.relabel, self._session, self._jobs, label.name)
            action.triggered.connect(lambda _checked=False, it=act: self._try(it))
        if shapes:
            menu.addSeparator()
        away = menu.addAction("Delete\tDel")
        away.triggered.connect(lambda _checked=False: self._try(self._delete))
        return menu
