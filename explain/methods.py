"""The table of methods, and how options that a person gave are settled against it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping

from explain.gradient import INTEGRATED_GRADIENTS, SALIENCY
from explain.layer import GRAD_CAM
from explain.perturbation import OCCLUSION
from explain.question import Method
from explain.records import Option, OptionType
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
    value = _READ[option.type](option, given)
    if value is None:
        raise UserError(
            f"The option {option.name} is {_expected(option)}, not {given}.",
            fault="usage",
        )
    return value


def _expected(option: Option) -> str:
    if option.type == "bool":
        return "true or false"
    if option.type == "choice":
        return "one of " + ", ".join(option.choices)
    noun = "a whole number" if option.type == "int" else "a number"
    return f"{noun} from {option.low:g} to {option.high:g}"


def _switch(option: Option, given: Scalar) -> Scalar:
    words: dict[Scalar, bool] = {"true": True, "false": False, True: True, False: False}
    return words.get(given.lower() if isinstance(given, str) else given)


def _whole(option: Option, given: Scalar) -> Scalar:
    if isinstance(given, str) and given.isdecimal():
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool):
        return None
    return given if _within(option, given) else None


def _number(option: Option, given: Scalar) -> Scalar:
    try:
        value = float(given) if isinstance(given, (str, int, float)) else math.nan
    except ValueError:
        return None
    fits = not isinstance(given, bool) and math.isfinite(value) and _within(option, value)
    return value if fits else None


def _word(option: Option, given: Scalar) -> Scalar:
    return given if given in option.choices else None


def _within(option: Option, value: float) -> bool:
    low = -math.inf if option.low is None else option.low
    return low <= value <= (math.inf if option.high is None else option.high)


_READ: dict[OptionType, Callable[[Option, Scalar], Scalar]] = {
    "bool": _switch,
    "int": _whole,
    "float": _number,
    "choice": _word,
}
