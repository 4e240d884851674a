"""How well a few typed letters fit a text: pure functions for the command palette."""

from __future__ import annotations

_START = 8
"""A letter that begins a word counts this much more."""

_RUN = 5
"""So does one that follows the letter found before it."""


def fit(typed: str, text: str) -> int | None:
    """How well `typed` fits `text`, larger is better; None if its letters do not occur in order.

    Spaces in `typed` part words, each of which must fit by itself; case does not count.
    """
    total = 0
    for word in typed.lower().split():
        found = _fit_word(word, text.lower())
        if found is None:
            return None
        total += found
    return total


def _fit_word(word: str, text: str) -> int | None:
    whole = text.find(word)
    if whole >= 0:
        begins = whole == 0 or not text[whole - 1].isalnum()
        return len(word) * (1 + _RUN) + (_START * 2 if begins else 0) - min(whole, 20)
    score, at, before = 0, 0, -2
    for letter in word:
        place = text.find(letter, at)
        if place < 0:
            return None
        score += 1
        if place == before + 1:
            score += _RUN
        if place == 0 or not text[place - 1].isalnum():
            score += _START
        before, at = place, place + 1
    return score - min(text.find(word[0]), 20)
