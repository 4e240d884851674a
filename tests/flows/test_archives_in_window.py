"""Archives dropped on the window: they open as their folder would, also the next time."""

from __future__ import annotations

import os
import shutil
import signal
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from app.places import scratch_path
from inference.records import Source
from tests.flows.conftest import Flow
from tests.inference.sources.dicom_writer import write_slice

COUNT = 5
BRIGHT = 7
"""The slice at index n holds this many times n."""


def slices(folder: Path, **elements: object) -> list[Path]:
    return [
        write_slice(
            folder / f"I{index}",
            np.full((16, 16), BRIGHT * index, np.int16),
            SOPInstanceUID=f"1.2.{index + 1}",
            ImagePositionPatient=[0, 0, index],
            **elements,
        )
        for index in range(COUNT)
    ]


def packed(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for one in slices(folder):
            archive.write(one, f"PATIENT/{one.name}")
    return path


def encrypted(path: Path, folder: Path) -> Path:
    """The same with the bit set that says: encrypted (APPNOTE.TXT 4.4.4)."""
    content = bytearray(packed(path, folder).read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(mark, at + 1)) >= 0:
            content[at + place] |= 1
    path.write_bytes(content)
    return path


def leading_out(path: Path, folder: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for number, one in enumerate(slices(folder)):
            archive.write(one, "../" * (number + 1) + "evil.dcm")
    return path


def swelling(path: Path, folder: Path) -> Path:
    """300 MiB of nothing, packed into a thousandth of that."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(3):
            archive.writestr(f"{number}", bytes(100 * 2**20))
    return path


def the_source(flow: Flow) -> Source:
    (source,) = flow.session.sources.values()
    return source


def wait_for_all(flow: Flow) -> np.ndarray:
    """The whole series, once every slice of it has come."""
    flow.wait(lambda: flow.session.frames.volume(the_source(flow)) is not None)
    volume = flow.session.frames.volume(the_source(flow))
    assert volume is not None
    return volume


def test_a_series_in_an_archive_opens_as_its_folder(flow: Flow, tmp_path: Path) -> None:
    flow.open(packed(tmp_path / "study.zip", tmp_path / "outside"))
    inside = the_source(flow)
    assert wait_for_all(flow)[:, 8, 8].tolist() == [BRIGHT * index for index in range(COUNT)]
    assert (inside.frames, inside.order_rule) == (COUNT, "position")
    flow.drop(tmp_path / "outside")
    flow.wait(lambda: not flow.window.jobs.running)
    assert list(flow.session.sources) == [inside.source_id]  # the same bytes, the same source
    # Only the person's own folder holds what was unpacked.
    assert all(ref.path.startswith(str(scratch_path())) for ref in inside.refs)


def test_it_is_there_after_a_restart_and_unpacked_once(
    start: Callable[[], AbstractContextManager[Flow]], tmp_path: Path
) -> None:
    path = packed(tmp_path / "study.zip", tmp_path / "outside")
    folders = []
    for _ in range(2):
        with start() as flow:
            flow.open(path)
            wait_for_all(flow)
            folders.append({one: one.stat().st_ino for one in scratch_path().rglob("I*")})
    assert len(folders[0]) == COUNT
    assert folders[0] == folders[1]


def test_what_was_removed_in_between_is_unpacked_again(
    start: Callable[[], AbstractContextManager[Flow]], tmp_path: Path
) -> None:
    path = packed(tmp_path / "study.zip", tmp_path / "outside")
    with start() as flow:
        flow.open(path)
        wait_for_all(flow)
    shutil.rmtree(scratch_path())
    with start() as flow:
        flow.open(path)
        assert wait_for_all(flow).shape == (COUNT, 16, 16)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (encrypted, "I0 is encrypted; unpack the archive with its password"),
        (leading_out, "evil.dcm was not unpacked: its path leads out of the archive."),
        (swelling, "was not unpacked: it says that it holds files of 0.3 GiB"),
    ],
)
def test_what_is_not_to_be_unpacked_is_a_sentence(
    flow: Flow, tmp_path: Path, write: Callable[[Path, Path], Path], words: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    flow.drop(write(place / "study.zip", tmp_path / "outside"))
    flow.hear(words)
    assert not flow.session.sources
    assert [one.name for one in place.iterdir()] == ["study.zip"]
    assert not list(scratch_path().parent.rglob("*evil*"))
    # The window lives: the next thing opens.
    flow.open(tmp_path / "outside" / "I0" if write is not swelling else slices(tmp_path / "x")[0])


def test_members_that_do_not_open_are_listed_beside_those_that_do(
    flow: Flow, tmp_path: Path
) -> None:
    path = packed(tmp_path / "study.zip", tmp_path / "outside")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("PATIENT/letter.txt", b"Dear doctor")
        archive.write(packed(tmp_path / "inner.zip", tmp_path / "again"), "inner.zip")
    flow.open(path)
    flow.hear("2 files were not opened; the rest is here.")
    named = {one.path.removeprefix(str(tmp_path)) for one in flow.session.refused}
    assert named == {"/study.zip/PATIENT/letter.txt", "/study.zip/inner.zip"}


def slow(path: Path, folder: Path) -> Path:
    """The same with noise, which unpacks slowly, and is refused once it is there."""
    with zipfile.ZipFile(packed(path, folder), "a", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        noise = np.random.default_rng(3).integers(0, 60, 40 * 2**20, np.uint8)
        file.writestr("noise", noise.tobytes())
    return path


def wait_for_half(flow: Flow) -> None:
    """Until the decoder has begun to unpack; it takes some tenths of a second."""
    flow.wait(lambda: bool(list(scratch_path().glob("*.part-*"))))


def test_an_unpacking_that_was_cancelled_leaves_nothing_and_can_be_repeated(
    flow: Flow, tmp_path: Path
) -> None:
    path = slow(tmp_path / "slow.zip", tmp_path / "outside")
    flow.drop(path)
    wait_for_half(flow)
    flow.window.jobs.cancel_slot("open")
    flow.wait(lambda: not list(scratch_path().glob("*")))
    assert not flow.session.sources
    flow.open(path)
    assert len(wait_for_all(flow)) == COUNT


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="sends SIGKILL")
def test_what_a_killed_decoder_left_does_not_count(flow: Flow, tmp_path: Path) -> None:
    path = slow(tmp_path / "slow.zip", tmp_path / "outside")
    flow.drop(path)
    wait_for_half(flow)
    for child in flow.lanes["decode"].process_ids:
        os.kill(child, signal.SIGKILL)
    flow.hear("The decoder was ended by signal 9")
    assert not flow.session.sources
    flow.open(path)
    assert len(wait_for_all(flow)) == COUNT
