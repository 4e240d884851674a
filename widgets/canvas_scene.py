"""What a viewport shows: the scene that the canvas changes, and the layers of pixels in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from inference.records import Frame, Window
from widgets.canvas_contours import ContourPicture
from widgets.canvas_crosshair import Line
from widgets.canvas_label_marks import LabelScene
from widgets.canvas_label_masks import MaskPicture
from widgets.canvas_label_picture import LabelPicture
from widgets.canvas_marks import Corners
from widgets.canvas_measures import DrawnMeasure
from widgets.canvas_overlay import MapPicture, RegionPicture
from widgets.canvas_picture import Picture
from widgets.canvas_planes import PlanesPicture
from widgets.canvas_segments import ObjectsPicture
from widgets.canvas_spot import Spot
from widgets.canvas_transform import Placement
from widgets.theme import RGB


@dataclass
class Scene:
    """All that a viewport shows apart from pixels; the canvas changes it, the painter reads it."""

    frame: Frame | None = None
    placement: Placement | None = None
    window: Window | None = None
    corners: Corners = field(default_factory=Corners)
    corners_visible: bool = True
    view_lines_visible: bool = True
    """Zoom and window below the slice's own lines."""
    badges: tuple[str, ...] = ()
    classes: tuple[tuple[str, RGB], ...] = ()
    key_image: bool = False
    region_labels: tuple[tuple[str, RGB], ...] = ()
    reading: str = ""
    placeholder: str = ""
    cross: tuple[int, int] | None = None
    crosshair: tuple[float, float] | None = None
    own_spacing_mm: tuple[float, float] | None = None
    reference_lines: tuple[Line, ...] = ()
    measures: tuple[DrawnMeasure, ...] = ()
    labels: LabelScene = field(default_factory=LabelScene)
    labels_visible: bool = True
    spot: Spot | None = None
    changed: bool = False
    """What is shown is no frame of the scan: something was taken out of it."""
    overlay_visible: bool = True
    inverted: bool = False
    failed: bool = False
    selected: bool = False
    threshold: float = 0.0
    opacity: float = 0.75


@dataclass(frozen=True)
class Layers:
    """What lies one upon the other: scan, regions, map and its lines, objects, graphics, labels."""

    picture: Picture = field(default_factory=Picture)
    regions: RegionPicture = field(default_factory=RegionPicture)
    overlay: MapPicture = field(default_factory=MapPicture)
    contours: ContourPicture = field(default_factory=ContourPicture)
    objects: ObjectsPicture = field(default_factory=ObjectsPicture)
    planes: PlanesPicture = field(default_factory=PlanesPicture)
    masks: MaskPicture = field(default_factory=MaskPicture)
    shapes: LabelPicture = field(default_factory=LabelPicture)


def has_map(scene: Scene, overlay: MapPicture) -> bool:
    """Whether there is a map that fits the frame pixel for pixel."""
    attribution = overlay.attribution
    return (
        attribution is not None
        and scene.frame is not None
        and attribution.map.shape == scene.frame.shape
    )
