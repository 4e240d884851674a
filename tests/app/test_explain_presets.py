"""What one click takes: the first method that fits, and the cost said before."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.explain_presets import PRESETS, cost_words, planned
from explain.methods import METHODS
from explain.offered import CHECKS
from explain.records import MethodStatus, Option, Status
from inference.records import Options

QUICK, CAREFUL, PUBLICATION = PRESETS
STEPS = Option("n_steps", "int", 50, 8, 500, "Steps")
STRIDE = Option("stride", "int", 8, 1, 512, "Stride")


def method(
    name: str,
    status: Status = "green",
    passes: int | None = 50,
    seconds: float | None = None,
    option: Option = STEPS,
) -> MethodStatus:
    return MethodStatus(
        name, name, "gradient", status, "", None, (option,), passes, False, seconds=seconds
    )


def with_each(seconds: float, each: float) -> MethodStatus:
    return replace(method("a", seconds=seconds), seconds_each=each)


def test_presets_name_methods_options_and_checks_that_there_are() -> None:
    known = {one.name for one in CHECKS} | {"all"}
    for preset in PRESETS:
        assert set(preset.methods) <= set(METHODS)
        assert set(preset.checks) <= known
        for name, options in preset.options.items():
            declared = {option.name for option in METHODS[name].options((224, 224))}
            assert {option for option, _ in options} <= declared


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ({"saliency": "green", "grad_cam": "green"}, "grad_cam"),
        ({"saliency": "green", "grad_cam": "amber"}, "saliency"),
        ({"lime": "green", "grad_cam": "amber"}, "lime"),
        ({"lime": "red", "grad_cam": "amber"}, "grad_cam"),
        ({"lime": "red"}, None),
    ],
)
def test_the_first_green_method_is_taken(statuses: dict[str, Status], expected: str | None) -> None:
    plan = planned(QUICK, tuple(method(name, status) for name, status in statuses.items()))
    assert (plan.method.name if plan is not None else None) == expected


@pytest.mark.parametrize(
    ("given", "checks", "words"),
    [
        (method("a", passes=1), (), "1 pass"),
        (method("a", passes=None), (), ""),
        (method("a", passes=50, seconds=2.0), (), "about 2 s, 50 passes"),
        # 48 passes that no map is made by take a tenth of a second each.
        (with_each(25.0, 0.1), ("infidelity",), "about 30 s, 98 passes"),
        (method("a", passes=50, seconds=25.0), ("infidelity",), "98 passes"),
        # Ten maps more.
        (method("a", passes=50, seconds=2.0), ("randomisation",), "about 22 s, 550 passes"),
        (method("a", passes=50, seconds=0.1), (), "under a second, 50 passes"),
    ],
)
def test_the_cost_is_said_with_the_checks(
    given: MethodStatus, checks: tuple[str, ...], words: str
) -> None:
    assert cost_words(given, (), checks) == words


@pytest.mark.parametrize(
    ("option", "given", "passes"),
    [(STEPS, (("n_steps", 200),), "200 passes"), (STRIDE, (("stride", 4),), "200 passes")],
)
def test_more_steps_cost_more(option: Option, given: Options, passes: str) -> None:
    assert cost_words(method("a", option=option), given) == passes
