"""The tree of elements: nesting, search, copies, files; and the page of a report."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFontInfo, QGuiApplication, QTextDocumentFragment
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QTextBrowser, QTreeView
from pytestqt.qtbot import QtBot

from inference.records import ReportLine, ReportText, TagRow, Tags
from widgets.buttons import IconButton
from widgets.tag_browser import TagBrowser
from widgets.tag_rows import TagRows, is_private
from widgets.text_page import TextPage

ROWS = (
    TagRow(0, "(0008,0060)", "CS", "Modality", "CT"),
    TagRow(0, "(0009,1010)", "LO", "Private", "head"),
    TagRow(0, "(0040,0275)", "SQ", "Request Attributes Sequence", "1 item"),
    TagRow(1, "(FFFE,E000)", "", "Item 1", ""),
    TagRow(2, "(0040,0007)", "LO", "Scheduled Procedure Step Description", "Head plain"),
    TagRow(2, "(0040,0008)", "SQ", "Scheduled Protocol Code Sequence", "0 items"),
    TagRow(0, "(7FE0,0010)", "OW", "Pixel Data", "524,288 bytes"),
)
TAGS = Tags("a.dcm", ROWS)


def tree_of(model: TagRows, parent: QModelIndex | None = None) -> dict[str, object]:
    above = parent if parent is not None else QModelIndex()
    found: dict[str, object] = {}
    for row in range(model.rowCount(above)):
        index = model.index(row, 0, above)
        found[str(index.data())] = tree_of(model, index)
    return found


def test_the_tree_is_that_of_the_depths(qapp: object) -> None:
    model = TagRows()
    model.set_tags(TAGS)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    inner: dict[str, object] = {"(FFFE,E000)": {"(0040,0007)": {}, "(0040,0008)": {}}}
    assert tree_of(model) == {
        "(0008,0060)": {},
        "(0009,1010)": {},
        "(0040,0275)": inner,
        "(7FE0,0010)": {},
    }


def test_found_elements_keep_the_sequences_they_stand_in(qapp: object) -> None:
    model = TagRows()
    model.set_tags(TAGS)
    model.set_search("HEAD")
    assert model.found == (1, 4)
    assert tree_of(model) == {
        "(0009,1010)": {},
        "(0040,0275)": {"(FFFE,E000)": {"(0040,0007)": {}}},
    }
    model.set_search("0040 head")
    assert list(model.found) == [4]
    model.set_search("nowhere")
    assert tree_of(model) == {}


def test_a_depth_that_leaps_has_the_last_element_above_it(qapp: object) -> None:
    model = TagRows()
    model.set_tags(Tags("", (TagRow(3, "(0008,0001)", "", "", ""), ROWS[4])))
    assert tree_of(model) == {"(0008,0001)": {"(0040,0007)": {}}}


@pytest.mark.parametrize(
    ("tag", "private"),
    [("(0009,1010)", True), ("(0008,0060)", False), ("(FFFE,E000)", False), ("", False)],
)
def test_private_groups_are_odd(tag: str, private: bool) -> None:
    assert is_private(tag) == private


@pytest.fixture
def browser(qtbot: QtBot) -> TagBrowser:
    made = TagBrowser()
    qtbot.addWidget(made)
    made.set_tags(TAGS)
    return made


def field_of(browser: TagBrowser) -> QLineEdit:
    return browser.findChildren(QLineEdit)[0]


def tree(browser: TagBrowser) -> QTreeView:
    return browser.findChildren(QTreeView)[0]


def said(browser: TagBrowser | TextPage) -> list[str]:
    return [label.text() for label in browser.findChildren(QLabel)]


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def button(browser: TagBrowser | TextPage, words: str) -> QPushButton:
    return next(b for b in browser.findChildren(QPushButton) if b.text().strip() == words)


def test_enter_and_f3_go_round_what_is_found(browser: TagBrowser) -> None:
    field_of(browser).setText("head")
    at = [str(tree(browser).currentIndex().data())]
    assert "1 of 2" in said(browser)
    for _ in range(2):
        QTest.keyClick(field_of(browser), Qt.Key.Key_Return)
        at.append(str(tree(browser).currentIndex().data()))
    assert at == ["(0009,1010)", "(0040,0007)", "(0009,1010)"]
    browser.findChildren(QLineEdit)[0].setText("nowhere")
    assert "None found" in said(browser)


def test_what_is_copied_can_be_pasted(browser: TagBrowser) -> None:
    field_of(browser).setText("head")
    button(browser, "Copy all found").click()
    inner = "    (0040,0007)\tLO\tScheduled Procedure Step Description\tHead plain"
    assert clipboard() == f"(0009,1010)\tLO\tPrivate\thead\n{inner}"
    assert "Copied 2 elements." in said(browser)


def test_one_element_found_is_one_element_copied(browser: TagBrowser) -> None:
    field_of(browser).setText("modality")
    button(browser, "Copy all found").click()
    assert "Copied 1 element." in said(browser)


def test_a_value_is_no_markup(qapp: object) -> None:
    value = "<img src='file:///a.png'> <b>bold</b>"
    model = TagRows()
    model.set_tags(Tags("", (TagRow(0, "(0008,103E)", "LO", "Series Description", value),)))
    tip = model.index(0, 3).data(Qt.ItemDataRole.ToolTipRole)
    assert QTextDocumentFragment.fromHtml(tip).toPlainText() == value


# The offscreen platform says so of every shown window that has a smallest size.
@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_one_element_or_its_value_is_copied_by_keys(browser: TagBrowser, qtbot: QtBot) -> None:
    browser.show()
    browser.activateWindow()
    qtbot.waitUntil(browser.isActiveWindow, timeout=1000)
    held = Qt.KeyboardModifier.ControlModifier
    view = tree(browser)
    view.setCurrentIndex(view.model().index(0, 3))
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_C, held)
    assert clipboard() == "(0008,0060)\tCS\tModality\tCT"
    QTest.keyClick(view, Qt.Key.Key_C, held | Qt.KeyboardModifier.ShiftModifier)
    assert clipboard() == "CT"
    QTest.keyClick(browser, Qt.Key.Key_F, held)
    assert field_of(browser).hasFocus()


def test_the_search_stays_from_file_to_file(browser: TagBrowser, qtbot: QtBot) -> None:
    browser.set_files(("a.dcm", "b.dcm", "c.dcm"), 1)
    field_of(browser).setText("modality")
    with qtbot.waitSignal(browser.file_chosen, timeout=500) as sent:
        next(
            b for b in browser.findChildren(IconButton) if b.accessibleName() == "File after"
        ).click()
    assert sent.args == [2]
    browser.set_tags(None)
    assert "Reading the tags" in said(browser)
    field_of(browser).setText("modal")
    assert "None found" not in said(browser)
    assert "Reading the tags" in said(browser)
    browser.set_tags(Tags("c.dcm", ROWS[:1], cut=True))
    assert "1 of 1" in said(browser)
    assert "The file has more elements than are shown." in said(browser)


def test_a_file_without_tags_says_why(browser: TagBrowser) -> None:
    browser.set_trouble("This picture has no tags.")
    assert "This picture has no tags." in said(browser)
    assert not button(browser, "Copy all").isEnabled()


def test_only_tags_are_in_a_fixed_width(browser: TagBrowser) -> None:
    model = tree(browser).model()
    assert QFontInfo(model.index(0, 0).data(Qt.ItemDataRole.FontRole)).fixedPitch()
    assert model.index(0, 1).data(Qt.ItemDataRole.FontRole) is None


def test_ten_thousand_elements_are_searched_while_one_types(browser: TagBrowser) -> None:
    many = tuple(
        TagRow(number % 3, f"({number:04X},0010)", "LO", f"Name {number}", str(number * 7))
        for number in range(10_000)
    )
    browser.set_tags(Tags("", many))
    start = time.perf_counter()
    field_of(browser).setText("name 7777")
    assert time.perf_counter() - start < 0.5  # 10 ms on one core of 2026
    assert "1 of 2" in said(browser)  # names 7777, and 1111 of value 7777


REPORT = ReportText(
    "Measurements",
    (
        ReportLine(0, "Findings", ""),
        ReportLine(1, "Volume", "3.42 cm³"),
        ReportLine(1, "", "<b>plain</b>"),
    ),
)


@pytest.fixture
def page(qtbot: QtBot) -> TextPage:
    made = TextPage()
    qtbot.addWidget(made)
    made.set_report(REPORT)
    return made


def test_a_report_is_read_as_written(page: TextPage) -> None:
    shown = page.findChildren(QTextBrowser)[0]
    assert shown.toPlainText() == "Findings\nVolume  3.42 cm³\n<b>plain</b>"
    margins = []
    block = shown.document().begin()
    while block.isValid():
        margins.append(block.blockFormat().leftMargin())
        block = block.next()
    assert margins == [0.0, 18.0, 18.0]


def test_a_report_is_copied_whole(page: TextPage) -> None:
    button(page, "Copy all").click()
    assert clipboard() == "Findings\n  Volume: 3.42 cm³\n  <b>plain</b>"


def test_a_report_that_is_not_there_says_why(page: TextPage) -> None:
    page.set_trouble("The report could not be read.")
    assert page.windowTitle() == "Report"
    assert "The report could not be read." in said(page)
    page.set_report(ReportText("Empty", ()))
    assert "The report has no text." in said(page)
    assert not button(page, "Copy all").isEnabled()
