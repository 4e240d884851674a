"""What a trial of a method says, and how it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from explain import preflight_cache
from explain.methods import METHODS
from explain.preflight import Word, cheapest, preflight, with_instead
from explain.preflight_cache import Preflight, keep, key_of, recall
from explain.question import Answer, Judgement, Method, Question
from explain.records import LayerStatus
from explain.subject import Subject
from inference.errors import NumbersError, UserError
from inference.task import Cancelled, Task
from tests.explain.model_kinds import MODEL_KINDS
from tests.sample_models import CARD


@pytest.fixture(scope="module")
def subject() -> Subject:
    return MODEL_KINDS["half"].subject()


def answering(run: Callable[[Question], Answer]) -> Method:
    return replace(METHODS["saliency"], run=run)


def like(question: Question, value: float) -> Answer:
    values = torch.full_like(question.inputs, value)
    return Answer(values, values[:, 0], signed=True, reduction="")


def refuses(question: Question) -> Answer:
    raise NumbersError("There are no numbers.")


def breaks(question: Question) -> Answer:
    raise KeyError("hook")


def lies_elsewhere(question: Question) -> Answer:
    answer = like(question, 1.0)
    return replace(answer, values=answer.values[..., 1:])


@pytest.mark.parametrize(
    ("run", "status", "words"),
    [
        (lambda question: like(question, 0.0), "amber", "zero everywhere"),
        (lambda question: like(question, 2.0), "amber", "the same everywhere"),
        (lambda question: like(question, float("nan")), "red", "no numbers"),
        (lies_elsewhere, "red", "does not lie over its input"),
        (refuses, "red", "There are no numbers."),
        (breaks, "red", "ended in a KeyError"),
    ],
)
def test_a_trial_that_goes_wrong_is_a_word(
    subject: Subject, run: Callable[[Question], Answer], status: str, words: str
) -> None:
    found = preflight(answering(run), subject, Task())
    assert found.status == status
    assert words in found.reason
    assert found.lasting


def test_too_little_memory_is_said_and_not_kept(subject: Subject) -> None:
    def exhausts(question: Question) -> Answer:
        raise torch.OutOfMemoryError

    found = preflight(answering(exhausts), subject, Task())
    assert (found.status, found.lasting) == ("amber", False)


def test_a_cancel_goes_through(subject: Subject) -> None:
    task = Task()

    def cancels(question: Question) -> Answer:
        task.cancel()
        question.forward(question.inputs)
        raise AssertionError

    with pytest.raises(Cancelled):
        preflight(answering(cancels), subject, task)


@pytest.mark.parametrize(
    ("judged", "tried", "expected"),
    [
        (Judgement("green"), Judgement("green"), ("green", "")),
        (Judgement("amber", "Slow."), Judgement("green"), ("amber", "Slow.")),
        (Judgement("amber", "Slow."), Judgement("amber", "Coarse."), ("amber", "Slow. Coarse.")),
        (Judgement("amber", "Slow."), Judgement("amber", "Slow."), ("amber", "Slow.")),
        (Judgement("amber", "Slow."), Judgement("red", "Wrong."), ("red", "Wrong.")),
    ],
)
def test_the_worse_of_both_words_counts(
    subject: Subject, judged: Judgement, tried: Judgement, expected: tuple[str, str]
) -> None:
    method = replace(METHODS["saliency"], judge=lambda facts: judged, trial=lambda question: tried)
    found = preflight(method, subject, Task())
    assert (found.status, found.reason) == expected


def test_one_input_of_several_is_enough_to_doubt(subject: Subject) -> None:
    """What holds for one noise by chance is tried with others."""

    def by_input(question: Question) -> Judgement:
        same = torch.equal(question.inputs, subject.inputs)
        return Judgement("green") if same else Judgement("red", "Wrong for another input.")

    found = preflight(replace(METHODS["deep_lift"], trial=by_input), subject, Task())
    assert (found.status, found.reason) == ("red", "Wrong for another input.")


@pytest.mark.parametrize("name", [name for name in METHODS if "image" in METHODS[name].seen])
def test_the_cheapest_options_are_cheap_and_allowed(name: str) -> None:
    method, size = METHODS[name], (224, 224)
    usual = {option.name: option.default for option in method.options(size)}
    found = cheapest(method, size)
    for option in method.options(size):
        value = found[option.name]
        if option.type == "int" and option.name != "max_steps":
            assert isinstance(value, int)
            assert (option.low or 0) <= value <= (option.high or 0)
    passes = method.passes(found, size)
    assert passes <= min(16, method.passes(usual, size))
    assert passes >= min(3, method.passes(usual, size))


def test_a_red_word_names_what_fits() -> None:
    found = with_instead(
        {
            "a": Word("red", "No.", "b"),
            "b": Word("red", "No.", "c"),
            "c": Word("amber", "Slow."),
            "d": Word("green"),
        }
    )
    assert [word.instead for word in found.values()] == ["d", "c", None, None]
    assert with_instead({"a": Word("red", "No.", "b")})["a"].instead is None


FOUND = Preflight(
    (LayerStatus("a.b", "Conv2d", (3, 4), default=True, layout="tokens", special=1),),
    {"x": Word("red", "Why.", "y"), "y": Word("green", seconds=0.25)},
)


def test_what_is_kept_comes_back() -> None:
    assert recall("a") is None
    keep("a", FOUND)
    assert recall("a") == FOUND
    assert recall("b") is None


@pytest.mark.parametrize(
    "damage", [b"", b"{", b'{"layers": []}', b'{"layers": [], "words": {"x": 1}}', b"\xff\xfe"]
)
def test_a_damaged_file_is_as_none_and_written_again(damage: bytes) -> None:
    keep("a", FOUND)
    (preflight_cache.folder() / "a.json").write_bytes(damage)
    assert recall("a") is None
    keep("a", FOUND)
    assert recall("a") == FOUND


def test_the_oldest_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight_cache, "MOST_FILES", 2)
    for name in ("a", "b", "c"):
        keep(name, FOUND)
    assert len(list(preflight_cache.folder().iterdir())) == 2
    assert recall("c") == FOUND


def test_a_place_that_cannot_be_written_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise UserError("The disk is full.", fault="surroundings")

    monkeypatch.setattr(preflight_cache, "write_bytes", full)
    keep("a", FOUND)
    assert recall("a") is None


def test_the_key_hangs_on_all_that_matters() -> None:
    others = [
        replace(CARD, sha256="1" * 64),
        replace(CARD, architecture="resnet18"),
        replace(CARD, arguments=(("widths", "5"),)),
        replace(CARD, size=(8, 9)),
        replace(CARD, baseline=0.5),
        replace(CARD, layer="stages.0"),
        replace(CARD, labels=("a", "b", "c")),
    ]
    keys = {key_of(card, "cpu") for card in (CARD, *others)} | {key_of(CARD, "cuda:0")}
    assert len(keys) == len(others) + 2
    assert key_of(replace(CARD, title="Another", purpose="Another."), "cpu") == key_of(CARD, "cpu")
