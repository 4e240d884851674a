"""COCO files against pycocotools, both ways."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as reference
from pycocotools.coco import COCO

from inference.errors import UserError
from inference.exchange.rle import mask_of_runs, runs_of, runs_of_text, text_of_runs
from inference.mask_bits import mask_of
from inference.records import Annotation
from tests.inference.exchange.labelled import (
    COLUMNS,
    ENTRIES,
    IMAGE,
    NO_LABELS,
    ROWS,
    SERIES,
    SHAPE,
    box,
    exported,
    imported,
    region,
)

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
"""pycocotools 2.0.11 hands NumPy 2 an array that knows no `copy`."""

_MASKS = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda shape: arrays(bool, shape)
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(mask=_MASKS)
def test_runs_are_those_of_the_reference(mask: np.ndarray) -> None:
    theirs = reference.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode()
    assert text_of_runs(runs_of(mask)) == theirs
    assert np.array_equal(mask_of_runs(runs_of_text(theirs), mask.shape), mask)


def test_long_runs_are_those_of_the_reference() -> None:
    mask = np.zeros((3000, 2000), dtype=bool)
    mask[100:2900, 500:1500] = True
    mask[7, 1900] = True
    theirs = reference.encode(np.asfortranarray(mask, dtype=np.uint8))["counts"].decode()
    assert text_of_runs(runs_of(mask)) == theirs
    assert np.array_equal(mask_of_runs(runs_of_text(theirs), mask.shape), mask)


def loaded(path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """The file as pycocotools reads it, which tells of its progress as it goes."""
    found = COCO(str(path))
    capsys.readouterr()
    return found


def test_the_reference_reads_what_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[2:7, 3:9] = mask[5:11, 8:15] = True
    corners = ((2.0, 1.0), (14.0, 1.0), (14.0, 7.0), (5.0, 10.0))
    drawn = [
        box(1.5, 2, 5, 6.25),
        region(mask, "lesion/tumour"),
        Annotation("p", SERIES.source_id, 2, "polygon", "grade", corners),
        Annotation("k", IMAGE.source_id, 0, "point", "Blase, voll", ((4.5, 3.25),)),
    ]
    exported("coco", tmp_path / "out.json", drawn)
    found = loaded(tmp_path / "out.json", capsys)
    assert [one["name"] for one in found.loadCats(found.getCatIds())] == [
        *("lesion", "lesion/tumour", "Blase, voll", "grade")
    ]
    assert found.loadCats([2])[0]["supercategory"] == "lesion"
    assert [one["file_name"] for one in found.loadImgs(found.getImgIds())] == [
        f"{SERIES.source_id}#0002",
        IMAGE.source_id,
    ]
    polygon, boxed, masked, pointed = found.loadAnns(found.getAnnIds())
    assert boxed["bbox"] == [1.5, 2, 3.5, 4.25]
    assert boxed["area"] == 3.5 * 4.25
    assert np.array_equal(found.annToMask(masked).astype(bool), mask)
    assert masked["area"] == reference.area(found.annToRLE(masked)) == mask.sum()
    assert polygon["area"] == 12 * 9 - 3 * 9 / 2 - 9 * 3 / 2
    assert abs(found.annToMask(polygon).sum() - polygon["area"]) < 12
    assert pointed["keypoints"] == [4.5, 3.25, 2]
    assert found.loadCats([3])[0]["keypoints"] == ["Blase, voll"]


def document(*found: dict[str, Any]) -> dict[str, Any]:
    """A file of another program."""
    return {
        "images": [
            {"id": 7, "file_name": "train/photo.jpg", "width": COLUMNS, "height": ROWS},
            {"id": 9, "file_name": "stranger.jpg", "width": 640, "height": 480},
        ],
        "categories": [
            {"id": 3, "name": "car", "supercategory": "vehicle"},
            {
                "id": 5,
                "name": "hand",
                "supercategory": "none",
                "keypoints": ["thumb", "wrist"],
                "skeleton": [[1, 2]],
            },
        ],
        "annotations": [
            {"id": place, "image_id": 7, "category_id": 3} | one for place, one in enumerate(found)
        ],
    }


def read(path: Path, found: dict[str, Any]) -> Any:
    path.write_text(json.dumps(found))
    return imported("coco", path, ENTRIES, NO_LABELS)


def test_what_the_reference_encodes_is_read(tmp_path: Path) -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[0:4, 0:4] = mask[6:, 10:] = True
    encoded = reference.encode(np.asfortranarray(mask, dtype=np.uint8))
    packed = {"size": list(SHAPE), "counts": encoded["counts"].decode()}
    plain = {"size": list(SHAPE), "counts": runs_of(mask)}
    assert np.array_equal(reference.decode(reference.frPyObjects(plain, *SHAPE)), mask)
    found = read(
        tmp_path / "in.json",
        document({"segmentation": packed}, {"segmentation": plain, "iscrowd": 1}),
    )
    for one in found.annotations:
        assert np.array_equal(mask_of(one, SHAPE), mask)
        assert (one.label, one.kind) == ("vehicle/car", "mask")
    assert found.annotations[1].attributes == (("iscrowd", True),)


def test_another_program_is_read(tmp_path: Path) -> None:
    triangles = [[1, 1, 5, 1, 1, 5], [9, 9, 12, 9, 9, 11]]
    keypoints = [3, 4, 2, 0, 0, 0]
    found = read(
        tmp_path / "in.json",
        document(
            {"bbox": [1, 2, 3, 4], "segmentation": []},
            {"bbox": [1, 1, 11, 10], "segmentation": triangles, "attributes": {"wet": True}},
            {"image_id": 9, "bbox": [600, 400, 3, 4]},
            {"category_id": 5, "bbox": [2, 2, 5, 5], "keypoints": keypoints, "num_keypoints": 1},
        ),
    )
    assert found.unmatched == ("stranger.jpg",)
    assert [(one.kind, one.label, one.points) for one in found.annotations] == [
        ("box", "vehicle/car", ((1, 2), (4, 6))),
        ("polygon", "vehicle/car", ((1, 1), (5, 1), (1, 5))),
        ("polygon", "vehicle/car", ((9, 9), (12, 9), (9, 11))),
        ("box", "hand", ((2, 2), (7, 7))),
        ("point", "hand/thumb", ((3, 4),)),
    ]
    parts = [one.instance for one in found.annotations]
    assert parts[0] == ""
    assert parts[1] == parts[2] != parts[3] == parts[4]
    assert found.annotations[1].attributes == (("wet", True),)
    assert {one.source_id for one in found.annotations} == {IMAGE.source_id}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"bbox": [1, 2, -3, 4]}, "at annotations[0], the width or height of the box"),
        ({"bbox": [1, 2, 0, 4]}, "the width or height of the box is not above 0"),
        ({"bbox": [1, 2, 3]}, "bbox has 3 numbers instead of 4"),
        ({"bbox": [1, 2, 3, "4"]}, "a number of bbox is not a number"),
        ({"bbox": [1, 2, 40, 4]}, "the point (41, 6) lies outside the frame of 17 × 12 pixels"),
        ({"bbox": [1, 2, 3, True]}, "a number of bbox is not a number"),
        ({}, "it has neither bbox nor segmentation nor keypoints"),
        ({"image_id": 1, "bbox": [1, 2, 3, 4]}, "there is no image with the id 1"),
        ({"category_id": 4, "bbox": [1, 2, 3, 4]}, "there is no category with the id 4"),
        ({"segmentation": [[1, 1, 2, 2]]}, "a polygon does not have 2 points"),
        ({"segmentation": [[1, 1, 2, 2, 3, 3, 4]]}, "odd number of coordinates"),
        ({"segmentation": {"size": [12, 17], "counts": [10**9]}}, "fill 1,000,000,000 of 204"),
        ({"segmentation": {"size": [12, 17], "counts": [-1, 205]}}, "a run of the mask is neg"),
        ({"segmentation": {"size": [12, 17], "counts": [204]}}, "the mask is empty"),
        ({"segmentation": {"size": [99, 17], "counts": [0, 204]}}, "the mask is of size [99, 17]"),
        ({"segmentation": {"size": [12, 17], "counts": "ooooooooooooo"}}, "cannot be read"),
        ({"segmentation": {"size": [12, 17], "counts": "\x7f"}}, "cannot be read"),
        ({"segmentation": {"size": [12, 17], "counts": "Qo"}}, "end in the middle"),
        ({"bbox": [1, 2, 3, 4], "attributes": {"a": [1]}}, "attributes.a is no plain value"),
    ],
)
def test_a_wrong_entry_is_refused(entry: dict[str, Any], reason: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="was not imported") as caught:
        read(tmp_path / "in.json", document(entry))
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"images": {}}, "images is not a list"),
        ({"categories": [{"id": 3, "name": ""}]}, "at categories[0], name is not a text"),
        ({"categories": [{"id": 3, "name": "a"}] * 2}, "categories[1], the id 3 stands a second"),
        (
            {"images": [{"id": 7, "file_name": "photo.png", "width": 9, "height": 12}]},
            "at images[0], the image has 9 × 12 pixels, and the source of that name 17 × 12",
        ),
        ({"images": [{"id": 7, "file_name": "scan.nii.gz"}]}, "has 3 frames"),
        ({"images": [{"id": 7, "file_name": "scan#0003"}]}, "there is no frame 3"),
    ],
)
def test_a_wrong_document_is_refused(change: dict[str, Any], reason: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="was not imported") as caught:
        read(tmp_path / "in.json", document() | change)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"images": [],\n "annotations": [NaN]}', "NaN is no number of JSON"),
        ('{"images": [],\n "annotations": [}', "at line 2"),
        ("[" * 100_000, "nested too deep"),
        ("[]", "the document is not an object"),
        ("\ufeff{}", "images is not a list"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "in.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match="was not imported") as caught:
        imported("coco", path)
    assert reason in str(caught.value)
