"""What cannot be opened: one sentence that names the file and says why; the rest opens."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit

from inference.errors import UserError
from inference.records import FrameRef, Opened, Source
from inference.requests import OpenRequest, ReadRequest, read_request
from inference.sources import dicom_deflate
from inference.sources.dicom_facts import FactFinder, Facts
from inference.sources.dicom_header import Header
from inference.sources.files import read_head
from inference.sources.registry import open_sources, read_frames, value_range
from inference.task import Cancelled, Task
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice

PYDICOM = Path(pydicom.__file__).parent / "data" / "test_files"
PIXELS = np.arange(64 * 32, dtype=np.int16).reshape(64, 32)


def _open(*paths: Path) -> Opened:
    return open_sources(OpenRequest(tuple(map(str, paths))), Task())


def _refusal(path: Path) -> str:
    opened = _open(path)
    assert opened.sources == ()
    (refused,) = opened.refused
    assert refused.path == str(path)
    return refused.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "x.dcm is empty."),
        (b"\0", "x.dcm is not a scan or picture."),
        (b"Dear doctor", "x.dcm is not a scan or picture."),
        (b"\0" * 400, "x.dcm is not a scan or picture."),
        (b"\0" * 128 + b"DICM", "x.dcm holds no picture."),
        (b"\0" * 128 + b"DICM" + b"\xff" * 50, "x.dcm holds no picture."),
        (b"%PDF-1.7", "x.dcm is not a scan or picture."),
    ],
)
def test_what_is_no_scan(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    assert _refusal(path) == reason


def test_a_dimension_that_points_to_two_elements(tmp_path: Path) -> None:
    pointers, groups, content = Dataset(), Dataset(), Dataset()
    pointers.DimensionIndexPointer = [0x00200032, 0x00200037]
    content.DimensionIndexValues = [1]
    groups.FrameContentSequence = [content]
    path = write_slice(
        tmp_path / "x.dcm",
        DimensionIndexSequence=[pointers],
        PerFrameFunctionalGroupsSequence=[groups],
    )
    assert [source.frames for source in _open(path).sources] == [1]


@pytest.mark.skipif(os.name == "nt", reason="such names are not possible there")
def test_a_name_of_several_lines_is_said_in_one(tmp_path: Path) -> None:
    (tmp_path / "a\nb\x1b.dcm").write_bytes(b"")
    (refused,) = _open(tmp_path).refused
    assert refused.reason == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}.dcm is empty."


def test_a_missing_file(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "x.dcm") == (
        "x.dcm was not opened: there is no such file or folder."
    )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm")
    path.chmod(0)
    assert _refusal(path) == "x.dcm was not opened: no permission to read it."


def test_a_file_that_the_system_will_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_slice(tmp_path / "x.dcm")
    plain = os.open

    def refuse(path: str | Path, *arguments: int) -> int:
        if Path(path).name == "x.dcm":
            raise PermissionError(13, "Permission denied")
        return plain(path, *arguments)

    monkeypatch.setattr(os, "open", refuse)
    assert _refusal(path) == "x.dcm was not opened: no permission to read it."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    write_slice(tmp_path / "x.dcm")
    assert _refusal(tmp_path / "pipe") == "pipe is neither a file nor a folder."
    assert len(_open(tmp_path).sources) == 1


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write_slice(tmp_path / "deep" / "x.dcm")
    (tmp_path / "deep" / "up").symlink_to(tmp_path)
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    opened = _open(tmp_path)
    assert [source.frames for source in opened.sources] == [1]
    assert [one.reason for one in opened.refused] == ["gone is a link that leads nowhere."]


def test_hidden_files_are_passed_over_unless_named(tmp_path: Path) -> None:
    hidden = write_slice(tmp_path / ".hidden.dcm")
    (tmp_path / ".git").mkdir()
    write_slice(tmp_path / ".git" / "y.dcm")
    assert _open(tmp_path).sources == ()
    assert _open(tmp_path).refused == ()
    assert len(_open(hidden).sources) == 1


def test_a_folder_of_a_thousand_other_files(tmp_path: Path) -> None:
    for number in range(1000):
        (tmp_path / f"note-{number}.txt").write_bytes(b"nothing to see %d" % number)
    write_slice(tmp_path / "scan")
    opened = _open(tmp_path)
    assert len(opened.sources) == 1
    assert len(opened.refused) == 1000


def test_a_copy_is_said_to_be_one(tmp_path: Path) -> None:
    first = write_slice(tmp_path / "a.dcm")
    (tmp_path / "b.dcm").write_bytes(first.read_bytes())
    opened = _open(tmp_path)
    assert [source.frames for source in opened.sources] == [1]
    assert [one.reason for one in opened.refused] == ["b.dcm holds the same bytes as a.dcm."]


def test_a_file_that_is_named_twice_opens_once(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "a.dcm")
    opened = _open(path, path, tmp_path / "." / "a.dcm", tmp_path)
    assert (len(opened.sources), opened.refused) == (1, ())


@pytest.mark.parametrize("rows", [0, 1, 38, 63])
def test_a_scan_that_stops_in_the_middle(tmp_path: Path, rows: int) -> None:
    path = write_slice(tmp_path / "x.dcm", PIXELS)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) - (64 - rows) * 64])
    assert _refusal(path) == f"x.dcm stops in the middle ({rows} of 64 rows)."


def test_whole_frames_of_a_cut_film_open(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", np.stack([PIXELS, PIXELS + 1, PIXELS + 2]))
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    (source,) = _open(path).sources
    assert source.frames == 2
    assert source.warnings == ("x.dcm stops in the middle: 2 of 3 frames.",)
    frames = read_frames(read_request(source, (0, 1)), Task())
    np.testing.assert_array_equal(frames[1].stored, PIXELS + 1)


def test_the_other_slices_of_a_damaged_series_open(tmp_path: Path) -> None:
    for number in range(3):
        path = write_slice(
            tmp_path / f"{number}", PIXELS + number, ImagePositionPatient=[0.0, 0.0, number]
        )
    path.write_bytes(path.read_bytes()[:-100])
    opened = _open(tmp_path)
    assert [source.frames for source in opened.sources] == [2]
    assert len(opened.refused) == 1


def test_a_file_whose_facts_make_no_sense_does_not_end_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a stranger's header makes fail: that file is refused, the folder opens."""
    for number in range(3):
        place = [0.0, 0.0, float(number)]
        write_slice(tmp_path / f"{number}.dcm", ImagePositionPatient=place)
    found = FactFinder.facts_of

    def fail_for_one(self: FactFinder, header: Header, frame: int, version: int) -> Facts:
        if header.path.name == "1.dcm":
            raise TypeError("a value of another kind")
        return found(self, header, frame, version)

    monkeypatch.setattr(FactFinder, "facts_of", fail_for_one)
    opened = open_sources(OpenRequest((str(tmp_path),)), Task(None))
    assert [source.frames for source in opened.sources] == [2]
    (refused,) = opened.refused
    assert "1.dcm is damaged" in refused.reason


def test_a_header_that_promises_too_much_is_not_believed(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm", Rows=65535, Columns=65535)
    assert _refusal(path) == (
        "x.dcm was not opened: its header promises a frame of 65535 × 65535 pixels (8.0 GiB), "
        "more than can be shown."
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Rows": None}, "its header lacks Rows"),
        ({"BitsAllocated": 12}, "its header gives 16 bits stored in 12"),
        ({"BitsStored": 17}, "its header gives 17 bits stored in 16"),
        ({"SamplesPerPixel": 4}, "3 rows, 4 columns and 4 samples a pixel"),
        ({"Rows": 0}, "0 rows, 4 columns and 1 samples a pixel"),
        ({"PixelData": None}, "has a picture's header but no pixels"),
    ],
)
def test_a_header_that_makes_no_picture(
    tmp_path: Path, changes: dict[str, Any], reason: str
) -> None:
    assert reason in _refusal(write_slice(tmp_path / "x.dcm", **changes))


def _compressed(path: Path, syntax: str, stream: bytes, frames: int = 1) -> Path:
    dataset = dataset_of(PIXELS)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.NumberOfFrames = frames
    dataset.PixelData = encapsulate([stream])
    dataset["PixelData"].VR = "OB"
    return write(path, dataset)


def test_a_small_header_does_not_hide_a_huge_picture(tmp_path: Path) -> None:
    # SIZ of JPEG 2000: marker, length, capabilities, then width and height of the grid.
    siz = b"\xff\x4f\xff\x51" + struct.pack(">HHLLLL", 47, 0, 60000, 50000, 0, 0) + b"\0" * 40
    path = _compressed(tmp_path / "x.dcm", JPEG2000Lossless, siz)
    (source,) = _open(path).sources
    with pytest.raises(UserError, match=r"50000 × 60000 pixels, its header says 64 × 32\.$"):
        value_range(source, Task())


@pytest.mark.parametrize("stream", [b"\0\0", b"\xff\xd8\xff\xd9", b"\xff" * 99])
def test_a_stream_that_is_none(tmp_path: Path, stream: bytes) -> None:
    path = _compressed(tmp_path / "x.dcm", JPEGBaseline8Bit, stream)
    (source,) = _open(path).sources
    with pytest.raises(UserError, match=r"^x\.dcm cannot be decoded \(JPEG Baseline"):
        value_range(source, Task())


def test_more_frames_than_the_file_has_bytes_for(tmp_path: Path) -> None:
    path = _compressed(tmp_path / "x.dcm", JPEGBaseline8Bit, b"\xff\xd8\xff\xd9", frames=10**9)
    assert _refusal(path) == "x.dcm is damaged: its DICOM header cannot be read."


def test_a_deflated_file_that_swells_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom_deflate, "VOLUME_BYTES_LIMIT", 2**20)
    dataset = dataset_of(np.zeros((1024, 1024), np.int16))
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    path = write(tmp_path / "x.dcm", dataset)
    assert path.stat().st_size < 5000
    assert "would unpack to more than" in _refusal(path)


def test_a_file_that_went_away_after_opening(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm")
    (source,) = _open(path).sources
    path.unlink()
    with pytest.raises(UserError, match="there is no such file"):
        read_frames(read_request(source, (0,)), Task())


def test_a_file_that_changed_after_opening(tmp_path: Path) -> None:
    path = write_slice(tmp_path / "x.dcm")
    request = ReadRequest("0" * 12, (5,), (FrameRef(str(path), 5),), ())
    with pytest.raises(UserError, match="has no frame 5 any more"):
        read_frames(request, Task())


def test_a_cancelled_task_stops_the_search(tmp_path: Path) -> None:
    write_slice(tmp_path / "x.dcm")
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        open_sources(OpenRequest((str(tmp_path),)), task)


COMPRESSED = (
    "MR_small_RLE.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "MR_small_jp2klossless.dcm",
    "JPGExtended.dcm",
)


@pytest.mark.parametrize("name", ["native", *COMPRESSED])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_damaged_bytes_give_a_frame_or_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged-{name}"
    if name == "native":
        write_slice(path, PIXELS[:8], WindowCenter=40, SOPInstanceUID="1.2.3")
        content = bytearray(path.read_bytes())
        first = 128
    else:
        # In the compressed stream, where the decoders are; the headers' turn is with "native".
        content = bytearray((PYDICOM / name).read_bytes())
        first = content.rindex(b"\xe0\x7f\x10\x00")
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(first, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content[: data.draw(st.integers(200, len(content)))])
    opened = _open(path)
    assert len(opened.sources) + len(opened.refused) + len(opened.objects) == 1
    for source in opened.sources:
        assert _first_frame(source) in (source.shape, None)


def _first_frame(source: Source) -> tuple[int, int] | None:
    """The shape of the first frame; None where a sentence says why there is none."""
    try:
        (frame,) = read_frames(read_request(source, (0,)), Task())
    except UserError as error:
        if not error.message.endswith("."):
            raise AssertionError(error.message) from error
        return None
    return frame.shape


def test_packed_junk_is_no_volume(tmp_path: Path) -> None:
    path = tmp_path / "x.nii.gz"
    path.write_bytes(b"\x1f\x8b" + zlib.compress(b"x" * 1000))
    assert _refusal(path) == "x.nii.gz is not a scan or picture."


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are not listed here")
def test_a_folder_in_place_of_a_file_leaves_nothing_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(UserError, match="was not opened: is a directory") as caught:
        read_head(tmp_path)
    assert len(os.listdir("/proc/self/fd")) == before
    del caught
