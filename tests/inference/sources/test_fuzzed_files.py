"""A fixed share of the fuzzing campaign: damaged files of every format open or are refused."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

from tests.campaigns.agreement_rounds import native_frames, small_files, variants
from tests.campaigns.fuzz import try_all
from tests.campaigns.samples import samples

SEED = 3
DAMAGED_DICOM = 120
DAMAGED_OTHERS = 3
"""Of each sample that is not DICOM."""
COMPARED = 60


@pytest.mark.skipif(sys.platform != "linux", reason="the child limits its memory as Linux does")
def test_damaged_files_open_or_are_refused_in_a_sentence(shared_data: Path, tmp_path: Path) -> None:
    every = samples(shared_data, tmp_path)
    dicom = [sample for sample in every if sample.kind == "dicom"]
    others = [sample for sample in every if sample.kind != "dicom"]
    step = max(1, len(dicom) // DAMAGED_DICOM)
    chosen = [(sample, 0) for sample in dicom[::step]]
    chosen += [(sample, number) for sample in others for number in range(DAMAGED_OTHERS)]
    report = try_all(iter(chosen), SEED, tmp_path)
    assert report.faults == {}
    kinds = {
        "dicom",
        "object",
        "dicomdir",
        "zip",
        "nii",
        "nii.gz",
        "nrrd",
        "mha",
        "tif",
        "webp",
        "png",
        "jpg",
    }
    assert {kind for kind, _ in report.outcomes} == kinds
    for kind in kinds:
        assert report.outcomes[kind, "opened"] + report.outcomes[kind, "refused"] > 0
    assert report.tried > 300


def test_quick_headers_are_those_of_pydicom_whatever_is_broken(
    shared_data: Path, tmp_path: Path
) -> None:
    draw = Random(SEED)
    scanned = pictures = 0
    for path in draw.sample(small_files(shared_data), COMPARED):
        counts, faults = variants(path, draw, tmp_path / "variant", 10)
        assert faults == []
        scanned += counts["scanned"]
        pictures += counts["pictures"]
    assert scanned > 100
    assert pictures > 200


def test_native_pixels_are_the_decoded_ones_in_every_frame(shared_data: Path) -> None:
    count, faults = native_frames(shared_data)
    assert faults == []
    assert count >= 360
