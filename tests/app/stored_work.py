"""Work for tests of the store: boxes as acts, kept and read back."""

from __future__ import annotations

from app.acts import Act, of_annotation
from app.store import Store
from app.waiting import Pending
from inference.records import Annotation
from inference.task import Task

SOURCE = "0123456789ab"


def box(name: str, label: str = "nodule", author: str = "who") -> Annotation:
    corners = ((1.0, 2.0), (3.0, 4.0))
    made_at = "2026-11-20T12:00:00+00:00"
    return Annotation(name, SOURCE, 2, "box", label, corners, author=author, made_at=made_at)


def act(number: int, *made: Annotation) -> Pending:
    changes = tuple(of_annotation(None, one) for one in made)
    return Pending("act", Act(number, "Box", "who", f"time {number}", made[0].key, changes))


def keep(store: Store, *things: Pending) -> None:
    store.keep(things, Task())


def found(store: Store) -> set[str]:
    """The ids of the annotations that hold."""
    return {one.annotation_id for one in store.load_annotations(SOURCE, Task())}
