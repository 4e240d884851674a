"""The demo in the window: one phantom, two models with equal figures, and what each looks at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.actions import answers, known_labels, models, sources
from app.actions.returning import leave
from app.demo_case import DemoCase
from app.early import first_index
from app.evidence import Evidence, share_inside
from app.jobs import Error, Jobs
from app.panes import Asked
from app.places import data_folder
from app.session import Session
from inference.records import Frame, Opened, Prediction, Source
from inference.requests import OpenRequest, PredictRequest, read_request

VARIANTS = ("whole", "without_nodule", "without_marker")
MODELS = ("phantom-nodule", "phantom-shortcut")
TARGET = 1
ASKED = Asked("occlusion", TARGET, options=(("window", 24), ("stride", 12)))
"""Hide a patch of 24 × 24 of the 256 × 256 pixels that the models see, and look what happens."""
PATCH_PX = 48
"""The patch on the 512 × 512 pixels of the scan."""


class Demo(QObject):
    """Takes the main job from one step to the next; `finished` says whether all of it happened."""

    finished = Signal(bool)

    def __init__(self, session: Session, jobs: Jobs) -> None:
        super().__init__(session)
        self._session = session
        self._jobs = jobs
        self._case: DemoCase | None = None
        self._variants: dict[str, Source] = {}
        self._frames: dict[str, Frame] = {}
        self._erased: dict[tuple[str, str], float] = {}
        self.evidence: dict[str, Evidence] = {}
        self._ended = False

    def start(self) -> None:
        """Make the phantom; the rest follows."""
        request = OpenRequest((str(data_folder() / "demo"),))
        self._run("make_demo", request, self._open, "Making the phantom")

    def _run(self, name: str, request: object, done: Callable[..., None], title: str) -> None:
        self._jobs.start("demo", "decode", name, request, done, failed=self._give_up, title=title)

    def _open(self, case: DemoCase) -> None:
        self._case = case
        paths = (case.whole, case.without_nodule, case.without_marker, *case.real)
        self._run("open_sources", OpenRequest(paths), self._show, "Opening the phantom")

    def _show(self, opened: Opened) -> None:
        assert self._case is not None
        sources.Intake(self._session, self._jobs, _show_nothing).finish(opened)
        for name in VARIANTS:
            folder = getattr(self._case, name)
            self._variants[name] = next(
                source for source in opened.sources if source.refs[0].path.startswith(folder)
            )
        if self._session.cards:
            self._read()
        else:
            models.load_models(self._session, self._jobs, then=self._read)

    def _read(self) -> None:
        """Read the frame of each variant that is compared: the middle one."""
        for name, source in self._variants.items():
            index = first_index(source)
            self._jobs.start(
                f"demo-{name}",
                "decode",
                "read_frames",
                read_request(source, (index,)),
                done=partial(self._take_frame, name),
                failed=self._give_up,
            )

    def _take_frame(self, name: str, frames: tuple[Frame, ...]) -> None:
        self._session.frames.add(frames[0])
        self._frames[name] = frames[0]
        if len(self._frames) == len(VARIANTS):
            self._ask()

    def _ask(self) -> None:
        """Show the phantom twice, once for each model; ask both why, and about what was erased."""
        session, jobs = self._session, self._jobs
        leave(session, jobs)
        session.set_layout("1x2", 0)
        session.changed.connect(self._look)
        for number, model_id in enumerate(MODELS):
            sources.turn_to(session, jobs, number, self._variants["whole"].source_id)
            models.choose_model(session, jobs, number, model_id)
            models.ask(session, number, ASKED)
            sources.show_frame(session, jobs, number, session.panes[number].index)
            answers.explain_current(session, jobs, number)
            card = session.card(model_id)
            assert card is not None
            for name in ("without_nodule", "without_marker"):
                jobs.start(
                    f"demo-{model_id}-{name}",
                    "engine",
                    "predict",
                    PredictRequest((self._frames[name],), card, session.device),
                    done=partial(self._take_erased, model_id, name),
                    failed=self._give_up,
                    track="predict",
                )
        session.set_active(0)
        known_labels.label_known(session, jobs, self._variants["whole"].source_id)

    def _take_erased(self, model_id: str, name: str, found: tuple[Prediction, ...]) -> None:
        self._session.add_predictions(found)
        self._erased[(model_id, name)] = float(found[0].scores[TARGET])
        self._look()

    def _look(self) -> None:
        """Conclude for each model whose answers have all come."""
        if self._ended:
            return
        for number, model_id in enumerate(MODELS):
            pane = self._session.panes[number]
            if pane.predict_trouble or pane.explain_trouble:
                self._end(well=False)
                return
            if model_id not in self.evidence:
                self._conclude(number, model_id)
        if len(self.evidence) == len(MODELS):
            self._end(well=True)

    def _conclude(self, number: int, model_id: str) -> None:
        key = self._frames["whole"].key
        prediction = self._session.results.predictions.get((key, model_id))
        attribution = self._session.results.attribution((key, model_id))
        erased = [self._erased.get((model_id, name)) for name in VARIANTS[1:]]
        if prediction is None or attribution is None or attribution.coarse or None in erased:
            return
        assert self._case is not None
        without_nodule, without_marker = (value or 0.0 for value in erased)
        found = Evidence(
            float(prediction.scores[TARGET]),
            without_nodule,
            without_marker,
            share_inside(attribution.map, self._case.nodule_box, PATCH_PX),
            share_inside(attribution.map, self._case.marker_box, PATCH_PX),
        )
        self.evidence[model_id] = found
        self._session.edit_view(number, caption=found.sentence, caption_severity=found.verdict)

    def _give_up(self, error: Error) -> None:
        self._session.say_error(error)
        self._end(well=False)

    def _end(self, *, well: bool) -> None:
        if not self._ended:
            self._ended = True
            self.finished.emit(well)
            self.deleteLater()


def open_demo(session: Session, jobs: Jobs) -> Demo:
    """Begin the demo; a demo under way is given up."""
    for earlier in session.findChildren(Demo):
        earlier.deleteLater()
    demo = Demo(session, jobs)
    demo.start()
    return demo


def _show_nothing(session: Session, jobs: Jobs, source_id: str) -> None:
    """The demo shows its scans itself."""
