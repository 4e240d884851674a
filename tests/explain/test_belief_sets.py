"""Labelled sets as they lie on disk, and what is said of a model over one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from explain.belief_sets import Examined, Reason, Refused, Seen, Sweep, summarise
from explain.labelled_cases import LabelledCase, label_of, marked_decoy, read_set
from inference.architectures.table import build
from inference.cards import Accepts, ModelCard
from inference.errors import UserError
from inference.records import Figure, Source, Verdict
from inference.requests import OpenRequest
from inference.sources.registry import open_sources
from inference.task import Cancelled, Task
from tests.sample_models import CARD, install


def _figure(ratio: float | None, verdict: Verdict | None) -> Figure:
    return Figure("inside_ratio", "", ratio, verdict, "")


def _reason(ratio: float, verdict: Verdict | None, decoy: float | None = None) -> Reason:
    return Reason("saliency", (_figure(ratio, verdict),), decoy)


def _case(name: str, answer: str, *reasons: Reason) -> Examined:
    return Examined(name, ("0" * 12, 0), "nodule", answer, 0.9, reasons, ())


FOUND = (
    _case("a", "nodule", _reason(9.0, "green", 1.0)),
    _case("b", "nodule", _reason(0.5, "red", 30.0)),
    _case("c", "nodule", _reason(1.0, "red")),
    _case("d", "normal", _reason(0.0, "red")),
    _case("e", "nodule", Reason("saliency", (), None)),
    _case("f", "nodule"),
)


def test_only_what_is_right_can_be_right_for_a_wrong_reason() -> None:
    assert [one.wrong_reasons for one in FOUND] == [
        (), ("saliency",), ("saliency",), (), (), (),
    ]  # fmt: skip


def test_the_summary_counts_right_cases_with_a_marked_reason() -> None:
    summary = summarise("saliency", FOUND)
    assert summary.maps == 5
    assert summary.ratio is not None
    assert (summary.ratio.value, summary.ratio.n) == (1.0, 3)
    assert 0.5 <= summary.ratio.low <= 1.0 <= summary.ratio.high <= 9.0
    assert summary.decoy_ratio is not None
    assert (summary.decoy_ratio.value, summary.decoy_ratio.n) == (15.5, 2)
    assert summary.wrong is not None
    assert summary.wrong.value == pytest.approx(2 / 3)
    assert summary.wrong.n == 3
    # Wilson's interval for 2 of 3, by hand.
    assert (summary.wrong.low, summary.wrong.high) == pytest.approx((0.2077, 0.9385), abs=1e-4)


def test_a_method_without_maps_has_no_figures() -> None:
    nothing = summarise("occlusion", FOUND)
    assert (nothing.maps, nothing.ratio, nothing.decoy_ratio, nothing.wrong) == (0, *[None] * 3)


def test_a_table_is_seen_from_its_own_folder(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(
        "case,image,label,mask,decoy,frame,source\n"
        'first,"a, b.png",nodule,m.npy,,2,\n'
        ",c.dcm,0,,d.png,,0123456789ab\n",
        encoding="utf-8-sig",
    )
    wanted = (
        LabelledCase(
            "first", str(tmp_path / "a, b.png"), "nodule", str(tmp_path / "m.npy"), frame=2
        ),
        LabelledCase(
            "row 2",
            str(tmp_path / "c.dcm"),
            "0",
            decoy=str(tmp_path / "d.png"),
            source_id="0123456789ab",
        ),
    )
    assert read_set(tmp_path) == read_set(tmp_path / "cases.csv") == wanted


def test_the_folder_of_phantoms_is_a_set(tmp_path: Path) -> None:
    entries = [
        {"case": 0, "label": 0, "nodules": [], "marker": None},
        {"case": 1, "label": 1, "nodules": [{}], "marker": {"box": [2, 1, 4, 3], "frames": [0]}},
    ]
    (tmp_path / "truth.json").write_text(json.dumps(entries))
    without, with_all = read_set(tmp_path)
    assert (without.label, without.mask, without.decoy) == ("0", None, None)
    assert with_all.path == str(tmp_path / "case-0001")
    assert with_all.mask == str(tmp_path / "case-0001" / "mask.npy")
    assert (with_all.decoy, with_all.decoy_frames) == ((2.0, 1.0, 4.0, 3.0), (0,))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("cases.csv", "image,mask\na,b\n", "has no column label"),
        ("cases.csv", "", "has no column image"),
        ("cases.csv", "image,label\n", "lists no case"),
        ("cases.csv", "image,label\n,nodule\n", "Row 1 of the table names no image"),
        ("cases.csv", "image,label\nx.png\n", "Row 1 of the table names no label"),
        ("cases.csv", "image,label,frame\nx.png,a,two\n", "not a labelled set as it should be"),
        ("truth.json", "{", "not a labelled set as it should be"),
        ("truth.json", '[{"case": 0}]', "not a labelled set as it should be"),
        ("truth.json", "[]", "lists no case"),
        ("other.txt", "", "is no labelled set"),
    ],
)
def test_a_set_that_is_none_is_said(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(UserError, match=words):
        read_set(tmp_path)


@pytest.mark.parametrize(("written", "label"), [("nodule", "nodule"), ("0", "normal")])
def test_labels_are_names_or_indices(written: str, label: str) -> None:
    assert label_of(LabelledCase("a", "x", written), CARD) == label


@pytest.mark.parametrize("written", ["2", "-1", "Nodule"])
def test_a_label_that_the_model_does_not_know_is_said(written: str) -> None:
    with pytest.raises(UserError, match="does not know"):
        label_of(LabelledCase("a", "x", written), CARD)


def _open(path: str, source_id: str | None) -> Source:
    opened = open_sources(OpenRequest((path,)), Task())
    if not opened.sources:
        raise UserError(f"{Path(path).name} holds nothing.")
    return opened.sources[0]


@pytest.fixture
def card(own_data_folder: Path) -> ModelCard:
    """Its answer is "nodule" whatever it sees."""
    torch.manual_seed(3)
    made = replace(CARD, size=(16, 16), accepts=Accepts(), scale=(255.0,))
    state = build("plain_cnn", made.arguments, 2, 1).state_dict()
    bias = next(name for name in reversed(state) if name.endswith("bias"))
    state[bias] = torch.tensor([-9.0, 9.0])
    return install(made, state, own_data_folder / "models" / "sample")


@pytest.fixture
def cases(tmp_path: Path) -> tuple[LabelledCase, ...]:
    """One that is right, with the left half marked and the right one a decoy; and one missing."""
    values = np.random.default_rng(0).integers(0, 256, (16, 16), dtype=np.uint8)
    mask = np.zeros((16, 16), dtype=bool)
    mask[:, :8] = True
    (tmp_path / "a.png").write_bytes(cv2.imencode(".png", values)[1].tobytes())
    np.save(tmp_path / "left.npy", mask)
    whole = LabelledCase(
        "whole",
        str(tmp_path / "a.png"),
        "nodule",
        mask=str(tmp_path / "left.npy"),
        decoy=(8.0, 0.0, 16.0, 16.0),
        decoy_frames=(0,),
    )
    return LabelledCase("missing", str(tmp_path / "b.png"), "nodule"), whole


def test_a_case_that_fails_does_not_end_the_set(
    card: ModelCard, cases: tuple[LabelledCase, ...]
) -> None:
    done: list[object] = []
    task = Task(lambda kind, value: done.append(value) if kind == "progress" else None)
    missing, whole = Sweep(card, ("saliency",), _open).over(cases, task)
    assert isinstance(missing, Refused)
    assert missing.case == "missing"
    assert isinstance(whole, Seen)
    assert (whole.examined.right, whole.examined.failed) == (True, ())
    (why,) = whole.examined.reasons
    (drawn,) = whole.maps
    # The halves are all there is, so what they hold adds up to twice what chance gives.
    assert why.ratio is not None
    assert why.decoy_ratio is not None
    assert why.ratio + why.decoy_ratio == pytest.approx(2.0)
    assert why.ratio == pytest.approx(2 * drawn.map[:, :8].sum() / drawn.map.sum(), rel=1e-5)
    assert done == [(1, 2), (2, 2)]


def test_a_method_that_fails_leaves_the_others(
    card: ModelCard, cases: tuple[LabelledCase, ...]
) -> None:
    methods = ("attention_rollout", "saliency")
    (whole,) = Sweep(card, methods, _open).over(cases[1:], Task())
    assert isinstance(whole, Seen)
    assert [why.method for why in whole.examined.reasons] == ["saliency"]
    assert [method for method, _ in whole.examined.failed] == ["attention_rollout"]


def test_a_cancelled_set_ends_within_a_case_and_what_is_done_is_there(
    card: ModelCard, cases: tuple[LabelledCase, ...]
) -> None:
    task = Task()
    sweep: Iterator[Seen | Refused] = Sweep(card, ("saliency",), _open).over(cases[1:] * 2, task)
    assert isinstance(next(sweep), Seen)
    task.cancel()
    with pytest.raises(Cancelled):
        next(sweep)


def test_a_box_is_marked_on_its_frames_alone(cases: tuple[LabelledCase, ...]) -> None:
    whole = cases[1]
    source = _open(whole.path, None)
    region = marked_decoy(whole, source, Task())
    assert region is not None
    assert region.at(0, (16, 16))[:, 8:].all()
    assert not region.at(0, (16, 16))[:, :8].any()
