"""Our side of the comparison: the same folder, the same steps, the same clock."""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

BEGAN = float(sys.argv[2])
"""When the process was started, on the clock of time.time()."""
STEPS = 200


def main(folder: Path) -> None:
    """Start as `lepton FOLDER` does, and leave when all is measured."""
    from app.__main__ import begin

    decoder = begin()
    from app.early import EarlyOpening
    from app.lanes import make_lanes, user_store

    store = user_store()
    lanes = make_lanes(store, decoder=decoder)
    try:
        early = EarlyOpening(lanes["decode"], (str(folder),))
        from app.window import FirstPicture, adopt, opened_window
        from inference.records import Window
        from tests.benchmarks.slices import run_loop

        with opened_window(lanes, store) as (_, window):
            painted: list[float] = []
            FirstPicture(window).painted.connect(lambda: painted.append(time.time()))
            adopt(window, early, (str(folder),))
            window.show()
            session = window.session
            run_loop(lambda: bool(painted and session.sources))
            (source,) = session.sources.values()
            run_loop(lambda: session.frames.volume(source) is not None)
            from PySide6.QtWidgets import QApplication

            from app.actions import sources
            from tests.benchmarks.slices import counted_paints

            canvas = window.review.viewports[0].canvas

            paints = counted_paints(canvas)

            def drawn(change: object) -> float:
                assert callable(change)
                before, began = paints(), time.perf_counter()
                change()
                while paints() == before:
                    QApplication.processEvents()
                return (time.perf_counter() - began) * 1e3

            first = source.frames // 2
            scroll = [
                drawn(lambda place=place: sources.show_frame(session, window.jobs, 0, place))
                for place in range(first + 1, first + 1 + STEPS)
            ]
            drag = [
                drawn(lambda width=width: session.edit_view(0, window=Window(40.0, 2.0 * width)))
                for width in range(100, 100 + STEPS)
            ]
    finally:
        for lane in lanes.values():
            lane.close()
    sys.stdout.write(
        json.dumps(
            {
                "start_s": painted[0] - BEGAN,
                "scroll_ms": statistics.median(scroll),
                "window_ms": statistics.median(drag),
            }
        )
    )


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        os.environ["LEPTON_DATA_DIR"] = place
        main(Path(sys.argv[1]))
