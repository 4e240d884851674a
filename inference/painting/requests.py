"""What is asked for, and found, when a person clicks at a thing to have it outlined."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inference.records import Frame, FrameKey, GreyTable, MaskBits, Window

SeedMethod = Literal["grab_cut", "watershed", "random_walk"]


@dataclass(frozen=True, eq=False)
class SeedRequest:
    """Clicks on a frame, at what is inside a thing and at what is not.

    Clicks are (column, row) in pixel edges; each says so of a disc of `radius_px`. `box` is
    (left, top, right, bottom) in pixel edges: the thing lies in it. There is a click inside, or a
    box, or both; of a box alone the middle is taken for inside. `voi` is how the frame is shown:
    the picture that the person sees is the one that is divided.
    """

    frame: Frame
    method: SeedMethod
    inside: tuple[tuple[float, float], ...] = ()
    outside: tuple[tuple[float, float], ...] = ()
    box: tuple[float, float, float, float] | None = None
    radius_px: float = 3.0
    voi: Window | GreyTable | None = None


@dataclass(frozen=True, eq=False)
class SeedResult:
    """The region that was found on the frame; None where there is none."""

    key: FrameKey
    method: SeedMethod
    mask: MaskBits | None
