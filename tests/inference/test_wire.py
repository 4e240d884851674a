"""Records cross as they are; whatever is not a record of ours is refused."""

from __future__ import annotations

import dataclasses
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from inference.records import Completeness, Frame, FrameRef, GreyTable, Window
from inference.wire import MAGIC, PREFIX, WireError, pack, read_message, unpack


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and one.dtype == other.dtype
            and one.shape == other.shape
            and one.tobytes() == other.tobytes()
        )
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name))
            for field in dataclasses.fields(one)
        )
    return one == other


def frame(stored: np.ndarray) -> Frame:
    return Frame(
        ("0123456789ab", 3),
        stored,
        slope=2.0,
        intercept=-1024.0,
        unit="HU",
        padding=(-2000.0, -1000.0),
        windows=(Window(40.0, 400.0), Window(-600.0, 1500.0, "SIGMOID", "Lung")),
        table=GreyTable(-3.0, np.arange(5, dtype=np.uint16)),
        spacing_mm=(0.5, 0.5),
        affine=((1.0, 0.0, 0.0, 5.0), (0.0, 1.0, 0.0, 6.0), (0.0, 0.0, 1.0, 7.0), (0.0,) * 4),
        warnings=("Bits beyond BitsStored were set.",),
    )


@given(
    arrays(
        st.sampled_from([np.int16, np.uint8, np.float32, np.float64, np.bool_, np.uint16]),
        array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_arrays_cross_bit_for_bit(array: np.ndarray) -> None:
    assert same(unpack(pack({"value": array}))["value"], array)


def test_a_record_crosses_with_all_its_fields() -> None:
    sent = frame(np.arange(12, dtype=np.int16).reshape(3, 4))
    assert same(unpack(pack(sent)), sent)


def test_views_and_big_endian_arrays_cross_as_their_values() -> None:
    array = np.arange(24, dtype=">i2").reshape(4, 6)[::-1, ::2]
    got = unpack(pack(array))
    assert got.dtype == np.dtype("<i2")
    assert np.array_equal(got, array)


def test_numbers_that_are_not_finite_cross() -> None:
    got = unpack(pack(Completeness(float("inf"), float("nan"))))
    assert got.sum == float("inf")
    assert np.isnan(got.difference)


def test_what_is_no_record_does_not_leave() -> None:
    with pytest.raises(TypeError, match="object is no record"):
        pack(object())


def changed(data: bytes, change: dict[str, object]) -> bytes:
    """The same message with some fields of its record replaced."""
    _, length, total = PREFIX.unpack(data[: PREFIX.size])
    header = json.loads(data[PREFIX.size : PREFIX.size + length])
    header["m"]["f"].update(change)
    text = json.dumps(header).encode()
    return PREFIX.pack(MAGIC, len(text), total) + text + data[PREFIX.size + length :]


@pytest.mark.parametrize(
    "change",
    [
        {"center": "40"},
        {"center": True},
        {"width": None},
        {"function": "CUBIC"},
        {"explanation": 3},
        {"unknown": 1},
    ],
)
def test_fields_of_another_type_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(WireError):
        unpack(changed(pack(Window(40.0, 400.0)), change))


def test_whole_numbers_count_as_floats() -> None:
    assert unpack(changed(pack(Window(40.0, 400.0)), {"center": 7})) == Window(7.0, 400.0)


@pytest.mark.parametrize(
    "body",
    [
        {"$r": "Path", "f": {}},
        {"$r": 3, "f": {}},
        {"$a": 0},
        {"$a": -1},
        {"$d": 3},
        {"plain": 1},
    ],
)
def test_bodies_that_are_nothing_of_ours_are_refused(body: dict[str, object]) -> None:
    text = json.dumps({"m": body, "a": []}).encode()
    with pytest.raises(WireError):
        unpack(PREFIX.pack(MAGIC, len(text), 0) + text)


@pytest.mark.parametrize(
    "table",
    [[["|O", [1]]], [["<f4", [-1]]], [["<f4", [1 << 41]]], [["<f4", [2, 2]]], [3], [["<f4"]]],
)
def test_arrays_of_no_honest_type_or_size_are_refused(table: list[object]) -> None:
    text = json.dumps({"m": None, "a": table}).encode()
    with pytest.raises(WireError):
        unpack(PREFIX.pack(MAGIC, len(text), 8) + text + bytes(8))


def test_a_stream_that_ends_is_told_from_one_that_breaks_off() -> None:
    whole = pack(FrameRef("x.dcm", 1))
    with pytest.raises(EOFError):
        read_message(io.BytesIO(b""))
    for cut in range(1, len(whole)):
        with pytest.raises(WireError):
            read_message(io.BytesIO(whole[:cut]))


@given(st.binary(max_size=200))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises((WireError, EOFError)):
        unpack(noise)


@given(st.integers(0, 10_000), st.integers(0, 255))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_a_changed_byte_is_refused_or_gives_a_record(place: int, value: int) -> None:
    data = bytearray(pack(frame(np.zeros((3, 4), np.int16))))
    data[place % len(data)] = value
    try:
        got = unpack(bytes(data))
    except (WireError, EOFError):
        return
    assert got is None or isinstance(got, (Frame, dict, tuple, str, int, float, np.ndarray))


def test_a_record_stored_before_a_field_was_there_takes_its_default() -> None:
    stored = pack(Window(40.0, 400.0, "SIGMOID", "Lung"))
    size = PREFIX.unpack(stored[: PREFIX.size])[1]
    header = json.loads(stored[PREFIX.size : PREFIX.size + size])
    for field, expected in (("function", Window(40.0, 400.0, "LINEAR", "Lung")), ("center", None)):
        older = json.loads(json.dumps(header))
        del older["m"]["f"][field]
        data = json.dumps(older).encode()
        message = PREFIX.pack(MAGIC, len(data), 0) + data
        if expected is not None:
            assert unpack(message) == expected
        else:
            with pytest.raises(WireError, match="not those expected"):
                unpack(message)
