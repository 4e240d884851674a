"""Colours of structures: CIELab as LittleCMS converts it, own ones far apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image, ImageCms

from inference.sources.objects.colours import colour_of_lab, colour_of_rgb, own_colour


def _by_lcms(lightness: int, a: int, b: int) -> tuple[int, ...]:
    """8-bit Lab as Pillow holds it (a and b signed) through LittleCMS's own profiles."""
    picture = Image.frombytes("LAB", (1, 1), bytes((lightness, a & 0xFF, b & 0xFF)))
    transform = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"),
        ImageCms.createProfile("sRGB"),
        "LAB",
        "RGB",
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        flags=ImageCms.Flags.NOOPTIMIZE,  # else by a coarse table, off by up to 7
    )
    shown = ImageCms.applyTransform(picture, transform)
    assert shown is not None
    return tuple(np.asarray(shown)[0, 0].tolist())


@pytest.mark.parametrize("lightness", [0, 40, 128, 200, 255])
@pytest.mark.parametrize("a", [-60, -20, 0, 35, 70])
@pytest.mark.parametrize("b", [-70, 0, 60])
def test_lab_is_what_lcms_makes_of_it(lightness: int, a: int, b: int) -> None:
    stored = (lightness * 257.0, (a + 128) * 257.0, (b + 128) * 257.0)
    found = colour_of_lab(stored)
    assert found is not None
    np.testing.assert_allclose(found, _by_lcms(lightness, a, b), atol=2)


def test_white_black_and_what_is_no_colour() -> None:
    assert colour_of_lab((65535.0, 32896.0, 32896.0)) == (255, 255, 255)
    assert colour_of_lab((0.0, 32896.0, 32896.0)) == (0, 0, 0)
    assert colour_of_lab((1.0, 2.0)) is None
    assert colour_of_rgb((255.0, 0.0, 12.0)) == (255, 0, 12)
    assert colour_of_rgb((256.0, 0.0, 0.0)) is None
    assert colour_of_rgb(()) is None


def test_own_colours_of_neighbours_are_far_apart() -> None:
    colours = np.array([own_colour(place) for place in range(120)], float)
    assert len({tuple(one) for one in colours.tolist()}) == 120
    for near, far in itertools.pairwise(colours):
        assert np.linalg.norm(near - far) > 100
