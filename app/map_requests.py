"""What crosses to the child that writes maps to files: plain records, nothing heavy beside them."""

from __future__ import annotations

from dataclasses import dataclass

from inference.records import Attribution, Options, Source


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """Maps over frames of one source, as a file at `path` in one of the formats of app.map_files.

    `drawing` are the fields of app.pictures.Drawing by name: how pictures are drawn. With
    `identified` a DICOM file names the patient.
    """

    path: str
    format: str
    source: Source
    maps: tuple[Attribution, ...]
    drawing: Options = ()
    identified: bool = False


@dataclass(frozen=True)
class Exported:
    """Where the maps went, and what is to be known of it, in sentences."""

    path: str
    sentences: tuple[str, ...] = ()
