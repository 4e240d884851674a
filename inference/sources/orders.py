"""The same frames in another order: what a source becomes when a person asks for one of those."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np

from inference.records import Affine, Order, OrderRule, Point, Source, affine_of
from inference.sources.dicom_regularity import is_even

RULE_WORDS: dict[OrderRule, str] = {
    "position": "position in the patient",
    "temporal": "time",
    "instance_number": "instance number",
    "file_name": "file name",
    "none": "their place in the file",
}
"""What frames are ordered by, as the window calls it."""


def reordered(source: Source, rule: OrderRule) -> Source:
    """The source with its frames in one of `source.orders`; raises KeyError for any other.

    It has an id of its own, so that what is said of a frame stays with that frame; asked for the
    first order again, it is the first source again. Where the frames no longer stand in an even
    row, `positions_mm` holds the place of each and the third column of the affine is their first
    step: such a source is no stack to cut planes through.
    """
    if rule == source.order_rule:
        return source
    indices = {order.rule: order.indices for order in source.orders}[rule]
    back = tuple(int(index) for index in np.argsort(indices))
    others = (
        Order(order.rule, tuple(back[index] for index in order.indices))
        for order in source.orders
        if order.rule != rule
    )
    affine, positions = _placed(source, indices)
    return replace(
        source,
        source_id=_id_after(source.source_id, source.order_rule, rule),
        refs=tuple(source.refs[index] for index in indices),
        native=tuple(source.native[index] for index in indices) if source.native else (),
        affine=affine,
        positions_mm=positions,
        order_rule=rule,
        orders=(Order(source.order_rule, back), *others),
        warnings=_said(source, rule),
    )


def _id_after(source_id: str, before: OrderRule, rule: OrderRule) -> str:
    """The id with the old rule's digest taken out and the new one's put in: 12 hex digits."""
    number = int(source_id, 16)
    for name in (before, rule):
        number ^= int(hashlib.sha256(name.encode("ascii")).hexdigest()[:12], 16)
    return f"{number:012x}"


def _placed(
    source: Source, indices: tuple[int, ...]
) -> tuple[Affine | None, tuple[Point, ...] | None]:
    """The affine of the frames in their new order, and their places if they are not even."""
    if source.affine is None:
        return None, None
    affines = [np.array(source.frame_affine(index)) for index in indices]
    places = np.array([affine[:3, 3] for affine in affines])
    matrix = affines[0].copy()
    moved = np.linalg.norm(np.diff(places, axis=0), axis=1)
    if not moved.any():
        return affine_of(matrix), source.positions_mm
    if is_even(places):
        matrix[:3, 2] = (places[-1] - places[0]) / (len(places) - 1)
        return affine_of(matrix), None
    first = int(np.argmax(moved > 0))
    matrix[:3, 2] = places[first + 1] - places[first]
    return affine_of(matrix), tuple((float(x), float(y), float(z)) for x, y, z in places)


def _sentence(first: OrderRule, rule: OrderRule) -> str:
    return (
        f"The slices stand here by {RULE_WORDS[rule]}, not by {RULE_WORDS[first]}, by which other "
        "sentences count them."
    )


_FIRST_RULES = {_sentence(first, rule): first for first in RULE_WORDS for rule in RULE_WORDS}
"""Each sentence that names an order, with the order that its source was opened in."""


def _said(source: Source, rule: OrderRule) -> tuple[str, ...]:
    """The warnings with one that names the order; the order at opening needs none."""
    first = source.order_rule
    kept = []
    for sentence in source.warnings:
        if sentence in _FIRST_RULES:
            first = _FIRST_RULES[sentence]
        else:
            kept.append(sentence)
    return tuple(kept) if rule == first else (_sentence(first, rule), *kept)
