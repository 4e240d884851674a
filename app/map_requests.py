"""What crosses to the child that writes maps to files: plain records, nothing heavy beside them."""

from __future__ import annotations

from dataclasses import dataclass

from inference.records import Attribution, Source


@dataclass(frozen=True)
class Drawing:
    """How a map is drawn where no person looks at it: by default in full, on its own scale.

    `limit` is the value at the end of the colours, None for the map's own, and `scale` says where
    it comes from. `threshold` is the share of it below which the map is left out. `level` is the
    magnitude that lines enclose. `cells` draws the map's own cells as they are.
    """

    limit: float | None = None
    scale: str = ""
    threshold: float = 0.0
    level: float | None = None
    cells: bool = False


@dataclass(frozen=True, eq=False)
class ExportRequest:
    """Maps over frames of one source, as a file at `path` in one of the formats of app.map_files.

    `drawing` is for pictures alone. With `identified` a DICOM file names the patient.
    """

    path: str
    format: str
    source: Source
    maps: tuple[Attribution, ...]
    drawing: Drawing = Drawing()
    identified: bool = False


@dataclass(frozen=True)
class Exported:
    """Where the maps went, and what is to be known of it, in sentences."""

    path: str
    sentences: tuple[str, ...] = ()
