"""The dialog of a label set: fields act on the chosen label, nothing counts before Apply."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QColorDialog, QInputDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from inference.records import Attribute, Label, LabelSet
from widgets.choosers import Chooser
from widgets.label_draft import LabelEdit
from widgets.label_fields import TOP
from widgets.label_set_editor import KEEP, LabelSetEditor
from widgets.labels import SignLabel

BLUE, RED, GREEN = (64, 196, 255), (240, 98, 146), (126, 217, 87)
PALETTE = (BLUE, RED, GREEN)
LABELS = LabelSet("Chest", (Label("normal", BLUE, "1"), Label("lesion", RED, "2")))


class Heard(list[LabelEdit]):
    """What was applied."""

    @property
    def last(self) -> LabelSet:
        return self[-1].label_set


@pytest.fixture
def editor(qtbot: QtBot) -> LabelSetEditor:
    made = LabelSetEditor(LABELS, PALETTE, ("A model", (Label("cyst", RED), LABELS.labels[0])))
    qtbot.addWidget(made)
    return made


@pytest.fixture
def heard(editor: LabelSetEditor) -> Heard:
    found = Heard()
    editor.applied.connect(found.append)
    return found


def choose(editor: LabelSetEditor, place: int) -> None:
    item = editor.tree.topLevelItem(place)
    assert item is not None
    editor.tree.setCurrentItem(item)


def said(editor: LabelSetEditor) -> bool:
    """Whether something is marked as wrong."""
    signs = editor.findChildren(SignLabel)
    return any(not one.isHidden() for one in signs)


def test_the_fields_act_on_the_chosen_label(editor: LabelSetEditor, heard: Heard) -> None:
    choose(editor, 1)
    editor.fields.title.setText("tumour")
    editor.fields.title.textEdited.emit("tumour")
    QTest.keyClicks(editor.fields.key, "t")
    editor.fields.purpose.chosen.emit("class")
    editor.fields.pick.chosen.emit("multi")
    editor.fields.graded.setChecked(True)
    editor.fields.high.setValue(3)
    editor.fields.swatches.chosen.emit(GREEN)
    editor.fields.attributes.changed.emit((Attribute("side", "text"),))
    editor.accept_changes()
    assert heard.last.labels == (
        LABELS.labels[0],
        Label(
            "tumour",
            GREEN,
            "T",
            ("class",),
            (Attribute("side", "text"),),
            (1.0, 3.0),
            "multi",
        ),
    )
    assert heard[-1].names == {"lesion": "tumour"}


def test_a_key_that_is_taken_is_refused_with_a_sentence(editor: LabelSetEditor) -> None:
    QTest.keyClicks(editor.fields.key, "2")
    assert said(editor)
    assert editor.fields.key.text() == "1"
    QTest.keyClick(editor.fields.key, Qt.Key.Key_Backspace)
    assert not said(editor)
    assert editor.fields.key.text() == ""


def test_what_is_wrong_cannot_be_applied(editor: LabelSetEditor, heard: Heard) -> None:
    editor.fields.renamed.emit("lesion")
    editor.accept_changes()
    assert said(editor)
    assert not heard


def test_labels_are_added_and_put_within(editor: LabelSetEditor, heard: Heard) -> None:
    choose(editor, 1)
    editor.add()
    assert editor.fields.title.text() == "Label 1"
    editor.fields.moved_within.emit("1")
    editor.accept_changes()
    assert [(one.name, one.colour, one.key) for one in heard.last.labels] == [
        ("normal", BLUE, "1"),
        ("lesion", RED, "2"),
        ("lesion/Label 1", GREEN, "3"),
    ]


@pytest.mark.qt_log_ignore("propagateSizeHints")  # said offscreen of what is shown
def test_the_order_changes_by_keyboard(editor: LabelSetEditor, heard: Heard, qtbot: QtBot) -> None:
    choose(editor, 1)
    with qtbot.waitExposed(editor):
        editor.show()
    editor.activateWindow()
    qtbot.waitUntil(editor.isActiveWindow)
    QTest.keyClick(editor.tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: editor.tree.place() == 0)
    editor.accept_changes()
    assert [one.name for one in heard.last.labels] == ["lesion", "normal"]


@pytest.mark.parametrize(
    "case",
    [
        (KEEP, True, {}, ["lesion"]),
        ("lesion", True, {"normal": "lesion"}, ["lesion"]),
        (KEEP, False, {}, ["normal", "lesion"]),
    ],
)
def test_a_label_in_use_asks_where_its_annotations_go(
    editor: LabelSetEditor,
    heard: Heard,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, bool, dict[str, str], list[str]],
) -> None:
    answer, given, names, left = case
    editor.set_counts({"normal": 3})
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: (answer, given))
    editor.remove()
    editor.accept_changes()
    assert heard[-1].names == names
    assert [one.name for one in heard.last.labels] == left


def test_an_unused_label_goes_without_a_question(editor: LabelSetEditor, heard: Heard) -> None:
    editor.remove()
    editor.remove()
    editor.accept_changes()
    assert heard.last == LabelSet("Chest")
    assert not editor.fields.isEnabled()


def test_labels_of_the_model_come_beside(editor: LabelSetEditor, heard: Heard) -> None:
    button = next(
        one
        for one in editor.findChildren(QWidget)
        if one.accessibleName() == "Take the labels of the model"
    )
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    editor.accept_changes()
    assert [(one.name, one.colour, one.key) for one in heard.last.labels] == [
        ("normal", BLUE, "1"),
        ("lesion", RED, "2"),
        ("cyst", GREEN, "3"),
    ]


def test_any_other_colour(
    editor: LabelSetEditor, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtGui import QColor

    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor(1, 2, 3))
    editor.fields.swatches.other_requested.emit()
    editor.accept_changes()
    assert heard.last.labels[0].colour == (1, 2, 3)


def test_a_label_lies_within_nothing_below_it(qtbot: QtBot) -> None:
    made = LabelSetEditor(LabelSet("x", (Label("a", BLUE), Label("a/b", RED))), PALETTE)
    qtbot.addWidget(made)
    within = made.fields.within
    assert [within.itemData(at, Qt.ItemDataRole.UserRole) for at in range(within.count())] == [TOP]


def test_attributes_are_typed_without_losing_the_cursor(
    editor: LabelSetEditor, heard: Heard, qtbot: QtBot
) -> None:
    rows = editor.fields.attributes
    add = next(
        one for one in rows.findChildren(QWidget) if one.accessibleName() == "Add an attribute"
    )
    QTest.mouseClick(add, Qt.MouseButton.LeftButton)
    name = next(
        one for one in rows.findChildren(QLineEdit) if one.accessibleName() == "Name of attribute 1"
    )
    QTest.keyClicks(name, "Side")
    choices = next(
        one
        for one in rows.findChildren(QLineEdit)
        if one.accessibleName() == "Words of attribute 1"
    )
    QTest.keyClicks(choices, "left, right,")
    kind = next(iter(rows.findChildren(Chooser)))
    assert kind.chosen_key() == "choice"
    editor.accept_changes()
    assert heard.last.labels[0].attributes == (Attribute("Side", "choice", ("left", "right")),)
