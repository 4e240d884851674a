"""Whole files of every format that opens, real ones and small ones by other people's writers."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.campaigns.dicom_mutations import DICOM
from tests.campaigns.mutations import BYTES, TEXT, Damage

_LARGEST_BYTES = 3_000_000
_OBJECTS = re.compile(r"seg|liver|overlaps|labelmap|rtstruct|report|^sr|-SR|parametric", re.I)
"""Segmentations, contours, reports and maps among the shared files: few, so they have a kind."""

_PICTURES = 3
"""How many of the many real pictures of one kind are taken."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A file to be damaged; `beside` is the folder whose other entries it has to lie among."""

    kind: str
    name: str
    content: bytes
    damages: tuple[Damage, ...] = BYTES
    beside: Path | None = None


def samples(data: Path, scratch: Path) -> list[Sample]:
    """All of them, in a fixed order; those that are generated are written into `scratch`."""
    return [*_dicom(data), *_directories(data), *_pictures(data), *_volumes(data, scratch)]


def _dicom(data: Path) -> Iterator[Sample]:
    for path in sorted((data / "dicom").rglob("*")):
        other = path.suffix == ".nrrd" or path.name == "DICOMDIR"
        if path.is_file() and not other and path.stat().st_size <= _LARGEST_BYTES:
            kind = "object" if _OBJECTS.search(path.name) else "dicom"
            yield Sample(kind, path.name, path.read_bytes(), DICOM)


def _directories(data: Path) -> Iterator[Sample]:
    for path in sorted((data / "dicom").rglob("DICOMDIR*")):
        if path.is_file():
            yield Sample("dicomdir", "DICOMDIR", path.read_bytes(), DICOM, path.parent)


def _pictures(data: Path) -> Iterator[Sample]:
    from PIL import Image

    for pattern in ("*.png", "*.jpg", "*.tif", "*.nii.gz", "*.nrrd"):
        for path in sorted(data.rglob(pattern))[:: 40 if pattern != "*.nrrd" else 1][:_PICTURES]:
            content = path.read_bytes()
            kind = pattern.removeprefix("*.")
            yield Sample(kind, path.name, content, TEXT if kind == "nrrd" else BYTES)
            if kind == "nii.gz":
                yield Sample("nii", path.stem, gzip.decompress(content))
    draw = np.random.default_rng(1)
    deep = Image.fromarray(draw.integers(0, 60000, (24, 20), dtype=np.uint16))
    plain = Image.fromarray(draw.integers(0, 255, (24, 20, 3), dtype=np.uint8))
    clear = plain.copy()
    clear.putalpha(128)
    for name, picture, options in (
        ("deep.png", deep, {}),
        ("palette.png", plain.quantize(16), {}),
        ("clear.png", clear, {}),
        ("progressive.jpg", plain, {"progressive": True}),
        ("grey.jpg", plain.convert("L"), {}),
        ("cmyk.jpg", plain.convert("CMYK"), {}),
        ("lossy.webp", plain, {}),
        ("lossless.webp", clear, {"lossless": True}),
        ("moving.webp", plain, {"save_all": True, "append_images": [clear.convert("RGB")]}),
        ("plain.tif", deep, {}),
        ("lzw.tif", plain, {"compression": "tiff_lzw"}),
        ("deflate.tif", plain, {"compression": "tiff_adobe_deflate"}),
        ("jpeg.tif", plain, {"compression": "jpeg"}),
        ("pages.tif", deep, {"save_all": True, "append_images": [deep, deep]}),
        ("fax.tif", plain.convert("1"), {"compression": "group4"}),
    ):
        stream = io.BytesIO()
        kinds = {"jpg": "JPEG", "tif": "TIFF"}
        kind = name.rsplit(".", 1)[1]
        picture.save(stream, kinds.get(kind, kind.upper()), **options)
        yield Sample(kind, name, stream.getvalue())


def _volumes(data: Path, scratch: Path) -> Iterator[Sample]:
    import SimpleITK

    draw = np.random.default_rng(2)
    volume = SimpleITK.GetImageFromArray(draw.integers(-1000, 1000, (5, 6, 7), dtype=np.int16))
    for name, packed in (
        ("plain.nrrd", False), ("packed.nrrd", True), ("plain.mha", False), ("packed.mha", True),
        ("plain.nii", False),
    ):  # fmt: skip
        path = scratch / name
        SimpleITK.WriteImage(volume, str(path), useCompression=packed)
        kind = path.suffix[1:]
        yield Sample(kind, name, path.read_bytes(), BYTES if kind == "nii" else TEXT)
    pieces = sorted((data / "dicom").rglob("*CT2_*"))[:2]
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2):
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", method) as archive:
            for piece in pieces:
                archive.writestr(f"folder/{piece.name}", piece.read_bytes())
            archive.write(scratch / "plain.mha", "plain.mha")
        yield Sample("zip", f"method-{method}.zip", stream.getvalue())
