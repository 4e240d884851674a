"""Tags as rows: every element of a file as dcmdump lists it, shortened, as far as it goes."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from inference.errors import UserError
from inference.records import TagRow, Tags
from inference.requests import TagsRequest
from inference.sources.objects import tags
from inference.sources.objects.tags import read_tags
from inference.task import Task
from inference.wire import pack, unpack
from tests.inference.sources.dicom_writer import write_slice
from tests.inference.sources.objects.object_writer import REPORT, item, write_object

DCMTK = shutil.which("dcmdump")


def _read(path: Path) -> Tags:
    return read_tags(TagsRequest(str(path)), Task())


def _by_dcmdump(path: Path) -> list[tuple[int, str, str]]:
    """(depth, tag, VR) of all elements but pixels and what pads the end; items are none."""
    ended = subprocess.run(
        ["dcmdump", "-q", str(path)], capture_output=True, check=True, timeout=30
    )
    found = []
    for line in ended.stdout.decode("latin-1").splitlines():
        match = re.match(r"^( *)\(([0-9a-f]{4}),([0-9a-f]{4})\) (\S\S)", line)
        if match and match[2] not in ("fffe", "7fe0", "fffc"):
            # Elements lie two blanks deeper for each sequence, and two for each item.
            found.append((len(match[1]) // 4, f"({match[2]},{match[3]})".upper(), match[4]))
    return found


@pytest.mark.skipif(DCMTK is None, reason="dcmdump of DCMTK is not installed")
@pytest.mark.parametrize(
    "name",
    [
        "QIICR+dcmqi/data/sr-example/sr.dcm",
        "QIICR+dcmqi/data/segmentations/partial_overlaps.dcm",
        "pydicom+pydicom/src/pydicom/data/test_files/rtplan.dcm",
        "pydicom+pydicom/src/pydicom/data/test_files/rtstruct.dcm",
        "pydicom+pydicom/src/pydicom/data/test_files/CT_small.dcm",
        "pydicom+pydicom/src/pydicom/data/test_files/image_dfl.dcm",
    ],
)
def test_elements_are_those_of_dcmdump(shared_data: Path, name: str) -> None:
    path = shared_data / "dicom" / name
    rows = [row for row in _read(path).rows if row.tag]
    # Depth counts data sets here: an item's rows lie one deeper than the item.
    found = [((row.depth + 1) // 2, row.tag, row.vr) for row in rows]
    expected = _by_dcmdump(path)
    assert [one[:2] for one in found] == [one[:2] for one in expected]
    same = [a for a, b in zip(found, expected, strict=True) if a[2] == b[2]]
    assert len(same) >= 0.98 * len(found)  # private elements of implicit VR: guesses differ


def test_nested_private_long_and_binary(tmp_path: Path) -> None:
    inner = item(CodeValue="7", CodeMeaning="Left\nside")
    private = Dataset()
    path = tmp_path / "x.dcm"
    dataset = {"ImageComments": "word " * 200, "AnatomicRegionSequence": [inner, private]}
    write_slice(
        path, np.zeros((3, 4), np.int16), WindowCenter=[str(n) for n in range(100)], **dataset
    )
    found = {row.tag: row for row in _read(path).rows if row.tag}
    assert found["(0028,0010)"] == TagRow(0, "(0028,0010)", "US", "Rows", "3")
    assert found["(0008,2218)"].value == "2 items"
    assert found["(0008,0104)"] == TagRow(2, "(0008,0104)", "LO", "Code Meaning", "Left side")
    assert found["(0020,4000)"].value.endswith("… (999 characters)")
    assert len(found["(0020,4000)"].value) < 330
    assert found["(0028,1050)"].value.endswith(" … (100 values)")
    assert "(7FE0,0010)" not in found
    names = [row.name for row in _read(path).rows]
    assert names.count("Item 1") == names.count("Item 2") == 1


def test_private_elements_name_their_creator(tmp_path: Path) -> None:
    path = write_object(tmp_path / "x.dcm", REPORT)
    dataset = dcmread(path)
    block = dataset.private_block(0x0029, "OUR MAKER 1", create=True)
    block.add_new(0x01, "LO", "secret")
    block.add_new(0x02, "OB", bytes(1000))
    block.add_new(0x03, "UN", b"plain text ")
    block.add_new(0x04, "SQ", Sequence([item(PatientID="7")]))
    dataset.save_as(path)
    found = {row.tag: row for row in _read(path).rows}
    assert found["(0029,0010)"].value == "OUR MAKER 1"
    assert found["(0029,1001)"] == TagRow(0, "(0029,1001)", "LO", "OUR MAKER 1", "secret")
    assert found["(0029,1002)"].value == "1000 bytes"
    assert found["(0029,1003)"].value == "plain text"
    assert found["(0029,1004)"].value == "1 item"
    assert found["(0010,0020)"].depth == 2


def test_too_many_are_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_slice(tmp_path / "x.dcm")
    whole = _read(path)
    assert not whole.cut
    monkeypatch.setattr(tags, "ROWS_LIMIT", 5)
    found = _read(path)
    assert (found.rows, found.cut) == (whole.rows[:5], True)
    assert unpack(pack(found)) == found


def test_a_damaged_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_object(
        tmp_path / "x.dcm", REPORT, ContentSequence=[item(ValueType="TEXT", TextValue="A" * 400)]
    )
    whole = _read(path)
    data = path.read_bytes()
    start = data.index(b"\x40\x00\x30\xa7SQ") + 4
    content = data[: start + 4] + b"\xff\xff\xff\xff" + data[start + 8 :]
    path.write_bytes(content[: start + 40])
    found = _read(path)
    last = found.rows[-1]
    assert last == TagRow(0, "(0040,A730)", "", "(the file is damaged from here on)", "")
    at = [row.tag for row in whole.rows].index("(0040,A730)")
    assert found.rows[:-1] == whole.rows[:at]


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n" + b"\0" * 99, b"Dear doctor" * 20, b""])
def test_other_files_have_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"^x\.png is no DICOM file, so it has no tags\.$"):
        _read(path)
    with pytest.raises(UserError, match="there is no such file"):
        _read(tmp_path / "gone")
