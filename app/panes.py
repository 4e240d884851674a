"""What one viewport shows, which viewports there are, and what changed: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from app.messages import Trouble
from explain.records import LayerStatus, MethodStatus
from inference.display import Voi
from inference.records import (
    Annotation,
    Attribution,
    Frame,
    FrameKey,
    ObjectOverlay,
    Options,
    Prediction,
    Preview,
)

if TYPE_CHECKING:
    from app.recipes import Recipe
    from inference.mpr.cut import Slab
    from inference.mpr.stack import PlaneStack

Place = Literal["review", "label"]
"""The places of work that share one window and one selection."""

Severity = Literal["good", "doubtful", "bad", "plain"]
Plane = Literal["slices", "axial", "coronal", "sagittal"]
SlabMode = Literal["maximum", "mean", "minimum"]
ScaleMode = Literal["image", "series", "kept"]
"""What sets the end of a map's colours: the map, all maps of its question, or a kept limit."""
Link = Literal["scroll", "zoom", "window", "crosshair"]

VIEWPORTS = 6
LAYOUTS: dict[str, tuple[int, int]] = {
    "1x1": (1, 1),
    "1x2": (1, 2),
    "2x1": (2, 1),
    "2x2": (2, 2),
    "1x3": (1, 3),
    "2x3": (2, 3),
}
"""Rows and columns of viewports by the name of the layout."""

LINKS: tuple[Link, ...] = ("scroll", "zoom", "window", "crosshair")
NOBODY: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Changes:
    """Which parts of the session a method touched; numbers are those of viewports."""

    sources: bool = False
    thumbnail: str | None = None
    models: bool = False
    entries: bool = False
    layout: bool = False
    tool: bool = False
    cursor: bool = False
    marks: bool = False
    """Measures, key images or calibrations."""
    labels: bool = False
    """Annotations, the label set, what is selected of them, or whether more can be undone."""
    place: bool = False
    """Another place of work."""
    project: bool = False
    """Another project, or whether it can be written."""
    queue: bool = False
    """What to label next, or how that is wanted."""
    proposals: bool = False
    """What models propose as labels, or how it is shown."""
    objects: bool = False
    """What DICOM objects draw, and which of them are on."""
    cached: bool = False
    cases: bool = False
    """The table of cases: one more is done, or another batch is in it."""
    answered: frozenset[str] = frozenset()
    """Sources that models said more of."""
    frame: frozenset[int] = NOBODY
    results: frozenset[int] = NOBODY
    methods: frozenset[int] = NOBODY
    view: frozenset[int] = NOBODY
    messages: bool = False


@dataclass(frozen=True)
class Asked:
    """How the next explanation of a viewport is to be made; None = the method's or card's own.

    `against` is the label that the target is set against, `baseline` a name of explain.baselines,
    `checks` the names of the checks of belief besides the cheap ones. `reference` is the frame that
    the baseline "picture" means, `truth` the key of a marked region in app.truths, "" for none.
    """

    method: str = "integrated_gradients"
    target: int | None = None
    layer: str | None = None
    options: Options = ()
    against: int | None = None
    baseline: str = "card"
    checks: tuple[str, ...] = ()
    reference: FrameKey | None = None
    truth: str = ""

    def made(self, attribution: Attribution) -> bool:
        """Whether a map answers this very question; target and layer left open fit any.

        A map of a version that did not note its baseline or contrast answers no question that
        names one: what it was compared with is not known.
        """
        return (
            attribution.provenance.method == self.method
            and self.target in (None, attribution.target)
            and self.layer in (None, attribution.layer)
            and (self.against is None) == (attribution.against is None)
            and self.against == attribution.against_index
            and self._has_baseline_of(attribution)
        )

    def _has_baseline_of(self, attribution: Attribution) -> bool:
        if attribution.baseline is None:
            return True  # the method compares with nothing
        reference = self.reference if self.baseline == "picture" else None
        return (self.baseline, reference) == (attribution.baseline_name, attribution.reference)


@dataclass(frozen=True, eq=False)
class LabelsOnPlane:
    """What the annotations of a source are on one plane, in the plane's own pixels.

    What covers pixels is one mask for each label; `warnings` say what could not be drawn.
    """

    annotations: tuple[Annotation, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Pane:
    """What one viewport shows. `frame` is None while `index` is being read.

    `plane` "slices" shows the source's own frames; the others are cut through its volume, and
    `index` then counts the planes of `stack`, which is None until the volume is known.
    """

    source_id: str | None = None
    index: int = 0
    plane: Plane = "slices"
    stack: PlaneStack | None = None
    slab: Slab | None = None
    frame: Frame | None = None
    preview: Preview | None = None
    frame_trouble: Trouble | None = None
    waiting: str = ""
    """What a cut still waits for, in words."""
    model_id: str | None = None
    prediction: Prediction | None = None
    attribution: Attribution | None = None
    objects: tuple[ObjectOverlay, ...] = ()
    """What DICOM objects draw over a cut; over frames they draw what the session holds."""
    labels: LabelsOnPlane = LabelsOnPlane()
    """What a person drew, on a cut; on frames it is what the session holds."""
    predict_trouble: Trouble | None = None
    explain_trouble: Trouble | None = None
    methods: tuple[MethodStatus, ...] = ()
    layers: tuple[LayerStatus, ...] = ()
    asked: Asked = Asked()
    compared: bool = False
    """Stands beside others in a comparison, and shows only maps that answer what it asks."""
    made: Recipe | None = None
    """What its map is made of, if that is other maps; then no model answers here."""
    blinked: int | None = None
    """The viewport whose map is seen here for the moment; nothing else changes by it."""
    window: Voi | None = None
    """What makes grey; None for the file's own."""
    inverted: bool = False
    overlay_visible: bool = True
    threshold: float = 0.0
    opacity: float = 0.8
    scale: ScaleMode | None = None
    """None is by the series for sources of several frames, else by the image."""
    percent: float = 99.5
    """The percentile of the magnitudes that gets the full colour."""
    limit: float | None = None
    """What a comparison shares; it goes before any other scale."""
    contours: float = 0.0
    """Lines around the strongest places with this share of the attribution; 0 is none."""
    cells: bool = False
    """Draw the map's own cells as they are instead of a smooth picture of them."""
    caption: str = ""
    caption_severity: Severity = "plain"

    @property
    def lens(self) -> Asked | None:
        """What a map must answer to be shown here; None where the newest is."""
        return self.asked if self.compared else None

    @property
    def is_cut(self) -> bool:
        """Whether what is shown is reckoned from the volume, not a frame of the source."""
        return self.plane != "slices" or self.slab is not None

    def turned(self, plane: Plane, index: int) -> Pane:
        """The same source along a plane: as it was looked at, and with the same question."""
        return replace(
            Pane(self.source_id, index, plane),
            model_id=self.model_id,
            methods=self.methods,
            layers=self.layers,
            asked=self.asked,
            compared=self.compared,
            made=self.made,
            window=self.window,
            inverted=self.inverted,
            overlay_visible=self.overlay_visible,
            threshold=self.threshold,
            opacity=self.opacity,
            scale=self.scale,
            percent=self.percent,
            limit=self.limit,
            contours=self.contours,
            cells=self.cells,
        )

    def with_cut(
        self,
        frame: Frame,
        results: tuple[Prediction | None, Attribution | None],
        objects: tuple[ObjectOverlay, ...],
        labels: LabelsOnPlane,
    ) -> Pane:
        """The same with a plane that has come; an answer ends the trouble of getting it."""
        prediction, attribution = results
        return replace(
            self,
            frame=frame,
            frame_trouble=None,
            waiting="",
            prediction=prediction,
            attribution=attribution,
            objects=objects,
            labels=labels,
            predict_trouble=self.predict_trouble if prediction is None else None,
            explain_trouble=self.explain_trouble if attribution is None else None,
        )

    def failed(self, trouble: Trouble) -> Pane:
        """The same without a picture, and why there is none."""
        return replace(
            self,
            frame=None,
            preview=None,
            frame_trouble=trouble,
            waiting="",
            prediction=None,
            attribution=None,
        )

    def asking(
        self, model_id: str, prediction: Prediction | None, attribution: Attribution | None
    ) -> Pane:
        """The same with another model, and what that one said before."""
        return replace(
            self,
            model_id=model_id,
            prediction=prediction,
            attribution=attribution,
            predict_trouble=None,
            explain_trouble=None,
            methods=(),
            layers=(),
            asked=Asked(method=self.asked.method),
            made=None,
            caption="",
        )


@dataclass(frozen=True)
class Note:
    """One message to the person, kept in the history until the program ends."""

    number: int
    severity: Severity
    text: str
    hint: str
    at: str
    dismissed: bool = False
