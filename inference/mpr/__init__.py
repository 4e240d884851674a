"""Planes cut through a volume: any direction, slabs, and the overlays that follow; pure numbers.

The way: `volume_of` a source and its voxels; `planes`, `along` or `slices` of it; `cut` a plane
into an ordinary frame; `cut_mask` and `cut_values` for what lies over it; `line_of`, `to_frame` and
`from_frame` for reference lines and the crosshair.
"""

from inference.mpr.cut import Slab, SlabMode, cut
from inference.mpr.lines import from_frame, line_of, to_frame
from inference.mpr.overlays import cut_mask, cut_missing, cut_values
from inference.mpr.stack import Orientation, PlaneStack, along, planes, slices
from inference.mpr.volume import Volume, volume_of

__all__ = [
    "Orientation",
    "PlaneStack",
    "Slab",
    "SlabMode",
    "Volume",
    "along",
    "cut",
    "cut_mask",
    "cut_missing",
    "cut_values",
    "from_frame",
    "line_of",
    "planes",
    "slices",
    "to_frame",
    "volume_of",
]
