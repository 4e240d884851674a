"""The arguments a card gives to an architecture, read with their types; free of torch."""

from __future__ import annotations

from inference.errors import UserError
from inference.records import Options, Scalar


class Arguments:
    """Named plain values; each is asked for once, and what nobody asked for is an error."""

    def __init__(self, architecture: str, options: Options) -> None:
        self.architecture = architecture
        self._left: dict[str, Scalar] = dict(options)

    def integer(self, name: str, default: int) -> int:
        """A whole number of at least 1."""
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong(name, "a whole number of at least 1")
        return value

    def number(self, name: str, default: float) -> float:
        """A positive number."""
        value = self._left.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise self._wrong(name, "a number above 0")
        return float(value)

    def choice(self, name: str, default: str, words: tuple[str, ...]) -> str:
        """One of some words."""
        value = self._left.pop(name, default)
        if not isinstance(value, str) or value not in words:
            raise self._wrong(name, "one of " + ", ".join(words))
        return value

    def integers(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Whole numbers of at least 1 in one text, such as "16,32,64"."""
        value = self._left.pop(name, ",".join(map(str, default)))
        parts = value.split(",") if isinstance(value, str) else [str(value)]
        if not all(part.strip().isdecimal() and int(part) > 0 for part in parts):
            raise self._wrong(name, 'whole numbers such as "16,32,64"')
        return tuple(int(part) for part in parts)

    def rest(self) -> dict[str, Scalar]:
        """Everything not asked for yet, handed on as it is."""
        left, self._left = self._left, {}
        return left

    def all_known(self) -> None:
        """Raises UserError if the card names an argument that nobody asked for."""
        if self._left:
            raise UserError(
                f"The architecture {self.architecture} knows no argument {min(self._left)}.",
                "Correct the arguments in the model's card.",
            )

    def _wrong(self, name: str, expected: str) -> UserError:
        return UserError(
            f"The argument {name} of the architecture {self.architecture} has to be {expected}.",
            "Correct the arguments in the model's card.",
        )
