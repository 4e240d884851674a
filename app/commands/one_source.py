"""The one source that a command was asked for, among what a path holds."""

from __future__ import annotations

from pathlib import Path

from inference.errors import UserError
from inference.records import Opened, Source
from inference.requests import OpenRequest
from inference.sources.registry import OPENABLE, open_sources
from inference.task import Task


def open_one(path: str, source_id: str | None, task: Task) -> Source:
    """The source `source_id` of `path`, or its only one.

    Raises UserError: of the input where nothing opens, of usage where several do and none was
    chosen, or where the chosen one is not among them.
    """
    opened = open_sources(OpenRequest((path,)), task)
    if not opened.sources:
        raise nothing_opened((path,), opened)
    if source_id is None and len(opened.sources) == 1:
        return opened.sources[0]
    for source in opened.sources:
        if source.source_id == source_id:
            return source
    listed = ", ".join(source.source_id for source in opened.sources)
    if source_id is None:
        message = f"There are {len(opened.sources)} sources here: {listed}."
    else:
        message = f"There is no source {source_id} here, only: {listed}."
    raise UserError(message, "Choose one with --source.", fault="usage", path=path)


def nothing_opened(paths: tuple[str, ...], opened: Opened) -> UserError:
    """The sentence for paths among which there is no source."""
    if opened.objects:
        found = opened.objects[0]
        return UserError(
            f"{Path(found.path).name} holds no picture; it is “{found.title}”.",
            "Choose a scan or picture.",
            path=found.path,
        )
    if len(opened.refused) == 1:
        (refused,) = opened.refused
        return UserError(refused.reason, "Choose a scan or picture.", path=refused.path)
    if not opened.refused:
        return UserError("There is no file here to open.", "Choose another folder.", path=paths[0])
    return UserError(
        f"None of the {len(opened.refused)} files here could be opened; the first: "
        f"{opened.refused[0].reason}",
        OPENABLE,
        path=paths[0],
    )
