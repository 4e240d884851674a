"""Annotations found by their label, over all sources."""

from __future__ import annotations

from app.acts import Act, of_annotation
from app.store import Store
from app.waiting import Pending
from inference.records import Annotation
from inference.task import Task


def test_what_holds_is_found_by_its_label_on_all_sources() -> None:
    store, task = Store(None), Task()
    made = [
        Annotation("1", "one", 0, "box", "lesion"),
        Annotation("2", "two", 3, "point", "lesion"),
        Annotation("3", "two", -1, "class", "normal"),
        Annotation("4", "two", 0, "box", "lesion"),
    ]
    changes = (tuple(of_annotation(None, one) for one in made), (of_annotation(made[3], None),))
    acts = [
        Act(at, "Labels", "ana", f"2020-01-0{at}", None, of) for at, of in enumerate(changes, 1)
    ]
    store.keep(tuple(Pending("act", one) for one in acts), task)
    many = tuple(f"label {number}" for number in range(1200))  # more than one question has room for

    def found(*labels: str) -> list[str]:
        return sorted(one.annotation_id for one in store.load_labelled(labels, task))

    assert found("lesion") == ["1", "2"]
    assert found(*many, "normal", "lesion") == ["1", "2", "3"]
    assert found() == found("cyst") == []
    store.keep((Pending("cursor", 1),), task)
    assert found("lesion") == ["1", "2", "4"]
    store.close()
