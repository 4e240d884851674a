"""Zip archives: unpacked once, within bounds, into a folder that no member can leave."""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import struct
import time
import zipfile
import zlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, BinaryIO

from inference.errors import UserError
from inference.sources.archive_names import SafeNames, is_passed_over, leads_out
from inference.sources.base import FoundFile
from inference.sources.files import unreadable
from inference.sources.scratch import Contents, Member, fill, read_contents, scratch_folder
from inference.task import Task

_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
"""A local file header, or the end record of an empty archive (APPNOTE.TXT 4.3.7, 4.3.16)."""

BYTES_LIMIT = 16 * 2**30
"""How much an archive may unpack to."""

MEMBERS_LIMIT = 100_000
SWELLING_LIMIT = 200
"""How many times its own size an archive may unpack to, once that is a quarter of a GiB."""

_UNSUSPICIOUS_BYTES = 256 * 2**20
_DIRECTORY_BYTES_LIMIT = 64 * 2**20
_CHUNK_BYTES = 2**20
_PROGRESS_S = 0.1

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""LZMA is left out: a few bytes of it can ask for a dictionary of 4 GiB."""

_OTHER_PACKAGES = frozenset(
    ("[Content_Types].xml", "META-INF/MANIFEST.MF", "META-INF/container.xml")
)
"""What office documents, programs and books hold, which are zip files as well."""

_ENCRYPTED = 0x1
_FULL = (errno.ENOSPC, errno.EDQUOT)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    IndexError,
)
"""What zipfile raises on damaged archives."""


@dataclass(frozen=True)
class Unpacked:
    """The folder with an archive's files, and what is not there: (name within it, reason)."""

    folder: Path
    refused: tuple[tuple[str, str], ...]


def recognises(head: bytes) -> bool:
    """Whether a file that starts with `head` is a zip archive."""
    return head.startswith(_STARTS)


def unpack(found: FoundFile, scratch: str, task: Task) -> Unpacked:
    """The archive's files on disk, those of an earlier time if they are still whole.

    They lie in a folder of `scratch` that is named by the archive's content; "" stands for a
    temporary folder that goes with this process. Members that cannot be had are refused one by
    one. Raises UserError where the archive as a whole cannot be had: damaged, over the bounds, or
    (fault="surroundings") without room for it.
    """
    path = found.path
    try:
        with path.open("rb") as file:
            _check_directory(path, file)
            with zipfile.ZipFile(file) as archive:
                members = archive.infolist()
                _check_bounds(path, members)
                return _unpack(found, archive, scratch, task)
    except OSError as error:
        raise unreadable(path, error) from error
    except _BROKEN as error:
        raise UserError(
            f"{path.name} is a damaged archive.",
            "Fetch the file again from where it came.",
            path=str(path),
        ) from error


def _check_directory(path: Path, file: BinaryIO) -> None:
    """Refuse a central directory that is too large to be read (APPNOTE.TXT 4.3.14, 4.3.16)."""
    size = file.seek(0, 2)
    start = max(0, size - 65557 - 76)
    file.seek(start)
    end = file.read()
    record = end.rfind(b"PK\x05\x06")
    (directory,) = struct.unpack_from("<L", end, record + 12) if record >= 0 else (0,)
    if directory == 0xFFFFFFFF and record >= 76:
        (directory,) = struct.unpack_from("<Q", end, record - 76 + 40)
    if directory > _DIRECTORY_BYTES_LIMIT:
        raise _too_much(path, f"a list of {directory / 2**20:.0f} MiB")
    file.seek(0)


def _check_bounds(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse what is no archive of scans or would fill the disk, before anything is unpacked."""
    if _OTHER_PACKAGES & {member.filename for member in members}:
        raise UserError(f"{path.name} is not a scan or picture.", path=str(path))
    if len(members) > MEMBERS_LIMIT:
        raise _too_much(path, f"{len(members)} files")
    total = sum(member.file_size for member in members)
    swells = total > _UNSUSPICIOUS_BYTES and total > SWELLING_LIMIT * path.stat().st_size
    if total > BYTES_LIMIT or swells:
        raise _too_much(path, f"files of {total / 2**30:.1f} GiB")


def _too_much(path: Path, what: str) -> UserError:
    return UserError(
        f"{path.name} was not unpacked: it says that it holds {what}, more than it can be "
        "trusted with.",
        "Unpack it with another program and open its folder.",
        path=str(path),
    )


def _unpack(found: FoundFile, archive: zipfile.ZipFile, scratch: str, task: Task) -> Unpacked:
    path = found.path
    members = [member for member in archive.infolist() if not is_passed_over(member.filename)]
    stem = SafeNames().path_of(path.stem.lstrip(".") or "archive")
    key = _key(found.digest, stem, members)
    try:
        place = scratch_folder(scratch) / key
        contents = read_contents(place)
        if contents is None:
            if sum(member.file_size for member in members) > shutil.disk_usage(place.parent).free:
                raise OSError(errno.ENOSPC, "the members are larger than what is free")
            fill(place, partial(_write_all, archive, members, stem, task))
            contents = read_contents(place)
    except OSError as error:
        raise _not_written(path, error) from error
    if contents is None:
        raise UserError(f"{path.name} was unpacked, but its files have gone.", path=str(path))
    return Unpacked(place / stem, contents.refused)


def _not_written(path: Path, error: OSError) -> UserError:
    full = error.errno in _FULL
    reason = "there is no room left on the disk" if full else (error.strerror or "").lower()
    return UserError(
        f"{path.name} was not unpacked: {reason or 'its files could not be written'}.",
        "Make room, or unpack it elsewhere and open its folder.",
        fault="surroundings",
        path=str(path),
    )


def _key(digest: str, stem: str, members: list[zipfile.ZipInfo]) -> str:
    """The folder's name: by content, and by the name that pictures are grouped under.

    The digest of a large file samples it; the check sums of all members see the rest.
    """
    found = hashlib.sha256(f"{stem}\n{digest}\n".encode("utf-8", "surrogateescape"))
    for member in members:
        found.update(f"{member.CRC} {member.file_size}\n".encode())
    return found.hexdigest()[:32]


def _write_all(
    archive: zipfile.ZipFile,
    members: list[zipfile.ZipInfo],
    stem: str,
    task: Task,
    folder: Path,
) -> Contents:
    """Write each member that can be had below `folder`/`stem`."""
    names = SafeNames()
    written: list[Member] = []
    refused: list[tuple[str, str]] = []
    pulse = _Pulse(task, len(members))
    (folder / stem).mkdir(parents=True)
    for number, member in enumerate(members):
        pulse.done = number
        pulse.beat()
        reason = _reason_against(member)
        if not reason:
            place = f"{stem}/{names.path_of(member.filename)}"
            reason = _write(archive, member, folder / place, pulse)
            written.extend([] if reason else [(place, member.file_size)])
        if reason:
            short = member.filename.replace("\\", "/").rpartition("/")[2]
            refused.append((member.filename, f"{short} {reason}."))
    return Contents(tuple(written), tuple(refused))


def _reason_against(member: zipfile.ZipInfo) -> str:
    """Why a member is not unpacked, as the end of a sentence; "" if it is."""
    kind = stat.S_IFMT(member.external_attr >> 16)
    if leads_out(member.filename):
        return "was not unpacked: its path leads out of the archive"
    if kind not in (0, stat.S_IFREG):
        return "was not unpacked: it is a link or device, not a file"
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted; unpack the archive with its password and open the folder"
    if member.compress_type not in _METHODS:
        return "is packed by a method that is not read here"
    return ""


class _Pulse:
    """Between pieces: hears of a cancel, and says ten times a second how many members are done.

    A child that is silent for a minute, as over one large member, would be taken for stuck.
    """

    def __init__(self, task: Task, total: int) -> None:
        self.done = 0
        self._task = task
        self._total = total
        self._told_s = 0.0

    def beat(self) -> None:
        self._task.check()
        now = time.monotonic()
        if now - self._told_s >= _PROGRESS_S:
            self._told_s = now
            self._task.progress(self.done, self._total)


def _write(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: Path, pulse: _Pulse) -> str:
    """Write one member; the reason where it cannot be had, "" if all is well."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        file = place.open("xb")
    except OSError as error:
        return _not_possible(error)
    with file:
        try:
            with archive.open(member) as packed:
                reason = _copy(packed, file, member.file_size, pulse)
        except OSError as error:
            reason = _not_possible(error)
        except _BROKEN:
            reason = "is damaged"
    if reason:
        place.unlink(missing_ok=True)
    return reason


def _not_possible(error: OSError) -> str:
    """Why one member cannot be written; a full disk ends it all."""
    if error.errno in _FULL:
        raise error
    return f"was not unpacked: {(error.strerror or 'its name is not possible here').lower()}"


def _copy(packed: IO[bytes], file: BinaryIO, size: int, pulse: _Pulse) -> str:
    """Copy piece by piece; the reason if it is not to be kept, "" if it is all there."""
    while chunk := packed.read(_CHUNK_BYTES):
        pulse.beat()
        if file.tell() == 0 and recognises(chunk):
            return "is an archive within an archive; unpack it and open it by itself"
        file.write(chunk)
    return "" if file.tell() == size else "is damaged"
