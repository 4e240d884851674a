"""Where a person stands among the acts of a project: what can be undone and done again."""

from __future__ import annotations

from app.acts import Act

AT_HAND = 500
"""Acts that are held in memory; those before them are read again when they are undone."""


class History:
    """Acts are numbered from 1; those up to `cursor` are done, those up to `total` can be again."""

    def __init__(self) -> None:
        self.cursor = 0
        self.total = 0
        self.known = False
        """Whether the acts of the project are known; till then nothing can be undone."""
        self._acts: dict[int, Act] = {}

    def restore(self, cursor: int, total: int) -> None:
        """Begin where the project was left; the acts come by `take` when they are wanted."""
        self.cursor, self.total, self.known = cursor, total, True
        self._acts.clear()

    @property
    def next_number(self) -> int:
        """The number that the next act has."""
        return self.cursor + 1

    def push(self, act: Act) -> None:
        """An act was done; what was undone before it cannot be done again."""
        for number in range(act.number + 1, self.total + 1):
            self._acts.pop(number, None)
        self.cursor = self.total = act.number
        self.take(act)

    def take(self, act: Act) -> None:
        """An act is at hand."""
        self._acts[act.number] = act
        while len(self._acts) > AT_HAND:
            far = max(self._acts, key=lambda number: abs(number - self.cursor))
            del self._acts[far]

    def find(self, number: int) -> Act | None:
        """The act of this number, if it is at hand."""
        return self._acts.get(number)

    @property
    def to_undo(self) -> int | None:
        """The number of the act that would be undone next."""
        return self.cursor if self.known and self.cursor else None

    @property
    def to_redo(self) -> int | None:
        """The number of the act that would be done again next."""
        return self.cursor + 1 if self.known and self.cursor < self.total else None

    def move(self, cursor: int) -> None:
        """Acts were undone, or done again, so that those up to `cursor` are done."""
        if not 0 <= cursor <= self.total:
            raise ValueError(f"there are {self.total} acts, and {cursor} is none of them")
        self.cursor = cursor
