"""Zip archives: what is in them opens, nothing leaves its folder, nothing swells without end."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import IO, BinaryIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import UserError
from inference.records import Opened
from inference.requests import OpenRequest
from inference.sources import archive
from inference.sources.archive_names import SafeNames, leads_out
from inference.sources.registry import open_sources
from inference.task import Cancelled, Task
from tests.inference.sources.dicom_writer import write_slice


def _open(path: Path, place: Path | None = None, task: Task | None = None) -> Opened:
    request = OpenRequest((str(path),), scratch="" if place is None else str(place))
    return open_sources(request, task or Task())


def _slices(folder: Path, count: int = 3) -> list[Path]:
    return [
        write_slice(
            folder / f"I{number}",
            np.full((3, 4), number, np.int16),
            SOPInstanceUID=f"1.2.{number + 1}",
            ImagePositionPatient=[0, 0, number],
        )
        for number in range(count)
    ]


def _zip(path: Path, members: dict[str, bytes | Path]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            data = content.read_bytes() if isinstance(content, Path) else content
            packed.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return path


def _reasons(opened: Opened) -> list[tuple[str, str]]:
    return [(Path(one.path).name, one.reason) for one in opened.refused]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_a_series_has_the_same_id_inside_and_outside(tmp_path: Path, method: int) -> None:
    paths = _slices(tmp_path / "outside")
    packed = tmp_path / "no ending"
    with zipfile.ZipFile(packed, "w", method) as file:
        for path in paths:
            file.write(path, f"PATIENT/SERIES/{path.name}")
    (inside,) = _open(packed, tmp_path / "scratch").sources
    (outside,) = _open(tmp_path / "outside").sources
    assert inside.source_id == outside.source_id
    assert (inside.frames, inside.order_rule) == (3, "position")


def test_what_is_refused_inside_is_named_by_its_way_through_the_archive(tmp_path: Path) -> None:
    packed = _zip(
        tmp_path / "study.zip",
        {"deep/I0": _slices(tmp_path)[0], "deep/letter.txt": b"Dear doctor", "deep/.hidden": b"x"},
    )
    opened = _open(packed, tmp_path / "scratch")
    assert len(opened.sources) == 1
    (refused,) = opened.refused
    assert refused.path == f"{packed}/deep/letter.txt"
    assert refused.reason == "letter.txt is not a scan or picture."


@pytest.mark.parametrize(
    "name",
    ["../out", "a/../../out", "/etc/out", "C:\\out", "c:out", "..\\out", "\\\\server\\share\\out"],
)
def test_no_path_leaves_the_folder(tmp_path: Path, name: str) -> None:
    scan = _slices(tmp_path / "outside", 1)[0]
    packed = _zip(tmp_path / "x.zip", {name: b"evil", "scan": scan})
    before = {path for path in tmp_path.rglob("*") if "scratch" not in path.parts}
    opened = _open(packed, tmp_path / "scratch" / "deep")
    assert len(opened.sources) == 1
    (refused,) = opened.refused
    assert refused.reason.endswith("out was not unpacked: its path leads out of the archive.")
    after = {path for path in tmp_path.rglob("*") if "scratch" not in path.parts}
    assert after == before
    assert not list((tmp_path / "scratch").rglob("*out*"))


def test_links_and_devices_are_refused(tmp_path: Path) -> None:
    packed = tmp_path / "x.zip"
    with zipfile.ZipFile(packed, "w") as file:
        for name, kind in (("link", stat.S_IFLNK), ("pipe", stat.S_IFIFO)):
            member = zipfile.ZipInfo(name)
            member.external_attr = (kind | 0o777) << 16
            file.writestr(member, "/etc/hostname")
    opened = _open(packed, tmp_path / "scratch")
    assert _reasons(opened) == [
        (name, f"{name} was not unpacked: it is a link or device, not a file.")
        for name in ("link", "pipe")
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("AUX", "AUX_"),
        ("scans/con.dcm", "scans/con_.dcm"),
        ("LPT1/x", "LPT1_/x"),
        ("console", "console"),
        ("12:30?.dcm", "12_30_.dcm"),
        ("folder./x ", "folder_/x_"),
        ("a\\b", "a/b"),
        ("a//./b", "a/b"),
    ],
)
def test_names_that_windows_forbids_are_bent(name: str, path: str) -> None:
    assert SafeNames().path_of(name) == path


def test_names_that_differ_in_case_only_both_open(tmp_path: Path) -> None:
    paths = _slices(tmp_path / "outside", 2)
    packed = _zip(tmp_path / "x.zip", {"IM.dcm": paths[0], "im.dcm": paths[1]})
    (source,) = _open(packed, tmp_path / "scratch").sources
    assert sorted(Path(ref.path).name for ref in source.refs) == ["IM.dcm", "im~2.dcm"]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(names=st.lists(st.text(alphabet="aA./\\:* ~1\0é", min_size=1, max_size=8), max_size=6))
def test_every_safe_name_stays_below_and_is_given_once(names: list[str]) -> None:
    safe = SafeNames()
    given_ = [safe.path_of(name) for name in names if name.strip("./\\") and not leads_out(name)]
    assert len({path.casefold() for path in given_}) == len(given_)
    for path in given_:
        assert not set(path) & set('<>:"|?*\\\0')
        assert not path.startswith("/")
        assert all(part.strip(". ") for part in path.split("/"))


def test_encrypted_and_damaged_members_are_refused_one_by_one(tmp_path: Path) -> None:
    paths = _slices(tmp_path / "outside", 3)
    packed = _zip(tmp_path / "x.zip", {path.name: path for path in paths})
    data = bytearray(packed.read_bytes())
    with zipfile.ZipFile(packed) as file:
        secret, broken, _ = file.infolist()
    data[broken.header_offset + 60] ^= 0xFF
    data[secret.header_offset + 6] |= 1
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    packed.write_bytes(data)
    opened = _open(packed, tmp_path / "scratch")
    assert [source.frames for source in opened.sources] == [1]
    assert _reasons(opened) == [
        ("I0", "I0 is encrypted; unpack the archive with its password and open the folder."),
        ("I1", "I1 is damaged."),
    ]


def test_an_archive_within_an_archive_is_refused(tmp_path: Path) -> None:
    inner = _zip(tmp_path / "inner.zip", {"x": b"y"})
    outer = _zip(tmp_path / "outer.zip", {"a/inner.zip": inner})
    (refused,) = _open(outer, tmp_path / "scratch").refused
    assert refused.path == f"{outer}/a/inner.zip"
    assert refused.reason == (
        "inner.zip is an archive within an archive; unpack it and open it by itself."
    )


def test_other_packages_are_no_archives_of_scans(tmp_path: Path) -> None:
    letter = _zip(tmp_path / "letter.docx", {"[Content_Types].xml": b"<x/>", "word/a.xml": b"<x/>"})
    assert _reasons(_open(letter)) == [("letter.docx", "letter.docx is not a scan or picture.")]


def _declare(packed: Path, size: int) -> None:
    """Let the first entry of the central directory claim `size` unpacked bytes."""
    data = bytearray(packed.read_bytes())
    place = data.index(b"PK\x01\x02") + 24
    data[place : place + 4] = size.to_bytes(4, "little")
    packed.write_bytes(data)


def test_an_archive_that_would_swell_is_not_unpacked(tmp_path: Path) -> None:
    packed = _zip(tmp_path / "x.zip", {"zeros": b"\0" * 10**6})
    _declare(packed, 3 * 2**30)
    assert _reasons(_open(packed, tmp_path / "scratch")) == [
        (
            "x.zip",
            "x.zip was not unpacked: it says that it holds files of 3.0 GiB, more than it can be "
            "trusted with.",
        )
    ]
    assert not (tmp_path / "scratch").exists()


def test_a_member_is_never_larger_than_it_says(tmp_path: Path) -> None:
    packed = _zip(tmp_path / "x.zip", {"zeros": b"\0" * 10**6})
    _declare(packed, 1000)
    assert _reasons(_open(packed, tmp_path / "scratch")) == [("zeros", "zeros is damaged.")]
    assert not list((tmp_path / "scratch").rglob("zeros"))


@pytest.mark.parametrize(
    ("limit", "value", "what"),
    [
        ("MEMBERS_LIMIT", 2, "3 files"),
        ("BYTES_LIMIT", 10, "files of 0.0 GiB"),
        ("_DIRECTORY_BYTES_LIMIT", 10, "a list of 0 MiB"),
    ],
)
def test_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, what: str
) -> None:
    monkeypatch.setattr(archive, limit, value)
    packed = _zip(tmp_path / "x.zip", dict.fromkeys(("a", "b", "c"), b"12345"))
    assert what in _reasons(_open(packed, tmp_path / "scratch"))[0][1]


def test_a_full_disk_is_a_fault_of_the_surroundings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = _zip(tmp_path / "x.zip", {"I0": _slices(tmp_path / "outside", 1)[0]})
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=10))
    with pytest.raises(UserError) as full:
        _open(packed, tmp_path / "scratch")
    assert full.value.fault == "surroundings"
    assert full.value.message == "x.zip was not unpacked: there is no room left on the disk."
    opened = _open(tmp_path, tmp_path / "scratch")
    assert len(opened.sources) == 1
    assert (opened.refused[0].reason) == full.value.message


@pytest.mark.parametrize("member", [0, 1])
def test_a_disk_that_fills_up_in_the_middle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, member: int
) -> None:
    packed = _zip(tmp_path / "x.zip", {"I0": b"a" * 500, "I1": b"b" * 500})
    asked = []

    def copy(packed: IO[bytes], file: BinaryIO, size: int, pulse: archive._Pulse) -> str:
        asked.append(size)
        if len(asked) > member:
            raise OSError(errno.ENOSPC, "No space left on device")
        return plain(packed, file, size, pulse)

    plain = archive._copy
    monkeypatch.setattr(archive, "_copy", copy)
    with pytest.raises(UserError, match="there is no room left"):
        _open(packed, tmp_path / "scratch")
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_member_that_breaks_off_leaves_nothing_to_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copy(packed: IO[bytes], file: BinaryIO, size: int, pulse: archive._Pulse) -> str:
        file.write(packed.read(size // 2))
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(archive, "_copy", copy)
    opened = _open(_zip(tmp_path / "x.zip", {"I0": b"a" * 500}), tmp_path / "scratch")
    assert _reasons(opened) == [("I0", "I0 was not unpacked: input/output error.")]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_scratch_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir(mode=0o500)
    packed = _zip(tmp_path / "x.zip", {"I0": b"a" * 500})
    with pytest.raises(UserError, match="permission denied") as refused:
        _open(packed, tmp_path / "scratch")
    assert refused.value.fault == "surroundings"


def test_it_is_unpacked_once(tmp_path: Path) -> None:
    packed = _zip(tmp_path / "x.zip", {"I0": _slices(tmp_path / "outside", 1)[0], "x": b"no"})
    first = _open(packed, tmp_path / "scratch")
    (folder,) = (tmp_path / "scratch").iterdir()
    written = Path(first.sources[0].refs[0].path).stat().st_mtime_ns
    again = _open(packed, tmp_path / "scratch")
    assert Path(again.sources[0].refs[0].path).stat().st_mtime_ns == written
    assert again.refused == first.refused
    Path(first.sources[0].refs[0].path).unlink()
    third = _open(packed, tmp_path / "scratch")
    assert third.sources[0].source_id == first.sources[0].source_id
    assert list((tmp_path / "scratch").iterdir()) == [folder]


def test_a_cancelled_unpacking_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_PROGRESS_S", 0.0)
    packed = _zip(tmp_path / "x.zip", {str(n): b"%d" % n * 1000 for n in range(20)})
    task = Task(lambda kind, value: task.cancel() if value == (5, 20) else None)
    with pytest.raises(Cancelled):
        _open(packed, tmp_path / "scratch", task)
    assert list((tmp_path / "scratch").iterdir()) == []


def test_without_a_scratch_folder_it_goes_with_the_process(tmp_path: Path) -> None:
    packed = _zip(tmp_path / "x.zip", {"I0": _slices(tmp_path / "outside", 1)[0]})
    code = (
        "import sys\n"
        "from inference.requests import OpenRequest\n"
        "from inference.sources.registry import open_sources\n"
        "from inference.task import Task\n"
        "(source,) = open_sources(OpenRequest((sys.argv[1],)), Task()).sources\n"
        "print(source.refs[0].path)\n"
    )
    here = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", code, str(packed)],
        cwd=here,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    place = Path(done.stdout.strip())
    assert place.is_relative_to(tmp_path)
    assert not place.exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("lepton-")] == []


@pytest.mark.parametrize("cut", [0.3, 0.9, 0.999])
def test_a_cut_archive_is_refused(tmp_path: Path, cut: float) -> None:
    packed = _zip(tmp_path / "x.zip", {"I0": _slices(tmp_path / "outside", 1)[0]})
    packed.write_bytes(packed.read_bytes()[: int(packed.stat().st_size * cut)])
    assert _reasons(_open(packed, tmp_path / "scratch")) == [
        ("x.zip", "x.zip is a damaged archive.")
    ]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.data())
def test_damaged_archives_give_scans_or_sentences(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.getbasetemp() / "mutated-archive"
    packed = folder / "x.zip"
    if not folder.exists():
        slices = _slices(folder / "outside", 2)
        _zip(folder / "whole.zip", {path.name: path for path in slices})
    content = bytearray((folder / "whole.zip").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    packed.write_bytes(content)
    opened = _open(packed, folder / "scratch")
    assert opened.sources or opened.refused or opened.objects
    assert all(one.reason.endswith(".") for one in opened.refused)
    assert {path.name for path in folder.iterdir()} <= {
        "x.zip", "whole.zip", "outside", "scratch",
    }  # fmt: skip


def test_unpacking_one_large_member_is_not_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_PROGRESS_S", 0.0)
    packed = _zip(tmp_path / "x.zip", {"large": b"\0" * (5 * 2**20), "small": b"\1"})
    told: list[object] = []
    _open(packed, tmp_path / "scratch", Task(lambda kind, value: told.append((kind, value))))
    assert told.count(("progress", (0, 2))) == 1 + 5
