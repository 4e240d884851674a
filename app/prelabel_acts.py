"""The queue and what models propose, in the main window: their commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.actions import accepting, asking, labelling_queue, prelabels
from app.keys import Command
from app.queue import QueueOrder

if TYPE_CHECKING:
    from app.main_window import MainWindow

_ORDERS: tuple[tuple[QueueOrder, str], ...] = (
    ("uncertain", "Label first what the model is least sure of"),
    ("disagreement", "Label first where model and label disagree"),
    ("reason", "Label first what is right for the wrong reason"),
    ("unlabelled", "Label first what has no label"),
    ("name", "Label by name"),
)
_STEP = 0.05
_QUEUE, _PROPOSALS = "Queue", "Proposals"


def commands(window: MainWindow) -> tuple[Command, ...]:
    """What keys and the palette can do in the place Label about what comes next and proposals."""
    return (*_of_queue(window), *_of_proposals(window))


def _of_queue(window: MainWindow) -> tuple[Command, ...]:
    session, jobs = window.session, window.jobs
    go = partial(labelling_queue.go, session, jobs)
    ask = partial(asking.ask_all, session, jobs)
    return (
        _command("queue_next", _QUEUE, "Next to label", ("N",), partial(go, 1)),
        _command("queue_previous", _QUEUE, "To label before", ("Shift+N",), partial(go, -1)),
        _command("ask_all", _QUEUE, "Ask the model about all scans in the list", (), ask),
        *(
            _command(
                f"queue_{name}",
                _QUEUE,
                words,
                (),
                partial(labelling_queue.edit, session, jobs, order=name),
            )
            for name, words in _ORDERS
        ),
    )


def _of_proposals(window: MainWindow) -> tuple[Command, ...]:
    session, jobs = window.session, window.jobs
    rows = (
        ("accept_proposal", "Accept the first proposal", ("Y",), prelabels.accept_one),
        ("refuse_proposal", "Refuse the first proposal", ("X",), prelabels.refuse),
        ("change_proposal", "Accept it and go on by hand", ("C",), prelabels.change),
        (
            "accept_frame",
            "Accept all proposals on this slice",
            ("Shift+Y",),
            accepting.accept_frame,
        ),
        ("accept_scan", "Accept all proposals on this scan", (), accepting.accept_scan),
        ("accept_queue", "Accept all proposals in the list", (), accepting.accept_queue),
    )
    acts = tuple(
        _command(name, _PROPOSALS, words, keys, partial(act, session, jobs))
        for name, words, keys, act in rows
    )
    return (
        *acts,
        _command(
            "proposals_visible",
            _PROPOSALS,
            "Proposals on or off",
            ("Shift+H",),
            lambda: prelabels.edit(session, visible=not session.prelabels.visible),
        ),
        *(
            _command(f"threshold_{name}", _PROPOSALS, words, (), partial(_move, window, by))
            for name, words, by in (
                ("up", "Higher threshold of proposals", _STEP),
                ("down", "Lower threshold of proposals", -_STEP),
            )
        ),
    )


def _command(
    name: str, group: str, words: str, keys: tuple[str, ...], run: Callable[[], object]
) -> Command:
    def act() -> None:
        run()

    return Command(name, group, words, keys, act, "viewport", place="label")


def _move(window: MainWindow, by: float) -> None:
    prelabels.edit(window.session, threshold=window.session.prelabels.threshold + by)
