"""The report: complete in one file, escaped, and without a word on who it is."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import cv2
import numpy as np
import pytest

from app.pictures import colour_bar, overlaid, shown
from app.report import NOT_A_DEVICE, Section, completeness_words, report_html
from inference.display_overlay import colour_table
from inference.records import (
    Attribution,
    Completeness,
    Frame,
    FrameRef,
    Prediction,
    Provenance,
    Source,
)

NASTY = '<script src="https://example.org">&"\''


def section(**changes: Any) -> Section:
    key = ("0123456789ab", 0)
    source = Source(
        source_id=key[0], kind="image", title="A title", study_id="s", study_title="A study",
        who="Doe, Jane 1970", modality="CT", body_part=None, photometric="MONOCHROME2", samples=1,
        shape=(20, 30), spacing_mm=None, spacing_source="none", affine=None, positions_mm=None,
        order_rule="none", transfer_syntax=None, unit="HU", refs=(FrameRef("/home/jane/x.dcm"),),
    )  # fmt: skip
    frame = Frame(key, np.arange(600, dtype=np.int16).reshape(20, 30))
    made = Provenance(
        NASTY, "ab" * 32, "stretched", "cpu", 1.25, "2026-01-02T03:04:05+00:00",
        (("torch", "2"),), "occlusion", (("window", 4),), 0,
    )  # fmt: skip
    prediction = Prediction(
        key, ("no", NASTY), np.array([0.25, 0.75], np.float32), np.zeros(2, np.float32),
        "softmax", None, ("Twice said.", NASTY), made,
    )  # fmt: skip
    values = np.zeros((20, 30), np.float32)
    values[5:10, 5:10], values[15:18, 20:28] = 2.0, -1.0
    attribution = Attribution(
        key, 1, NASTY, "logit", values, (20, 30), True, None, "constant 0", "sum", None,
        ("Twice said.",), made,
    )  # fmt: skip
    return Section(source, frame, prediction, replace(attribution, **changes))


class Parsed(HTMLParser):
    """Tags, attributes and text, and whether every tag that is opened is closed."""

    VOID = ("meta", "img", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.words = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def picture_of(link: str) -> np.ndarray:
    data = np.frombuffer(base64.b64decode(link.partition(",")[2]), np.uint8)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB))


def test_it_needs_nothing_else_and_runs_nothing() -> None:
    html = report_html("Why", [section(), section()])
    parsed = Parsed(html)
    assert parsed.open == []
    assert not {"script", "link", "iframe", "object", "form"} & set(parsed.tags)
    assert all(link.startswith("data:image/png;base64,") for link in parsed.links)
    assert "url(" not in html
    assert "@import" not in html
    assert parsed.tags.count("section") == 2


def test_it_says_what_has_to_be_said() -> None:
    words = Parsed(report_html("Why", [section()])).words
    assert NOT_A_DEVICE in words
    assert words.count("Twice said.") == 1
    assert NASTY in words  # shown as it is, not run
    assert "0123456789ab" in words
    assert "0.750" in words
    assert "30 × 20" in words
    assert "prefers-color-scheme: dark" in words
    assert "@media print" in words


def test_nobody_is_named_unless_asked() -> None:
    html = report_html("Why", [section()])
    assert not re.search("Doe|Jane|jane|1970|A title|A study", html)
    named = report_html("Why", [replace(section(), identified=True)])
    assert "Doe, Jane 1970" in named
    assert "/home/jane/x.dcm" in named


def test_its_pictures_are_the_frame_and_the_overlay() -> None:
    one = section()
    pictures = [picture_of(link) for link in Parsed(report_html("Why", [one])).links]
    assert len(pictures) == 3
    assert np.array_equal(pictures[0], np.stack([shown(one.frame)] * 3, axis=2))
    assert np.array_equal(pictures[1], overlaid(one.frame, one.attribution))
    assert np.array_equal(pictures[2], colour_bar(True))


def test_the_overlay_lies_where_the_map_is() -> None:
    one = section()
    changed = (overlaid(one.frame, one.attribution) != shown(one.frame)[..., None]).any(axis=2)
    assert np.array_equal(changed, one.attribution.map != 0)


@pytest.mark.parametrize("signed", [True, False])
def test_the_colour_bar_has_the_ends_of_its_table(signed: bool) -> None:
    bar = colour_bar(signed)
    assert bar[0, -1].tolist() == colour_table(signed)[255].tolist()
    assert bar[0, 0].tolist() == colour_table(signed)[0].tolist()
    if signed:
        assert bar[0, len(bar[0]) // 2].tolist() == colour_table(True)[128].tolist()


def test_completeness_in_words() -> None:
    known = completeness_words(section(completeness=Completeness(1.9, 2.0)).attribution)
    assert "changes by 2; the map adds up to 1.9. That is 5.00% off." in known
    assert "no promise" in completeness_words(section().attribution)
