"""Maps written to files that other programs read, in a child, whole or not at all."""

from __future__ import annotations

from pathlib import Path

from app.actions import drawing
from app.jobs import Jobs
from app.map_files import FORMATS
from app.map_requests import Exported, ExportRequest
from app.session import Session
from inference.errors import UserError
from inference.records import Attribution, Source


def maps_here(session: Session, *, series: bool) -> tuple[Source, tuple[Attribution, ...]]:
    """The map of the frame in sight, or with `series` all that answer the same question.

    Raises UserError where there is no finished map, or the plane in sight is no frame of the scan.
    """
    number = session.active
    pane, source = session.panes[number], session.source_of(number)
    shown = pane.attribution
    if source is None or shown is None or shown.coarse:
        raise UserError("There is no map to export.", "Explain first, with E.")
    if series:
        found = session.results.alike(source.source_id, shown)
        return source, tuple(one for one in found if not one.coarse)
    if pane.is_cut:
        raise UserError(
            "This plane was cut through the scan and has no map of its own.",
            "Export the maps of the series, or go back to its slices with M.",
        )
    return source, (shown,)


def export_maps(
    session: Session, jobs: Jobs, path: Path, name: str, *, series: bool, identified: bool
) -> None:
    """Write maps in the format `name`; what came of it is said at the end."""
    source, maps = maps_here(session, series=series)
    if name == "dicom" and session.panes[session.active].made is not None:
        raise UserError(
            "A DICOM parametric map says which model a map is of, and this one is made of others.",
            "Export it as NIfTI, array or pictures.",
        )
    drawn = drawing.as_seen(session, session.active)
    request = ExportRequest(str(path), name, source, maps, drawn, identified)

    def done(found: Exported) -> None:
        count = "The map is" if len(maps) == 1 else f"{len(maps)} maps are"
        whom = ("It names the patient.",) if identified and name == "dicom" else ()
        session.say(
            f"{count} exported: {Path(found.path).name}.",
            " ".join((*whom, *found.sentences)),
            "good",
        )

    jobs.start(
        "export",
        "decode",
        "export_maps",
        request,
        done=done,
        failed=session.say_error,
        title=f"Exporting as {FORMATS[name].title}",
    )
