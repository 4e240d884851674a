"""Planes and slabs through the volume of a series, in any viewport."""

from __future__ import annotations

from app.actions import answers, reading, sources
from app.actions.offering import load_methods
from app.actions.volumes import check_volume, volume_in
from app.cutting import Cut, CutRequest
from app.jobs import Jobs
from app.linking import cursor_seen, frame_in_sight, middle_of, space_of
from app.messages import trouble
from app.object_places import overlays_of
from app.panes import Pane, Plane
from app.session import Session
from inference.errors import UserError
from inference.mpr.cut import Slab
from inference.mpr.stack import PlaneStack, along, planes, slices
from inference.mpr.volume import Volume
from inference.records import Source

MPR: tuple[Plane, ...] = ("axial", "coronal", "sagittal", "slices")
"""What the four viewports of the three planes show; the last one the slices as they were made."""

PLANES: tuple[Plane, ...] = ("slices", "axial", "coronal", "sagittal")
THIN_MM = 10.0
"""No slab that is asked for by key is thinner."""


def toggle_mpr(session: Session, jobs: Jobs) -> None:
    """The active viewport's scan in three planes, and its own slices beside them; or back."""
    source = session.source_of(session.active)
    if source is None:
        raise UserError("There is no scan to cut planes through.", "Open a scan first.")
    if shows_mpr(session):
        show_one(session, jobs)
        return
    _check(session, jobs, source)
    index, pane = frame_in_sight(session, session.active), session.panes[session.active]
    if cursor_seen(session, session.active) is None:
        point = middle_of(pane, source)
        session.set_cursor(None if point is None else (space_of(source), point))
    session.set_layout("2x2", 0)
    for number, plane in enumerate(MPR):
        at = index if plane == "slices" else None
        turn_to(session, jobs, number, pane, plane, index=at)
    if "crosshair" in session.links:
        session.set_tool("crosshair")


def show_one(session: Session, jobs: Jobs) -> None:
    """Out of the three planes: the scan's slices alone, where the crosshair is."""
    source, pane = session.source_of(session.active), session.panes[session.active]
    if source is None:
        return
    index = frame_in_sight(session, session.active)
    session.set_layout("1x1", 0)
    session.set_cursor(None)
    session.set_tool("window")
    for number in range(1, len(MPR)):
        jobs.cancel_slot(f"frame-{number}")
        session.clear_pane(number)
    turn_to(session, jobs, 0, pane, "slices", index=index)


def shows_mpr(session: Session) -> bool:
    """Whether the viewports are those of the three planes."""
    panes = session.panes[: len(MPR)]
    alike = len({pane.source_id for pane in panes}) == 1
    return session.layout == "2x2" and alike and tuple(pane.plane for pane in panes) == MPR


def turn_to(
    session: Session,
    jobs: Jobs,
    number: int,
    like: Pane,
    plane: Plane,
    *,
    index: int | None = None,
) -> None:
    """Show what a viewport shows along some plane, in the same or in another viewport.

    Without an index it is the plane of the crosshair, else the middle one.
    """
    source = session.sources.get(like.source_id or "")
    if source is None:
        return
    for what in ("predict", "explain", "methods", "layers"):
        jobs.cancel_slot(f"{what}-{number}")
    start = source.frames // 2 if index is None else index
    session.put_pane(number, like.turned(plane, start))
    if not (like.methods and like.layers):
        load_methods(session, jobs, number)
    if plane == "slices":
        sources.show_frame(session, jobs, number, start)
    else:
        show_plane(session, jobs, number, index)


def next_plane(session: Session, jobs: Jobs) -> None:
    """The active viewport's scan along the next plane."""
    number = session.active
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return
    plane = PLANES[(PLANES.index(pane.plane) + 1) % len(PLANES)]
    if plane != "slices":
        _check(session, jobs, source)
    index = frame_in_sight(session, number) if plane == "slices" else None
    turn_to(session, jobs, number, pane, plane, index=index)


def set_slab(session: Session, jobs: Jobs, number: int, slab: Slab | None) -> None:
    """Show a viewport thick or thin."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return
    if slab is not None:
        _check(session, jobs, source)
    session.set_slab(number, slab)
    if session.panes[number].is_cut:
        show_plane(session, jobs, number, pane.index)
    else:
        sources.show_frame(session, jobs, number, pane.index)


def use_own_axes(session: Session, jobs: Jobs, *, own: bool) -> None:
    """Cut along the scan's own axes, or along the patient's."""
    session.set_own_axes(own=own)
    for number in session.visible:
        source, pane = session.source_of(number), session.panes[number]
        if source is not None and pane.plane != "slices":
            turn_to(session, jobs, number, pane, pane.plane)


def thick(session: Session, number: int) -> Slab:
    """A slab that is worth the name: 10 mm, or three planes where these lie further apart."""
    source, pane = session.source_of(number), session.panes[number]
    apart = None
    if pane.stack is not None:
        apart = abs(float(pane.stack.step_mm @ pane.stack.normal))
    elif source is not None and source.spacing_mm is not None:
        apart = source.spacing_mm[2]
    return Slab("maximum", max(THIN_MM, round(2.0 * (apart or 0.0) + 0.5)))


def show_plane(session: Session, jobs: Jobs, number: int, index: int | None) -> None:
    """Cut a plane for a viewport; None is that of the crosshair, else the middle one.

    Without the volume the viewport waits for it.
    """
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return
    try:
        volume = volume_in(session, source)
        if volume is None:
            reading.read_whole(session, jobs, source)
            words = f"Reading the volume, {session.frames.share(source):.0%}"
            session.choose_index(number, pane.index if index is None else index, words)
            return
        stack = pane.stack or _stack(volume, pane, own=session.own_axes)
    except UserError as error:
        session.set_frame_trouble(number, trouble(error))
        return
    if index is None or (pane.stack is None and pane.plane != "slices"):
        index = _first_plane(session, source, stack)
    first = pane.stack is None
    session.set_stack(number, stack, min(max(index, 0), stack.count - 1))
    if first:
        answers.recall(session, jobs, number)
    _cut(session, jobs, number, volume, stack)


def refresh(
    session: Session, jobs: Jobs, answered: frozenset[str] = frozenset(), *, every: bool = False
) -> None:
    """Cut where a volume was waited for, and again where more was said of its source.

    By models (`answered`), or by a person who drew on it. With `every` all are cut again: what
    objects draw has changed. Viewports behind one that fills
    the window are not left out, or they would be as they were when they are seen again.
    """
    for number in session.seats:
        pane = session.panes[number]
        lacking = bool(pane.waiting) or pane.frame_trouble is not None
        told = pane.source_id in answered or _is_drawn_on(session, number)
        if pane.is_cut and (lacking or every or told):
            show_plane(session, jobs, number, pane.index)


def _is_drawn_on(session: Session, number: int) -> bool:
    """Whether the labels of a viewport's source are others than when its plane was asked for."""
    book, source_id = session.labels, session.panes[number].source_id
    return source_id is not None and book.cut_with.get(number, ()) is not book.of_source(source_id)


def _first_plane(session: Session, source: Source, stack: PlaneStack) -> int:
    """The plane that a viewport begins with: where the crosshair is, else the middle one."""
    cursor = session.cursor
    if cursor is not None and cursor[0] == space_of(source):
        return stack.index_at(cursor[1])
    return stack.count // 2


def _check(session: Session, jobs: Jobs, source: Source) -> None:
    """Raises UserError where planes of a source will never come; else has the volume read."""
    if session.volumes.get(source.source_id) is None:
        check_volume(source)
        reading.read_whole(session, jobs, source)


def _stack(volume: Volume, pane: Pane, *, own: bool) -> PlaneStack:
    if pane.plane == "slices":
        return slices(volume)
    return (along if own else planes)(volume, pane.plane)


def _cut(session: Session, jobs: Jobs, number: int, volume: Volume, stack: PlaneStack) -> None:
    pane = session.panes[number]
    masks = session.results.masks(volume.source_id, pane.model_id)
    maps = session.results.maps(volume.source_id, pane.model_id, pane.lens)
    place = (volume.source_id, pane.index)
    labels = session.labels.of_source(volume.source_id)
    session.labels.cut_with[number] = labels
    request = CutRequest(
        volume,
        stack,
        pane.index,
        pane.slab,
        masks,
        {index: found.map for index, found in maps.items()},
        session.results.first_prediction(volume.source_id, pane.model_id) if masks else None,
        next(iter(maps.values()), None),
        overlays_of(session, volume.source_id),
        labels,
    )

    def done(found: Cut) -> None:
        now = session.panes[number]
        if (now.source_id, now.index) == place and now.stack is stack and now.slab == pane.slab:
            results = (found.prediction, found.attribution)
            session.set_cut(number, found.frame, results, found.objects, found.labels)

    jobs.start(
        f"frame-{number}",
        "volume",
        "cut",
        request,
        done,
        failed=lambda error: session.set_frame_trouble(number, trouble(error)),
    )
