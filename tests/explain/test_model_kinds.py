"""The table of methods × kinds of networks: each cell is right, or refused with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explain.arithmetic import plain_arithmetic
from explain.features import features_of
from explain.methods import METHODS
from explain.preflight import ENDED, cheapest, look
from explain.question import Answer, Method, Question
from explain.subject import Subject
from inference.records import Scalar
from inference.task import Task
from tests.campaigns import table
from tests.explain.model_kinds import MODEL_KINDS

ROOT = Path(__file__).resolve().parents[2]


def gradient(question: Question, at: Tensor) -> Tensor:
    """What autograd says, without any of our code but the score."""
    leaf = at.detach().clone().requires_grad_()
    return torch.autograd.grad(question.score(question.model(leaf)).sum(), leaf)[0]


def change(question: Question, hidden: Tensor) -> float:
    """How much less the score is with the baseline where `hidden` [1, *size] says."""
    covered = torch.where(
        hidden if question.inputs.ndim == 2 else hidden[:, None],
        question.baseline,
        question.inputs,
    )
    with torch.no_grad():
        return question.value - float(question.score(question.model(covered)))


def whole_change(question: Question) -> float:
    return change(question, torch.ones(1, *question.size, dtype=torch.bool))


def near(found: float, expected: float, share: float = 1e-3) -> bool:
    return abs(found - expected) <= share * max(abs(expected), 1e-3)


def equal(found: Tensor, expected: Tensor, share: float = 1e-4) -> bool:
    return bool((found - expected).abs().max() <= share * expected.abs().max())


def is_gradient(question: Question, answer: Answer) -> bool:
    return equal(answer.values, gradient(question, question.inputs))


def is_input_times_gradient(question: Question, answer: Answer) -> bool:
    return equal(answer.values, question.inputs * gradient(question, question.inputs))


def is_integral(question: Question, answer: Answer) -> bool:
    """Gauss-Legendre by NumPy, one place after another as the question has it too."""
    places, weights = np.polynomial.legendre.leggauss(int(dict(answer.taken)["n_steps"] or 0))
    off = question.inputs - question.baseline
    total = torch.zeros_like(off)
    for place, weight in zip((1 + places) / 2, weights / 2, strict=True):
        total += float(weight) * gradient(question, question.baseline + float(place) * off)
    return equal(answer.values, off * total, 1e-4)


def adds_up(question: Question, answer: Answer) -> bool:
    return near(float(answer.values.double().sum()), whole_change(question), 0.05)


def parts_add_up(question: Question, answer: Answer) -> bool:
    """Each part has its value at all its places, so one place of each is counted."""
    _, first = np.unique(features_of(question).labels, return_index=True)
    return near(float(answer.map.flatten()[first].double().sum()), whole_change(question))


def is_what_hiding_changes(question: Question, answer: Answer) -> bool:
    """The strongest part, found by its value, hidden by hand."""
    strongest = answer.map.flatten()[answer.map.abs().argmax()]
    return near(float(strongest), change(question, answer.map == strongest))


def is_not_the_gradient(question: Question, answer: Answer) -> bool:
    plain = gradient(question, question.inputs)
    return float((answer.values - plain).norm()) > 1e-3 * float(plain.norm())


def is_weighted_by_mean_gradients(question: Question, answer: Answer) -> bool:
    """Grad-CAM's formula on the layer's own axes, whatever their order."""
    layer = question.layer
    assert layer is not None
    kept: list[Tensor] = []
    part = question.model.get_submodule(layer.name)

    def keep(module: nn.Module, given: object, output: Tensor) -> Tensor:
        kept.append(output)
        return output.clone()  # what follows may change it in place

    handle = part.register_forward_hook(keep)
    leaf = question.inputs.clone()
    try:
        if leaf.is_floating_point():
            leaf.requires_grad_()
        else:
            part.requires_grad_(requires_grad=True)
        score = question.score(question.model(leaf))
    finally:
        handle.remove()
    found = kept[-1]
    (slopes,) = torch.autograd.grad(score.sum(), found)
    part.requires_grad_(requires_grad=False)
    axis = 1 if layer.layout == "channels first" else -1
    found, slopes = (one.detach().movedim(axis, 1).flatten(2) for one in (found, slopes))
    found, slopes = found[..., layer.special :], slopes[..., layer.special :]
    cam = (found * slopes.mean(dim=2, keepdim=True)).sum(dim=1)
    return equal(answer.map.flatten(1), cam)


RIGHT: dict[str, Callable[[Question, Answer], bool]] = {
    "saliency": is_gradient,
    "input_x_gradient": is_input_times_gradient,
    "integrated_gradients": is_integral,
    "deep_lift": adds_up,
    "guided_backprop": is_not_the_gradient,
    "deconvolution": is_not_the_gradient,
    "grad_cam": is_weighted_by_mean_gradients,
    "feature_ablation": is_what_hiding_changes,
    "shapley_value_sampling": parts_add_up,
    "kernel_shap": parts_add_up,
    "token_occlusion": is_what_hiding_changes,
}
"""What an answer has to be, by method, from nothing but passes through the network itself."""


def subject_with(kind: str, seed: int) -> Subject:
    """The network of a kind, asked about another input than the one it was tried on."""
    tried = table.subject_of(kind)
    inputs = MODEL_KINDS[kind].inputs(seed)
    return Subject(tried.model, inputs, tried.baseline, tried.score, tried.facts, tried.background)


def bearable(method: Method, size: tuple[int, ...]) -> dict[str, Scalar]:
    """The method's defaults with all of the map, or where those take long its cheapest options.

    Steps go one by one: in a batch a ReLU that is almost shut tips over, 1 % of a map here.
    """
    usual = {option.name: option.default for option in method.options(size)}
    whole = {name: False if value is True else value for name, value in usual.items()}
    found = whole if method.passes(usual, size) <= 20 else cheapest(method, size)
    return found | ({"internal_batch_size": 1} if "internal_batch_size" in found else {})


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_every_cell_is_right_or_refused(kind: str) -> None:
    subject, words = subject_with(kind, seed=5), table.words_of(kind)
    before = {name: value.clone() for name, value in subject.model.state_dict().items()}
    wrong = []
    for name, method in METHODS.items():
        word = words[name]
        if word.status == "red":
            wrong += [] if word.reason and ENDED not in word.reason else [(name, word.reason)]
            continue
        question = subject.ask(method, bearable(method, subject.facts.size), Task())
        with plain_arithmetic(subject.model):
            answer = method.run(question)
            right = name not in RIGHT or RIGHT[name](question, answer)
        if look(answer, question).status == "red" or not right:
            wrong.append((name, word.status))
    assert wrong == []
    after = subject.model.state_dict()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
    assert not any(value.requires_grad for value in subject.model.parameters())


@pytest.mark.parametrize("kind", MODEL_KINDS)
def test_a_red_method_names_one_that_is_not(kind: str) -> None:
    words = table.words_of(kind)
    for word in words.values():
        if word.status == "red":
            assert word.instead is not None
            assert words[word.instead].status != "red"
        else:
            assert word.seconds is not None


LAYOUTS = {
    "resnet": ("channels first", 0),
    "vit": ("tokens", 1),
    "swin": ("channels last", 0),
    "unet3d": ("channels first", 0),
    "transformer": ("tokens", 0),
}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_layers_of_each_layout_are_told_apart(kind: str) -> None:
    layer = next(one for one in table.subject_of(kind).facts.layers if one.default)
    assert (layer.layout, layer.special) == LAYOUTS[kind]


def test_the_document_says_what_is_found() -> None:
    text = (ROOT / "docs" / "belief.md").read_text(encoding="utf-8")
    made = table.block()
    assert made in text, "run ./lepton campaign table"
