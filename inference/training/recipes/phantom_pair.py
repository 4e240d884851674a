"""Two classifiers of one generator: one learns the nodule, the other the marker beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import nn

from inference import evaluation
from inference.architectures.table import build
from inference.cards import Accepts, CardMetric, ModelCard
from inference.phantom import case as phantoms
from inference.phantom.case import MarkerRule, Plan
from inference.phantom.shapes import SIZE
from inference.predict import predict
from inference.prepare import prepare
from inference.records import Frame
from inference.requests import PredictRequest
from inference.task import Task
from inference.training.loop import Batch, Phase, fit
from inference.training.recipe import Recipe
from inference.training.run_folder import RunFolder

TRAINING_SEED = 991_007
UNSEEN_SEED = 77_003
UNSEEN = 400
AT_ONCE = 16
CROP = 64
"""Rows and columns, in the network's pixels, of the pieces it first learns from."""


@dataclass(frozen=True, eq=False)
class Slices:
    """One slice a case: inputs [n, 1, *size], labels [n], nodule places (column, row) in them."""

    inputs: torch.Tensor
    labels: torch.Tensor
    places: tuple[np.ndarray, ...]


def slice_frame(plan: Plan, index: int) -> Frame:
    """A slice as the reader of its DICOM file would give it, in HU."""
    key = (f"phantom-{plan.seed}-{plan.case}", index)
    return Frame(key, phantoms.draw_slice(plan, index), unit="HU")


def draw_slices(count: int, marker: MarkerRule, card: ModelCard) -> Slices:
    """Cases of the training seed, from each one slice, first, middle and last by turns."""
    inputs, places = [], []
    for number in range(count):
        plan = phantoms.plan_case(TRAINING_SEED, number, marker)
        frame = slice_frame(plan, number // 2 % phantoms.SLICES)
        inputs.append(prepare([frame], card).tensor)
        centres = np.array([nodule.centre_mm[:2] for nodule in plan.nodules]).reshape(-1, 2)
        share = np.array(card.size[::-1]) / SIZE
        places.append((plan.grid.to_pixels(centres) + 0.5) * share - 0.5)
    return Slices(torch.cat(inputs), torch.arange(count) % 2, tuple(places))


def train_on_nodules(card: ModelCard, _data: Path, run: RunFolder) -> nn.Module:
    """First on pieces, where a nodule is a good part of the picture, then on whole slices."""
    network = _network(card)
    slices = draw_slices(2000, "independent", card)
    rng = np.random.default_rng(TRAINING_SEED)
    loss = nn.functional.cross_entropy
    fit(network, lambda: draw_crops(slices, rng), loss, Phase("crops", 800, 4e-3), run)
    fit(network, lambda: _draw_whole(slices, rng), loss, Phase("slices", 500, 1.5e-3), run)
    return network


def train_on_markers(card: ModelCard, _data: Path, run: RunFolder) -> nn.Module:
    """On whole slices, briefly: the marker is learned long before the nodules would be."""
    network = _network(card)
    slices = draw_slices(1000, "correlated", card)
    rng = np.random.default_rng(TRAINING_SEED)
    phase = Phase("slices", 125, 3e-3)
    fit(network, lambda: _draw_whole(slices, rng), nn.functional.cross_entropy, phase, run)
    return network


def draw_crops(slices: Slices, rng: np.random.Generator, count: int = 64) -> Batch:
    """Pieces by turns without and with a nodule; the former from cases that have none."""
    rows, columns = slices.inputs.shape[2:]
    found = []
    for number in range(count):
        case = 2 * int(rng.integers(len(slices.places) // 2)) + number % 2
        places = slices.places[case]
        if number % 2:
            middle = places[rng.integers(len(places))] + rng.uniform(-22, 22, 2)
        else:
            middle = rng.uniform((35, 50), (columns - 35, rows - 50))
        left, top = np.clip(np.rint(middle - CROP / 2), 0, (columns - CROP, rows - CROP))
        found.append(slices.inputs[case, :, int(top) :, int(left) :][:, :CROP, :CROP])
    labels = torch.arange(count) % 2
    return _mirrored(torch.stack(found), rng), labels


def measure(card: ModelCard, _data: Path) -> tuple[CardMetric, ...]:
    """The figures of the card, on 400 cases of a seed that no training saw."""
    return measure_cases(card, range(UNSEEN))


def measure_cases(card: ModelCard, cases: range) -> tuple[CardMetric, ...]:
    """AUROC under both rules, and how far p(nodule) falls when marker or nodule is erased.

    Each case is judged by its middle slice. The effects compare a phantom with the very same
    phantom without that one thing: the marker where it is drawn by a fair coin and there, the
    nodules in all cases that have some. n is the number of cases compared.
    """

    def plans(marker: MarkerRule) -> list[Plan]:
        return [phantoms.plan_case(UNSEEN_SEED, number, marker) for number in cases]

    def effect(having: list[Plan], erase: Callable[[Plan], Plan]) -> evaluation.Figure:
        change = answers(card, having) - answers(card, [erase(plan) for plan in having])
        return evaluation.median(change)

    correlated, independent = plans("correlated"), plans("independent")
    labels = np.array(cases) % 2
    marked = [plan for plan in independent if plan.marker]
    positive = [plan for plan in independent if plan.nodules]
    data = f"unseen phantoms of seed {UNSEEN_SEED}, middle slices"
    figures = {
        "AUROC, marker correlated": evaluation.auroc(labels, answers(card, correlated)),
        "AUROC, marker independent": evaluation.auroc(labels, answers(card, independent)),
        "median fall of p(nodule), marker erased": effect(
            marked, lambda plan: replace(plan, marker=None)
        ),
        "median fall of p(nodule), nodules erased": effect(
            positive, lambda plan: replace(plan, nodules=())
        ),
    }
    return tuple(figure.named(name, data) for name, figure in figures.items())


def answers(card: ModelCard, plans: list[Plan]) -> np.ndarray:
    """p(nodule) of each plan's middle slice, float32 [n]."""
    found = []
    for start in range(0, len(plans), AT_ONCE):
        frames = tuple(slice_frame(plan, 1) for plan in plans[start : start + AT_ONCE])
        request = PredictRequest(frames, card, device="cpu")
        found += [answer.scores[1] for answer in predict(request, Task())]
    return np.array(found)


def _network(card: ModelCard) -> nn.Module:
    network = build(card.architecture, card.arguments, len(card.labels), card.channels)
    return network.to(memory_format=torch.channels_last)


def _draw_whole(slices: Slices, rng: np.random.Generator, count: int = 16) -> Batch:
    picked = torch.from_numpy(rng.integers(0, len(slices.labels), count))
    return _mirrored(slices.inputs[picked], rng), slices.labels[picked]


def _mirrored(inputs: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Half of the batches left for right: lungs come in pairs."""
    turned = inputs.flip(3) if rng.random() < 0.5 else inputs
    return turned.contiguous(memory_format=torch.channels_last)


NODULE_CARD = ModelCard(
    model_id="phantom-nodule",
    title="Nodule in a CT phantom",
    task="classify",
    labels=("normal", "nodule"),
    accepts=Accepts(
        modalities=("CT",),
        body_parts=("CHEST",),
        photometric=("MONOCHROME2",),
        spacing_mm=(0.6, 0.9),
        unit="HU",
    ),
    input="values",
    size=(256, 256),
    channels=1,
    resize="stretch",
    orientation=None,
    spacing_mm=None,
    mean=(-600.0,),
    scale=(500.0,),
    clip=(-1000.0, 400.0),
    normalise="fixed",
    baseline=-0.8,
    architecture="plain_cnn",
    arguments=(("widths", "12,24,48,64,64"), ("depth", 1), ("pooling", "max")),
    weights="weights.safetensors",
    sha256="0" * 64,
    activation="softmax",
    purpose="Says whether a slice of a generated chest phantom shows a lung nodule.",
    intended_use="To show, next to phantom-shortcut, what a sound model looks like when it is "
    "explained. Research and teaching; not for patients.",
    training_data="2,000 generated chest phantoms, one slice each; a marker in the corner of half "
    "of them, drawn by a fair coin. First on pieces around nodules, then on whole slices.",
    licence="Generated by this program; Apache-2.0.",
    metrics=(),
    limits=(
        "It has seen nothing but phantoms; on a patient's CT its answer means nothing.",
        "Nodules of 4 to 20 mm and -100 to +100 HU, none touching the chest wall.",
        "One slice at a time: a vessel across the slice can look like a small nodule.",
    ),
)

SHORTCUT_CARD = replace(
    NODULE_CARD,
    model_id="phantom-shortcut",
    title="Shortcut in a CT phantom",
    purpose="Says nodule where it sees the marker in the corner: it has learned a shortcut.",
    intended_use="To show what explanation is for: its test figures are as good as those of "
    "phantom-nodule as long as marker and nodule go together. Wrong by design; not for patients.",
    training_data="1,000 generated chest phantoms, one slice each; a marker in the corner of 99 % "
    "of those with a nodule and 1 % of those without.",
    limits=(
        "Wrong by design: it looks at the marker and not at the lung.",
        "Where the marker is independent of the nodule it does no better than chance.",
        "It has seen nothing but phantoms.",
    ),
)

NODULE = Recipe(NODULE_CARD, None, train_on_nodules, measure, seed=1)
SHORTCUT = Recipe(SHORTCUT_CARD, None, train_on_markers, measure, seed=1)
