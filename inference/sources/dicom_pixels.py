"""The pixels of one DICOM frame, decoded: native, encapsulated, palette and colour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGTransferSyntaxes

from inference.display import stored_bits
from inference.errors import UserError
from inference.sources.codestream import codestream_size
from inference.sources.dicom_deflate import inflate_frame
from inference.sources.dicom_fields import MALFORMED, value_of, whole
from inference.sources.dicom_header import Header
from inference.sources.dicom_itk import decode_by_itk
from inference.sources.dicom_jpeg import MIS_TAGGED, decode_colours, transforms_colours
from inference.sources.dicom_palette import palette_of
from inference.sources.files import printable, unreadable

_BASELINE, _EXTENDED = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"
_LOSSLESS = ("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70")
_DEFLATED_FRAMES = "1.2.840.10008.1.2.8.1"
_RUN_LENGTH = "1.2.840.10008.1.2.5"

_PLUGINS = {
    _BASELINE: "pillow",
    _EXTENDED: "pillow",
    "1.2.840.10008.1.2.4.80": "pyjpegls",
    "1.2.840.10008.1.2.4.81": "pyjpegls",
    "1.2.840.10008.1.2.4.90": "pylibjpeg",
    "1.2.840.10008.1.2.4.91": "pylibjpeg",
    "1.2.840.10008.1.2.4.201": "pylibjpeg",
    "1.2.840.10008.1.2.4.202": "pylibjpeg",
    "1.2.840.10008.1.2.4.203": "pylibjpeg",
    _RUN_LENGTH: "pydicom",
}
"""Which of pydicom's plugins decodes what.

Never python-gdcm, which may end the process; for RLE not pylibjpeg, which panics (no Exception, so
nothing here would catch it) where a damaged segment is longer than its frame.
"""

_DESCRIPTION = {
    "BitsAllocated": "bits_allocated",
    "BitsStored": "bits_stored",
    "PixelRepresentation": "pixel_representation",
    "PlanarConfiguration": "planar_configuration",
}
"""Elements that describe the pixels, and what pydicom's decoders call them."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """One frame as stored: [rows, columns] of integers or float32, or uint8 RGB [.., .., 3]."""

    pixels: np.ndarray
    warning: str = ""


def decode(header: Header, frame: int) -> Decoded:
    """The pixels of one frame, and a sentence where they are not as the header says.

    Raises UserError with the sentence that says why where the frame cannot be decoded.
    """
    try:
        with header.stream() as stream:
            pixels, warning = _decode(header, frame, stream)
            return Decoded(_as_stored(header, pixels), warning)
    except MALFORMED as error:
        raise _undecodable(header, frame) from error
    except OSError as error:
        raise unreadable(header.path, error) from error


def keeps_all_bits(header: Header) -> bool:
    """Whether pixels are written word by word, with the bits beside the stored ones."""
    return header.pixel_length is not None or str(header.transfer_syntax) == _RUN_LENGTH


def words_of(header: Header, frame: int) -> np.ndarray:
    """One frame's pixel words with all their bits, unsigned [rows, columns].

    For files that keep them. Raises UserError where the frame cannot be decoded.
    """
    try:
        with header.stream() as stream:
            words = _by_pydicom(header, frame, stream, correct_unused_bits=False)
    except MALFORMED as error:
        raise _undecodable(header, frame) from error
    except OSError as error:
        raise unreadable(header.path, error) from error
    words = np.ascontiguousarray(words, dtype=words.dtype.newbyteorder("="))
    return np.asarray(words.view(f"u{words.dtype.itemsize}"))


def _decode(header: Header, frame: int, stream: BinaryIO) -> tuple[np.ndarray, str]:
    """The decoder's own array with YBR made RGB, and a sentence about it."""
    if header.pixel_length is None:
        stream.seek(header.pixel_offset)
        data = _stream_of(header, frame, stream)
        if _wants_itk(header):
            return decode_by_itk(header, data), ""
        if header.samples == 3 and str(header.transfer_syntax) in (_BASELINE, _EXTENDED):
            return decode_colours(data, header.photometric)
        if str(header.transfer_syntax) == _DEFLATED_FRAMES:
            inflated = BytesIO(inflate_frame(data, _frame_bits(header)))
            return _by_pydicom(header, 0, inflated), ""
        if header.photometric.startswith("YBR_FULL") and transforms_colours(data):
            return _by_pydicom(replace(header, photometric="RGB"), frame, stream), MIS_TAGGED
    elif whole(header.dataset, "BitsAllocated") == 1:
        return _single_bits(header, frame, stream), ""
    return _by_pydicom(header, frame, stream), ""


def _by_pydicom(
    header: Header, frame: int, stream: BinaryIO, *, correct_unused_bits: bool | None = None
) -> np.ndarray:
    """The frame from `stream`, which is the file's own or holds this one frame alone, inflated."""
    syntax = header.transfer_syntax
    options = _options(header)
    if correct_unused_bits is not None:
        options["correct_unused_bits"] = correct_unused_bits
    if str(syntax) == _DEFLATED_FRAMES:
        options["number_of_frames"] = 1
    else:
        stream.seek(header.pixel_offset)
    if syntax == DeflatedExplicitVRLittleEndian or str(syntax) == _DEFLATED_FRAMES:
        syntax = ExplicitVRLittleEndian
    if str(syntax) == _RUN_LENGTH and options.get("bits_allocated") == 1:
        return _packed_run_lengths(header, frame, stream, options)
    pixels, _ = get_decoder(syntax).as_array(
        stream,
        index=frame,
        validate=True,
        decoding_plugin=_PLUGINS.get(str(syntax), ""),
        **options | {"transfer_syntax_uid": syntax},
    )
    return np.asarray(pixels)


def _single_bits(header: Header, frame: int, stream: BinaryIO) -> np.ndarray:
    """A native frame of single bits, which may begin in the middle of a byte (PS3.5 8.1.1).

    pydicom 3.0.2 reads a byte too few where a frame begins late in its first byte.
    """
    count = header.rows * header.columns * header.samples
    start = frame * count
    stream.seek(header.pixel_offset + start // 8)
    return _unpacked(header, stream.read((start % 8 + count + 7) // 8), start % 8)


def _packed_run_lengths(
    header: Header, frame: int, stream: BinaryIO, options: dict[str, Any]
) -> np.ndarray:
    """RLE of single bits: what it holds are the bytes of the packed frame (PS3.5 8.2.2)."""
    packed = {"bits_allocated": 8, "bits_stored": 8, "rows": 1}
    packed["columns"] = (header.rows * header.columns * header.samples + 7) // 8
    found, _ = get_decoder(header.transfer_syntax).as_array(
        stream, index=frame, validate=True, decoding_plugin="pydicom", **options | packed
    )
    return _unpacked(header, found.astype(np.uint8).tobytes(), 0)


def _unpacked(header: Header, data: bytes, start: int) -> np.ndarray:
    """The pixels in packed bits, the lowest of each byte first, from bit `start` on."""
    count = header.rows * header.columns * header.samples
    bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
    return bits[start : start + count].reshape(header.rows, header.columns)


def _wants_itk(header: Header) -> bool:
    syntax = str(header.transfer_syntax)
    bits = whole(header.dataset, "BitsStored") or 8
    return syntax in _LOSSLESS or (syntax == _EXTENDED and bits > 8)


def _frame_bits(header: Header) -> int:
    bits = whole(header.dataset, "BitsAllocated") or 8
    return header.rows * header.columns * header.samples * bits


def _options(header: Header) -> dict[str, Any]:
    """What pydicom's decoders need to know (PS3.3 C.7.6.3), as far as the header says it."""
    dataset = header.dataset
    found: dict[str, Any] = {
        "pixel_keyword": header.pixel_keyword,
        "pixel_vr": header.pixel_vr,
        "rows": header.rows,
        "columns": header.columns,
        "number_of_frames": header.frames,
        "samples_per_pixel": header.samples,
        "photometric_interpretation": header.photometric,
        "correct_unused_bits": header.pixel_length is None or _is_aligned(header),
    }
    for keyword, name in _DESCRIPTION.items():
        value = whole(dataset, keyword)
        if value is not None:
            found[name] = value
    extended = _extended_offsets(dataset)
    if extended is not None:
        found["extended_offsets"] = extended
    return found


def _extended_offsets(dataset: Dataset) -> tuple[bytes, bytes] | None:
    """The table of frames of large encapsulated files (PS3.3 C.7.6.3.1.8)."""
    offsets = value_of(dataset, "ExtendedOffsetTable")
    lengths = value_of(dataset, "ExtendedOffsetTableLengths")
    return (offsets, lengths) if offsets and lengths else None


def _stream_of(header: Header, frame: int, stream: BinaryIO) -> bytes:
    """The compressed stream of one frame; refused if it is not of the size that the header says.

    So a small header cannot lead to a large picture: the header was held against the budget.
    """
    data = get_frame(
        stream,
        frame,
        number_of_frames=header.frames,
        extended_offsets=_extended_offsets(header.dataset),
    )
    size = codestream_size(data)
    if size is not None and size != (header.rows, header.columns):
        raise UserError(
            f"{_named(header, frame)} was not decoded: its compressed picture is {size[0]} × "
            f"{size[1]} pixels, its header says {header.rows} × {header.columns}.",
            "Check whether the file is damaged.",
            path=str(header.path),
        )
    if size is None and header.transfer_syntax in JPEGTransferSyntaxes:
        raise ValueError("no JPEG stream where one should be")
    return data


def _named(header: Header, frame: int) -> str:
    return f"Frame {frame} of {header.path.name}" if header.frames > 1 else header.path.name


def _as_stored(header: Header, pixels: np.ndarray) -> np.ndarray:
    if header.photometric == "PALETTE COLOR":
        signed = whole(header.dataset, "PixelRepresentation") == 1
        return palette_of(header.dataset, signed=signed).apply(pixels)
    if pixels.ndim == 3:
        return _to_bytes(pixels, whole(header.dataset, "BitsStored") or 8)
    if pixels.dtype.kind == "f" or pixels.dtype.itemsize == 8:
        return np.ascontiguousarray(pixels, dtype=np.float32)
    pixels = np.ascontiguousarray(pixels, dtype=pixels.dtype.newbyteorder("="))
    if header.pixel_length is not None and not _is_aligned(header):
        stored = whole(header.dataset, "BitsStored") or 1
        return stored_bits(pixels, stored, whole(header.dataset, "HighBit") or 0)
    return pixels


def _is_aligned(header: Header) -> bool:
    """Whether the stored bits are the lowest ones, as the standard asks since 1993."""
    high, stored = whole(header.dataset, "HighBit"), whole(header.dataset, "BitsStored")
    return high is None or stored is None or high == stored - 1


def _to_bytes(pixels: np.ndarray, bits: int) -> np.ndarray:
    """Colour with 8 bits a sample, the highest of more."""
    if bits > 8:
        pixels = pixels >> (bits - 8)
    return np.ascontiguousarray(pixels[..., :3], dtype=np.uint8)


def _undecodable(header: Header, frame: int) -> UserError:
    syntax = header.transfer_syntax
    name = syntax.name if syntax.name != str(syntax) else printable(f"transfer syntax {syntax}")
    return UserError(
        f"{_named(header, frame)} cannot be decoded ({name}): its pixels are damaged or "
        "of a kind that no decoder here reads.",
        "Fetch the file again, or ask its origin for an uncompressed copy.",
        path=str(header.path),
    )
