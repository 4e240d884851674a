"""A folder of files that cannot be opened, as people have them."""

from __future__ import annotations

from pathlib import Path


def broken_folder(place: Path) -> Path:
    """Make the folder: an empty file, a text, and a DICOM file that ends in its header."""
    folder = place / "old disk"
    folder.mkdir()
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "letter to the referring physician, second version.txt").write_text("Dear colleague")
    (folder / "scan7.dcm").write_bytes(bytes(128) + b"DICM" + bytes(40))
    return folder
