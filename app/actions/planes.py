"""Planes and slabs through the volume of a series, in any viewport."""

from __future__ import annotations

from app.actions import reading, sources
from app.actions.models import load_methods
from app.cutting import Cut, CutRequest
from app.jobs import Jobs
from app.messages import trouble
from app.panes import Pane, Plane
from app.session import Session
from inference.errors import UserError
from inference.mpr.cut import Slab
from inference.mpr.stack import PlaneStack, along, planes, slices
from inference.mpr.volume import Volume, volume_of
from inference.records import Source

MPR: tuple[Plane, ...] = ("axial", "coronal", "sagittal", "slices")
"""What the four viewports of the three planes show; the last one the slices as they were made."""


def show_mpr(session: Session, jobs: Jobs) -> None:
    """The active viewport's scan in three planes, and its own slices beside them."""
    source = session.source_of(session.active)
    if source is None:
        raise UserError("There is no scan to cut planes through.", "Open a scan first.")
    check_volume(source)
    index = session.panes[session.active].index
    window = session.panes[session.active].window
    session.set_layout("2x2")
    for number, plane in enumerate(MPR):
        session.show_source(number, source.source_id, index)
        turn_to(session, jobs, number, plane, index if plane == "slices" else None)
        session.edit_view(number, window=window)
    if "crosshair" in session.links:
        session.set_tool("crosshair")


def turn_to(
    session: Session, jobs: Jobs, number: int, plane: Plane, index: int | None = None
) -> None:
    """Show a viewport's source along some plane; the middle one unless an index is given."""
    source = session.source_of(number)
    if source is None:
        return
    for what in ("predict", "explain", "methods", "layers"):
        jobs.cancel_slot(f"{what}-{number}")
    start = source.frames // 2 if index is None else index
    session.show_source(number, source.source_id, start, plane)
    load_methods(session, jobs, number)
    if plane == "slices":
        sources.show_frame(session, jobs, number, start)
    else:
        show_plane(session, jobs, number, None)


def next_plane(session: Session, jobs: Jobs) -> None:
    """The active viewport's scan along the next plane."""
    number = session.active
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return
    order: tuple[Plane, ...] = ("slices", "axial", "coronal", "sagittal")
    plane = order[(order.index(pane.plane) + 1) % len(order)]
    if plane != "slices":
        check_volume(source)
    turn_to(session, jobs, number, plane)
    session.edit_view(number, window=pane.window, inverted=pane.inverted)


def set_slab(session: Session, jobs: Jobs, number: int, slab: Slab | None) -> None:
    """Show a viewport thick or thin."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return
    if slab is not None:
        check_volume(source)
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
            turn_to(session, jobs, number, pane.plane)
            session.edit_view(number, window=pane.window, inverted=pane.inverted)


def show_plane(session: Session, jobs: Jobs, number: int, index: int | None) -> None:
    """Cut a plane for a viewport; None is the middle one. Without the volume it waits for it."""
    source, pane = session.source_of(number), session.panes[number]
    if source is None:
        return
    try:
        volume = _volume(session, source)
        if volume is None:
            reading.read_whole(session, jobs, source)
            share = session.frames.share(source)
            words = f"Reading the volume, {share:.0%}"
            session.choose_index(number, pane.index if index is None else index, words)
            return
        stack = pane.stack or _stack(volume, pane, own=session.own_axes)
    except UserError as error:
        session.set_frame_trouble(number, trouble(error))
        return
    index = stack.count // 2 if index is None or pane.stack is None else index
    if pane.slab is not None and pane.plane == "slices":
        index = pane.index
    session.set_stack(number, stack, min(max(index, 0), stack.count - 1))
    _cut(session, jobs, number, volume, stack)


def refresh(session: Session, jobs: Jobs, answered: frozenset[str] = frozenset()) -> None:
    """Cut where a volume was waited for, and again where models said more of its source."""
    for number in session.visible:
        pane = session.panes[number]
        if pane.is_cut and (pane.waiting or pane.source_id in answered):
            show_plane(session, jobs, number, pane.index)


def check_volume(source: Source) -> None:
    """Raises UserError where no planes can be cut through a source."""
    if source.frames < 2 or source.order_rule != "position" or source.samples != 1:
        raise UserError(
            f"“{source.title}” is no volume, so no planes can be cut through it.",
            "Choose a series of several slices with position and orientation.",
        )


def _volume(session: Session, source: Source) -> Volume | None:
    """The volume of a source; None while slices of it are missing."""
    found = session.volumes.get(source.source_id)
    if found is None:
        check_volume(source)
        stored, frames = session.frames.volume(source), session.frames.whole(source)
        if stored is None or frames is None:
            return None
        found = volume_of(source, stored, frames)
        session.volumes.keep(found)
    return found


def _stack(volume: Volume, pane: Pane, *, own: bool) -> PlaneStack:
    if pane.plane == "slices":
        return slices(volume)
    return (along if own else planes)(volume, pane.plane)


def _cut(session: Session, jobs: Jobs, number: int, volume: Volume, stack: PlaneStack) -> None:
    pane = session.panes[number]
    masks = session.results.masks(volume.source_id, pane.model_id)
    maps = session.results.maps(volume.source_id, pane.model_id)
    place = (volume.source_id, pane.index)
    request = CutRequest(
        volume,
        stack,
        pane.index,
        pane.slab,
        masks,
        {index: found.map for index, found in maps.items()},
        session.results.first_prediction(volume.source_id, pane.model_id) if masks else None,
        next(iter(maps.values()), None),
    )

    def done(found: Cut) -> None:
        now = session.panes[number]
        if (now.source_id, now.index) == place and now.stack is stack and now.slab == pane.slab:
            session.set_cut(number, found.frame, (found.prediction, found.attribution))

    jobs.start(
        f"frame-{number}",
        "volume",
        "cut",
        request,
        done,
        failed=lambda error: session.set_frame_trouble(number, trouble(error)),
    )
