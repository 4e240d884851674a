"""DICOM SEG files with bytes or elements changed: read or refused, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset

from inference.errors import UserError
from inference.records import Source
from tests.inference.exchange.dicom_seg_project import exported, imported, speckled
from tests.inference.sources.objects.object_writer import write_scan

BYTES_CHANGED = 400
SEED = 20


def _outcome(path: Path, source: Source) -> str:
    """Whether a file was read or refused; an annotation that does not fit its scan fails."""
    refused: UserError | None = None
    try:
        found = imported(path, source).read
    except UserError as error:
        refused = error
    if refused is not None:
        assert refused.message.endswith(".")
        assert refused.path == str(path)
        return "refused"
    for one in found.annotations:
        assert one.source_id == source.source_id
        assert 0 <= one.frame < source.frames
        assert one.mask is not None
        assert one.mask.top + one.mask.rows <= source.shape[0]
        assert one.mask.left + one.mask.columns <= source.shape[1]
        assert found.label_set.find(one.label) is not None
    return "read"


def _damaged(whole: bytes, rng: random.Random) -> bytes:
    """A few bytes changed behind the preamble, and now and then the end cut off."""
    found = bytearray(whole)
    for _ in range(rng.randint(1, 4)):
        found[rng.randrange(128, len(found))] = rng.choice((0, 1, 0x7F, 0xFF, rng.randrange(256)))
    return bytes(found[: rng.randrange(200, len(found))] if rng.random() < 0.2 else found)


def test_changed_bytes_are_read_or_refused(tmp_path: Path) -> None:
    source = write_scan(tmp_path / "scan")
    exported(tmp_path / "s.dcm", speckled(source, [0, 1, 2]), source)
    whole, rng = (tmp_path / "s.dcm").read_bytes(), random.Random(SEED)
    outcomes = []
    for _ in range(BYTES_CHANGED):
        (tmp_path / "t.dcm").write_bytes(_damaged(whole, rng))
        outcomes.append(_outcome(tmp_path / "t.dcm", source))
    assert {"read", "refused"} == set(outcomes)


def _holders(dataset: Dataset) -> Iterator[tuple[Dataset, int]]:
    """Every element of a data set and of the items in it, as (holder, tag)."""
    for element in dataset:
        yield dataset, element.tag
        if element.VR == "SQ":
            for item in element.value:
                yield from _holders(item)


@pytest.mark.parametrize("emptied", [False, True])
def test_every_element_may_be_missing_or_empty(tmp_path: Path, emptied: bool) -> None:
    source = write_scan(tmp_path / "scan")
    exported(tmp_path / "s.dcm", speckled(source, [1]), source)
    count = sum(1 for _ in _holders(pydicom.dcmread(tmp_path / "s.dcm")))
    assert count > 100
    outcomes = []
    for place in range(count):
        dataset = pydicom.dcmread(tmp_path / "s.dcm")
        holder, tag = list(_holders(dataset))[place]
        if emptied:
            holder[tag].value = [] if holder[tag].VR == "SQ" else None
        else:
            del holder[tag]
        dataset.save_as(tmp_path / "t.dcm")
        outcomes.append(_outcome(tmp_path / "t.dcm", source))
    assert {"read", "refused"} == set(outcomes)
