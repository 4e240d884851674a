"""A series in the real window: its first picture, all of its pixels, and what goes wrong midway."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEG2000Lossless

from app.actions import sources
from app.frame_cache import FrameCache
from inference.records import Source
from tests.flows.conftest import Flow
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice

COUNT = 40


def series(folder: Path, count: int = COUNT) -> Path:
    for index in range(count):
        write_slice(
            folder / f"{index}.dcm",
            np.full((64, 64), index, np.int16),
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0, 0, index],
        )
    return folder


def compressed_series(folder: Path, count: int) -> Path:
    """The same as JPEG 2000, a hundred times as bright."""
    import cv2

    for index in range(count):
        pixels = np.full((64, 64), 100 * index, np.uint16)
        done, stream = cv2.imencode(".jp2", pixels)
        assert done
        raw = stream.tobytes()
        codestream = raw[raw.index(b"\xff\x4f\xff\x51") :]
        dataset = dataset_of(
            pixels,
            SOPInstanceUID=UID(f"1.2.{index + 1}"),
            ImagePositionPatient=[0, 0, index],
            PixelData=encapsulate([codestream]),
        )
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
        write(folder / f"{index}.dcm", dataset)
    return folder


def the_source(flow: Flow) -> Source:
    (source,) = flow.session.sources.values()
    return source


def wait_for_all(flow: Flow) -> Source:
    flow.wait(lambda: len(flow.session.sources) == 1)
    source = the_source(flow)
    flow.wait(lambda: flow.session.frames.share(source) == 1.0)
    return source


def test_the_first_picture_stays_until_it_is_a_frame(flow: Flow, tmp_path: Path) -> None:
    seen: list[tuple[bool, bool]] = []
    flow.session.changed.connect(
        lambda changes: seen.append((flow.pane.preview is not None, flow.pane.frame is not None))
    )
    flow.open(series(tmp_path))
    assert next(pair for pair in seen if any(pair)) == (True, False)
    assert flow.pane.index == COUNT // 2
    assert flow.pane.frame is not None
    assert flow.pane.frame.key == the_source(flow).key(COUNT // 2)
    assert np.all(flow.pane.frame.stored == COUNT // 2)


@pytest.mark.parametrize("write_all", [series, compressed_series])
def test_all_of_a_series_comes_by_itself(flow: Flow, tmp_path: Path, write_all: object) -> None:
    assert callable(write_all)
    flow.drop(write_all(tmp_path, 12))
    source = wait_for_all(flow)
    volume = flow.session.frames.volume(source)
    assert volume is not None
    step = 1 if write_all is series else 100
    assert np.allclose(volume[:, 30, 30], step * np.arange(12), atol=2 if step > 1 else 0)
    assert bool(source.native) == (write_all is series)


def test_a_series_over_the_budget_is_read_around_the_slice(flow: Flow, tmp_path: Path) -> None:
    flow.session.frames = FrameCache(budget_bytes=10 * 64 * 64 * 2)
    flow.open(series(tmp_path))
    jobs = flow.window.jobs
    for index in (0, COUNT - 1, 3):
        sources.show_frame(flow.session, jobs, 0, index)
        flow.wait(lambda: flow.pane.frame is not None and flow.pane.frame.key[1] == flow.pane.index)
        assert flow.pane.frame is not None
        assert np.all(flow.pane.frame.stored == index)
    assert flow.session.frames.volume(the_source(flow)) is None


def test_a_damaged_slice_is_a_hole_and_the_rest_shows(flow: Flow, tmp_path: Path) -> None:
    folder = compressed_series(tmp_path, 12)
    path = folder / "3.dcm"
    content = path.read_bytes()
    place = content.index(b"\xff\x4f\xff\x51")
    path.write_bytes(content[: place + 60] + b"\0" * (len(content) - place - 60))
    flow.drop(folder)
    source = wait_for_all(flow)
    assert set(flow.session.frames.holes(source)) == {3}
    flow.hear("Slice 4 of")
    sources.show_frame(flow.session, flow.window.jobs, 0, 3)
    flow.wait(lambda: flow.pane.frame_trouble is not None)
    assert flow.pane.frame_trouble is not None
    assert flow.pane.frame_trouble.message.startswith("3.dcm cannot be decoded")
    sources.show_frame(flow.session, flow.window.jobs, 0, 4)
    flow.wait(lambda: flow.pane.frame is not None)


def test_reading_ahead_over_a_small_budget_comes_to_an_end(flow: Flow, tmp_path: Path) -> None:
    """Or the frames ahead would drive each other out of the cache, and be read again for ever."""
    flow.session.frames = FrameCache(budget_bytes=10 * 64 * 64 * 2)
    flow.open(series(tmp_path))
    source, jobs = the_source(flow), flow.window.jobs
    slots = [f"ahead-{source.source_id}-{track}" for track in range(2)]
    flow.wait(lambda: not any(jobs.is_running(slot) for slot in slots))
    there = flow.session.frames.ranges(source)
    assert there == ((COUNT // 2, COUNT // 2 + 5),)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders here")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(flow: Flow, tmp_path: Path) -> None:
    """As a share that no longer answers: the window lives, and other slices come."""
    flow.session.frames = FrameCache(budget_bytes=1)
    flow.open(series(tmp_path))
    (tmp_path / "0.dcm").unlink()
    os.mkfifo(tmp_path / "0.dcm")
    sources.show_frame(flow.session, flow.window.jobs, 0, 0)
    flow.wait(lambda: flow.pane.frame_trouble is not None)
    sources.show_frame(flow.session, flow.window.jobs, 0, 30)
    flow.wait(lambda: flow.pane.frame is not None)


def test_a_header_that_asks_for_gigabytes_is_a_sentence(flow: Flow, tmp_path: Path) -> None:
    write_slice(tmp_path / "huge.dcm", Rows=65535, Columns=65535)
    flow.drop(tmp_path / "huge.dcm")
    flow.hear("huge.dcm was not opened: its header promises a frame of 65535 × 65535 pixels")


def test_many_frames_that_are_not_there_cost_no_memory(flow: Flow, tmp_path: Path) -> None:
    """A small compressed file that promises thousands of frames: the window reads what it can."""
    folder = compressed_series(tmp_path, 1)
    content = (folder / "0.dcm").read_bytes()
    start = content.index(b"\xff\x4f\xff\x51")
    stream = content[start:-8]
    dataset = dataset_of(
        np.zeros((64, 64), np.uint16),
        NumberOfFrames=4096,
        Rows=64,
        Columns=64,
        PixelData=encapsulate([stream] + [b"\0\0"] * 4095),
    )
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    flow.open(write(tmp_path / "other" / "many.dcm", dataset))
    assert the_source(flow).frames == 4096
    assert flow.pane.frame is not None
