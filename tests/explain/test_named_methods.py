"""What a person types for a method."""

from __future__ import annotations

import pytest

from explain.method_titles import TITLES, title_of
from explain.methods import METHODS, find_method
from inference.errors import UserError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Grad-CAM", "grad_cam"), ("Grad-CAM++", "grad_cam_plus_plus"), ("OCCLUSION", "occlusion")],
)
def test_a_method_named_as_on_the_screen_is_recognised(typed: str, meant: str) -> None:
    with pytest.raises(UserError, match="no method named") as caught:
        find_method(typed)
    assert caught.value.hint == f"Did you mean {meant}?"


def test_titles_are_those_of_the_table() -> None:
    assert {name: method.title for name, method in METHODS.items()} == TITLES
    assert title_of("made_by_hand") == "Made by hand"
