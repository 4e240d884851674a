"""The real window for tests: its own store, real lanes with real children, and patience."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.actions import models
from app.child_lane import ChildLane
from app.lanes import child_lane, make_lanes, user_store
from app.main_window import MainWindow
from app.panes import Pane
from app.session import Session
from app.window import begin, opened_window
from inference.phantom.case import generate
from inference.phantom.dicom_files import write_case
from tests.sample_models import CARD, install

PATIENCE_MS = 60_000


class Flow:
    """A window under way, as a person has it before them."""

    def __init__(self, qtbot: QtBot, window: MainWindow, lanes: dict[str, ChildLane]) -> None:
        self.qtbot = qtbot
        self.window = window
        self.lanes = lanes

    @property
    def session(self) -> Session:
        return self.window.session

    @property
    def pane(self) -> Pane:
        return self.session.panes[self.session.active]

    def wait(self, until: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(until, timeout=PATIENCE_MS)

    def drop(self, *paths: Path) -> None:
        """Let files fall on the window."""
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        event = QDropEvent(
            QPointF(50, 50),
            Qt.DropAction.CopyAction,
            data,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        self.window.dropEvent(event)  # QApplication delivers drops during a real drag alone

    def press(self, *keys: str) -> None:
        """Press keys on the active picture."""
        canvas = self.window.review.viewports[self.session.active].canvas
        for key in keys:
            self.qtbot.keySequence(canvas, key)

    def open(self, path: Path) -> None:
        """Drop a path and wait for its picture."""
        before = self.pane.source_id
        self.drop(path)
        self.wait(lambda: self.pane.source_id != before and self.pane.frame is not None)

    def begin(self) -> None:
        """Start the engine and read the models, as after the first paint."""
        begin(self.window)
        self.wait(lambda: bool(self.session.cards and self.session.devices))

    def choose(self, model_id: str) -> None:
        models.choose_model(self.session, self.window.jobs, self.session.active, model_id)
        self.wait(lambda: bool(self.pane.methods and self.pane.layers))

    def hear(self, words: str) -> None:
        """Wait for a message with these words in it."""
        self.wait(lambda: any(words in note.text for note in self.session.notes))

    @property
    def explained(self) -> bool:
        found = self.pane.attribution
        return found is not None and not found.coarse


@pytest.fixture
def _known_words(own_data_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What trials said of a model is kept from flow to flow: each takes seconds of a processor."""
    kept = tmp_path_factory.getbasetemp() / "preflight"
    kept.mkdir(exist_ok=True)
    own_data_folder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # Windows lets few people make links
        (own_data_folder / "preflight").symlink_to(kept, target_is_directory=True)


@pytest.fixture
def start(
    qtbot: QtBot, qapp: QApplication, _known_words: None
) -> Callable[[], AbstractContextManager[Flow]]:
    """Starts the program; may be called again for a restart on the same data folder."""

    @contextmanager
    def run() -> Iterator[Flow]:
        store = user_store()
        children = {"decode": child_lane("decode", 2), "engine": child_lane("engine", 1)}
        with opened_window({**make_lanes(store), **children}, store) as (_, window):
            window.resize(1280, 800)
            window.show()
            yield Flow(qtbot, window, children)

    return run


@pytest.fixture
def flow(start: Callable[[], AbstractContextManager[Flow]], sample_model: str) -> Iterator[Flow]:
    with start() as running:
        yield running


@pytest.fixture
def sample_model(own_data_folder: Path) -> str:
    """A small network with weights drawn by lot, among the user's own models."""
    import torch

    from inference.architectures import table

    torch.manual_seed(3)
    card = CARD
    module = table.build(card.architecture, card.arguments, len(card.labels), card.channels)
    install(card, module.state_dict(), own_data_folder / "models" / card.model_id)
    return card.model_id


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A generated series of three slices with a nodule."""
    write_case(generate(7, 1, "none"), tmp_path / "case")
    return tmp_path / "case"
