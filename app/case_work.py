"""One case of a batch, in a child: read with its truth, explained, or judged by a labelled set."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

from app.batches import row_of_reason
from app.case_requests import CaseInput, CaseRequest, Explained, Judged, JudgeRequest
from app.commands.one_source import open_one
from explain.labelled_cases import (
    TABLE_NAME,
    TRUTH_NAME,
    LabelledCase,
    label_of,
    marked_reason,
    read_set,
)
from explain.one_frame import Part, answer_to, telling_frame
from inference.cards import ModelCard
from inference.errors import UserError
from inference.records import Source
from inference.requests import ExplainRequest, OpenRequest, read_request
from inference.sources.registry import read_frames
from inference.task import Task
from widgets.case_row import CaseRow


def read_case(request: CaseRequest, task: Task) -> CaseInput:
    """The pixels of a case, and what is known of it: from the region given, else from a list."""
    source, region, label = request.source, request.marked, ""
    listed = _listed(source)
    if listed is not None:
        label = _label(listed, request.card)
        region = region or marked_reason(listed, source, task)
    frame = telling_frame(source, region) if request.frame is None else request.frame
    volume = len(request.card.size) == 3
    seen = tuple(range(source.frames)) if volume else (frame,)
    frames = read_frames(read_request(source, seen), Part(task))
    return CaseInput(frames, frame if volume else 0, label, region)


def explain_case(request: ExplainRequest, task: Task) -> Explained:
    """What the model says of a case and why; of the maps only the finished ones are told."""
    from explain.explain import explain

    prediction = answer_to(request, Part(task))
    maps = explain(request, Part(task, with_progress=True))
    return Explained(prediction, maps, request.index if len(maps) > 1 else 0)


def list_cases(request: OpenRequest, task: Task) -> tuple[str, ...]:
    """The names of the cases of the labelled set at the path; raises UserError as `read_set`."""
    return tuple(case.name for case in _cases(request.paths[0]))


def judge_case(request: JudgeRequest, task: Task) -> Judged:
    """One case of a labelled set as `lepton belief set` judges it."""
    from explain.belief_sets import Refused, Sweep

    case = _cases(request.path)[request.number]

    def opening(path: str, source_id: str | None) -> Source:
        return open_one(path, source_id, Task())

    sweep = Sweep(request.card, request.methods, opening, request.device)
    (found,) = sweep.over((case,), Part(task))
    if isinstance(found, Refused):
        return Judged((_failed(case, request.card, "", found.sentence),), ())
    examined = found.examined
    rows = [
        replace(row_of_reason(request.card.model_id, examined, why), path=case.path)
        for why in examined.reasons
    ]
    rows += [_failed(case, request.card, *one) for one in examined.failed]
    return Judged(tuple(rows), found.maps)


def _failed(case: LabelledCase, card: ModelCard, method: str, sentence: str) -> CaseRow:
    return CaseRow(
        case.name,
        model_id=card.model_id,
        method=method,
        sentence=sentence,
        failed=True,
        listed=True,
        path=case.path,
    )


def _cases(path: str) -> tuple[LabelledCase, ...]:
    """The cases of a set; read again only where its list was changed."""
    place = Path(path)
    names = (place / TRUTH_NAME, place / TABLE_NAME, place)
    found = next((one for one in names if one.is_file()), None)
    return _read(path, found.stat().st_mtime_ns if found is not None else 0)


@functools.lru_cache(maxsize=1)
def _read(path: str, _changed_ns: int) -> tuple[LabelledCase, ...]:
    return read_set(Path(path))


def _listed(source: Source) -> LabelledCase | None:
    """The case that a list in the folder of a source, or in the one above, names with it."""
    file = Path(source.refs[0].path)
    for folder in (file.parent, file.parent.parent):
        try:
            cases = _cases(str(folder))
        except (UserError, OSError):  # no list, or one that means something else
            continue
        for case in cases:
            ours = case.source_id in (None, source.source_id)
            if ours and Path(case.path) in (file, file.parent):
                return case
    return None


def _label(case: LabelledCase, card: ModelCard) -> str:
    try:
        return label_of(case, card)
    except UserError:  # the list is about something else than this model
        return ""
