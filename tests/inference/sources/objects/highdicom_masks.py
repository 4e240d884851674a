"""Writes highdicom_masks.yaml: what highdicom reads from the shared segmentations.

highdicom is no part of the developer's environment; run this in one that has it, with the folder
of shared data: python tests/inference/sources/objects/highdicom_masks.py ../shared/data
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pydicom

DCMQI = "dicom/QIICR+dcmqi/data"
PAIRS = {
    f"{DCMQI}/segmentations/23x38x3/seg/label.seg": f"{DCMQI}/segmentations/23x38x3/image",
    f"{DCMQI}/segmentations/24x38x3/seg/label.seg": f"{DCMQI}/segmentations/24x38x3/image",
    f"{DCMQI}/segmentations/liver.dcm": f"{DCMQI}/segmentations/ct-3slice",
    f"{DCMQI}/segmentations/partial_overlaps.dcm": f"{DCMQI}/segmentations/ct-3slice",
    f"{DCMQI}/segmentations/sparse-labelmap-ppv5.dcm": f"{DCMQI}/segmentations/24x38x3/image",
    f"{DCMQI}/segmentations/sparse-labelmap-noppv.dcm": f"{DCMQI}/segmentations/24x38x3/image",
}
"""Each segmentation with the folder of the scan that it was made on."""


def digest_of(mask: np.ndarray) -> str:
    """16 hex digits of a mask of 0 and 1, [rows, columns]."""
    return hashlib.sha256(np.ascontiguousarray(mask, dtype=np.uint8).tobytes()).hexdigest()[:16]


def masks_by_highdicom(segmentation: Path, scan: Path) -> dict[str, dict[int, list[Any]]]:
    """By instance of the scan and number of the segment: how many pixels, and their digest."""
    seg = importlib.import_module("highdicom.seg").segread(segmentation)
    uids = sorted({str(pydicom.dcmread(one).SOPInstanceUID) for one in sorted(scan.glob("*.dcm"))})
    found = seg.get_pixels_by_source_instance(
        source_sop_instance_uids=uids,
        ignore_spatial_locations=True,
        assert_missing_frames_are_empty=True,
    )
    return {
        uid: {
            int(number): [int(found[at, :, :, place].sum()), digest_of(found[at, :, :, place])]
            for place, number in enumerate(seg.segment_numbers)
        }
        for at, uid in enumerate(uids)
    }


if __name__ == "__main__":
    import yaml

    data = Path(sys.argv[1])
    table = {name: masks_by_highdicom(data / name, data / scan) for name, scan in PAIRS.items()}
    place = Path(__file__).with_suffix(".yaml")
    place.write_text(yaml.safe_dump(table, default_flow_style=None), "utf-8")
