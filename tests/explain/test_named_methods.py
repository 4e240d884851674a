"""What a person types for a method."""

from __future__ import annotations

import pytest

from explain.methods import find_method
from inference.errors import UserError


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("Grad-CAM", "grad_cam"), ("Grad-CAM++", "grad_cam_plus_plus"), ("OCCLUSION", "occlusion")],
)
def test_a_method_named_as_on_the_screen_is_recognised(typed: str, meant: str) -> None:
    with pytest.raises(UserError, match="no method named") as caught:
        find_method(typed)
    assert caught.value.hint == f"Did you mean {meant}?"
