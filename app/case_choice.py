"""What a batch can be asked: which cases of those that are open, by what method, at what cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.actions.batches import Plan
from app.batches import Case
from app.explain_presets import PRESETS, cost_words, planned
from app.object_places import listed
from app.session import Session
from explain.records import MethodStatus
from widgets.batch_dialog import SERIES, BatchChoice

AS_ASKED = "asked"
"""The way of the active viewport; the others are the names of presets."""


def cases_of(session: Session, choice: BatchChoice, selected: Sequence[str]) -> tuple[Case, ...]:
    """The cases that a choice means; a model of volumes takes each source once, and whole."""
    active = session.source_of(session.active)
    card = session.card_of(session.active)
    if choice.which == "key_images":
        keys = sorted(key for key in session.marks.key_images if key[0] in session.sources)
        found = [Case(*key) for key in keys]
    elif choice.which == SERIES:
        frames = range(0, active.frames, choice.step) if active is not None else ()
        found = [Case(active.source_id, frame) for frame in frames] if active is not None else []
    else:
        every = [one.source_id for one in listed(session)]
        found = [Case(one) for one in every if choice.which == "open" or one in selected]
    if card is not None and card.accepts.dimensions == 3:
        return tuple(Case(one) for one in dict.fromkeys(case.source_id for case in found))
    return tuple(found)


def choices_of(session: Session, selected: Sequence[str]) -> tuple[tuple[str, str, bool], ...]:
    """The choices of cases as key, words with their number, and whether there are any."""
    blank = BatchChoice("", 1, AS_ASKED, "", "", all_checks=False)
    rows = (
        ("selected", "Selected in the list"),
        ("open", "All that is open"),
        (SERIES, "This series"),
        ("key_images", "Key images"),
    )
    counted = [
        (key, words, len(cases_of(session, replace(blank, which=key), selected)))
        for key, words in rows
    ]
    return tuple((key, f"{words} ({many:,})", many > 0) for key, words, many in counted)


def ways_of(session: Session) -> tuple[tuple[str, str, str], ...]:
    """The ways to ask as key, title and what they mean: as the viewport asks, and the presets."""
    pane = session.panes[session.active]
    here = next((one for one in pane.methods if one.name == pane.asked.method), None)
    ways = [] if here is None else [(AS_ASKED, f"As chosen: {here.title}", here.reason)]
    for preset in PRESETS:
        plan = planned(preset, pane.methods)
        if plan is not None:
            ways.append((preset.name, f"{preset.title}: {plan.method.title}", preset.words))
    return tuple(ways)


def plan_of(session: Session, choice: BatchChoice) -> tuple[Plan, MethodStatus] | None:
    """What is to be asked of each case, and its method; None where no model or method is chosen."""
    pane, card = session.panes[session.active], session.card_of(session.active)
    if card is None:
        return None
    asked = replace(pane.asked, truth="")
    method = next((one for one in pane.methods if one.name == asked.method), None)
    preset = next((one for one in PRESETS if one.name == choice.way), None)
    plan = None if preset is None else planned(preset, pane.methods)
    if plan is not None:
        method = plan.method
        asked = replace(
            asked,
            method=plan.method.name,
            layer=None,
            options=plan.options,
            checks=plan.preset.checks,
        )
    if method is None:
        return None
    target = card.labels.index(choice.target) if choice.target in card.labels else None
    against = asked.against if target is not None and asked.against != target else None
    checks = ("all",) if choice.all_checks else asked.checks
    asked = replace(asked, target=target, against=against, checks=checks)
    return Plan(card, asked, choice.label), method


def cost_of(session: Session, choice: BatchChoice, selected: Sequence[str]) -> tuple[str, bool]:
    """How many maps and how long, or what is missing; and whether it can be started."""
    if session.card_of(session.active) is None:
        return "Open a scan and choose a model first.", False
    found = plan_of(session, choice)
    if found is None:
        return "The methods for this model are still being found.", False
    many = len(cases_of(session, choice, selected))
    if not many:
        return "There is no case here to explain.", False
    plan, method = found
    cost = cost_words(method, plan.asked.options, plan.asked.checks, many)
    maps = "1 map" if many == 1 else f"{many:,} maps"
    return (f"{maps} · {cost}" if cost else maps), True
