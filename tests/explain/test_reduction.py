"""Any output as one number: torchvision's own networks, and answers worked out by hand."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import pytest
import torch
import torchvision
from torch import Tensor
from torchvision.models.googlenet import GoogLeNetOutputs

from explain.reduction import Part, contrast, form_of, part_score, tensor_of, top_part
from inference.errors import NumbersError, UserError

TWO = torch.tensor([[1.0, 5.0, 2.0], [0.0, -1.0, 7.0]])
"""[N = 2, 3 labels]"""


@pytest.mark.parametrize(
    ("output", "form"),
    [
        (TWO, "values"),
        (TWO[:, 0], "values"),
        ((TWO, TWO[:, :1]), "values"),
        (GoogLeNetOutputs(TWO, None, None), "values"),
        ({"aux": TWO[:, :1], "logits": TWO}, "values"),
        ([None, {"hidden": [torch.zeros(2, dtype=torch.int64), TWO]}], "values"),
        (torch.zeros(2, 4, 9), "tokens"),
        (OrderedDict(out=torch.zeros(2, 3, 4, 5), aux=torch.zeros(2, 1)), "maps"),
        (torch.zeros(2, 3, 2, 4, 5), "maps"),
        ([{"boxes": 0, "labels": 0, "scores": 0, "masks": 0}], "detections"),
    ],
)
def test_the_form_of_an_output(output: object, form: str) -> None:
    assert form_of(output) == form


@pytest.mark.parametrize(
    "output", [(TWO, TWO[:, :1]), GoogLeNetOutputs(TWO, None, None), {"aux": None, "out": TWO}]
)
def test_the_main_tensor_is_found_and_its_label_scored(output: object) -> None:
    assert tensor_of(output) is TWO
    assert top_part(output).label == 1
    score: Any = part_score(output, top_part(output))
    assert score(output).tolist() == [5.0, -1.0]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (None, "nothing"),
        ([], "a list"),
        ({"name": "cat"}, "a dict"),
        (torch.tensor(3.0), "one value for all inputs"),
        (torch.zeros(1, 2, dtype=torch.int64), "int64"),
        (torch.zeros(1, 1, 1, 1, 1, 1), "1 × 1 × 1 × 1 × 1 × 1"),
    ],
)
def test_what_cannot_be_reduced_is_said(output: object, words: str) -> None:
    with pytest.raises(NumbersError, match="no single number") as caught:
        form_of(output)
    assert words in caught.value.message


@pytest.mark.parametrize(
    ("output", "part", "words"),
    [
        (TWO, Part(3), "no output 3"),
        (TWO[:, 0], Part(1), "no output 1"),
        (torch.zeros(1, 2, 3, 3), Part(2), "no label 2"),
        (torch.zeros(1, 4, 9), Part(9), "no token 9"),
        (torch.zeros(1, 4, 9), Part(0, position=4), "no position 4"),
    ],
)
def test_a_part_that_is_not_there(output: Tensor, part: Part, words: str) -> None:
    with pytest.raises(UserError, match=words):
        part_score(output, part)


def test_one_output_of_a_regression_also_without_an_axis_for_it() -> None:
    assert part_score(TWO, Part(2))(TWO).tolist() == [2.0, 7.0]
    assert part_score(TWO[:, 0], Part(0))(TWO[:, 0]).tolist() == [1.0, 0.0]


def test_a_region_of_a_segment_by_hand() -> None:
    """Label 1 is 1…4 on four places; places 0 and 3 count, the last by half: 1 + 4 / 2."""
    output = torch.stack([torch.zeros(2, 2), torch.tensor([[1.0, 2.0], [3.0, 4.0]])])[None]
    region = torch.tensor([[1.0, 0.0], [0.0, 0.5]])
    assert part_score(output, Part(1, region))(output).tolist() == [3.0]
    assert part_score(output, Part(1))(output).tolist() == [10.0]
    top = top_part(output)
    assert top.label == 1
    assert part_score(output, top)(output).tolist() == [10.0]


def test_a_token_and_its_probability_by_hand() -> None:
    """At position 1 the logits are ln 1 and ln 3: the second token has probability 3/4."""
    output = torch.zeros(1, 3, 2)
    output[0, 1] = torch.tensor([0.0, 3.0]).clamp(min=1.0).log()
    score = part_score(output, Part(1, position=1), lambda logits: logits.softmax(dim=1))
    assert score(output).item() == pytest.approx(0.75)
    output[0, 2, 1] = 1.0
    assert top_part(output).label == 1
    assert part_score(output, top_part(output))(output).item() == 1.0


def test_the_contrast_is_the_difference() -> None:
    score = contrast(part_score(TWO, Part(1)), part_score(TWO, Part(0)))
    assert score(TWO).tolist() == [4.0, -1.0]


def detections(*found: tuple[tuple[float, ...], int, float]) -> dict[str, Tensor]:
    boxes, labels, scores = zip(*found, strict=True) if found else ((), (), ())
    return {
        "boxes": torch.tensor(boxes).reshape(-1, 4),
        "labels": torch.tensor(labels, dtype=torch.int64),
        "scores": torch.tensor(scores).requires_grad_(),
    }


def test_a_detection_is_followed_by_label_and_overlap() -> None:
    """By hand: of the 2 × 2 box shifted by one column 2 of 6 pixels overlap: IoU 1/3."""
    first = detections(((0, 0, 2, 2), 1, 0.9), ((5, 5, 9, 9), 1, 0.6), ((0, 0, 2, 2), 2, 0.8))
    part = top_part([first])
    assert (part.label, part.box) == (1, (0.0, 0.0, 2.0, 2.0))
    moved = detections(((1, 0, 3, 2), 1, 0.6), ((0, 0, 2, 2), 2, 0.99))
    score: Any = part_score([first], part)
    found = score([first, moved, detections(((0, 0, 2, 2), 2, 0.9)), detections()])
    assert found.tolist() == pytest.approx([0.9, 0.2, 0.0, 0.0])
    (gradient,) = torch.autograd.grad(found[1], moved["scores"], retain_graph=True)
    assert gradient.tolist() == pytest.approx([1 / 3, 0.0])
    found.sum().backward()  # also where nothing was found there is a gradient, of zero


def test_nothing_detected_is_said() -> None:
    with pytest.raises(UserError, match="detects nothing"):
        top_part([detections()])


def test_a_detection_of_torchvision_keeps_its_gradient() -> None:
    torch.manual_seed(0)
    model = torchvision.models.detection.fasterrcnn_mobilenet_v3_large_320_fpn(
        weights=None, weights_backbone=None, num_classes=3, box_score_thresh=0.0, min_size=64
    ).eval()
    inputs = torch.rand(1, 3, 64, 64, requires_grad=True)
    output = model(inputs)
    part = top_part(output)
    value = part_score(output, part)(output)
    best = int(output[0]["scores"].argmax())
    assert value.item() == pytest.approx(output[0]["scores"][best].item())
    (gradient,) = torch.autograd.grad(value.sum(), inputs)
    assert bool(gradient.any())
    with torch.no_grad():
        several = part_score(output, part)(model(torch.cat([inputs, 0 * inputs])))
    assert several.shape == (2,)
    assert several[0].item() == pytest.approx(value.item(), rel=1e-4)


def test_a_segmentation_of_torchvision_is_a_dict() -> None:
    torch.manual_seed(0)
    model = torchvision.models.segmentation.deeplabv3_mobilenet_v3_large(
        weights=None, weights_backbone=None, num_classes=3, aux_loss=True
    ).eval()
    inputs = torch.rand(1, 3, 48, 48, requires_grad=True)
    output = model(inputs)
    part = top_part(output)
    value = part_score(output, part)(output)
    logits, winner = output["out"][0], output["out"][0].argmax(dim=0)
    expected = logits[part.label][winner == part.label].sum()
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    (gradient,) = torch.autograd.grad(value.sum(), inputs)
    assert bool(gradient.any())


def test_a_network_with_auxiliary_outputs_answers_with_a_named_tuple() -> None:
    torch.manual_seed(0)
    model = torchvision.models.googlenet(
        weights=None, num_classes=4, aux_logits=True, init_weights=False
    )
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d | torch.nn.Dropout):
            module.eval()
    with torch.no_grad():
        output = model(torch.rand(2, 3, 64, 64))
        assert isinstance(output, GoogLeNetOutputs)
        score: Any = part_score(output, Part(2))
    found = score(output)
    assert torch.equal(found, output.logits[:, 2])
