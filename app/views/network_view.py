"""Joins the session with the window that shows what a network saw and the tree of its layers."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer

from app.actions import network
from app.jobs import Error, Jobs
from app.messages import trouble
from app.panes import Changes, Pane
from app.session import Session
from app.views import network_words
from explain.records import LayerStatus
from explain.stage_records import LayerPreview, NetworkTree, Stages
from inference.cards import ModelCard
from widgets.network_dialog import TREE, NetworkDialog
from widgets.stage_page import StageRow

QUIET_MS = 120
"""Slices that pass by are not looked into: the picture must rest for so long."""


class NetworkView(QObject):
    """Follows the active viewport for as long as the window is open."""

    def __init__(self, session: Session, jobs: Jobs, dialog: NetworkDialog) -> None:
        super().__init__(dialog)
        self._session = session
        self._jobs = jobs
        self._dialog = dialog
        self._layer: str | None = None
        """The layer that a person looks at here; None for the one that is asked about."""
        self._rows: tuple[StageRow, ...] = ()
        """The stages in sight, but for the map."""
        self._seen: tuple[object, ...] = ()
        """What the stages in sight were made of."""
        self._tree_of: tuple[object, ...] = ()
        """What the tree in sight was made of."""
        self._default: str | None = None
        """The layer that this model is asked about unless another is named."""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self._look)
        session.changed.connect(self._follow)
        dialog.tree_shown.connect(self._load_tree)
        dialog.tree.look_requested.connect(self._look_at)
        dialog.tree.ask_requested.connect(self._ask_at)
        dialog.finished.connect(self._end)
        self._look()

    # What the person wants

    def _look_at(self, layer: str) -> None:
        """Show what a layer of the tree gives."""
        self._layer = layer
        self._dialog.show_stage(network_words.LAYER)
        self._look()

    def _ask_at(self, layer: str) -> None:
        self._layer = None
        network.ask_at(self._session, self._session.active, layer)

    def _end(self) -> None:
        self._session.changed.disconnect(self._follow)
        self._timer.stop()
        network.cancel(self._jobs)

    # What the session says

    def _follow(self, changes: Changes) -> None:
        number = self._session.active
        if changes.layout or changes.models or number in changes.frame | changes.methods:
            if self._wanted() != self._seen:
                self._timer.start()
            self._show_layers()
        if number in changes.results and self._wanted() == self._seen:
            self._show()

    @property
    def _pane(self) -> Pane:
        return self._session.panes[self._session.active]

    @property
    def _card(self) -> ModelCard | None:
        return self._session.card_of(self._session.active)

    def _wanted(self) -> tuple[object, ...]:
        """All that the stages depend on."""
        session, pane = self._session, self._pane
        missing = network.lack(session, session.active)
        key = pane.frame.key if pane.frame is not None else None
        layer = self._layer or pane.asked.layer
        said = missing.message if missing is not None else ""
        return (session.active, key, pane.model_id, layer, session.device, said)

    def _look(self) -> None:
        """Ask for the stages of what is in sight; those of before stay until they are there."""
        session, pane, card = self._session, self._pane, self._card
        if card is None or (self._seen and self._seen[2] != pane.model_id):
            self._layer, self._rows = None, ()  # another network has other layers
        self._seen = self._wanted()
        title = "What the network saw" if card is None else f"What {card.title} saw"
        self._dialog.set_title(title, self._where())
        self._dialog.set_warnings(())
        if not self._rows:
            busy = self._jobs.is_running(f"explain-{session.active}")
            after = " It comes once the map that is under way is done." if busy else ""
            self._dialog.set_stages((), f"Looking at what the network saw …{after}")
        network.look(session, self._jobs, self._layer or pane.asked.layer, self._take, self._fail)
        if self._dialog.shown == TREE:
            self._load_tree()

    def _where(self) -> str:
        source, pane = self._session.source_of(self._session.active), self._pane
        if source is None:
            return ""
        place = f"frame {pane.index + 1} of {source.frames}"
        alone = source.frames == 1 or pane.is_cut
        return source.title if alone else f"{source.title} · {place}"

    def _take(self, found: Stages) -> None:
        self._rows = network_words.stage_rows(found.stages)
        self._dialog.set_warnings(found.warnings)
        self._show()

    def _fail(self, error: Error) -> None:
        """Nothing is in sight that does not belong to the frame in sight."""
        said = trouble(error)
        self._rows = ()
        self._dialog.set_stages((), f"{said.message} {said.hint}".strip())

    def _show(self) -> None:
        if self._rows:
            self._dialog.set_stages((*self._rows, network_words.map_row(self._pane)))

    # The tree

    def _load_tree(self) -> None:
        """Read the tree of this model, unless it is in sight; its previews are of this frame."""
        session, pane = self._session, self._pane
        missing = network.lack(session, session.active)
        if missing is not None:
            self._fail_tree(missing)
            return
        model = (session.active, pane.model_id, session.device)
        if self._tree_of != model:
            self._tree_of = model
            self._dialog.tree.set_rows((), None)
            network.load_tree(session, self._jobs, self._take_tree, self._fail_tree)
        else:
            self._load_previews()

    def _take_tree(self, tree: NetworkTree) -> None:
        self._default = _default(tree.layers)
        self._dialog.tree.set_rows(network_words.layer_rows(tree), self._asked())
        self._show_layers()
        self._load_previews()

    def _fail_tree(self, error: Error) -> None:
        said = trouble(error)
        self._tree_of = ()
        self._dialog.tree.set_trouble(f"{said.message} {said.hint}".strip())

    def _load_previews(self) -> None:
        network.load_previews(self._session, self._jobs, self._take_previews, lambda error: None)

    def _take_previews(self, found: tuple[LayerPreview, ...]) -> None:
        self._dialog.tree.set_previews({one.name: one.picture for one in found})

    def _asked(self) -> str | None:
        """The layer that the next explanation looks at."""
        return self._pane.asked.layer or _default(self._pane.layers) or self._default

    def _show_layers(self) -> None:
        """Which layer is asked about, and whether one can be."""
        tree = self._dialog.tree
        tree.set_asking(network.no_asking(self._session, self._session.active))
        if tree.chosen != self._asked():
            tree.set_chosen(self._asked())


def _default(layers: tuple[LayerStatus, ...]) -> str | None:
    return next((one.name for one in layers if one.default), None)
