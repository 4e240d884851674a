"""What a canvas shows and what is written over it: one setter for each."""

from __future__ import annotations

import numpy as np

from inference.display import Voi
from inference.records import Attribution, Frame, ObjectOverlay, Window
from widgets.canvas_crosshair import Line
from widgets.canvas_marks import Corners
from widgets.canvas_measures import ShownMeasure
from widgets.canvas_overlay import MapStyle
from widgets.canvas_readout import holds, reading
from widgets.canvas_spot import Spot
from widgets.canvas_view import CanvasView
from widgets.theme import LABEL_COLOURS, RGB


class CanvasContent(CanvasView):
    """A view with everything that can lie in it; values come in by `set_…` and nothing goes out."""

    _pixel: tuple[int, int] | None = None
    _named: tuple[tuple[str, ...], tuple[RGB, ...]] = ((), ())
    """Labels and colours of the regions in sight."""

    # Pixels

    def set_frame(self, frame: Frame | None) -> None:
        """Show a frame; the view is kept if its shape and pixel aspect are those of the last."""
        if self._frame is not None and frame is not None and frame is not self._frame:
            self._move()  # slices pass by: quick now, at its best when they rest
        self._frame = frame
        self._layers.picture.set_frame(frame)
        self._layers.planes.set_planes(frame.planes if frame is not None else ())
        self._layers.objects.set_shape(frame.shape if frame is not None else (0, 0))
        self._hand.set_frame(frame)
        self._labelling.set_frame(frame)
        if frame is not None:
            self._lay_out(frame)
        self._read(self._pixel)
        self.update()

    def set_window(self, voi: Voi | None) -> None:
        """Grey levels by this window or VOI LUT; None for the frame's own."""
        self._layers.picture.set_window(voi)
        self.update()

    def shown_window(self) -> Window | None:
        """The window in force, or that over the VOI LUT in force; None for colour or no frame."""
        return self._layers.picture.shown_window()

    def set_inverted(self, inverted: bool) -> None:
        self._scene.inverted = inverted
        self._layers.picture.set_inverted(inverted)
        self.update()

    def set_planes_visible(self, visible: bool) -> None:
        """Show or hide the graphics that came with the frame (PS3.3 C.9.2)."""
        self._layers.planes.set_visible(visible)
        self.update()

    def set_shutter_visible(self, visible: bool) -> None:
        """Blacken what the frame's shutter covers, or show it."""
        self._layers.picture.set_shutter_visible(visible)
        self.update()

    def set_mask(
        self,
        mask: np.ndarray | None,
        labels: tuple[str, ...] = (),
        colours: tuple[RGB, ...] = LABEL_COLOURS,
    ) -> None:
        """Regions over the frame: uint8 [rows, columns] of label indices, 0 = background.

        The same mask once more changes nothing: which labels it has is costly to find.
        """
        if mask is self._layers.regions.mask and (labels, colours) == self._named:
            return
        self._named = (labels, colours)
        self._layers.regions.set_mask(mask, colours)
        self._scene.region_labels = tuple(
            (label, colours[index])
            for index, label in enumerate(labels[: len(colours)])
            if index > 0 and mask is not None and bool((mask == index).any())
        )
        self.update()

    def set_objects(
        self, objects: tuple[ObjectOverlay, ...], index: int, hidden: frozenset[tuple[str, int]]
    ) -> None:
        """Lay over the frame what objects have for frame `index` of their source.

        `hidden` names segments that are not drawn: the object's id, and the index into its
        segments. Overlays are known again by identity: what is sorted once is not sorted again.
        """
        if self._layers.objects.set_objects(objects, index, hidden):
            self._read(self._pixel)
            self.update()

    def set_attribution(self, attribution: Attribution | None) -> None:
        """Lay a map over the frame; it is drawn only where its shape is the frame's."""
        self._layers.overlay.set_attribution(attribution)
        self._read(self._pixel)
        self.update()

    def set_map_style(self, style: MapStyle) -> None:
        """The scale of the map's colours, lines around its strongest parts, its own cells."""
        if style != self._layers.overlay.style:
            self._layers.overlay.set_style(style)
            self._layers.contours.set_level(style.level)
            self.update()

    def set_overlay_visible(self, visible: bool) -> None:
        """Show or hide map, regions and objects."""
        self._overlay_visible = visible
        self._read(self._pixel)
        self.update()

    def set_threshold(self, threshold: float) -> None:
        """Hide what is weaker than this share of the colour bar, 0 to 1."""
        self._scene.threshold = min(max(threshold, 0.0), 1.0)
        self._layers.overlay.set_threshold(self._scene.threshold)
        self.update()

    def set_opacity(self, opacity: float) -> None:
        """How strongly the map covers the picture, 0 to 1."""
        self._scene.opacity = min(max(opacity, 0.0), 1.0)
        self.update()

    # Lines

    def set_crosshair(self, point: tuple[float, float] | None) -> None:
        """Lines through a (column, row) in pixel edges, between pixels too; None for none."""
        self._scene.crosshair = point
        self.update()

    def set_reference_lines(self, lines: tuple[Line, ...]) -> None:
        """Where other viewports cut this one: (column, row, column, row) each."""
        self._scene.reference_lines = lines
        self.update()

    def set_own_spacing(self, spacing_mm: tuple[float, float] | None) -> None:
        """What a person said that pixels measure, (between rows, between columns).

        The scale bar goes by it, as lengths do; None goes back to what the frame says.
        """
        self._scene.own_spacing_mm = spacing_mm
        self.update()

    def set_measures(self, measures: tuple[ShownMeasure, ...]) -> None:
        """All measures; drawn are those of the frame that is shown."""
        self._hand.set_measures(measures)

    def set_draft_lines(self, lines: tuple[str, ...]) -> None:
        """What the measure that is being drawn or moved says: the answer to `measure_moved`."""
        self._hand.set_live_lines(lines)

    def set_spot(self, spot: Spot | None) -> None:
        """What was taken out of this frame, with what came of it; None for nothing."""
        if spot != self._scene.spot:
            self._scene.spot = spot
            self.update()

    def set_changed(self, changed: bool) -> None:
        """Whether what is shown is no picture of the scan any more; it is framed and says so."""
        if changed != self._scene.changed:
            self._scene.changed = changed
            self.update()

    @property
    def is_changed(self) -> bool:
        """Whether the picture is marked as a changed one."""
        return self._scene.changed

    def set_probe(self, pixel: tuple[int, int] | None) -> None:
        """Read this (column, row) and mark it: the pointer is there in a linked viewport."""
        self._scene.cross = pixel
        self._read(pixel)
        self.update()

    # Words

    def set_corner_texts(
        self,
        top_left: tuple[str, ...],
        top_right: tuple[str, ...],
        bottom_left: tuple[str, ...],
    ) -> None:
        """Who and what, technique, and slice with position; zoom and window come by themselves."""
        self._scene.corners = Corners(top_left, top_right, bottom_left)
        self.update()

    def set_corner_texts_visible(self, visible: bool) -> None:
        self._scene.corners_visible = visible
        self.update()

    def set_badges(self, badges: tuple[str, ...]) -> None:
        self._scene.badges = badges
        self.update()

    def set_classes(self, classes: tuple[tuple[str, RGB], ...]) -> None:
        """What a person said of the frame as a whole, each in the colour of its label."""
        self._scene.classes = classes
        self.update()

    def set_key_image(self, is_key: bool) -> None:
        """Whether a person marked this frame as a key image."""
        self._scene.key_image = is_key
        self.update()

    def set_failed_checks(self, sentence: str | None) -> None:
        """Hatch the frame around a map that is not to be trusted; the sentence is its reason."""
        self._scene.failed = sentence is not None
        self.setAccessibleDescription(sentence or "")
        self.update()

    def set_placeholder(self, sentence: str, busy: bool = False) -> None:
        """What is said while there is no frame."""
        self._scene.placeholder = f"{sentence.rstrip('.…')} …" if busy and sentence else sentence
        self.update()

    def set_selected(self, selected: bool) -> None:
        self._scene.selected = selected
        self.update()

    def _read(self, pixel: tuple[int, int] | None) -> None:
        """Say what the frame and all that lies on it have at a pixel."""
        frame = self._frame
        self._pixel = pixel
        said = ""
        if frame is not None and pixel is not None and holds(frame, *pixel):
            objects = self._layers.objects.words_at(*pixel) if self._overlay_visible else ()
            said = reading(frame, *pixel, self._layers.overlay.attribution, objects)
        if said != self._scene.reading:
            self._scene.reading = said
            self.update(self._painter.reading_strip(self.rect()))
