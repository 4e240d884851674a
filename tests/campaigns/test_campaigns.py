"""The campaigns find what they look for: each sort of fault is told, and damage does harm."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from random import Random

import pytest
from pydicom.dataset import Dataset

from inference.sources.dicom_facts import FactFinder
from inference.sources.dicom_scan import Scanned, scan
from tests.campaigns import agreement, fuzz
from tests.campaigns.agreement import DisagreementError, compare_alike, compare_scan
from tests.campaigns.dicom_mutations import DICOM, elements_of
from tests.campaigns.fuzz import Child
from tests.campaigns.mutations import BYTES, TEXT, Damage, damaged
from tests.campaigns.soak import LITTLE, Level, growing
from tests.inference.sources.dicom_writer import write_slice


@pytest.mark.parametrize("damages", [BYTES, TEXT, DICOM], ids=["bytes", "text", "dicom"])
def test_damage_is_fixed_by_the_seed_and_does_harm(damages: tuple[Damage, ...]) -> None:
    content = bytes(range(256)) * 8 + b"sizes: 12 13 14\n"
    once = [damaged(content, Random(number), damages) for number in range(50)]
    again = [damaged(content, Random(number), damages) for number in range(50)]
    assert once == again
    assert sum(found != content for found in once) > 30


def test_elements_are_found_where_they_stand(tmp_path: Path) -> None:
    content = write_slice(tmp_path / "x.dcm").read_bytes()
    implicit, places = elements_of(content)
    assert not implicit
    tags = [struct.unpack_from("<HH", content, begin) for begin, _ in places]
    assert tags[0] == (0x0008, 0x0016)
    assert (0x0028, 0x0010) in tags
    assert content[places[-1][1] :].startswith(b"\xe0\x7f\x10\x00")


_TRIAL = "from tests.campaigns import trial; trial.look = {}; trial.main()"


@pytest.mark.skipif(sys.platform != "linux", reason="the child limits its memory as Linux does")
@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import os; os.abort()", "the process ended with -6"),
        ("import time; time.sleep(60)", "no answer within 0.5 s"),
        (_TRIAL.format("lambda path, scratch: bytearray(3 << 30)"), "MemoryError"),
        (_TRIAL.format("lambda path, scratch: {}[path]"), "KeyError"),
        (_TRIAL.format("lambda path, scratch: trial._check_sentence('KeyError')"), "no plain"),
    ],
)
def test_faults_of_each_sort_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    if words.startswith("no answer"):
        monkeypatch.setattr(fuzz, "START_LIMIT_S", 0.5)
    with Child((sys.executable, "-c", code)) as child:
        answer = child.trial(tmp_path / "none", tmp_path)
    assert answer["outcome"] == "fault"
    assert words in answer["what"]


def test_another_value_in_a_header_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_slice(tmp_path / "x.dcm").read_bytes()
    assert compare_scan(content)

    def wrong(start: bytes) -> Scanned | None:
        found = scan(start)
        assert found is not None
        found.dataset.Rows = 4
        return found

    monkeypatch.setattr(agreement, "scan", wrong)
    with pytest.raises(DisagreementError, match=r"\(0028,0010\)"):
        compare_scan(content)


@pytest.mark.parametrize("modality", ["PT", "PT ", " PT"])
def test_the_scale_of_a_pet_slice_is_never_taken_from_another(
    tmp_path: Path, modality: str
) -> None:
    """Only a slice that was acquired after the series began says what its decay refers to."""
    drug = Dataset()
    drug.RadionuclideTotalDose = 3.7e8
    drug.RadionuclideHalfLife = 6586.2
    drug.RadiopharmaceuticalStartTime = "110000"
    finder = FactFinder()
    for acquired in ("130000", "120000"):
        path = write_slice(
            tmp_path / acquired,
            Modality=modality,
            Units="BQML",
            CorrectedImage=["ATTN", "DECY"],
            DecayCorrection="START",
            PatientWeight="70",
            RescaleSlope="2",
            RescaleIntercept="0",
            SeriesDate="20000101",
            SeriesTime="123000",
            AcquisitionDate="20000101",
            AcquisitionTime=acquired,
            RadiopharmaceuticalInformationSequence=[drug],
        )
        assert compare_scan(path.read_bytes())
        assert compare_alike(path, path.read_bytes(), finder)


def _level(memory_mb: float = 200.0, threads: int = 3) -> Level:
    return Level(memory_mb, threads, files=9, widgets=0, objects=3)


def test_what_goes_on_growing_is_told() -> None:
    level = [_level() for _ in range(12)]
    assert growing("then", level, LITTLE) == []
    filling = [_level(memory_mb=200 + min(number, 4) * 50) for number in range(12)]
    assert growing("then", filling, LITTLE) == []
    leaking = [_level(memory_mb=200 + number * 12, threads=number) for number in range(12)]
    assert growing("then", leaking, LITTLE) == [
        "memory_mb grew then, from 248 to 296.",
        "threads grew then, from 4 to 8.",
    ]
    assert growing("then", leaking[:5], LITTLE) == []
