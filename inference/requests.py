"""What crosses to a lane: everything a job needs, frozen when the person asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.cards import ModelCard
from inference.records import DicomObject, Frame, FrameRef, Options, Region, Source


@dataclass(frozen=True)
class OpenRequest:
    """Files and folders to open; folders are searched through.

    `scratch` is the folder into which archives are unpacked; "" makes a temporary one, which is
    removed when the process ends. With `piecewise` all that is found comes as partial results
    alone, a first picture (`Preview`) before any source is complete; the result then holds what was
    refused.
    """

    paths: tuple[str, ...]
    scratch: str = ""
    piecewise: bool = False


@dataclass(frozen=True)
class EntryRequest:
    """One entry of the box; what is generated for it goes into `folder`."""

    name: str
    folder: str


@dataclass(frozen=True, eq=False)
class ReadRequest:
    """Frames of one source by index; `source` carries the refs of those frames alone.

    A source of thousands of frames would make each request large, so the caller asks through
    `read_request`, which keeps only what reading needs.
    """

    source_id: str
    indices: tuple[int, ...]
    refs: tuple[FrameRef, ...]
    affines: tuple[tuple[float, ...], ...]
    """Sixteen numbers a frame, row by row; empty without geometry."""


@dataclass(frozen=True)
class ThumbnailRequest:
    """A small grey or RGB picture of one frame, at most `size` pixels wide or high."""

    source_id: str
    ref: FrameRef
    size: int = 96


@dataclass(frozen=True, eq=False)
class ObjectRequest:
    """An object to be laid over a source, which comes whole: planes decide what lies where."""

    object: DicomObject
    source: Source


@dataclass(frozen=True)
class TagsRequest:
    """All elements of one file, for reading."""

    path: str


@dataclass(frozen=True)
class ReportRequest:
    """The structured report in one file, as lines to read."""

    path: str


@dataclass(frozen=True)
class AddModelRequest:
    """One's own weights for a known architecture.

    `size` is the network's input, (rows, columns); None takes 224 × 224. `card` is the path of a
    card file that says the rest; without one the input is normalised as for ImageNet.
    """

    file: str
    architecture: str
    labels: tuple[str, ...]
    size: tuple[int, ...] | None = None
    card: str | None = None


@dataclass(frozen=True, eq=False)
class PredictRequest:
    """Frames for one model; a model of volumes takes all frames of a source, in order.

    `warnings` are the sentences that say how the source differs from what the model accepts.
    """

    frames: tuple[Frame, ...]
    card: ModelCard
    device: str = "auto"
    batch: int = 16
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ExplainRequest:
    """Why a model answers as it does for `frames[index]`.

    `frames` holds that one frame, or for a model of volumes the whole source. `target` is a label,
    an index, or None for the top label; with `against`, another label, the question is why the one
    and not the other. `within` is the part of the source that the target of a segmentation is
    summed over; None takes the region that the model itself found. `options` are the method's own.

    `baseline` is "card", or one of the names in explain.baselines; `reference` is the picture that
    "picture" means. `checks` are names of explain.checks that are run on the finished map, besides
    the cheap ones; `truth` is the region that a person marked, for those that judge by it.
    """

    frames: tuple[Frame, ...]
    index: int
    card: ModelCard
    method: str
    target: str | int | None = None
    output: Literal["logit", "probability"] = "logit"
    layer: str | None = None
    options: Options = ()
    seed: int = 0
    device: str = "auto"
    warnings: tuple[str, ...] = ()
    against: str | int | None = None
    within: Region | None = None
    baseline: str = "card"
    reference: Frame | None = None
    checks: tuple[str, ...] = ()
    truth: Region | None = None


def read_request(source: Source, indices: tuple[int, ...]) -> ReadRequest:
    """What a `decode` child needs to read these frames of `source`."""
    affines = tuple(
        tuple(value for row in affine for value in row)
        for affine in (source.frame_affine(index) for index in indices)
        if affine is not None
    )
    return ReadRequest(
        source.source_id, indices, tuple(source.refs[index] for index in indices), affines
    )
