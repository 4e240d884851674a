"""The table of methods, and how options that a person gave are settled against it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from explain.gradient import INTEGRATED_GRADIENTS, SALIENCY
from explain.layer import GRAD_CAM
from explain.perturbation import OCCLUSION
from explain.question import Method
from explain.records import Option
from inference.errors import UserError
from inference.records import Options, Scalar

METHODS: dict[str, Method] = {
    method.name: method for method in (SALIENCY, INTEGRATED_GRADIENTS, GRAD_CAM, OCCLUSION)
}
"""In the order in which they are offered; the next method is one more name here."""


def find_method(name: str) -> Method:
    """The method of this name; raises UserError (usage) for one nobody knows."""
    if name in METHODS:
        return METHODS[name]
    near = difflib.get_close_matches(name, METHODS, n=1)
    raise UserError(
        f"There is no method named {name}.",
        f"Did you mean {near[0]}?" if near else f"Known are {', '.join(METHODS)}.",
        fault="usage",
    )


def settle(method: Method, given: Options, size: tuple[int, ...]) -> Options:
    """All options of `method` for an input of `size`: those given, and defaults for the rest.

    A value may be given as the text a person typed. Raises UserError (usage) for an unknown
    name, a wrong type, or a value out of range.
    """
    declared = {option.name: option for option in method.options(size)}
    for name, _ in given:
        if name not in declared:
            raise UserError(
                f"{method.title} has no option {name}.",
                f"Its options are {', '.join(declared)}.",
                fault="usage",
            )
    values: Mapping[str, Scalar] = dict(given)
    return tuple(
        (name, _value(option, values[name]) if name in values else option.default)
        for name, option in declared.items()
    )


def _value(option: Option, given: Scalar) -> Scalar:
    if option.type == "bool":
        words: dict[Scalar, bool] = {"true": True, "false": False, True: True, False: False}
        value: Scalar = words.get(given.lower() if isinstance(given, str) else given)
        expected = "true or false"
    else:
        value = _whole(given)
        expected = f"a whole number from {option.low} to {option.high}"
        if value is not None and not (option.low or 0) <= value <= (option.high or value):
            value = None
    if value is None:
        raise UserError(
            f"The option {option.name} is {expected}, not {given}.",
            fault="usage",
        )
    return value


def _whole(given: Scalar) -> int | None:
    if isinstance(given, str) and given.isdecimal():
        return int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) else None
