"""Why nothing can be looked at in a viewport yet, and why no layer can be asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.actions.network import ask_at, lack, no_asking
from app.messages import Trouble
from app.panes import Asked, Pane
from app.session import Session
from explain.records import MethodStatus
from inference.records import Frame
from tests.plain_source import plain_source
from tests.sample_models import CARD

FRAME = Frame(("scan", 0), np.zeros((4, 6), np.int16))
READY = Pane("scan", frame=FRAME, model_id=CARD.model_id)


def method(name: str, title: str, *, takes_layer: bool) -> MethodStatus:
    return MethodStatus(name, title, "", "green", "", None, (), 1, takes_layer)


METHODS = (
    method("saliency", "Saliency", takes_layer=False),
    method("grad_cam", "Grad-CAM", takes_layer=True),
)


@pytest.fixture
def session() -> Session:
    found = Session()
    found.sources = {"scan": plain_source(source_id="scan")}
    found.cards = (CARD,)
    return found


@pytest.mark.parametrize(
    ("pane", "said"),
    [
        (Pane(), "There is no scan in this viewport."),
        (replace(READY, frame=None, frame_trouble=Trouble("It stops.", "")), "cannot be read"),
        (replace(READY, model_id=None), "No model is chosen."),
        (replace(READY, frame=None), "not here yet"),
        (replace(READY, plane="coronal"), "single slices"),
    ],
)
def test_what_is_missing_is_a_sentence(session: Session, pane: Pane, said: str) -> None:
    session.put_pane(0, pane)
    missing = lack(session, 0)
    assert missing is not None
    assert said in missing.message
    assert missing.hint


def test_with_all_of_it_nothing_is_missing(session: Session) -> None:
    session.put_pane(0, READY)
    assert lack(session, 0) is None


def test_a_layer_is_asked_about_by_methods_of_layers_alone(session: Session) -> None:
    session.put_pane(0, READY)
    assert "not known yet" in no_asking(session, 0)
    session.edit_question(0, methods=METHODS, asked=Asked("saliency", 1))
    assert no_asking(session, 0).startswith("Saliency looks at no layer.")
    session.edit_question(0, asked=Asked("grad_cam", 1))
    assert no_asking(session, 0) == ""
    ask_at(session, 0, "stages.2")
    assert session.panes[0].asked == Asked("grad_cam", 1, layer="stages.2")
