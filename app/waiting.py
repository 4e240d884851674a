"""What is not on the disk yet: handed to the store in order, and again until it is."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

TOGETHER = 64
"""What waits is kept together, so many at once: each commit costs the disk as much as another."""

STATE = "state"
"""What keeps something of the window itself, such as its view: no work, so that it is not said to
be saved or not, and no backup is made for it."""


@dataclass(frozen=True, eq=False)
class Pending:
    """Something that the store is to do: the name of its function, and what it is given."""

    name: str
    what: object


@dataclass
class Waiting:
    """The things to be kept, oldest first; those `under_way` are with the store now."""

    things: deque[Pending] = field(default_factory=deque)
    under_way: int = 0
    trouble: str = ""
    """Why they cannot be kept, as it was said; "" while all goes well."""
    again: bool = False
    """Whether they are tried again in a while."""
    alone: bool = False
    """Whether one at a time is tried, to find the one that is at fault."""

    @property
    def has_work(self) -> bool:
        """Whether there is work of a person's among them."""
        return any(one.name != STATE for one in self.things)

    def next(self) -> tuple[Pending, ...]:
        """What to hand to the store next."""
        count = 1 if self.alone else TOGETHER
        return tuple(self.things)[:count]

    def done(self) -> None:
        """What was under way is on the disk."""
        for _ in range(self.under_way):
            self.things.popleft()
        self.under_way = 0
        self.alone = False
        self.trouble = ""
