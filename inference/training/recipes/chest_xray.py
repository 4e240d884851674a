"""Pneumonia in children's chest radiographs, from 8-bit pictures as they are displayed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from inference import evaluation
from inference.architectures.table import build
from inference.cards import Accepts, CardMetric, ModelCard
from inference.predict import predict
from inference.prepare import prepare
from inference.requests import PredictRequest
from inference.task import Task
from inference.training.data_files import open_frames
from inference.training.loop import Batch, Phase, fit
from inference.training.recipe import Recipe
from inference.training.run_folder import RunFolder

SPLIT_SEED = 3
HELD_OUT_SHARE = 0.2
BATCH = 32
FOLDERS = ("NORMAL", "PNEUMONIA")
"""In the order of the labels."""

NUMBER = re.compile(r"(?:NORMAL2-)?(IM-\d+|person\d+)")
"""A patient's number in a file name. With and without NORMAL2 it may be one patient or two; taken
as one, so that nobody is on both sides of the split."""


@dataclass(frozen=True)
class Picture:
    """A file, its label, and the number of its patient."""

    path: Path
    label: int
    patient: str


def pictures(folder: Path) -> list[Picture]:
    """All pictures of one folder of the set, train or test."""
    return [
        Picture(path, label, patient_of(path.name))
        for label, name in enumerate(FOLDERS)
        for path in sorted((folder / name).glob("*.jpeg"))
    ]


def patient_of(name: str) -> str:
    """The patient's number in a file name, such as IM-0115 or person1014."""
    found = NUMBER.match(name)
    if found is None:
        raise ValueError(f"no patient number in {name}")
    return found[1]


def split(data: Path) -> tuple[list[Picture], list[Picture]]:
    """The train folder in two: to train on and held out, no patient in both."""
    found = pictures(data / "train")
    rng = np.random.default_rng(SPLIT_SEED)
    held: set[str] = set()
    for label in range(len(FOLDERS)):
        patients = sorted({picture.patient for picture in found if picture.label == label})
        count = round(HELD_OUT_SHARE * len(patients))
        held.update(rng.choice(patients, count, replace=False).tolist())
    return (
        [picture for picture in found if picture.patient not in held],
        [picture for picture in found if picture.patient in held],
    )


def train(card: ModelCard, data: Path, run: RunFolder) -> nn.Module:
    """Train on the patients that are not held out, each picture a little changed every time."""
    network = build(card.architecture, card.arguments, len(card.labels), card.channels)
    network = network.to(memory_format=torch.channels_last)
    found = split(data)[0]
    inputs = torch.cat([prepare(open_frames(one.path), card).tensor for one in found])
    labels = torch.tensor([one.label for one in found])
    rng = np.random.default_rng(SPLIT_SEED)

    def draw() -> Batch:
        picked = torch.from_numpy(rng.integers(0, len(inputs), BATCH))
        return changed(inputs[picked], rng), labels[picked]

    loss = nn.CrossEntropyLoss(label_smoothing=0.05)
    fit(network, draw, loss, Phase("pictures", 600, 4e-3, decay=0.02), run)
    return network


def changed(inputs: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Pictures turned by up to 12°, scaled, moved, mirrored, recoloured, blurred; same shape."""
    count = len(inputs)
    angle, scale = rng.uniform(-0.2, 0.2, count), rng.uniform(0.8, 1.15, count)
    mirror = rng.choice([-1.0, 1.0], count)
    rows = np.stack(
        [
            np.stack([np.cos(angle) * mirror, -np.sin(angle), rng.uniform(-0.1, 0.1, count)], 1),
            np.stack([np.sin(angle) * mirror, np.cos(angle), rng.uniform(-0.1, 0.1, count)], 1),
        ],
        axis=1,
    )
    rows[:, :, :2] *= scale[:, None, None]
    grid = functional.affine_grid(
        torch.from_numpy(rows.astype(np.float32)), list(inputs.shape), align_corners=False
    )
    moved = functional.grid_sample(inputs, grid, padding_mode="border", align_corners=False)
    gain, shift = _each(rng.uniform(0.75, 1.3, count)), _each(rng.uniform(-0.3, 0.3, count))
    bend = _each(rng.uniform(-0.15, 0.15, count))
    moved = moved * gain + shift + bend * moved * moved
    if rng.random() < 0.3:
        moved = functional.avg_pool2d(moved, 3, stride=1, padding=1, count_include_pad=False)
    grain = torch.from_numpy(rng.standard_normal(moved.shape, dtype=np.float32))
    moved = moved + _each(rng.uniform(0, 0.12, count)) * grain
    return moved.contiguous(memory_format=torch.channels_last)


def measure(card: ModelCard, data: Path) -> tuple[CardMetric, ...]:
    """Accuracy and AUROC on held-out patients of the train folder, and on the test folder."""
    groups = {
        "held-out patients of the train folder": split(data)[1],
        "the test folder": pictures(data / "test"),
    }
    return tuple(
        metric for words, found in groups.items() for metric in measure_pictures(card, found, words)
    )


def measure_pictures(card: ModelCard, found: list[Picture], words: str) -> tuple[CardMetric, ...]:
    """Accuracy at p = 0.5 and AUROC; n pictures."""
    labels = np.array([picture.label for picture in found])
    scores = np.array(
        [
            predict(PredictRequest(open_frames(one.path), card, device="cpu"), Task())[0].scores[1]
            for one in found
        ]
    )
    right = int(np.count_nonzero((scores > 0.5) == (labels == 1)))
    return (
        evaluation.accuracy(right, len(found)).named("accuracy", words),
        evaluation.auroc(labels, scores).named("AUROC", words),
    )


def _each(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(values.astype(np.float32))[:, None, None, None]


CARD = ModelCard(
    model_id="chest-xray-pneumonia",
    title="Pneumonia in a chest radiograph",
    task="classify",
    labels=("normal", "pneumonia"),
    accepts=Accepts(
        modalities=("CR", "DX"),
        body_parts=("CHEST",),
        photometric=("MONOCHROME1", "MONOCHROME2", "RGB"),
    ),
    input="displayed",
    size=(128, 128),
    channels=1,
    resize="stretch",
    orientation=None,
    spacing_mm=None,
    mean=(124.0,),
    scale=(60.0,),
    clip=None,
    normalise="fixed",
    baseline=0.0,
    architecture="plain_cnn",
    arguments=(("widths", "16,32,64,96,128"), ("depth", 1), ("pooling", "mean")),
    weights="weights.safetensors",
    sha256="0" * 64,
    activation="softmax",
    purpose="Says whether a child's frontal chest radiograph shows pneumonia.",
    intended_use="Research and teaching: an example of figures that do not carry over. "
    "Not a medical device; not for any decision about a patient.",
    training_data="960 of the 1,200 pictures in the train folder of a copy of the chest "
    "radiographs of children of one to five years (Guangzhou Women and Children's Medical "
    "Center), 224 × 224, "
    "8 bit; split by the patient number in the file name.",
    licence="Pictures: Kermany, Zhang and Goldbaum, Mendeley Data rscbjbr9sj, CC BY 4.0.",
    metrics=(),
    limits=(
        "Its figures do not carry over: they are lower on the test folder than on held-out "
        "patients of the train folder. Expect worse still elsewhere.",
        "18 patient numbers of NORMAL pictures in the test folder occur in the train folder too, "
        "so the test folder may not be wholly unseen.",
        "Children's frontal radiographs alone; learned from 8-bit pictures, so the window in which "
        "a radiograph is displayed changes the answer.",
        "It answers with one of two words, whatever the picture shows.",
    ),
)

CHEST_XRAY = Recipe(CARD, "images/waliatushar+ai-pneumonia-detection/dataset", train, measure, 5)
