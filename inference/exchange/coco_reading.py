"""COCO object and keypoint annotations, of this program's or any other's writing."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from inference.exchange.coco_writing import CROWD
from inference.exchange.gathering import Gathering
from inference.exchange.matching import frame_of
from inference.exchange.reading import (
    EntryError,
    as_list,
    as_number,
    as_object,
    as_text,
    as_whole,
    placed,
    read_json,
)
from inference.exchange.records import LabelsImport, Read
from inference.exchange.rle import mask_of_runs, runs_of_text
from inference.exchange.scalars import as_colour, as_options
from inference.mask_bits import pack_mask
from inference.records import WHOLE, Annotation, SourceEntry
from inference.records.labels import SEPARATOR
from inference.task import Task

_PROGRESS_EVERY = 1000
_NO_SUPERCATEGORY = ("", "none", "None")

Place = tuple[SourceEntry, int]


@dataclass(frozen=True)
class _Category:
    name: str
    colour: tuple[int, int, int] | None
    keypoints: tuple[str, ...]


def read_coco(request: LabelsImport, task: Task) -> Read:
    """All annotations of the file whose images are sources of the project."""
    found = Gathering(request)
    document = read_json(found.path)
    with placed(found.path, ""):
        top = as_object(document, "the document")
        parts = [as_list(top.get(name), name) for name in ("images", "categories", "annotations")]
    images: dict[int, Place | None] = {}
    for place, entry in enumerate(parts[0]):
        with placed(found.path, f"images[{place}]"):
            number = _number(entry, images)
            images[number] = _image(as_object(entry, "it"), found)
    categories: dict[int, _Category] = {}
    for place, entry in enumerate(parts[1]):
        with placed(found.path, f"categories[{place}]"):
            number = _number(entry, categories)
            categories[number] = _category(as_object(entry, "it"), found)
    for place, entry in enumerate(parts[2]):
        if place % _PROGRESS_EVERY == 0:
            task.progress(place, len(parts[2]))
        with placed(found.path, f"annotations[{place}]"):
            _Object(as_object(entry, "it"), found).add(images, categories)
    return found.read()


def _number(entry: Any, known: dict[int, Any]) -> int:
    number = as_whole(as_object(entry, "it").get("id"), "id")
    if number in known:
        raise EntryError(f"the id {number} stands a second time")
    return number


def _image(image: dict[str, Any], found: Gathering) -> Place | None:
    own = as_object(image.get("lepton", {}), "lepton")
    source_id = as_text(own["source"], "lepton.source") if "source" in own else ""
    place = found.find(as_text(image.get("file_name"), "file_name"), source_id)
    if place is None:
        return None
    entry, frame = place
    frame = frame_of(entry, as_whole(own.get("frame", frame), "lepton.frame"))
    if "width" in image or "height" in image:
        size = (as_whole(image.get("height"), "height"), as_whole(image.get("width"), "width"))
        if size != entry.shape:
            told, real = f"{size[1]} × {size[0]}", f"{entry.shape[1]} × {entry.shape[0]}"
            raise EntryError(f"the image has {told} pixels, and the source of that name {real}")
    return entry, frame


def _category(category: dict[str, Any], found: Gathering) -> _Category:
    name = as_text(category.get("name"), "name")
    above = category.get("supercategory", "")
    if not isinstance(above, str):
        raise EntryError("supercategory is not a text")
    colour = as_colour(category["color"], "color") if "color" in category else None
    points = as_list(category.get("keypoints", []), "keypoints")
    inside = above in _NO_SUPERCATEGORY or above == name or name.startswith(above + SEPARATOR)
    if not inside and not found.knows(name):
        name = f"{as_text(above, 'supercategory')}{SEPARATOR}{name}"
    found.label(name, colour)
    return _Category(name, colour, tuple(as_text(one, "a keypoint") for one in points))


class _Object:
    """One entry of "annotations": a box, polygons or a mask, and points, as one thing."""

    def __init__(self, entry: dict[str, Any], found: Gathering) -> None:
        self._entry = entry
        self._found = found

    def add(self, images: dict[int, Place | None], categories: dict[int, _Category]) -> None:
        """Make annotations of it; none where its image is no source of the project."""
        entry = self._entry
        image = as_whole(entry.get("image_id"), "image_id")
        if image not in images:
            raise EntryError(f"there is no image with the id {image}")
        number = as_whole(entry.get("category_id"), "category_id")
        if number not in categories:
            raise EntryError(f"there is no category with the id {number}")
        place = images[image]
        if place is None:
            return
        source, frame = place
        category = categories[number]
        shapes = [*self._regions(source), *self._points(category)]
        if not shapes:
            raise EntryError("it has neither bbox nor segmentation nor keypoints")
        words = self._words(Annotation("", source.source_id, frame, "box", category.name))
        if len(shapes) > 1 and not words.instance:
            words = replace(words, instance=uuid.uuid4().hex[:12])
        for one in shapes:
            label = self._found.label(one.label or category.name)
            draft = replace(words, kind=one.kind, points=one.points, mask=one.mask, label=label)
            self._found.add(draft, source.shape)

    def _words(self, draft: Annotation) -> Annotation:
        """What is said besides the shape."""
        own = as_object(self._entry.get("lepton", {}), "lepton")
        attributes = as_options(self._entry.get("attributes", {}), "attributes")
        if as_whole(self._entry.get("iscrowd", 0), "iscrowd"):
            attributes = (*attributes, (CROWD, True))
        value = as_number(own["value"], "lepton.value") if "value" in own else None
        instance = as_text(own["instance"], "lepton.instance") if "instance" in own else ""
        return replace(draft, value=value, instance=instance, attributes=attributes)

    def _regions(self, source: SourceEntry) -> list[Annotation]:
        given = self._entry.get("segmentation")
        blank = Annotation("", source.source_id, WHOLE, "box", "")
        if isinstance(given, dict):
            mask = pack_mask(_mask(given, source.shape))
            if mask is None:
                raise EntryError("the mask is empty")
            return [replace(blank, kind="mask", mask=mask)]
        if given:
            parts = as_list(given, "segmentation")
            return [replace(blank, kind="polygon", points=_corners(part)) for part in parts]
        if "bbox" not in self._entry:
            return []
        x, y, width, height = _numbers(self._entry["bbox"], "bbox", 4)
        if not (width or height) and self._entry.get("keypoints"):
            return []  # the box around a single point
        return [replace(blank, points=((x, y), (x + width, y + height)))]

    def _points(self, category: _Category) -> list[Annotation]:
        """The keypoints that were set, by the names that the category gives them."""
        given = self._entry.get("keypoints", [])
        names = category.keypoints
        numbers = _numbers(given, "keypoints", 3 * len(names)) if given else []
        blank = Annotation("", "", WHOLE, "point", "")
        return [
            replace(
                blank,
                points=((numbers[3 * place], numbers[3 * place + 1]),),
                label="" if len(names) == 1 else f"{category.name}{SEPARATOR}{name}",
            )
            for place, name in enumerate(names[: len(numbers) // 3])
            if numbers[3 * place + 2]
        ]


def _numbers(value: Any, name: str, count: int) -> list[float]:
    found = [as_number(one, f"a number of {name}") for one in as_list(value, name)]
    if len(found) != count:
        raise EntryError(f"{name} has {len(found)} numbers instead of {count}")
    return found


def _corners(part: Any) -> tuple[tuple[float, float], ...]:
    numbers = [as_number(one, "a number of segmentation") for one in as_list(part, "a polygon")]
    if len(numbers) % 2:
        raise EntryError("a polygon has an odd number of coordinates")
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


def _mask(given: dict[str, Any], shape: tuple[int, int]) -> Any:
    size = [as_whole(one, "a size") for one in as_list(given.get("size"), "segmentation.size")]
    if tuple(size) != shape:
        raise EntryError(f"the mask is of size {size}, and its frame of {list(shape)}")
    counts = given.get("counts")
    if isinstance(counts, str):
        return mask_of_runs(runs_of_text(counts), shape)
    runs = [as_whole(one, "a run") for one in as_list(counts, "segmentation.counts")]
    return mask_of_runs(runs, shape)
