"""JPEG of more than 8 bits, lossy and lossless, by way of SimpleITK.

None of pydicom's plugins decodes 12-bit JPEG Extended. Lossless JPEG it gives to python-gdcm, which
ends the whole process on some damaged streams (std::terminate out of its JPEG codec, seen with
3.2.2); the same codec inside SimpleITK raises an error instead.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import SecondaryCaptureImageStorage, generate_uid

from inference.sources.dicom_fields import whole
from inference.sources.dicom_header import Header
from inference.sources.silence import silence


def decode_by_itk(header: Header, data: bytes) -> np.ndarray:
    """One frame [rows, columns] as integers, or RGB [rows, columns, 3], from its JPEG stream.

    SimpleITK reads files, and it would rescale: so the stream goes into a file of its own that
    holds the pixel description and nothing else.
    """
    import SimpleITK

    with tempfile.TemporaryDirectory(prefix="lepton-") as folder:
        path = Path(folder) / "frame.dcm"
        _bare(header, data).save_as(path, enforce_file_format=True)
        with silence():  # it tries 8 bits first, and says so
            found = SimpleITK.ReadImage(str(path), imageIO="GDCMImageIO")
        pixels = np.asarray(SimpleITK.GetArrayFromImage(found))
    if header.samples == 1:
        return pixels.reshape(header.rows, header.columns)
    pixels = pixels.reshape(header.rows, header.columns, 3)
    if header.photometric == "YBR_FULL":
        return np.asarray(convert_color_space(pixels, "YBR_FULL", "RGB"))
    return pixels


def _bare(header: Header, data: bytes) -> Dataset:
    bare = Dataset()
    bare.file_meta = FileMetaDataset()
    bare.file_meta.TransferSyntaxUID = header.transfer_syntax
    bare.SOPClassUID = SecondaryCaptureImageStorage
    bare.SOPInstanceUID = generate_uid(None)
    for keyword in (
        "SamplesPerPixel",
        "Rows",
        "Columns",
        "BitsAllocated",
        "BitsStored",
        "HighBit",
        "PixelRepresentation",
    ):
        setattr(bare, keyword, whole(header.dataset, keyword))
    bare.PhotometricInterpretation = "MONOCHROME2"
    if header.samples == 3:
        bare.PhotometricInterpretation, bare.PlanarConfiguration = "RGB", 0
    bare.PixelData = encapsulate([data], has_bot=False)
    bare["PixelData"].VR = "OB"
    return bare
