"""`lepton demo`: the main job in the real window; without a display it leaves its files."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer

from app.demo import MODELS, Demo, open_demo
from app.explanation_files import result_body
from app.lanes import make_lanes, user_store
from app.main_window import MainWindow
from app.output import encode
from app.pictures import overlaid, png_bytes
from app.places import scratch_path
from app.report import Section, report_html
from app.unpacked import held_unpacked
from app.window import Once, begin, opened_window
from inference.errors import INTERRUPTED, EngineError
from inference.whole_file import write_bytes, writing

PATIENCE_MS = 15 * 60 * 1000
"""After this long something is wrong, even on the slowest machine."""
SIZE = (1440, 900)
LOOKS = 100
LAST_PAINT_MS = 400


def run_demo(folder: Path | None) -> int:
    """Open the window on the demo; with `folder` leave the files there and close it again.

    The exit code is 0 only if the whole job was done.
    """
    store = user_store()
    lanes = make_lanes(store)
    lanes["decode"].start()
    with (
        held_unpacked(scratch_path()),
        opened_window(lanes, store) as (application, window),
    ):
        window.show_review()
        window.resize(*SIZE)
        window.show()
        begin(window)
        demo = open_demo(window.session, window.jobs)
        well: list[bool] = []
        demo.finished.connect(well.append)
        if folder is None:
            window.closing.connect(application.quit)
            window.interrupted.connect(lambda: application.exit(INTERRUPTED))
            code: int = application.exec()
            return code or (0 if well == [True] else 4)
        code = _wait(window, demo)
        if code == INTERRUPTED:
            return code
        if code != 0:
            raise EngineError("The demo did not come to its end.", "Try again.")
        if well != [True]:
            _say_why(window)
            return 4
        _leave_files(window, demo, folder)
    return 0


def _wait(window: MainWindow, demo: Demo) -> int:
    """Run the window until the demo has ended and was painted; not 0 if it never does.

    The trials of methods gave way to it, and end after it: the picture shows what can be asked.
    """
    loop = QEventLoop()
    ended = Once(lambda: QTimer.singleShot(LAST_PAINT_MS, lambda: loop.exit(0)))

    def look(left: int) -> None:
        panes = window.session.panes[: len(MODELS)]
        if left == 0 or all(pane.methods for pane in panes):
            ended()
        else:
            QTimer.singleShot(LAST_PAINT_MS, lambda: look(left - 1))

    demo.finished.connect(lambda well: look(LOOKS if well else 0))
    limit = QTimer()
    limit.setSingleShot(True)
    limit.timeout.connect(lambda: loop.exit(1))
    limit.start(PATIENCE_MS)
    window.interrupted.connect(lambda: loop.exit(INTERRUPTED))
    code = loop.exec()
    limit.stop()
    return code


def _leave_files(window: MainWindow, demo: Demo, folder: Path) -> None:
    """The files that docs/cli.md names; the report comes last."""
    with writing(folder / "window.png") as temporary:
        window.grab().save(str(temporary), "PNG")
    sections = []
    for number, model_id in enumerate(MODELS):
        section = _section(window, number, demo.evidence[model_id].sentence)
        name = model_id.removeprefix("phantom-")
        picture = png_bytes(overlaid(section.frame, section.attribution))
        write_bytes(folder / f"overlay-{name}.png", picture)
        body = result_body(section) | {"evidence": dataclasses.asdict(demo.evidence[model_id])}
        text = encode("explain", body, indent=2)
        write_bytes(folder / f"result-{name}.json", text.encode())
        sections.append(section)
    title = "Two models with equal figures, and what each looks at"
    write_bytes(folder / "report.html", report_html(title, sections).encode())
    sys.stderr.write(f"The demo is done; its files are in {folder}.\n")


def _section(window: MainWindow, number: int, remark: str) -> Section:
    pane, source = window.session.panes[number], window.session.source_of(number)
    assert source is not None
    assert pane.frame is not None
    assert pane.prediction is not None
    assert pane.attribution is not None
    return Section(source, pane.frame, pane.prediction, pane.attribution, remark=remark)


def _say_why(window: MainWindow) -> None:
    found = [f"{note.text} {note.hint}" for note in window.session.notes]
    troubles = [
        trouble
        for pane in window.session.panes
        for trouble in (pane.predict_trouble, pane.explain_trouble)
        if trouble is not None
    ]
    found += [f"{trouble.message} {trouble.hint}" for trouble in troubles]
    sys.stderr.write("\n".join(["The demo was not done.", *found]) + "\n")
