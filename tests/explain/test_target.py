"""What is asked about: labels set against each other, and segments within a marked region."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from explain.explain import explain
from explain.target import Within, aim, marked_in_model
from inference.architectures import table
from inference.errors import NumbersError, UserError
from inference.prepare import prepare
from inference.records import Frame, Region
from inference.requests import ExplainRequest
from inference.task import Task
from tests.sample_models import CARD, install

LOGITS = torch.tensor([[1.0, 3.0]])
THREE = replace(CARD, task="segment", labels=("background", "front", "back"), size=(2, 2))


def maps() -> torch.Tensor:
    """Front wins in the first column and at the bottom right, background at the top right."""
    background = torch.tensor([[0.0, 4.0], [0.0, 0.0]])
    front = torch.tensor([[1.0, 2.0], [3.0, 5.0]])
    back = torch.tensor([[-1.0, -2.0], [-3.0, -4.0]])
    return torch.stack([background, front, back])[None]


def test_why_the_one_and_not_the_other() -> None:
    found = aim(CARD, LOGITS, None, "logit", against="normal")
    assert (found.label, found.against, found.index) == ("nodule", "normal", 1)
    assert found.words == "nodule rather than normal"
    assert found.score(LOGITS).tolist() == [2.0]
    # Of two labels the probabilities are sigmoid(±2), by hand.
    as_probability = aim(CARD, LOGITS, "nodule", "probability", against=0)
    expected = 1 / (1 + np.exp(-2)) - 1 / (1 + np.exp(2))
    assert as_probability.score(LOGITS).item() == pytest.approx(expected)


def test_the_label_alone() -> None:
    found = aim(CARD, LOGITS, "normal", "logit")
    assert (found.label, found.against, found.words) == ("normal", None, "normal")
    assert found.score(LOGITS).tolist() == [1.0]


def test_a_dict_with_the_answer_in_it() -> None:
    output = {"out": LOGITS, "aux": LOGITS[:, :1]}
    assert aim(CARD, output, None, "logit").index == 1


def test_a_segment_against_another_over_the_same_region() -> None:
    """Front was found on three places: 1 + 3 + 5; back has −1 − 3 − 4 there."""
    output = maps()
    assert aim(THREE, output, None, "logit").score(output).tolist() == [9.0]
    found = aim(THREE, output, "front", "logit", against="back")
    assert found.score(output).tolist() == [17.0]


def test_a_segment_within_a_marked_region() -> None:
    """Marked is the right column, its lower place by half: 2 + 5 / 2, whatever was found there."""
    output = maps()
    within = Within(torch.tensor([[0.0, 1.0], [0.0, 0.5]]), "drawn by hand")
    found = aim(THREE, output, "front", "logit", within=within)
    assert found.score(output).tolist() == [4.5]
    assert found.words == "front, within the marked region (drawn by hand)"
    # Without a name it is what was found in the region, the background left out.
    assert aim(THREE, output, None, "logit", within=within).label == "front"
    assert aim(THREE, output, "back", "logit", within=within).score(output).tolist() == [-4.0]


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ([[0.0, 1.0], [0.0, 0.0]], "nothing but background in the marked region"),
        ([[0.0, 0.0], [0.0, 0.0]], "outside what the model sees"),
    ],
)
def test_a_marked_region_without_an_answer(shares: list[list[float]], words: str) -> None:
    with pytest.raises(UserError, match=words):
        aim(THREE, maps(), None, "logit", within=Within(torch.tensor(shares), "a file"))


def test_wrong_questions() -> None:
    within = Within(torch.ones(8, 8), "a file")
    with pytest.raises(UserError, match="one answer for the whole picture"):
        aim(CARD, LOGITS, None, "logit", within=within)
    with pytest.raises(UserError, match="nodule cannot be set against itself"):
        aim(CARD, LOGITS, None, "logit", against=1)
    with pytest.raises(UserError, match="no target tumour"):
        aim(CARD, LOGITS, None, "logit", against="tumour")
    with pytest.raises(NumbersError, match="answered with 1 × 3 numbers"):
        aim(CARD, torch.zeros(1, 3), None, "logit")


def region(source_id: str = "abc", rows: int = 4) -> Region:
    """The first two columns of frame 3."""
    mask = np.zeros((1, rows, 4), dtype=bool)
    mask[:, :, :2] = True
    return Region(source_id, 3, mask, "drawn by hand")


def test_a_region_in_the_model_by_shares() -> None:
    """Four columns become eight: the edge falls on a place of the model, both of whose sides count.

    Interpolated at columns -0.25, 0.25 … 3.25 of the source, with 1 up to column 1, 0 from 2 on.
    """
    frame = Frame(("abc", 3), np.zeros((4, 4), np.float32))
    prepared = prepare((frame,), CARD)
    shares = marked_in_model(region(), (frame,), prepared)
    assert shares.shape == (8, 8)
    assert np.allclose(shares, [1, 1, 1, 0.75, 0.25, 0, 0, 0])


@pytest.mark.parametrize("elsewhere", [region("other"), region(rows=5)])
def test_a_region_of_another_scan(elsewhere: Region) -> None:
    frame = Frame(("abc", 3), np.zeros((4, 4), np.float32))
    with pytest.raises(UserError, match="marked on another scan"):
        marked_in_model(elsewhere, (frame,), prepare((frame,), CARD))


class Twice(nn.Module):
    """Logits of background, front and back: 0, twice the pixel, and minus the pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.factor = nn.Parameter(torch.tensor(2.0))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.cat([0 * inputs, self.factor * inputs, -inputs], dim=1)


def test_region_and_rival_reach_the_method_and_the_record(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The gradient of (2 v) − (−v) is 3 where it counts, and nothing elsewhere."""
    monkeypatch.setitem(table.ARCHITECTURES, "twice", lambda *of_card: Twice())
    made = replace(THREE, size=(4, 4), architecture="twice", arguments=())
    card = install(made, Twice().state_dict(), tmp_path)
    frame = Frame(("abc", 3), np.ones((4, 4), np.float32))
    request = ExplainRequest(
        (frame,), 0, card, "saliency", "front", against="back", within=region()
    )
    (found,) = explain(request, Task())
    assert np.allclose(found.map, [3, 3, 0, 0])
    assert (found.target_label, found.against) == ("front", "back")
    expected = "front rather than back, within the marked region (drawn by hand)"
    assert found.target_words == expected
