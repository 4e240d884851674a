"""The table of methods, and how options that a person gave are settled against it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping

from explain.ablation import FEATURE_ABLATION
from explain.attention import ATTENTION_ROLLOUT
from explain.cam import EIGEN_CAM, GRAD_CAM_PLUS_PLUS, SCORE_CAM
from explain.deeplift import DEEP_LIFT, DEEP_LIFT_SHAP
from explain.gradient import INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, SALIENCY
from explain.guided import DECONVOLUTION, GUIDED_BACKPROP
from explain.guided_cam import GUIDED_GRAD_CAM
from explain.layer import GRAD_CAM, LAYER_ACTIVATION
from explain.layer_paths import (
    INTERNAL_INFLUENCE,
    LAYER_CONDUCTANCE,
    LAYER_INTEGRATED_GRADIENTS,
)
from explain.noise import smoothgrad
from explain.perturbation import OCCLUSION
from explain.question import Method
from explain.records import Option, OptionType
from explain.rise import RISE
from explain.sampled import GRADIENT_SHAP
from explain.shapley import SHAPLEY_VALUE_SAMPLING
from explain.surrogates import KERNEL_SHAP, LIME
from explain.tables import FEATURE_PERMUTATION
from explain.tokens import EMBEDDING_GRADIENT, EMBEDDING_INTEGRATED_GRADIENTS, TOKEN_OCCLUSION
from inference.errors import UserError
from inference.records import Options, Scalar

_GRADIENTS = (
    *(SALIENCY, INPUT_X_GRADIENT, INTEGRATED_GRADIENTS, GRADIENT_SHAP),
    *(DEEP_LIFT, DEEP_LIFT_SHAP, GUIDED_BACKPROP, DECONVOLUTION),
)
_LAYERS = (
    *(GRAD_CAM, GRAD_CAM_PLUS_PLUS, SCORE_CAM, EIGEN_CAM, GUIDED_GRAD_CAM),
    *(LAYER_ACTIVATION, LAYER_INTEGRATED_GRADIENTS, LAYER_CONDUCTANCE, INTERNAL_INFLUENCE),
)
_PERTURBATIONS = (OCCLUSION, FEATURE_ABLATION, SHAPLEY_VALUE_SAMPLING, LIME, KERNEL_SHAP, RISE)
_TOKENS_AND_TABLES = (
    *(EMBEDDING_GRADIENT, EMBEDDING_INTEGRATED_GRADIENTS, TOKEN_OCCLUSION),
    FEATURE_PERMUTATION,
)

METHODS: dict[str, Method] = {
    method.name: method
    for method in (
        *_GRADIENTS,
        smoothgrad((*_GRADIENTS, *_LAYERS)),
        *_LAYERS,
        ATTENTION_ROLLOUT,
        *_PERTURBATIONS,
        *_TOKENS_AND_TABLES,
    )
}
"""In the order in which they are offered; the next method is one more name here."""


def find_method(name: str) -> Method:
    """The method of this name; raises UserError (usage) for one nobody knows."""
    if name in METHODS:
        return METHODS[name]
    titles = {method.title: method.name for method in METHODS.values()}
    plain = name.lower().replace("-", "_").replace(" ", "_")
    near = [titles[name]] if name in titles else difflib.get_close_matches(plain, METHODS, n=1)
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
                f"Its options are {', '.join(declared)}." if declared else "It takes none.",
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
