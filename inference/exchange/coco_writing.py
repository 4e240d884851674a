"""Labels as COCO writes object annotations (https://cocodataset.org/#format-data).

What COCO has no place for stands in keys of our own, which other readers pass over: source and
frame of an image, value and instance of an annotation, both under "lepton". Attributes are under
"attributes", as CVAT has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from inference.exchange.leaving_out import Held, bare_sentences
from inference.exchange.matching import name_frame, name_sources
from inference.exchange.records import LabelledSource, LabelsExport, Written
from inference.exchange.rle import runs_of, text_of_runs
from inference.exchange.shapes import area_of, bounds_of
from inference.exchange.table import FORMATS
from inference.mask_bits import mask_of
from inference.records import Annotation, AnnotationKind, LabelSet
from inference.task import Task
from inference.whole_file import writing

CROWD = "iscrowd"
"""The attribute that says that a region is many things at once."""

Shape = tuple[int, int]


def write_coco(request: LabelsExport, task: Task) -> Written:
    """Everything as one JSON file; raises UserError where it cannot be written."""
    held = Held(request, FORMATS["coco"].title, FORMATS["coco"].kinds)
    numbers = {one.name: place for place, one in enumerate(request.label_set.labels, start=1)}
    names = name_sources([one.entry for one in request.sources], request.identified, stems=False)
    images: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    kept: list[Annotation] = []
    for done, source in enumerate(request.sources):
        task.progress(done, len(request.sources))
        on_source = held.of(source.entry, source.annotations)
        kept += on_source
        for frame, on_frame in _images(source, on_source).items():
            images.append(_image(source, names[source.entry.source_id], frame, len(images) + 1))
            for one in on_frame:
                place = {"id": len(found) + 1, "image_id": len(images)}
                found.append(
                    place | {"category_id": numbers[one.label]} | _object(one, source.entry.shape)
                )
    pointed = {one["category_id"] for one in found if "keypoints" in one}
    document = {
        "info": {"description": request.label_set.name},
        "licenses": [],
        "images": images,
        "annotations": found,
        "categories": _categories(request.label_set, pointed),
    }
    with writing(Path(request.path)) as temporary:
        temporary.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    bare = bare_sentences(FORMATS["coco"].title, kept, ("made_from",))
    return Written(1, held.written, (*held.sentences(), *bare))


def _images(source: LabelledSource, held: list[Annotation]) -> dict[int, list[Annotation]]:
    """The annotations by frame; a picture of one frame stands here without any, too."""
    found: dict[int, list[Annotation]] = {0: []} if source.entry.frames == 1 else {}
    for one in sorted(held, key=lambda one: one.frame):
        found.setdefault(one.frame, []).append(one)
    return found


def _image(source: LabelledSource, name: str, frame: int, number: int) -> dict[str, Any]:
    entry = source.entry
    return {
        "id": number,
        "width": entry.shape[1],
        "height": entry.shape[0],
        "file_name": name_frame(name, entry, frame),
        "lepton": {"source": entry.source_id, "frame": frame},
    }


def _categories(label_set: LabelSet, pointed: set[int]) -> list[dict[str, Any]]:
    """The labels; those that points bear have one keypoint, as COCO asks for."""
    return [
        {
            "id": place,
            "name": label.name,
            "supercategory": label.parent,
            "color": list(label.colour),
        }
        | ({"keypoints": [label.title], "skeleton": []} if place in pointed else {})
        for place, label in enumerate(label_set.labels, start=1)
    ]


def _object(one: Annotation, shape: Shape) -> dict[str, Any]:
    attributes = dict(one.attributes)
    crowd = attributes.pop(CROWD, 0)
    own: dict[str, Any] = {}
    if one.value is not None:
        own["value"] = one.value
    if one.instance:
        own["instance"] = one.instance
    found = _SHAPES[one.kind](one, shape) | {"iscrowd": 1 if crowd else 0}
    if attributes:
        found["attributes"] = attributes
    return found | ({"lepton": own} if own else {})


def _box(one: Annotation, shape: Shape) -> dict[str, Any]:
    (x0, y0), (x1, y1) = one.points
    return _around(one) | {"area": (x1 - x0) * (y1 - y0), "segmentation": []}


def _polygon(one: Annotation, shape: Shape) -> dict[str, Any]:
    numbers = [number for point in one.points for number in point]
    return _around(one) | {"area": area_of(one.points), "segmentation": [numbers]}


def _point(one: Annotation, shape: Shape) -> dict[str, Any]:
    """A point as the one keypoint of its object; 2 says that it is to be seen."""
    keypoint = {"keypoints": [*one.points[0], 2], "num_keypoints": 1}
    return _around(one) | {"area": 0.0, "segmentation": []} | keypoint


def _around(one: Annotation) -> dict[str, Any]:
    x0, y0, x1, y1 = bounds_of(one.points)
    return {"bbox": [x0, y0, x1 - x0, y1 - y0]}


def _mask(one: Annotation, shape: Shape) -> dict[str, Any]:
    assert one.mask is not None
    mask = one.mask
    runs = text_of_runs(runs_of(mask_of(one, shape)))
    return {
        "bbox": [mask.left, mask.top, mask.columns, mask.rows],
        "area": mask.count,
        "segmentation": {"size": list(shape), "counts": runs},
    }


_SHAPES: dict[AnnotationKind, Callable[[Annotation, Shape], dict[str, Any]]] = {
    "box": _box,
    "polygon": _polygon,
    "mask": _mask,
    "point": _point,
}
