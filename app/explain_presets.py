"""Three ways to ask why with one click: a quick look, a careful one, one to publish."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from explain.offered import passes_of, seconds_of
from explain.records import MethodStatus
from inference.records import Options


@dataclass(frozen=True)
class Preset:
    """The methods to take, the first that fits; how they are set; what is checked afterwards."""

    name: str
    title: str
    words: str
    methods: tuple[str, ...]
    checks: tuple[str, ...] = ()
    options: Mapping[str, Options] = field(default_factory=dict)
    """By method; what is not named is as the method has it."""


@dataclass(frozen=True)
class Plan:
    """What a preset comes to with one model."""

    preset: Preset
    method: MethodStatus
    options: Options
    cost: str
    """Such as "about 40 s, 1,024 passes"; "" where nothing is known of it."""


_QUICK = (
    *("grad_cam", "deep_lift", "input_x_gradient"),
    *("saliency", "feature_ablation", "occlusion"),
)
_CAREFUL = ("integrated_gradients", "deep_lift", "smoothgrad", "grad_cam", "occlusion", "rise")
_FOR_TOKENS = ("embedding_integrated_gradients", "token_occlusion", "feature_permutation")

PRESETS: tuple[Preset, ...] = (
    Preset(
        "quick",
        "Quick look",
        "A coarse map at once, with the checks that cost nothing.",
        (*_QUICK, *_FOR_TOKENS),
    ),
    Preset(
        "careful",
        "Careful",
        "A fine map; repeated under noise, with its places taken away, and the model shuffled.",
        (*_CAREFUL, *_FOR_TOKENS),
        ("sensitivity", "deletion", "randomisation"),
    ),
    Preset(
        "publication",
        "Publication",
        "A fine map of more steps, with every check there is.",
        (*_CAREFUL, *_FOR_TOKENS),
        ("all",),
        {
            "integrated_gradients": (("n_steps", 200), ("max_steps", 400)),
            "smoothgrad": (("samples", 200),),
            "rise": (("masks", 4000),),
        },
    ),
)

_LINEAR = ("n_steps", "samples", "masks", "rows")
"""Options with which the passes of a method grow in step."""


def planned(preset: Preset, methods: tuple[MethodStatus, ...]) -> Plan | None:
    """The first method in the preset's order that is green for a model, else the first amber one.

    Where none of its order fits, the first green one of all; None where no method fits at all.
    """
    by_name = {one.name: one for one in methods}
    ordered = [by_name[name] for name in preset.methods if name in by_name]
    for status in ("green", "amber"):
        for one in (*ordered, *methods):
            if one.status == status:
                options = preset.options.get(one.name, ())
                return Plan(preset, one, options, cost_words(one, options, preset.checks))
    return None


def cost_words(
    method: MethodStatus, options: Options, checks: tuple[str, ...] = (), maps: int = 1
) -> str:
    """What so many maps will take, their checks included: "about 40 s, 1,024 passes"."""
    if method.passes is None:
        return ""
    own = round(method.passes * _growth(method, options))
    total = maps * (own + passes_of(checks, own))
    passes = "1 pass" if total == 1 else f"{total:,} passes"
    time = time_words(method, options, checks, maps)
    return f"{time}, {passes}" if time else passes


def time_words(
    method: MethodStatus, options: Options, checks: tuple[str, ...] = (), maps: int = 1
) -> str:
    """How long so many maps with their checks take: "about 40 s"; "" where it is not known."""
    if method.passes is None or method.seconds is None:
        return ""
    growth = _growth(method, options)
    own = method.seconds * growth
    more = seconds_of(checks, round(method.passes * growth), own, method.seconds_each)
    return "" if more is None else _seconds(maps * (own + more))


def _growth(method: MethodStatus, options: Options) -> float:
    """How many times as many passes as with the method's own options."""
    given, growth = dict(options), 1.0
    for option in method.options:
        value, usual = given.get(option.name, option.default), option.default
        if isinstance(value, int) and isinstance(usual, int) and usual > 0 and value > 0:
            if option.name in _LINEAR:
                growth *= value / usual
            elif option.name == "stride":
                growth *= (usual / value) ** 2
    return growth


def _seconds(seconds: float) -> str:
    if seconds < 1:
        return "under a second"
    return f"about {seconds:.0f} s" if seconds < 90 else f"about {seconds / 60:.0f} min"
