"""napari's side of the comparison, for its own environment: see README.md beside it.

Prints one JSON line: seconds from the start of the process to the first painted picture, and
medians in ms of a step through the slices and of a step of the grey window, each set and drawn.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from pathlib import Path

BEGAN = float(sys.argv[2])
"""When the process was started, on the clock of time.time()."""
STEPS = 200


def main(folder: Path) -> None:
    """Open the folder as napari's users do: all slices read by pydicom, one volume, one layer."""
    import napari
    import numpy as np
    from pydicom import dcmread
    from qtpy.QtWidgets import QApplication
    from vispy.gloo import gl

    paths = sorted(folder.iterdir())
    volume = np.stack([dcmread(path).pixel_array for path in paths])
    viewer = napari.Viewer(show=True)
    layer = viewer.add_image(volume, contrast_limits=(-160, 240))
    canvas = viewer.window._qt_viewer.canvas.native
    painted: list[float] = []
    viewer.window._qt_viewer.canvas._scene_canvas.events.draw.connect(
        lambda event: painted.append(time.time())
    )
    viewer.dims.set_point(0, len(paths) // 2)
    while not painted:
        QApplication.processEvents()
    start = painted[0] - BEGAN

    def drawn(change: object) -> float:
        assert callable(change)
        before, began = len(painted), time.perf_counter()
        change()
        while len(painted) == before:
            QApplication.processEvents()
        canvas.makeCurrent()
        gl.glFinish()  # until then a software renderer has only taken note of the work
        return (time.perf_counter() - began) * 1e3

    for _ in range(20):
        QApplication.processEvents()
    scroll = [
        drawn(lambda place=place: viewer.dims.set_point(0, place))
        for place in range(len(paths) // 2 + 1, len(paths) // 2 + 1 + STEPS)
    ]
    window = [
        drawn(lambda width=width: setattr(layer, "contrast_limits", (40 - width, 40 + width)))
        for width in range(100, 100 + STEPS)
    ]
    sys.stdout.write(
        json.dumps(
            {
                "version": napari.__version__,
                "start_s": start,
                "scroll_ms": statistics.median(scroll),
                "window_ms": statistics.median(window),
            }
        )
    )
    viewer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
