"""Every file that comes with pydicom: opens as the table says, with the values pydicom reads."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest
import yaml
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.pixels.utils import pixel_array

from inference.errors import UserError
from inference.records import Source
from inference.requests import OpenRequest, read_request
from inference.sources.registry import open_sources, read_frames, value_range
from inference.task import Task

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
TABLE = yaml.safe_load((Path(__file__).parent / "pydicom_files.yaml").read_text("utf-8"))
OPENED = sorted(name for name, said in TABLE.items() if isinstance(said, list))
REFUSED = sorted(name for name, said in TABLE.items() if isinstance(said, str))
OBJECTS = sorted(
    name for name, said in TABLE.items() if isinstance(said, dict) and "object" in said
)
NOT_READ_BY_PYDICOM = {
    "JPEG-lossy.dcm": "12-bit JPEG, which pydicom has no decoder for here",
    "JPGExtended.dcm": "12-bit JPEG, which pydicom has no decoder for here",
    "badVR.dcm": "its number of frames is no number",
}


def _open(name: str) -> Source:
    """The one source of a file; UserError where it is refused."""
    opened = open_sources(OpenRequest((str(FOLDER / name),)), Task())
    assert len(opened.sources) + len(opened.refused) == 1
    if opened.refused:
        raise UserError(opened.refused[0].reason)
    return opened.sources[0]


def test_the_table_holds_every_file() -> None:
    there = {
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
    assert there == set(TABLE)


@pytest.mark.parametrize("name", OPENED)
def test_opens_with_shape_and_values(name: str) -> None:
    source = _open(name)
    low, high = value_range(source, Task()) or (None, None)
    found = [source.frames, *source.shape, source.samples, low, high]
    assert found == pytest.approx(TABLE[name], rel=1e-5)


@pytest.mark.parametrize("name", REFUSED)
def test_is_refused_or_not_decoded_with_its_sentence(name: str) -> None:
    with pytest.raises(UserError) as refused:
        value_range(_open(name), Task())
    assert refused.value.message == TABLE[name]


@pytest.mark.parametrize("name", OBJECTS)
def test_what_is_no_picture_is_an_object(name: str) -> None:
    opened = open_sources(OpenRequest((str(FOLDER / name),)), Task())
    assert (opened.sources, opened.refused) == ((), ())
    assert [found.kind for found in opened.objects] == [TABLE[name]["object"]]


@pytest.mark.parametrize("name", OPENED)
def test_values_are_those_that_pydicom_reads(name: str) -> None:
    if name in NOT_READ_BY_PYDICOM:
        pytest.skip(NOT_READ_BY_PYDICOM[name])
    source = _open(name)
    expected = _by_pydicom(FOLDER / name)
    for index in (0, source.frames - 1):
        (frame,) = read_frames(read_request(source, (index,)), Task())
        number = source.refs[index].number
        np.testing.assert_allclose(frame.values(), expected[number], rtol=1e-6)


def _by_pydicom(path: Path) -> np.ndarray:
    """All frames by pydicom's whole-file way: [frames, rows, columns] or RGB of 8 bits."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        pixels = pixel_array(dataset)
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(pixels, dataset)
        pixels = colours >> 8 if colours.dtype == np.uint16 else colours
    elif dataset.SamplesPerPixel == 3:
        pixels = (pixels >> (dataset.BitsStored - 8)).astype(np.uint8)
    else:
        pixels = apply_modality_lut(pixels, dataset) * float(dataset.get("DoseGridScaling", 1))
    return pixels if int(dataset.get("NumberOfFrames") or 1) > 1 else pixels[np.newaxis]
