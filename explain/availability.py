"""Which methods fit a model, and which layers they can look at; found by trials, then kept."""

from __future__ import annotations

from torch import nn

from explain.facts import facts_of_card
from explain.methods import METHODS
from explain.preflight import Word, preflight, with_instead
from explain.preflight_cache import Preflight, keep, key_of, recall
from explain.question import Method
from explain.records import LayerStatus, MethodsRequest, MethodStatus
from explain.subject import Subject, subject_of_card
from inference.devices import choose
from inference.models import load_model, private_copy
from inference.task import Task


def methods_for(request: MethodsRequest, task: Task) -> tuple[MethodStatus, ...]:
    """All methods with their word on this model, in the order of the table.

    The first time for a model each is tried on noise, and the words are kept. Raises UserError
    where the model cannot be loaded.
    """
    task.check()
    card = request.card
    key = key_of(card, str(choose(request.device)))
    found = recall(key)
    if found is None:
        subject = subject_of_card(_copy(request), card)
        words = words_on(subject, task, _begun.setdefault(key, {}))
        found = Preflight(subject.facts.layers, words)
        _begun.pop(key, None)
        if all(word.lasting for word in found.words.values()):
            keep(key, found)
    return tuple(_status(method, card.size, found.words[name]) for name, method in METHODS.items())


def layers_for(request: MethodsRequest, task: Task) -> tuple[LayerStatus, ...]:
    """The layers of this model whose output lies over its input, in their order."""
    task.check()
    known = recall(key_of(request.card, str(choose(request.device))))
    if known is not None:
        return known.layers
    return facts_of_card(_copy(request), request.card).layers


def all_methods() -> tuple[MethodStatus, ...]:
    """All methods as they are declared, where no model is named."""
    return tuple(_status(method, None, Word("green")) for method in METHODS.values())


_begun: dict[str, dict[str, Word]] = {}
"""Words of models whose trials were interrupted, by the key of what they hang on."""


def words_on(subject: Subject, task: Task, known: dict[str, Word] | None = None) -> dict[str, Word]:
    """What a trial says of each method, by name; progress counts methods.

    Those already `known` are not tried again; each new one is put there at once.
    """
    found = {} if known is None else known
    for number, (name, method) in enumerate(METHODS.items()):
        task.progress(number, len(METHODS))
        if name not in found:
            found[name] = preflight(method, subject, task)
    return with_instead(found)


def _copy(request: MethodsRequest) -> nn.Module:
    return private_copy(load_model(request.card, choose(request.device)))


def _status(method: Method, size: tuple[int, ...] | None, word: Word) -> MethodStatus:
    options = method.options(size)
    values = {option.name: option.default for option in options}
    known = None not in values.values()
    return MethodStatus(
        method.name,
        method.title,
        method.family,
        word.status,
        word.reason,
        word.instead,
        options,
        method.passes(values, size or ()) if known else None,
        method.takes_layer,
        method.paper,
        method.takes_baseline,
        method.prepared,
        word.seconds,
        method.can_stop,
        word.seconds_each,
    )
