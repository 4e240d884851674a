"""The hippocampus in MR crops, its anterior and posterior part, by a small 3D U-Net."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
from inference.records import Frame
from inference.requests import PredictRequest
from inference.task import Task
from inference.training.data_files import open_frames, with_geometry
from inference.training.loop import Batch, Phase, fit
from inference.training.recipe import Recipe
from inference.training.run_folder import RunFolder

HELD_OUT = 14
SPLIT_SEED = 4
BATCH = 2


@dataclass(frozen=True, eq=False)
class Volume:
    """A volume as the network sees it; its labels in the network's grid, and as stored."""

    frames: tuple[Frame, ...]
    inputs: torch.Tensor
    truth: torch.Tensor
    stored: np.ndarray


def split(folder: Path) -> tuple[list[Path], list[Path]]:
    """The volumes to train on and those held out, by a fixed seed."""
    names = sorted((folder / "images").glob("*.nii.gz"))
    order = np.random.default_rng(SPLIT_SEED).permutation(len(names))
    shuffled = [names[index] for index in order]
    return shuffled[HELD_OUT:], shuffled[:HELD_OUT]


def read_volume(path: Path, card: ModelCard) -> Volume:
    """One volume and its labels, both through the model's own preparation."""
    frames = open_frames(path)
    labels = with_geometry(open_frames(path.parent.parent / "labels" / path.name), frames)
    return Volume(
        frames,
        prepare(frames, card).tensor,
        prepare(labels, _label_card(card)).tensor[0, 0].round().long(),
        np.stack([frame.values() for frame in labels]).round().astype(np.uint8),
    )


def train(card: ModelCard, data: Path, run: RunFolder) -> nn.Module:
    """Train on all volumes but the held-out ones, each a little turned, scaled and recoloured."""
    network = build(card.architecture, card.arguments, len(card.labels), card.channels)
    volumes = [read_volume(path, card) for path in split(data)[0]]
    rng = np.random.default_rng(SPLIT_SEED)

    def draw() -> Batch:
        picked = rng.choice(len(volumes), BATCH, replace=False)
        pairs = [changed(volumes[index], rng) for index in picked]
        return torch.cat([pair[0] for pair in pairs]), torch.cat([pair[1] for pair in pairs])

    fit(network, draw, overlap_loss, Phase("volumes", 1000, 5e-3), run)
    return network


def changed(volume: Volume, rng: np.random.Generator) -> Batch:
    """A volume turned by up to 12°, scaled, moved and recoloured at random, with its labels.

    [1, 1, *size] float32 and [1, *size] int64.
    """
    picture = volume.inputs
    matrix = torch.from_numpy(_random_affine(rng, picture.shape[2:]))[None]
    grid = functional.affine_grid(matrix, list(picture.shape), align_corners=False)
    picture = functional.grid_sample(picture, grid, padding_mode="border", align_corners=False)
    truth = functional.grid_sample(
        volume.truth[None, None].float(), grid, mode="nearest", align_corners=False
    )
    picture = picture * float(rng.uniform(0.8, 1.2)) + float(rng.uniform(-0.2, 0.2))
    picture = picture + float(rng.uniform(0, 0.15)) * torch.from_numpy(
        rng.standard_normal(picture.shape, dtype=np.float32)
    )
    return picture, truth[:, 0].long()


def overlap_loss(answers: torch.Tensor, truth: torch.Tensor) -> torch.Tensor:
    """Cross entropy plus one minus the soft Dice of the foreground (Milletari et al., 3DV 2016)."""
    wanted = functional.one_hot(truth, answers.shape[1]).movedim(-1, 1).float()
    chances = answers.softmax(1)
    places = (0, 2, 3, 4)
    both = (chances * wanted).sum(places)[1:]
    either = (chances + wanted).sum(places)[1:]
    return functional.cross_entropy(answers, truth) + 1 - (2 * both / (either + 1)).mean()


def measure(card: ModelCard, data: Path) -> tuple[CardMetric, ...]:
    """Dice on the held-out volumes, in the voxels of the files."""
    return measure_volumes(card, split(data)[1])


def measure_volumes(card: ModelCard, paths: list[Path]) -> tuple[CardMetric, ...]:
    """Dice a structure and its mean; n volumes."""
    found = []
    for path in paths:
        volume = read_volume(path, card)
        answers = predict(PredictRequest(volume.frames, card, device="cpu"), Task())
        mask = np.stack([answer.mask for answer in answers if answer.mask is not None])
        numbers = range(1, len(card.labels))
        found.append([evaluation.dice(mask == part, volume.stored == part) for part in numbers])
    table = np.array(found)
    words = f"{len(paths)} volumes that were not trained on"
    metrics = [
        evaluation.mean(table[:, number]).named(f"Dice, {label}", words)
        for number, label in enumerate(card.labels[1:])
    ]
    return (evaluation.mean(table.mean(1)).named("Dice, mean of both parts", words), *metrics)


def _label_card(card: ModelCard) -> ModelCard:
    """The same way into the grid, without changing a value: labels are no intensities."""
    return replace(card, normalise="fixed", mean=(0.0,), scale=(1.0,), clip=None)


def _random_affine(rng: np.random.Generator, size: torch.Size) -> np.ndarray:
    """A small random turn, scaling and shift for `affine_grid`, float32 [3, 4]."""
    turn = np.eye(3)
    for first, second in ((0, 1), (0, 2), (1, 2)):
        angle = rng.uniform(-1, 1) * np.pi / 15
        plane = np.eye(3)
        plane[[first, second], [first, second]] = np.cos(angle)
        plane[first, second], plane[second, first] = -np.sin(angle), np.sin(angle)
        turn = turn @ plane
    # affine_grid measures each side as -1…1, columns first; a turn is one in voxels.
    sides = np.array(size[::-1], dtype=float)
    scaled = turn * rng.uniform(0.88, 1.14) * sides[None, :] / sides[:, None]
    shift = rng.uniform(-3, 3, 3) * 2 / sides
    return np.concatenate([scaled, shift[:, None]], axis=1).astype(np.float32)


CARD = ModelCard(
    model_id="hippocampus-mr",
    title="Hippocampus in MR",
    task="segment",
    labels=("background", "anterior", "posterior"),
    accepts=Accepts(modalities=("MR",), dimensions=3, spacing_mm=(0.8, 1.2)),
    input="values",
    size=(44, 56, 44),
    channels=1,
    resize="fit",
    orientation="SAR",
    spacing_mm=1.0,
    mean=(0.0,),
    scale=(1.0,),
    clip=None,
    normalise="per_source",
    baseline=0.0,
    architecture="unet3d",
    arguments=(("base", 12), ("up", "trilinear")),
    weights="weights.safetensors",
    sha256="0" * 64,
    activation="softmax",
    purpose="Outlines the anterior and posterior hippocampus in a crop of a T1-weighted MR.",
    intended_use="Research and teaching. Not a medical device; no measurement for a patient.",
    training_data="36 of 50 crops of the Medical Segmentation Decathlon, Task04 (Vanderbilt "
    "University Medical Center), as the udacity nd320-c3 course hands them out.",
    licence="Data CC BY-SA 4.0; the weights are shared under the same terms.",
    metrics=(),
    limits=(
        "It expects a crop of about 35 × 50 × 35 mm around one hippocampus, not a whole head.",
        "Trained on 36 volumes of one centre; other scanners and sequences were not tried.",
        "Anything outside the middle 44 × 56 × 44 mm of the source is not looked at.",
    ),
)

HIPPOCAMPUS = Recipe(
    CARD, "images/udacity+nd320-c3-3d-imaging-starter/data/TrainingSet", train, measure, seed=2
)
