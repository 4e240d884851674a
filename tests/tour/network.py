"""The stops of the tour at which one looks into a model: every stage, and the tree of layers."""

from __future__ import annotations

from app.actions import answers, models
from app.panes import Asked
from tests.tour.guide import Tour
from widgets.network_dialog import TREE, NetworkDialog


def network(tour: Tour) -> bool:
    """What a model of radiographs saw, stage by stage, and the tree of its layers."""
    place = tour.shared(
        "network", "images/waliatushar+ai-pneumonia-detection/dataset/test/PNEUMONIA"
    )
    if place is None:
        return True
    window, session = tour.window, tour.session
    reached = tour.open(min(place.iterdir()))
    number = session.active
    models.choose_model(session, window.jobs, number, "chest-xray-pneumonia")
    reached = tour.wait(lambda: bool(session.panes[number].methods)) and reached
    models.ask(session, number, Asked("grad_cam"))
    answers.explain_current(session, window.jobs, number)
    reached = tour.wait(lambda: session.panes[number].attribution is not None) and reached
    tour.run("network")
    dialog = window.findChild(NetworkDialog)
    if dialog is None:
        return False
    reached = tour.wait(lambda: dialog.shown == "source") and reached
    for name in ("source", "input", "layer", "output", "map"):
        dialog.show_stage(name)
        tour.take(f"network-{name}", dialog)
    dialog.show_stage(TREE)
    reached = tour.wait(lambda: dialog.tree.has_previews) and reached
    tour.take("network-tree", dialog)
    dialog.close()
    session.clear_pane(number)
    tour.run("network")
    empty = window.findChildren(NetworkDialog)[-1]
    tour.take("network-empty", empty)
    empty.close()
    return reached
