"""Answers side by side in the real window: the dialog, the viewports, their scale, and back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QPushButton

from app.actions import answers, comparing, models
from app.comparison import Offer, Way
from app.panes import Asked, Pane
from app.views.comparison_words import title_of
from inference.records import Attribution
from tests.flows.conftest import Flow
from tests.flows.viewing import run, settled
from tests.sample_models import CARD, install
from widgets.check_list import CheckList
from widgets.compare_dialog import CompareDialog


@pytest.fixture
def second_model(own_data_folder: Path) -> str:
    """Another small network among the user's own models."""
    import torch

    from inference.architectures import table

    torch.manual_seed(4)
    card = replace(CARD, model_id="second", title="Second")
    module = table.build(card.architecture, card.arguments, len(card.labels), card.channels)
    install(card, module.state_dict(), own_data_folder / "models" / card.model_id)
    return card.model_id


OPENED = pytest.mark.qt_log_ignore("propagateSizeHints")


def ready(flow: Flow, case: Path, model: str, asked: Asked) -> None:
    flow.begin()
    flow.open(case)
    flow.choose(model)
    models.ask(flow.session, 0, asked)


def tick(tree: CheckList, *texts: str) -> None:
    """Tick these and nothing else."""
    for item in (tree.topLevelItem(row) for row in range(tree.topLevelItemCount())):
        assert item is not None
        on = item.text(0) in texts
        item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def opened(flow: Flow) -> CompareDialog:
    flow.window.palette_box.chosen.emit("compare")
    found = [one for one in flow.window.findChildren(CompareDialog) if one.isVisible()]
    return found[0]


def take(dialog: QDialog) -> QPushButton:
    return next(one for one in dialog.findChildren(QPushButton) if one.text() == "Compare")


def panes(flow: Flow) -> list[Pane]:
    return [flow.session.panes[number] for number in comparing.compared(flow.session)]


def whole(flow: Flow) -> bool:
    """Whether every compared viewport has the map that answers its question."""
    return all(
        one.attribution is not None
        and not one.attribution.coarse
        and one.asked.made(one.attribution)
        for one in panes(flow)
    )


def compare(flow: Flow, *methods: str) -> None:
    """Methods for one target of the active viewport's model."""
    pane, card = flow.pane, flow.session.card_of(flow.session.active)
    assert card is not None
    ways = [Way(card.model_id, name, 1, None) for name in methods]
    offer = Offer(card, pane.methods, pane.layers)
    comparing.begin(flow.session, flow.window.jobs, ways, (offer,))


def maps_under(flow: Flow) -> dict[int, str | None]:
    """The methods of the maps that a slab of the active viewport is made of, by slice."""
    pane = flow.pane
    found = flow.session.results.maps(pane.source_id or "", pane.model_id, pane.lens)
    return {index: one.provenance.method for index, one in found.items()}


def maps(flow: Flow) -> list[Attribution]:
    found = [one.attribution for one in panes(flow) if one.attribution is not None]
    assert len(found) == len(panes(flow))
    return found


@OPENED
def test_the_dialog_fills_viewports_and_the_command_takes_them_back(
    flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model, Asked("saliency", 1))
    run(flow, "layout_1x2")
    flow.session.set_active(0)
    before = [(one.source_id, one.index, one.model_id) for one in flow.session.panes]
    dialog = opened(flow)
    assert dialog.methods.ticked_keys() == ("saliency",), "it starts from what is asked"
    assert dialog.targets.ticked_keys() == ("nodule",)
    assert not take(dialog).isEnabled(), "one map is no comparison"
    tick(dialog.targets, "normal", "nodule")
    tick(dialog.methods, "Saliency", "Input × Gradient", "Occlusion", "Integrated Gradients")
    assert len(dialog.methods.ticked_keys()) == 4
    assert not take(dialog).isEnabled(), "eight are too many"
    tick(dialog.methods, "Saliency", "Integrated Gradients")
    assert take(dialog).isEnabled()
    take(dialog).click()
    assert flow.session.layout == "2x2"
    assert len(panes(flow)) == 4
    flow.wait(lambda: whole(flow))
    asked = [(one.asked.method, one.asked.target) for one in panes(flow)]
    assert asked == [
        ("saliency", 0),
        ("integrated_gradients", 0),
        ("saliency", 1),
        ("integrated_gradients", 1),
    ]
    assert all(one.prediction is not None for one in panes(flow))
    names = [viewport._name.text() for viewport in flow.window.review.viewports[:4]]
    assert names[3] == "Integrated Gradients · nodule", "the model is the same for all"
    run(flow, "end_comparison")
    assert flow.session.layout == "1x2"
    assert before == [(one.source_id, one.index, one.model_id) for one in flow.session.panes]
    assert not any(one.compared for one in flow.session.panes)
    assert flow.pane.frame is not None


def test_scrolling_shows_the_maps_of_each_question_and_keys_ask_for_one_or_all(
    flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model, Asked("saliency", 1))
    compare(flow, "saliency", "input_x_gradient")
    flow.wait(lambda: whole(flow))
    first = maps(flow)
    index = flow.pane.index
    flow.press("Down")
    flow.wait(lambda: settled(flow))
    assert [one.index for one in panes(flow)] == [index + 1] * 2, "they scroll together"
    assert all(one.attribution is None for one in panes(flow))
    flow.press("E")
    flow.wait(lambda: panes(flow)[0].attribution is not None)
    assert panes(flow)[1].attribution is None, "E asks in one viewport alone"
    flow.press("Ctrl+Shift+A")
    flow.wait(lambda: whole(flow) and not flow.window.jobs.running)
    flow.press("Up")
    flow.wait(lambda: settled(flow))
    assert [one.provenance.made_at for one in maps(flow)] == [
        one.provenance.made_at for one in first
    ]
    assert [one.provenance.method for one in maps(flow)] == ["saliency", "input_x_gradient"]


def test_one_scale_or_each_its_own_and_every_viewport_says_which(
    flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model, Asked("saliency", 1))
    compare(flow, "saliency", "input_x_gradient")
    flow.wait(lambda: whole(flow))
    flow.wait(lambda: not flow.window.jobs.running)
    session, jobs = flow.session, flow.window.jobs

    def chips() -> list[str]:
        return [title_of(session, jobs, number)[2] for number in (0, 1)]

    def limits() -> list[float]:
        found = [
            viewport.canvas._layers.overlay.style for viewport in flow.window.review.viewports[:2]
        ]
        assert all(chip in one.scale for chip, one in zip(chips(), found, strict=True))
        return [one.limit or 0.0 for one in found]

    assert chips() == ["own scale"] * 2, "numbers of two methods are of two kinds"
    own = limits()
    assert own[0] != own[1]
    run(flow, "share_scale")
    assert chips() == ["shared scale"] * 2
    assert limits() == [max(own)] * 2
    box = flow.window.review.panel.explaining.overlay.drawing._shared
    assert box.isChecked()
    box.click()
    assert limits() == own
    run(flow, f"source:{flow.pane.source_id}")
    assert session.layout == "1x1", "another scan ends it"
    assert not flow.pane.compared


def test_a_slab_of_each_question_is_made_of_its_own_maps(
    flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model, Asked("saliency", 1))
    flow.press("E")
    flow.wait(lambda: flow.explained)
    flow.press("Up")
    models.ask(flow.session, 0, Asked("input_x_gradient", 1))
    flow.wait(lambda: settled(flow) and flow.pane.index == 0)
    flow.press("E")
    flow.wait(lambda: flow.explained)
    flow.press("B")
    flow.wait(lambda: settled(flow) and flow.pane.attribution is not None)
    assert maps_under(flow) == {0: "input_x_gradient"}, "the latest question alone"
    compare(flow, "saliency", "input_x_gradient")
    flow.wait(lambda: settled(flow) and all(one.attribution for one in panes(flow)))
    assert [one.provenance.method for one in maps(flow)] == ["saliency", "input_x_gradient"]
    assert all(one.is_cut for one in panes(flow))
    run(flow, "end_comparison")
    assert flow.pane.is_cut
    flow.wait(lambda: flow.pane.attribution is not None)


def test_another_model_is_asked_first_and_a_queued_map_says_so(
    second_model: str, flow: Flow, case: Path, sample_model: str
) -> None:
    ready(flow, case, sample_model, Asked("rise", 1))
    session, jobs = flow.session, flow.window.jobs
    cards = [session.card(name) for name in (sample_model, second_model)]
    offers = [Offer(card, flow.pane.methods, flow.pane.layers) for card in cards if card]
    ways = [Way(offer.card.model_id, "rise", 1, None) for offer in offers]

    def chips() -> list[str]:
        return [title_of(session, jobs, number)[2] for number in (0, 1)]

    comparing.begin(session, jobs, ways, offers)
    assert flow.window.review.viewports[1]._name.text() == "Second"
    flow.wait(lambda: chips()[1] == "waiting" and chips()[0].startswith("explaining"))
    flow.wait(lambda: whole(flow))
    assert [pane.model_id for pane in panes(flow)] == [sample_model, second_model]
    flow.wait(lambda: all(one.prediction is not None for one in panes(flow)))
    flow.wait(lambda: not jobs.running)
    assert chips() == ["shared scale"] * 2, "numbers of one method are of one kind"
    run(flow, "layout_2x1")
    assert not session.comparison.is_on, "another layout ends it"
    assert session.layout == "2x1"
    assert not any(one.compared or one.limit for one in session.panes)


def test_kept_maps_of_each_question_come_back(
    start: Callable[[], AbstractContextManager[Flow]], case: Path, sample_model: str
) -> None:
    methods = ("saliency", "input_x_gradient")
    with start() as flow:
        ready(flow, case, sample_model, Asked("saliency", 1))
        compare(flow, *methods)
        flow.wait(lambda: whole(flow))
        flow.wait(lambda: flow.session.saved_at is not None and not flow.window.jobs.running)
        answers.check(flow.session, flow.window.jobs, ("deletion",), 0)
        flow.wait(lambda: not flow.window.jobs.running)
        made = [one.provenance.made_at for one in maps(flow)]
        flow.wait(lambda: not any(slot.startswith("keep") for slot in flow.window.jobs._slots))
    with start() as flow:
        ready(flow, case, sample_model, Asked("saliency", 1))
        compare(flow, *methods)
        flow.wait(lambda: whole(flow))
        assert [one.provenance.made_at for one in maps(flow)] == made, "nothing was asked anew"
