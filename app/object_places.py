"""Which objects lie over which open scans, and which sources are only an object's own file."""

from __future__ import annotations

from app.session import Session
from inference.records import DicomObject, ObjectOverlay, Source

DRAWN = frozenset({"segmentation", "structure_set", "parametric_map"})
"""Kinds of objects that draw something over a scan."""


def own_pictures(session: Session) -> frozenset[str]:
    """The ids of sources that are the masks or maps in an object's own file."""
    paths = {found.path for found in session.objects.values()}
    return frozenset(
        source.source_id for source in session.sources.values() if source.refs[0].path in paths
    )


def scans_under(session: Session, found: DicomObject) -> tuple[Source, ...]:
    """The open scans that an object is drawn over: of a series it names, or else of its space.

    Another patient's scan does not share a space with it, whatever the headers say.
    """
    if found.kind not in DRAWN:
        return ()
    own = own_pictures(session)
    return tuple(
        source
        for source in session.sources.values()
        if source.refs[0].path != found.path
        and (_is_named(found, source) or (source.source_id not in own and _shares(found, source)))
    )


def overlays_of(session: Session, source_id: str) -> tuple[ObjectOverlay, ...]:
    """What the objects that are on draw over a source, as far as it has been read."""
    found = (session.overlays.get((one, source_id)) for one in sorted(session.shown_objects))
    return tuple(overlay for overlay in found if overlay is not None)


def listed(session: Session) -> tuple[Source, ...]:
    """The sources for the list of studies.

    The pictures of an object are left out where its scan is open: there its own row stands for
    them. A segmentation of a hundred segments would be a hundred series.
    """
    placed = {found.path for found in session.objects.values() if scans_under(session, found)}
    return tuple(source for source in session.sources.values() if source.refs[0].path not in placed)


def _is_named(found: DicomObject, source: Source) -> bool:
    return bool(source.series_uid) and source.series_uid in found.series_uids


def _shares(found: DicomObject, source: Source) -> bool:
    if found.who and source.who and found.who != source.who:
        return False
    return bool(found.frame_of_reference) and found.frame_of_reference == source.frame_of_reference
