"""Turning arrays towards the patient's directions: by hand, and for all 48 orientations."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
import SimpleITK

from inference.orientation import (
    DIRECTIONS,
    Turn,
    is_orientation,
    obliqueness_degrees,
    tilt_degrees,
    turn_to,
)

ITK: Any = SimpleITK  # it has no types

ALL = ["".join(letters) for axes in permutations(("LR", "PA", "SI")) for letters in product(*axes)]


def axes_towards(letters: str, spacing: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """Steps of an array whose slices, rows and columns count up towards `letters`."""
    axes = np.zeros((3, 3))
    for number, letter in enumerate(letters):
        patient, sign = DIRECTIONS[letter]
        axes[patient, number] = sign * spacing[number]
    return axes


def test_axial_slices_stored_feet_first_turn_by_hand() -> None:
    # Columns run to the left, rows to the back, slices to the feet: an axial series upside down.
    turn = turn_to("SAR", axes_towards("IPL"))
    assert turn == Turn((0, 1, 2), (True, True, True))
    volume = np.arange(24).reshape(2, 3, 4)
    assert turn.forth(volume)[0, 0, 0] == volume[1, 2, 3]


def test_sagittal_slices_turn_by_hand() -> None:
    # Slices run to the left, rows to the feet, columns to the back.
    turn = turn_to("SAR", axes_towards("LIP"))
    volume = np.arange(24).reshape(2, 3, 4)  # left 2, feet 3, back 4
    turned = turn.forth(volume)
    assert turned.shape == (3, 4, 2)
    assert turned[0, 0, 0] == volume[1, 2, 3]  # most to the feet, the back and the left


@pytest.mark.parametrize("stored", ALL)
def test_every_orientation_reaches_every_letter(stored: str) -> None:
    volume = np.arange(2 * 3 * 4).reshape(2, 3, 4)
    axes = axes_towards(stored, (3.0, 0.5, 0.7))
    for letters in ALL:
        turn = turn_to(letters, axes)
        towards = axes[:, list(turn.axes)] * np.where(turn.flips, -1, 1)
        for number, letter in enumerate(letters):
            patient, sign = DIRECTIONS[letter]
            assert towards[patient, number] * sign > 0
        np.testing.assert_array_equal(turn.back(turn.forth(volume)), volume)


@pytest.mark.parametrize("stored", ALL)
def test_volumes_are_turned_as_simpleitk_turns_them(stored: str) -> None:
    values = np.arange(2 * 3 * 4, dtype=np.int16).reshape(2, 3, 4)
    axes = axes_towards(stored)
    image = ITK.GetImageFromArray(values)
    image.SetDirection(axes[:, ::-1].ravel().tolist())
    for letters in ALL[::9]:
        # SimpleITK names columns, rows and slices in this order; we go from outside to inside.
        wanted = ITK.DICOMOrient(image, letters[::-1])
        turned = turn_to(letters, axes).forth(values)
        np.testing.assert_array_equal(turned, ITK.GetArrayFromImage(wanted))


def test_oblique_axes_take_the_nearest() -> None:
    angle = np.radians(40)
    turned = np.array(
        [[1, 0, 0], [0, np.cos(angle), -np.sin(angle)], [0, np.sin(angle), np.cos(angle)]]
    )
    axes = turned @ axes_towards("SPL")
    assert turn_to("SPL", axes) == Turn()
    assert obliqueness_degrees(axes) == pytest.approx(40)
    assert tilt_degrees(axes) == pytest.approx(0, abs=1e-5)


def test_gantry_tilt_is_the_angle_to_the_normal() -> None:
    axes = axes_towards("SPL")
    axes[:, 0] = (0.0, np.tan(np.radians(20)), 1.0)
    assert tilt_degrees(axes) == pytest.approx(20)


@pytest.mark.parametrize(
    ("letters", "valid"),
    [("SAR", True), ("LPS", True), ("SSA", False), ("SA", False), ("sar", False), ("LRA", False)],
)
def test_orientation_words(letters: str, valid: bool) -> None:
    assert is_orientation(letters) is valid
