"""What was lost of the pixels before a scan came here, which is lost in all that is made of it."""

from __future__ import annotations

from collections.abc import Iterable

from pydicom.dataset import Dataset

from inference.sources.dicom_fields import numbers, word, words

_NEVER_LOSSLESS = {
    "1.2.840.10008.1.2.4.50": "ISO_10918_1",
    "1.2.840.10008.1.2.4.51": "ISO_10918_1",
    "1.2.840.10008.1.2.4.81": "ISO_14495_1",
}
"""Transfer syntaxes whose pixels lost something even where the header does not say so, and their
method (PS3.3 C.7.6.1.1.5.1)."""


def copy_compression(found: Dataset, images: Iterable[Dataset]) -> None:
    """Whether anything was lost, and of the first such image how and how much, where it is known.

    An image that once was compressed with losses stays marked, and so does what is derived of it
    (PS3.3 C.7.6.1.1.5).
    """
    lossy = next(filter(_is_lossy, images), None)
    found.LossyImageCompression = "00" if lossy is None else "01"
    if lossy is None:
        return
    methods = words(lossy, "LossyImageCompressionMethod") or _method(lossy)
    ratios = numbers(lossy, "LossyImageCompressionRatio")
    if methods:
        found.LossyImageCompressionMethod = list(methods)
    if ratios:
        found.LossyImageCompressionRatio = [f"{ratio:.6g}" for ratio in ratios]


def _is_lossy(image: Dataset) -> bool:
    return word(image, "LossyImageCompression") == "01" or bool(_method(image))


def _method(image: Dataset) -> tuple[str, ...]:
    """The method that the image's transfer syntax names by itself."""
    syntax = str(image.file_meta.get("TransferSyntaxUID", ""))
    return (_NEVER_LOSSLESS[syntax],) if syntax in _NEVER_LOSSLESS else ()
