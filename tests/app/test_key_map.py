"""Keys laid over the table's own: refusals, clashes, swaps, and keys that act at once."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.key_map import (
    KeyChanges,
    acting,
    applied,
    changed,
    clash,
    covered,
    read_changes,
    refusal,
    reset,
    same,
)
from app.keys import Command, Scope, bind, keys_in, shown
from app.panes import Place


def command(
    name: str, *keys: str, scope: Scope = "viewport", place: Place | None = None
) -> Command:
    return Command(name, "Group", name.capitalize(), keys, lambda: None, scope, place=place)


OPEN = command("open", "Ctrl+O", scope="window")
NEXT = command("next", "Down", "Right")
EXPLAIN = command("explain", "E")
PREDICT = command("predict", "P")
DEMO = command("demo", scope="window")
TABLE = (OPEN, NEXT, EXPLAIN, PREDICT, DEMO)
ERASER = command("eraser", "E", place="label")
BOX = command("box", "R", place="label")
PLACED = (*TABLE, ERASER, BOX)


def keys_of(changes: KeyChanges) -> dict[str, tuple[str, ...]]:
    return {one.name: one.keys for one in applied(TABLE, changes)}


@pytest.mark.parametrize(
    ("typed", "spelt"),
    [
        ("shift+ctrl+L", "Ctrl+Shift+L"),
        ("Delete", "Del"),
        ("PgDown", "PgDown"),
        ("+", "+"),
        ("K, L", ""),
        ("", ""),
        ("Nonsense", ""),
    ],
)
def test_one_spelling_for_each_key(typed: str, spelt: str) -> None:
    assert same(typed) == spelt


@pytest.mark.parametrize(
    ("scope", "key", "words"),
    [
        ("window", "K", "types a character"),
        ("window", "Shift+K", "types a character"),
        ("window", "7", "types a character"),
        ("window", "Ctrl+C", "Text fields need"),
        ("window", "Ctrl+Left", "Text fields need"),
        ("window", "PgUp", "Lists and fields need"),
        ("window", "Tab", "Lists and fields need"),
        ("window", "Shift+Tab", "leads back"),
        ("viewport", "Shift+Tab", "leads back"),
        ("viewport", "Del", "The tools on the picture need"),
        ("viewport", "Space", "The tools on the picture need"),
        ("viewport", "Shift+F10", "opens the menu"),
        ("window", "Alt+F4", "belongs to the system"),
        ("viewport", "", "no name"),
    ],
)
def test_keys_that_others_need_are_refused(scope: Scope, key: str, words: str) -> None:
    said = refusal(command("any", scope=scope), key)
    assert said is not None
    assert words in said
    assert said.endswith(".")


@pytest.mark.parametrize(
    ("scope", "key"),
    [
        ("window", "Ctrl+K"),
        ("window", "F9"),
        ("window", "Alt+K"),
        ("viewport", "K"),
        ("viewport", "Shift+K"),
        ("viewport", "Ctrl+C"),
        ("viewport", "Tab"),
        ("viewport", "Left"),
        ("viewport", "["),
    ],
)
def test_free_keys_are_not(scope: Scope, key: str) -> None:
    assert refusal(command("any", scope=scope), key) is None


def test_a_new_key_takes_the_place_of_the_old_ones() -> None:
    changes = changed(TABLE, (), "next", ("N",))
    assert changes == (("next", ("N",)),)
    assert keys_of(changes)["next"] == ("N",)


def test_a_clash_is_found_whatever_the_scope_and_spelling() -> None:
    found = clash(TABLE, "explain", ("ctrl+o",))
    assert found is not None
    assert (found.holder, found.key) == (OPEN, "Ctrl+O")
    assert clash(TABLE, "open", ("Ctrl+O",)) is None
    assert clash(TABLE, "explain", ("X",)) is None


def test_two_commands_swap() -> None:
    changes = changed(TABLE, (), "explain", ("P",))
    assert keys_of(changes)["explain"] == ("P",)
    assert keys_of(changes)["predict"] == ("E",)


def test_who_has_several_keys_loses_only_the_one_that_was_asked_for() -> None:
    changes = changed(TABLE, (), "explain", ("Right",))
    assert keys_of(changes)["next"] == ("Down", "E")


def test_a_swap_gives_nobody_a_key_that_it_cannot_have() -> None:
    changes = changed(TABLE, (), "explain", ("Ctrl+O",))
    assert keys_of(changes)["open"] == ()
    assert keys_of(changes)["explain"] == ("Ctrl+O",)


def test_what_is_as_in_the_table_again_is_not_kept() -> None:
    there = changed(TABLE, (), "explain", ("X",))
    assert changed(TABLE, there, "explain", ("E",)) == ()
    swapped = changed(TABLE, (), "explain", ("P",))
    assert reset(TABLE, swapped, "predict") == ()


def test_a_chosen_key_is_taken_from_a_command_of_a_later_table() -> None:
    later = (*TABLE, command("new", "X", "Y"), command("twin", "E"))
    kept = (("explain", ("X",)), ("next", ("X", "Right")))
    now = {one.name: one.keys for one in applied(later, kept)}
    assert now["explain"] == ()
    assert now["next"] == ("X", "Right")
    assert now["new"] == ("Y",)
    assert now["twin"] == ("E",)


def test_commands_of_a_place_go_there_before_the_others() -> None:
    assert keys_in(PLACED, "review")["explain"] == "E"
    assert keys_in(PLACED, "review")["eraser"] == ""
    there = {one.name: one.keys for one in acting(PLACED, "label")}
    assert (there["explain"], there["eraser"], there["box"]) == ((), ("E",), ("R",))
    assert there["next"] == ("Down", "Right")


def test_only_commands_that_can_meet_clash() -> None:
    assert clash(PLACED, "eraser", ("P",)) is None
    assert clash(PLACED, "predict", ("R",)) is None
    found = clash(PLACED, "eraser", ("R",))
    assert found is not None
    assert found.holder == BOX


def test_a_key_is_given_away_within_its_place_alone() -> None:
    changes = changed(PLACED, (), "eraser", ("R",))
    now = {one.name: one.keys for one in applied(PLACED, changes)}
    assert (now["eraser"], now["box"], now["explain"]) == (("R",), ("E",), ("E",))
    other = changed(PLACED, (), "predict", ("R",))
    then = {one.name: one.keys for one in applied(PLACED, other)}
    assert (then["predict"], then["box"]) == (("R",), ("R",))


def test_what_goes_before_is_told() -> None:
    assert [one.holder.name for one in covered(PLACED, "eraser")] == ["explain"]
    assert [one.holder.name for one in covered(PLACED, "explain")] == ["eraser"]
    assert covered(PLACED, "box") == ()


def test_names_of_another_version_do_no_harm() -> None:
    assert applied(TABLE, (("gone", ("X",)),)) == TABLE
    with pytest.raises(ValueError, match="gone"):
        changed(TABLE, (), "gone", ("X",))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([one.name for one in TABLE]),
            st.sampled_from(["E", "P", "X", "Down", "Ctrl+O", "F9", "Ctrl+K"]),
        ),
        max_size=8,
    )
)
def test_no_two_commands_ever_share_a_key(wishes: list[tuple[str, str]]) -> None:
    changes: KeyChanges = ()
    for name, key in wishes:
        changes = changed(TABLE, changes, name, (key,))
        held = [key for keys in keys_of(changes).values() for key in keys]
        assert len(held) == len(set(held))
        assert keys_of(changes)[name] == (key,)


def test_changes_are_read_as_far_as_they_make_sense() -> None:
    found = {"a": ["ctrl+k"], "b": [], "c": ["Nonsense"], "d": "X", "e": [3]}
    assert read_changes(found) == (("a", ("Ctrl+K",)), ("b", ()))
    assert read_changes(["a"]) is None


# The offscreen platform says so of every shown window that has a smallest size.
pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    picture = QWidget()
    picture.setObjectName("picture")
    picture.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    column = QVBoxLayout(made)
    column.addWidget(picture)
    column.addWidget(QLineEdit())
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=1000)
    return made


def test_keys_act_at_once_when_they_are_changed(window: QWidget) -> None:
    ran: list[str] = []
    picture = window.findChildren(QWidget, "picture")[0]
    field = window.findChildren(QLineEdit)[0]
    bindings = bind(TABLE, window, picture, lambda one: ran.append(one.name))
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_E)
    bindings.rebind(applied(TABLE, changed(TABLE, (), "explain", ("P",))))
    QTest.keyClick(picture, Qt.Key.Key_E)
    QTest.keyClick(picture, Qt.Key.Key_P)
    assert ran == ["explain", "predict", "explain"]
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_P)
    QTest.keyClick(field, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    assert (ran[3:], field.text()) == (["open"], "p")


def test_keys_are_shown_as_people_write_them() -> None:
    assert shown(OPEN) == "Ctrl+O"
    assert shown(NEXT) == "Down Right"
    assert shown(DEMO) == ""


def test_a_place_of_work_has_keys_of_its_own(window: QWidget) -> None:
    ran: list[str] = []
    picture = window.findChildren(QWidget, "picture")[0]
    bindings = bind(PLACED, window, picture, lambda one: ran.append(one.name))
    picture.setFocus()
    QTest.keyClick(picture, Qt.Key.Key_E)
    bindings.rebind(PLACED, "label")
    QTest.keyClick(picture, Qt.Key.Key_E)
    QTest.keyClick(picture, Qt.Key.Key_P)
    bindings.rebind(PLACED, "review")
    QTest.keyClick(picture, Qt.Key.Key_R)
    assert ran == ["explain", "eraser", "predict"]
