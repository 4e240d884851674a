"""Colours: over the shared data as DCMTK shows them; palettes, JPEG and profiles by hand."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from openjpeg.utils import encode_array
from PIL import Image, ImageCms
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit

from inference.display import grey
from inference.errors import UserError
from inference.records import Frame, FrameRef
from inference.sources.dicom_colour import is_coloured
from inference.sources.dicom_fields import quietly
from inference.sources.dicom_frame import head_of, read_frame
from inference.sources.dicom_header import read_header
from inference.sources.dicom_jpeg import MIS_TAGGED, stream_colours
from inference.sources.dicom_palette import palette_of
from tests.inference.dcmtk_tool import largest_difference, require_dcmtk, shown_by_dcmtk
from tests.inference.sources.dicom_writer import dataset_of, write, write_slice


def _frame(path: Path, number: int = 0) -> Frame:
    return read_frame(("0" * 12, 0), FrameRef(str(path), number), None)


def _shared(shared_data: Path, name: str) -> Path:
    (path,) = (shared_data / "dicom").rglob(name)
    return path


def test_every_colour_picture_is_shown_as_dcmtk_shows_it(shared_data: Path, tmp_path: Path) -> None:
    require_dcmtk()
    compared, off = 0, []
    for path in sorted((shared_data / "dicom").rglob("*")):
        if not path.is_file():
            continue
        try:
            with quietly():
                header = read_header(path)
        except UserError:
            continue
        # A supplemental palette is not read by DCMTK, see below.
        if header.samples == 1 and header.photometric != "PALETTE COLOR":
            continue
        syntax = str(header.transfer_syntax)
        # +cl: what is JPEG and lossy is YCbCr where its stream says so, whatever the header says.
        options = ("+cl",) if path.name == "GH195.dcm" else ()
        for number, expected in enumerate(
            shown_by_dcmtk(path, tmp_path, *options, transfer_syntax=syntax)[:3]
        ):
            compared += 1
            # Both round YCbCr to RGB, in another order.
            if largest_difference(_frame(path, number).stored, expected) > 2:
                off.append(f"{path.name} frame {number}")
    assert off == []
    assert compared >= 55


@pytest.mark.parametrize("kind", ["US1", "VL1"])
def test_jpeg_2000_gives_the_colours_of_the_lossless_original(shared_data: Path, kind: str) -> None:
    folder = shared_data / "dicom" / "robyoung+dicom-test-files" / "data" / "WG04"
    original = _frame(folder / "RLE" / f"{kind}_RLE").stored
    np.testing.assert_array_equal(_frame(folder / "J2KR" / f"{kind}_J2KR").stored, original)
    lossy = _frame(folder / "J2KI" / f"{kind}_J2KI").stored
    assert np.abs(lossy.astype(int) - original).mean() < 4


def test_high_throughput_jpeg_2000_lossy_is_near_its_lossless_twin(shared_data: Path) -> None:
    lossless = _frame(_shared(shared_data, "HTJ2KLossless_08_RGB.dcm")).stored
    lossy = _frame(_shared(shared_data, "HTJ2K_08_RGB.dcm")).stored
    assert np.ptp(lossless) > 200
    assert np.abs(lossless.astype(int) - lossy).mean() < 3


def test_a_palette_in_segments_is_that_of_pydicom(shared_data: Path) -> None:
    path = _shared(shared_data, "gdcm-US-ALOKA-16.dcm")
    given = pydicom.dcmread(path)
    expected = apply_color_lut(given.pixel_array, given) >> 8
    np.testing.assert_array_equal(_frame(path).stored, expected)


def _with_palette(pixels: np.ndarray, descriptor: list[int], **tables: bytes) -> pydicom.Dataset:
    made = dataset_of(pixels, PhotometricInterpretation="PALETTE COLOR", Modality="US")
    for colour in ("Red", "Green", "Blue"):
        setattr(made, f"{colour}PaletteColorLookupTableDescriptor", descriptor)
    for keyword, data in tables.items():
        setattr(made, keyword, data)
    return made


def _words(*values: int) -> bytes:
    return np.array(values, "<u2").tobytes()


PIXELS = np.array([[0, 9, 10, 11], [12, 13, 14, 200]], np.uint8)


def test_a_plain_palette_by_hand(tmp_path: Path) -> None:
    # Five entries for the stored values from 10 on, clamped at both ends, 16 bits: high byte.
    path = write(
        tmp_path / "x.dcm",
        _with_palette(
            PIXELS,
            [5, 10, 16],
            RedPaletteColorLookupTableData=_words(0x0100, 0x2000, 0x3000, 0x4000, 0xFFFF),
            GreenPaletteColorLookupTableData=_words(0, 0, 0, 0, 0x0500),
            BluePaletteColorLookupTableData=_words(0x0900, 0, 0, 0, 0),
        ),
    )
    found = _frame(path).stored
    np.testing.assert_array_equal(found[..., 0], [[1, 1, 1, 32], [48, 64, 255, 255]])
    np.testing.assert_array_equal(found[..., 1], [[0, 0, 0, 0], [0, 0, 5, 5]])
    np.testing.assert_array_equal(found[..., 2], [[9, 9, 9, 0], [0, 0, 0, 0]])


def test_a_palette_of_bytes_by_hand(tmp_path: Path) -> None:
    table = bytes([5, 6, 7, 8])
    tables = {f"{colour}PaletteColorLookupTableData": table for colour in ("Red", "Green", "Blue")}
    path = write(tmp_path / "x.dcm", _with_palette(PIXELS, [4, 10, 8], **tables))
    np.testing.assert_array_equal(_frame(path).stored[..., 1], [[5, 5, 5, 6], [7, 8, 8, 8]])


@pytest.mark.parametrize("wide", [True, False], ids=["16 bits", "8 bits"])
def test_segments_by_hand(wide: bool) -> None:
    # Discrete 10, 20; linear in 4 steps to 60; then the linear one again, from its byte offset,
    # which starts at 60 and so stays there; discrete 1.
    unit = 2 if wide else 1
    offset = 4 * unit
    low = [offset & 0xFFFF, 0] if wide else [offset, 0, 0, 0]
    segments = [0, 2, 10, 20, 1, 4, 60, 2, 1, *low, 0, 1, 1]
    data = np.array(segments, "<u2" if wide else np.uint8).tobytes()
    tables = {
        f"Segmented{colour}PaletteColorLookupTableData": data for colour in ("Red", "Green", "Blue")
    }
    made = _with_palette(PIXELS, [11, 0, 16 if wide else 8], **tables)
    found = palette_of(made, signed=False).colours[:, 0]
    np.testing.assert_array_equal(found, [10, 20, 30, 40, 50, 60, 60, 60, 60, 60, 1])


@pytest.mark.parametrize(
    "segments",
    [
        [1, 4, 60],
        [0, 1, 5, 2, 1, 6, 0, 0, 1, 1],
        [0, 1, 5, 7, 1, 1],
        [0, 1, 5, *([1, 65535, 9] * 3)],
    ],
    ids=["linear first", "indirect to itself", "unknown", "endless"],
)
def test_segments_that_lead_nowhere_cost_a_sentence(tmp_path: Path, segments: list[int]) -> None:
    tables = {
        f"Segmented{colour}PaletteColorLookupTableData": _words(*segments)
        for colour in ("Red", "Green", "Blue")
    }
    path = write(tmp_path / "x.dcm", _with_palette(PIXELS, [11, 0, 16], **tables))
    with pytest.raises(UserError, match="cannot be decoded"):
        _frame(path)


def test_few_segments_cannot_fill_the_memory() -> None:
    # One entry; then, by an indirect segment, 200 linear ones of 65535 entries each.
    data = _words(0, 1, 5, 2, 200, 14, 0, *([1, 65535, 9] * 200))
    tables = {
        f"Segmented{colour}PaletteColorLookupTableData": data for colour in ("Red", "Green", "Blue")
    }
    made = _with_palette(PIXELS, [11, 0, 16], **tables)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="too many entries"):
            palette_of(made, signed=False)
        assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    finally:
        tracemalloc.stop()


def test_a_supplemental_palette_colours_the_values_from_its_first_on(
    shared_data: Path, tmp_path: Path
) -> None:
    require_dcmtk()
    path = _shared(shared_data, "eCT_Supplemental.dcm")
    given = pydicom.dcmread(path)
    stored = given.pixel_array[0]
    tables = (
        given[f"{colour}PaletteColorLookupTableData"].value for colour in ("Red", "Green", "Blue")
    )
    red, green, blue = (np.frombuffer(table, "<u2") >> 8 for table in tables)
    # The descriptor gives 100 entries of 16 bits from the stored value 1024 on.
    place = np.clip(stored.astype(int) - 1024, 0, 99)
    coloured = np.stack([red[place], green[place], blue[place]], axis=-1)
    frame = _frame(path)
    assert frame.colour
    assert (stored >= 1024).any()
    np.testing.assert_array_equal(frame.stored[stored >= 1024], coloured[stored >= 1024])
    window = given.SharedFunctionalGroupsSequence[0].FrameVOILUTSequence[0]
    words = ("+Ww", str(window.WindowCenter), str(window.WindowWidth))
    expected = shown_by_dcmtk(path, tmp_path, *words)[0]
    levels = frame.stored[stored < 1024]
    assert np.abs(levels.astype(int) - expected[stored < 1024][:, None]).max() <= 1
    assert any("stand for colours" in sentence for sentence in frame.warnings)


RED_BLUE = np.zeros((8, 16, 3), np.uint8)
RED_BLUE[:, :8] = (220, 20, 10)
RED_BLUE[:, 8:] = (10, 30, 210)


def _jpeg(*, adobe: int | None, ycc: bool) -> bytes:
    """A JPEG whose components are YCbCr or RGB and which says so by APP14, by JFIF or not at all.

    Pillow marks RGB by APP14 and YCbCr by JFIF; the markers are then cut out or put in.
    """
    stream = BytesIO()
    Image.fromarray(RED_BLUE).save(
        stream, "JPEG", quality=95, subsampling=0, **({} if ycc else {"keep_rgb": True})
    )
    data = stream.getvalue()
    kept, place = data[:2], 2
    while data[place + 1] in (0xE0, 0xEE):
        place += 2 + int.from_bytes(data[place + 2 : place + 4], "big")
    if adobe is not None:
        kept += b"\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00" + bytes([adobe])
    body = bytearray(data[place:])
    if not ycc:  # the components are called R, G and B; numbers do not tell
        body = bytearray(
            bytes(body).replace(b"R\x11\x00G\x11\x00B\x11\x00", b"\1\x11\0\2\x11\0\3\x11\0")
        )
        body = bytearray(bytes(body).replace(b"R\x00G\x00B\x00", b"\1\0\2\0\3\0"))
    return bytes(kept) + bytes(body)


@pytest.mark.parametrize("header", ["RGB", "YBR_FULL_422"])
@pytest.mark.parametrize(("adobe", "ycc"), [(None, True), (None, False), (0, False), (1, True)])
def test_what_a_jpeg_stream_says_of_its_colours_wins(
    tmp_path: Path, header: str, adobe: int | None, ycc: bool
) -> None:
    data = _jpeg(adobe=adobe, ycc=ycc)
    assert stream_colours(data) == {None: None, 0: "RGB", 1: "YBR"}[adobe]
    named_ycc = header != "RGB"
    if adobe is None and named_ycc != ycc:
        return  # nothing but a wrong header: nobody can know
    made = dataset_of(
        np.zeros((8, 16), np.uint8),
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation=header,
        Modality="XC",
        PixelData=encapsulate([data]),
    )
    made["PixelData"].VR = "OB"
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    frame = _frame(write(tmp_path / "x.dcm", made))
    assert np.abs(frame.stored.astype(int) - RED_BLUE).max() <= 12
    assert frame.warnings == ((MIS_TAGGED,) if named_ycc != ycc else ())


@pytest.mark.parametrize("header", ["YBR_RCT", "YBR_FULL"])
def test_jpeg_2000_with_its_own_transform_gives_rgb(tmp_path: Path, header: str) -> None:
    # 32 × 32, as the encoder's usual resolutions need some pixels.
    picture = np.repeat(np.repeat(RED_BLUE, 4, axis=0), 2, axis=1)
    data = encode_array(picture, photometric_interpretation=1, use_mct=True)
    made = dataset_of(
        picture[..., 0],
        SamplesPerPixel=3,
        PlanarConfiguration=0,
        PhotometricInterpretation=header,
        PixelData=encapsulate([data]),
    )
    made["PixelData"].VR = "OB"
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = JPEG2000Lossless
    frame = _frame(write(tmp_path / "x.dcm", made))
    np.testing.assert_array_equal(frame.stored, picture)
    assert frame.warnings == ((MIS_TAGGED,) if header == "YBR_FULL" else ())


def test_jfif_is_ycc_and_letters_are_rgb() -> None:
    stream = BytesIO()
    Image.fromarray(RED_BLUE).save(stream, "JPEG")
    assert stream_colours(stream.getvalue()) == "YBR"
    letters = BytesIO()
    Image.fromarray(RED_BLUE).save(letters, "JPEG", keep_rgb=True)
    assert stream_colours(letters.getvalue()) == "RGB"


def _rgb_slice(path: Path, **changes: object) -> Path:
    made = dataset_of(np.zeros((8, 16), np.uint8))
    values = {
        "SamplesPerPixel": 3,
        "PlanarConfiguration": 0,
        "PhotometricInterpretation": "RGB",
        "PixelData": RED_BLUE.tobytes(),
    }
    for keyword, value in (values | changes).items():
        setattr(made, keyword, value)
    return write(path, made)


def test_planes_of_colour_one_after_the_other(tmp_path: Path) -> None:
    planes = np.ascontiguousarray(np.moveaxis(RED_BLUE, -1, 0)).tobytes()
    path = _rgb_slice(tmp_path / "x.dcm", PlanarConfiguration=1, PixelData=planes)
    np.testing.assert_array_equal(_frame(path).stored, RED_BLUE)


def test_a_profile_is_brought_to_srgb(tmp_path: Path) -> None:
    # A profile whose red and blue are exchanged: its picture comes out with them exchanged.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = _exchanged(profile, b"rXYZ", b"bXYZ")
    path = _rgb_slice(tmp_path / "x.dcm", ICCProfile=exchanged)
    found = _frame(path)
    assert np.abs(found.stored.astype(int) - RED_BLUE[..., ::-1]).max() <= 2
    plain = _frame(_rgb_slice(tmp_path / "y.dcm", ICCProfile=profile))
    assert np.abs(plain.stored.astype(int) - RED_BLUE).max() <= 1
    assert (found.warnings, plain.warnings) == ((), ())


def _exchanged(profile: bytes, one: bytes, other: bytes) -> bytes:
    """The ICC profile with the names of two tags exchanged in its table."""
    return profile.replace(one, b"....", 1).replace(other, one, 1).replace(b"....", other, 1)


@pytest.mark.parametrize("profile", [b"no profile", bytes(200)])
def test_a_broken_profile_costs_a_sentence(tmp_path: Path, profile: bytes) -> None:
    frame = _frame(_rgb_slice(tmp_path / "x.dcm", ICCProfile=profile))
    np.testing.assert_array_equal(frame.stored, RED_BLUE)
    assert frame.warnings == ("Its colour profile cannot be used; the colours are taken as sRGB.",)


def test_a_head_tells_whether_colours_come(tmp_path: Path) -> None:
    for path, expected in (
        (_rgb_slice(tmp_path / "rgb"), True),
        (write_slice(tmp_path / "grey"), False),
    ):
        header = read_header(path)
        assert is_coloured(header) is expected
        assert head_of(header, 0).stored.shape == (0, 0)
    shown = grey(_frame(tmp_path / "rgb"))
    np.testing.assert_array_equal(shown, RED_BLUE)
