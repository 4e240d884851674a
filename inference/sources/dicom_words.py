"""What a DICOM header says about a series, in words for people."""

from __future__ import annotations

import hashlib

from pydicom.dataset import Dataset

from inference.sources.dicom_fields import macro, number, numbers, whole, word, words
from inference.sources.dicom_header import Header

_LOSSY = {
    "1.2.840.10008.1.2.4.50": "JPEG",
    "1.2.840.10008.1.2.4.51": "JPEG",
    "1.2.840.10008.1.2.4.81": "JPEG-LS near-lossless",
}
"""Transfer syntaxes that are never lossless."""

_EITHER = {
    "1.2.840.10008.1.2.4.90": "JPEG 2000",
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.201": "HTJ2K",
    "1.2.840.10008.1.2.4.202": "HTJ2K",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
}
"""Transfer syntaxes that may be lossy: the header's stamp says which."""

_METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_14495_1": "JPEG-LS near-lossless",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "HTJ2K",
    "ISO_13818_2": "MPEG-2",
    "ISO_14496_10": "H.264",
    "ISO_23008_2": "H.265",
}
"""Lossy Image Compression Method, PS3.3 C.7.6.1.1.5.1."""

_TECHNIQUE = (
    ("", "KVP", "{:.0f} kV"),
    ("", "ExposureInmAs", "{:.3g} mAs"),
    ("MRTimingAndRelatedParametersSequence", "RepetitionTime", "TR {:.0f} ms"),
    ("MREchoSequence", "EffectiveEchoTime", "TE {:.3g} ms"),
    ("", "EchoTime", "TE {:.3g} ms"),
    ("", "MagneticFieldStrength", "{:.3g} T"),
    ("PixelMeasuresSequence", "SliceThickness", "{:.3g} mm"),
)
"""(functional group, element, how it is written), in the order in which they are shown."""


def modality_of(dataset: Dataset) -> str | None:
    """Modality as the header writes it, such as CT."""
    return word(dataset, "Modality")


def body_part_of(dataset: Dataset) -> str | None:
    """Body Part Examined in capitals, as the standard writes it."""
    found = word(dataset, "BodyPartExamined")
    return found.upper() if found else None


def title_of(dataset: Dataset) -> str:
    """The series description, such as "Head 5.0"; without one the modality."""
    return _description(dataset) or word(dataset, "Modality") or "DICOM"


def _description(dataset: Dataset) -> str | None:
    return word(dataset, "SeriesDescription") or word(dataset, "ProtocolName")


def study_id_of(dataset: Dataset, digest: str) -> str:
    """12 hex digits, the same for all of a study; from the file's digest where none is named."""
    named = uid_of(dataset, "StudyInstanceUID") or digest
    return hashlib.sha256(named.encode("utf-8")).hexdigest()[:12]


def study_title_of(dataset: Dataset) -> str:
    """Study description, else the modality."""
    return word(dataset, "StudyDescription") or word(dataset, "Modality") or "Study"


def who_of(dataset: Dataset) -> str:
    """Name, birth date and id, for the corner of the window only."""
    name = word(dataset, "PatientName")
    birth = word(dataset, "PatientBirthDate")
    if birth and len(birth) == 8 and birth.isdecimal():
        birth = f"{birth[:4]}-{birth[4:6]}-{birth[6:]}"
    parts = (plain_name(name) if name else None, birth, word(dataset, "PatientID"))
    return " · ".join(part for part in parts if part)


def plain_name(name: str) -> str:
    """Family, given: PS3.5 6.2.1 separates the parts of a name by carets."""
    family, *others = name.partition("=")[0].split("^")
    given = " ".join(part for part in others if part)
    return f"{family}, {given}" if family and given else family or given


def technique_of(dataset: Dataset, frame: int) -> str:
    """A short technical line such as "120 kV · 2.5 mm · B30f"."""
    found = []
    for group, keyword, form in _TECHNIQUE:
        value = number(macro(dataset, frame, group) if group else dataset, keyword)
        if value is not None and value > 0:
            found.append(form.format(value))
    kernel = words(dataset, "ConvolutionKernel")
    return " · ".join(dict.fromkeys((*found, *kernel[:1])))


def lossy_of(header: Header) -> str | None:
    """What lossy compression was applied, such as "Lossy JPEG, 10:1"; None if none is known.

    The transfer syntax counts even where the header denies it. Several steps stand in their order
    (PS3.3 C.7.6.1.1.5); without a ratio in the header that of the file as it is now is given.
    """
    dataset = header.dataset
    syntax = str(header.transfer_syntax)
    by_syntax = _LOSSY.get(syntax)
    if word(dataset, "LossyImageCompression") != "01" and by_syntax is None:
        return None
    named = words(dataset, "LossyImageCompressionMethod")
    methods = [_METHODS.get(method, method) for method in named if method]
    if not methods:
        methods = [by_syntax or _EITHER.get(syntax, "compression")]
    ratios = [value for value in numbers(dataset, "LossyImageCompressionRatio") if value > 1]
    if len(ratios) == len(methods) > 1:
        steps = (f"{one}, {_ratio(ratio)}" for one, ratio in zip(methods, ratios, strict=True))
        return f"Lossy {', then '.join(steps)}"
    said = f"Lossy {', then '.join(dict.fromkeys(methods))}"
    if ratios:
        return f"{said}, {' then '.join(map(_ratio, ratios))}"
    own = _own_ratio(header) if by_syntax or syntax in _EITHER else 0.0
    return f"{said}, about {own:.{0 if own >= 10 else 1}f}:1" if own > 1 else said


def _ratio(value: float) -> str:
    return f"{value:.0f}:1" if value >= 100 else f"{value:.3g}:1"


def _own_ratio(header: Header) -> float:
    """Bytes of the pixels decoded by bytes of the file after its header; 0 if it is not there."""
    try:
        packed = header.path.stat().st_size - header.pixel_offset
    except OSError:
        return 0.0
    bits = whole(header.dataset, "BitsAllocated") or 8
    plain = header.rows * header.columns * header.samples * header.frames * bits // 8
    return plain / packed if packed > 0 else 0.0


def frame_time_of(dataset: Dataset) -> float | None:
    """Milliseconds between frames of a film, if the header knows them (PS3.3 C.7.6.5)."""
    time = number(dataset, "FrameTime")
    if time is not None and time > 0:
        return time
    vector = [step for step in numbers(dataset, "FrameTimeVector")[1:] if step > 0]
    if vector:
        return sum(vector) / len(vector)
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        rate = number(dataset, keyword)
        if rate is not None and rate > 0:
            return 1000.0 / rate
    return None


def uid_of(dataset: Dataset, keyword: str) -> str:
    """A UID as text, empty if there is none."""
    return word(dataset, keyword) or ""
