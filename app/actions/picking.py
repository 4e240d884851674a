"""The values that a brush paints, chosen from the picture."""

from __future__ import annotations

from app.actions import painting, sketching
from app.jobs import Jobs
from app.session import Session
from app.sketches import DivideRequest, value_in
from inference.painting.strokes import Place


def pick(session: Session, jobs: Jobs, number: int, place: Place) -> None:
    """Paint values like that of a pixel: as far from it as a region may grow."""
    frame = painting.check_place(session, number)
    painting.edit_hand(session, picking=False)
    value, reach = value_in(frame, place), painting.tolerance(session, frame)
    set_range(session, jobs, value - reach, value + reach)


def set_range(session: Session, jobs: Jobs, low: float | None, high: float | None) -> None:
    """Paint values from `low` to `high`, None for an open end."""
    if low is not None and high is not None and low > high:
        low, high = high, low
    painting.edit_hand(session, low=low, high=high)
    sketching.ask_again(session, jobs)


def divide(session: Session, jobs: Jobs, number: int, place: Place | None) -> None:
    """Paint the brighter of the two kinds of value that Otsu's method tells apart.

    They are those under the brush at a place, or without one those of the whole frame.
    """
    frame = painting.check_place(session, number)

    def take(found: float | None) -> None:
        if found is None:
            session.say("All values here are alike.", "Take a larger brush, or another place.")
        else:
            set_range(session, jobs, found, None)

    request = DivideRequest(frame, place, session.labels.hand.radius_px)
    jobs.start("divide", "painting", "find_division", request, take, failed=session.say_error)
