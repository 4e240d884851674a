"""What highdicom, another people's library for DICOM objects, reads from segmentations."""

from __future__ import annotations

from pathlib import Path

import highdicom.seg
import numpy as np

DCMQI = "dicom/QIICR+dcmqi/data/segmentations"
PAIRS = {
    f"{DCMQI}/23x38x3/seg/label.seg": f"{DCMQI}/23x38x3/image",
    f"{DCMQI}/24x38x3/seg/label.seg": f"{DCMQI}/24x38x3/image",
    f"{DCMQI}/liver.dcm": f"{DCMQI}/ct-3slice",
    f"{DCMQI}/partial_overlaps.dcm": f"{DCMQI}/ct-3slice",
    f"{DCMQI}/sparse-labelmap-ppv5.dcm": f"{DCMQI}/24x38x3/image",
    f"{DCMQI}/sparse-labelmap-noppv.dcm": f"{DCMQI}/24x38x3/image",
    "dicom/pydicom+pydicom-data/data_store/data/liver.dcm": f"{DCMQI}/ct-3slice",
}
"""Each segmentation with the folder of the scan that it was made on."""


def masks_by_highdicom(segmentation: Path, instances: list[str]) -> dict[int, np.ndarray]:
    """By number of the segment: 0 and 1, [instances, rows, columns]."""
    found = highdicom.seg.segread(segmentation)
    pixels = found.get_pixels_by_source_instance(
        source_sop_instance_uids=instances,
        ignore_spatial_locations=True,
        assert_missing_frames_are_empty=True,
    )
    return {int(number): pixels[..., place] for place, number in enumerate(found.segment_numbers)}
