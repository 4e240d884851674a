"""Cards on disk: what is written is read back, and each mistake is named."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.card_files import (
    find_model,
    list_models,
    read_card,
    user_models_dir,
    write_card,
)
from inference.cards import Accepts, CardMetric, ModelCard, differences, fitting_first
from inference.errors import UserError
from inference.records import FrameRef, Source
from inference.requests import OpenRequest
from inference.task import Task
from tests.plain_source import plain_source
from tests.sample_models import CARD, VOLUME_CARD

FULL = replace(
    VOLUME_CARD,
    accepts=Accepts(("MR",), ("HEAD",), ("MONOCHROME2",), 3, (0.5, 2.0), "HU"),
    spacing_mm=1.0,
    clip=(-1000.0, 400.0),
    arguments=(("base", 8), ("up", "trilinear"), ("sharpness", 2.5), ("affine", True)),
    metrics=(CardMetric("Dice", "10 volumes", 0.86, 0.84, 0.88, 10),),
    limits=("It knows nothing.", "Größe × Zahl: “quoted”, and: colons"),
    layer="down.2.3",
)


@pytest.fixture
def notes() -> list[str]:
    return []


@pytest.fixture
def task(notes: list[str]) -> Task:
    return Task(lambda kind, value: notes.append(str(value)))


def written(card: ModelCard, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_card(card, folder / "card.yaml")
    return folder / "card.yaml"


@pytest.mark.parametrize("card", [CARD, FULL])
def test_a_card_is_read_back_as_it_was_written(card: ModelCard, tmp_path: Path) -> None:
    found = read_card(written(card, tmp_path))
    assert found == replace(card, weights=str(tmp_path.resolve() / "weights.safetensors"))


@given(
    title=st.from_regex(r"[^\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]{1,30}", fullmatch=True)
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_any_word_survives_in_a_card(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    path = written(replace(CARD, title=title), tmp_path_factory.mktemp("card"))
    assert read_card(path).title == title.strip()


Change = Callable[[dict[str, Any]], object]

MISTAKES: list[tuple[str, Change]] = [
    ("title: field required", lambda c: c.pop("title")),
    ("schema: input should be 'lepton.card/1'", lambda c: c.update(schema="lepton.card/2")),
    ("extra inputs are not permitted", lambda c: c.update(colour="blue")),
    ("labels.0: input should be a valid string", lambda c: c.update(labels=[False, "yes"])),
    ("each label may stand there once", lambda c: c.update(labels=["a", "a"])),
    ("softmax needs at least two", lambda c: c.update(labels=["a"])),
    ("task: input should be 'classify' or 'segment'", lambda c: c.update(task="detect")),
    ("id: string should match", lambda c: c.update(id="../evil")),
    ("weights.file: string should match", lambda c: c["weights"].update(file="../w.pth")),
    ("weights.sha256: string should match", lambda c: c["weights"].update(sha256="abc")),
    ("weights: the file and its sha256 are missing", lambda c: c.pop("weights")),
    ("input.size: accepts.dimensions asks for 2", lambda c: c["input"].update(size=[8, 8, 8])),
    ("input.size.0: input should be greater", lambda c: c["input"].update(size=[0, 8])),
    ("input.channels: input should be 1 or 3", lambda c: c["input"].update(channels=2)),
    ("input.mean: one value, or one a channel", lambda c: c["input"].update(mean=[0.0, 1.0])),
    ("input.scale.0: input should be greater than 0", lambda c: c["input"].update(scale=[0.0])),
    ("input.mean.0: input should be a finite", lambda c: c["input"].update(mean=[float("nan")])),
    ("input.clip: the lower limit comes first", lambda c: c["input"].update(clip=[1.0, 0.0])),
    ("only for volumes", lambda c: c["input"].update(orientation="SAR")),
    (
        "displayed grey levels have a fixed scale",
        lambda c: c["input"].update(values="displayed", normalise="per_source"),
    ),
    (
        "input.orientation: three directions",
        lambda c: (
            c["accepts"].update(dimensions=3),
            c["input"].update(size=[8, 8, 8], orientation="SSR"),
        ),
    ),
    ("limits: list should have at least 1 item", lambda c: c.update(limits=[])),
    (
        "metrics.0.n: input should be a valid integer",
        lambda c: c.update(metrics=[{"name": "AUROC", "data": "x", "value": 0.9, "n": "many"}]),
    ),
    (
        "segment needs softmax",
        lambda c: (c.update(task="segment"), c["network"].update(activation="sigmoid")),
    ),
]


@pytest.mark.parametrize(("words", "change"), MISTAKES, ids=[words for words, _ in MISTAKES])
def test_each_mistake_is_named(words: str, change: Change, tmp_path: Path) -> None:
    path = written(CARD, tmp_path)
    content = yaml.safe_load(path.read_text("utf-8"))
    change(content)
    path.write_text(yaml.safe_dump(content), "utf-8")
    with pytest.raises(UserError) as caught:
        read_card(path)
    assert words in caught.value.message
    assert caught.value.message.startswith(f"The model card {tmp_path.name}/card.yaml is not valid")
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [", "it is not YAML (line 1)"),
        (b"- 1", "it holds no fields"),
        (b"", "it holds no fields"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
        (b"!!python/object/apply:os.system ['true']", "it is not YAML (line 1)"),
        (b"[" * 100_000, "it is not YAML"),
        (b"x" * (1 << 21), "larger than a card can be"),
    ],
)
def test_what_is_no_card_is_refused(content: bytes, words: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_card(path)
    assert words in caught.value.message


def test_a_missing_card_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read_card(tmp_path / "card.yaml")


def test_a_card_that_would_not_be_read_back_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="labels"):
        write_card(replace(CARD, labels=("a", "a")), tmp_path / "card.yaml")
    assert not list(tmp_path.iterdir())


def test_the_users_models_lie_in_the_data_folder(own_data_folder: Path) -> None:
    assert user_models_dir() == own_data_folder / "models"


def test_models_are_listed_and_broken_or_second_ones_are_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, task: Task, notes: list[str]
) -> None:
    monkeypatch.setattr("resources.path", lambda *parts: tmp_path / "box")
    written(replace(CARD, model_id="boxed"), tmp_path / "box" / "boxed")
    mine = user_models_dir()
    written(replace(CARD, model_id="mine"), mine / "mine")
    written(replace(CARD, model_id="boxed"), mine / "again")
    written(replace(CARD, model_id="half"), mine / ".adding-half")
    (mine / "broken").mkdir()
    (mine / "broken" / "card.yaml").write_text("id: broken")
    (mine / "stray.txt").write_text("")
    found = list_models(OpenRequest(()), task)
    assert [(card.model_id, card.built_in) for card in found] == [("boxed", True), ("mine", False)]
    assert notes[0] == "A second model named boxed was left out."
    assert "A model was left out. The model card broken/card.yaml is not valid" in notes[1]
    assert find_model("mine", task) == found[1]
    with pytest.raises(UserError, match="no model named other") as caught:
        find_model("other", task)
    assert caught.value.fault == "usage"
    assert caught.value.hint == "Known models: boxed, mine."


def test_reading_cards_needs_no_torch() -> None:
    code = "import sys, inference.card_files; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def source(**changes: Any) -> Source:
    fields: dict[str, Any] = {
        "body_part": "CHEST",
        "shape": (512, 512),
        "spacing_mm": (0.7, 0.7, 1.0),
        "spacing_source": "PixelSpacing",
        "refs": (FrameRef("a"),),
    }
    return plain_source(**{**fields, **changes})


ACCEPTS = Accepts(("CT",), ("CHEST",), ("MONOCHROME2",), 2, (0.5, 0.9), "HU")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, None),
        ({"body_part": None}, None),
        ({"modality": "MR"}, "The model was made for CT; this is MR."),
        ({"modality": None}, "The model was made for CT; this is of no known modality."),
        ({"body_part": "HEAD"}, "The model was made for CHEST; this shows HEAD."),
        ({"photometric": "RGB"}, "The model expects MONOCHROME2 pixels; these are RGB."),
        ({"unit": None}, "The model expects values in HU; these are without a unit."),
        ({"unit": "US"}, "The model expects values in HU; these are in US."),
        (
            {"spacing_mm": (0.3, 0.3, None)},
            "The model expects pixels of 0.5–0.9 mm; these are 0.3 × 0.3 mm.",
        ),
        (
            {"spacing_mm": None},
            "The model expects pixels of 0.5–0.9 mm; these have no known size.",
        ),
    ],
)
def test_each_difference_is_a_sentence(changes: dict[str, Any], sentence: str | None) -> None:
    card = replace(CARD, accepts=ACCEPTS)
    assert differences(source(**changes), card) == (() if sentence is None else (sentence,))


def test_volumes_and_pictures_are_told_apart() -> None:
    card = replace(VOLUME_CARD, accepts=Accepts(dimensions=3))
    assert differences(source(), card) == ("The model expects a volume; this is a single picture.",)
    several = source(refs=(FrameRef("a"), FrameRef("b")))
    assert "have no geometry" in differences(several, card)[0]


def test_models_that_fit_come_first() -> None:
    other = replace(CARD, model_id="other", accepts=Accepts(("MR",)))
    fits = replace(CARD, model_id="fits", accepts=ACCEPTS)
    assert fitting_first(source(), (other, fits)) == (fits, other)
